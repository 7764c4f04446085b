"""A frozen 3x3 convolution with its ReLU and the pooling after it, fast in both directions.

PyTorch's CPU builds carry NNPACK's Winograd kernels, which need less than half of the multiplications
(Lavin and Gray 2016) but are used by `conv2d` only for inference on few processors. Processors with
matrix units for bfloat16 are several times faster still if they are given that, with the channels last
in memory. The gradient with respect to the input of such a convolution is itself one, with the weights
transposed and flipped, so one kernel serves forward and backward. Weights never get a gradient here.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .pooling import pool, unpool

# Below this many positions or input channels the plain kernel wins (timed per layer of VGG-19 at
# 128, 256 and 512 px on two AVX2 cores; see LOG.md). A rule rather than a timing at run time: the
# same settings choose the same kernels on the same processor, so that a seed gives the same picture
# again. With vectors of 512 bits the plain kernel is twice as fast; NNPACK has none for them.
_LEAST_POSITIONS = 600
_LEAST_CHANNELS = {"AVX512": 128}
_LEAST_CHANNELS_ELSEWHERE = 64
# With so few outputs, as conv1_1's gradient has, the plain kernel and NNPACK's take two to five times as
# long as a product of matrices does.
_FEW = 3
# What PyTorch calls the kernels of processors, or held to them, that have no matrix units.
_NARROW = ("NO AVX", "DEFAULT", "AVX2")


def winograd_available() -> bool:
    """Whether this build of PyTorch has NNPACK and this processor runs it."""
    # The query also initialises the library; its kernels fail without it.
    return torch.backends.nnpack.is_available()


def half_precision_pays(device: torch.device) -> bool:
    """Whether bfloat16 makes a step several times faster there.

    On a CPU that is where it has Intel's matrix units (AMX): with AVX2 only, PyTorch's kernels for it
    are tens of times slower than those for float32, and PyTorch can be held to that from outside
    (ATEN_CPU_CAPABILITY), as for a measurement. On an NVIDIA GPU, where it is not emulated; untimed.
    """
    if device.type == "cuda":
        with torch.cuda.device(device):
            own = torch.cuda.is_bf16_supported(including_emulation=False)
        return own and torch.version.hip is None
    if device.type != "cpu" or torch.backends.cpu.get_cpu_capability() in _NARROW:
        return False
    return torch.cpu._is_amx_tile_supported()


def _winograd_pays(image: Tensor, weight: Tensor) -> bool:
    return (
        image.device.type == "cpu"
        and image.dtype == torch.float32
        and weight.shape[1] >= _least_channels()
        and image.shape[2] * image.shape[3] >= _LEAST_POSITIONS * (weight.shape[1] // 256 or 1)
        and winograd_available()
    )


def _least_channels() -> int:
    return _LEAST_CHANNELS.get(torch.backends.cpu.get_cpu_capability(), _LEAST_CHANNELS_ELSEWHERE)


def _convolve(
    image: Tensor, weight: Tensor, bias: Tensor | None, padding: int, relu: bool = False
) -> Tensor:
    few = bias is None and len(weight) <= _FEW and weight.dtype.itemsize >= 4
    if few and image.device.type == "cpu":
        return _by_places(image, weight, padding)
    if _winograd_pays(image, weight):
        found = torch._nnpack_spatial_convolution(image, weight, bias, padding)
    elif relu and _fuses(image):
        # On its way to memory, where a ReLU of its own would have to fetch it again. What is not a
        # number becomes 0 here.
        return torch.ops.mkldnn._convolution_pointwise(
            image, weight, bias, [padding] * 2, [1, 1], [1, 1], 1, "relu", [], ""
        )
    else:
        found = F.conv2d(image, weight, bias, padding=padding)
    return found.relu_() if relu else found


def _by_places(image: Tensor, weight: Tensor, padding: int) -> Tensor:
    """The convolution as one product of matrices for all places of the kernel, shifted and added up."""
    height, width = image.shape[2:]
    outputs, inputs = weight.shape[:2]
    matrix = weight.permute(2, 3, 0, 1).reshape(-1, inputs)
    products = (matrix @ image.flatten(2)).view(3, 3, outputs, height, width)
    found = image.new_zeros(1, outputs, height + 2, width + 2)
    for down in range(3):
        for across in range(3):
            place = found[..., 2 - down : 2 - down + height, 2 - across : 2 - across + width]
            place += products[down, across]
    cut = 2 - padding
    return found[..., cut : height + 2 - cut, cut : width + 2 - cut].contiguous()


def _fuses(image: Tensor) -> bool:
    """Whether oneDNN's convolution with a ReLU, which PyTorch's compiler calls, is there for this."""
    return (
        image.device.type == "cpu"
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
        and (
            image.dtype == torch.float32
            or (image.dtype == torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported())
        )
    )


class _ConvolutionReLU(torch.autograd.Function):
    """max(0, W * x + b), one node: only its output is kept, which the next layer keeps anyway."""

    @staticmethod
    def forward(ctx, image, weight, flipped, bias, padding):
        output = _convolve(image, weight, bias, padding, True)
        ctx.save_for_backward(output, flipped)
        ctx.padding = padding
        return output

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        output, flipped = ctx.saved_tensors
        gradient = torch.ops.aten.threshold_backward(gradient, output, 0)
        # Full correlation: a kernel of 3 with padding p forward has padding 2 - p backward.
        return _convolve(gradient, flipped, None, 2 - ctx.padding), None, None, None, None


def convolution_relu(
    image: Tensor, weight: Tensor, flipped: Tensor, bias: Tensor, padding: int = 1
) -> Tensor:
    """The ReLU of a 3x3 convolution, with a gradient for the image only, and only once.

    Args:
        image: (1, C, H, W), contiguous; of a lower precision than float32 with the channels last.
        weight: (N, C, 3, 3), of the same type and order, as the others.
        flipped: (C, N, 3, 3), as `flip(weight)`.
        bias: (N,).
        padding: zeros on each side, 0 to 2.

    Returns:
        (1, N, H', W') with H' = H + 2 * padding - 2. Equal to `conv2d` and `relu` to about 1e-4 of
        the values' magnitude where Winograd kernels are used, but for rounding elsewhere.
    """
    return _ConvolutionReLU.apply(image, weight, flipped, bias, padding)


class _ConvolutionPoolReLU(torch.autograd.Function):
    """A block's end, max(0, P(W * x + b)), or P(max(0, W * x + b)) for the maximum P, in less work.

    Kept is neither the convolution's output nor this, but only which of them P chose and what of these
    is positive, for which in bfloat16 this serves.
    """

    @staticmethod
    def forward(ctx, image, weight, flipped, bias, choice):
        if choice:
            output = image.new_empty(()).expand(choice[0].shape)
        else:
            wanted = choice is not None or ctx.needs_input_grad[0]
            # After the maximum a ReLU has a quarter of the work, but bits have to be compared after it.
            early = image.dtype == torch.bfloat16
            output, chosen = pool(_convolve(image, weight, bias, 1, early), wanted)
            if not early:
                output.relu_()
            choice = [] if choice is None else choice
            if wanted:
                choice += [_sign(output), *chosen]
        ctx.save_for_backward(flipped, *choice)
        ctx.size = image.shape[2:]
        return output

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        flipped, positive, *chosen = ctx.saved_tensors
        gradient = unpool(_passed(gradient, positive), chosen, ctx.size)
        return _convolve(gradient, flipped, None, 1), None, None, None, None


def _sign(output: Tensor) -> Tensor:
    """What of a ReLU's output its gradient has to know.

    In bfloat16 products with truth values are slow.
    """
    return output if output.dtype == torch.bfloat16 else output > 0


def _passed(gradient: Tensor, sign: Tensor) -> Tensor:
    if sign.dtype == torch.bool:
        return gradient * sign
    return torch.ops.aten.threshold_backward(gradient, sign, 0)


def convolution_pool_relu(
    image: Tensor,
    weight: Tensor,
    flipped: Tensor,
    bias: Tensor,
    choice: list[Tensor] | None = None,
) -> Tensor:
    """The maximum of each 2 x 2 positions of `convolution_relu`, padded by 1; differentiable once, too.

    Args:
        choice: empty, takes up what the gradient has to know. From an earlier call with the same
            arguments it spares the work: the gradient is right, the result only has its shape.

    Returns:
        (1, N, H // 2, W // 2).
    """
    return _ConvolutionPoolReLU.apply(image, weight, flipped, bias, choice)


def flip(weight: Tensor) -> Tensor:
    """(C, N, 3, 3): the kernel of the convolution that is the gradient of that with `weight`."""
    return weight.transpose(0, 1).flip(2, 3).contiguous()


class _Split(torch.autograd.Function):
    """See `split`."""

    @staticmethod
    def forward(ctx, image, precision):
        ctx.kind = image.dtype
        high = image.to(precision)
        low = (image - high).to(precision)
        return torch.cat([high, low, high], dim=1).contiguous(memory_format=torch.channels_last)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        by_high, _, by_rest = gradient.to(ctx.kind).chunk(3, dim=1)
        return (by_high + by_rest).contiguous(), None


def split(image: Tensor, precision: torch.dtype) -> Tensor:
    """The image as (1, 3 C, H, W) in a lower precision, exact to 4e-6 all the same: x = x1 + x2.

    In bfloat16 a pixel of 0.9 moves by 0.004 or not at all, which is more than the optimiser's later
    moves. The channels are x1, x2 and x1 again, to be convolved with `split_weight`.
    """
    return _Split.apply(image, precision)


def split_weight(weight: Tensor, precision: torch.dtype) -> Tensor:
    """(N, 3 C, 3, 3), so that x1 w1 + x2 w1 + x1 w2 is x w but for x2 w2, which is nothing."""
    high = weight.to(precision)
    return torch.cat([high, high, (weight - high).to(precision)], dim=1)
