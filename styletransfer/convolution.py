"""A frozen 3x3 convolution with its ReLU and the pooling after it, fast in both directions on a CPU.

PyTorch's CPU builds carry NNPACK's Winograd kernels, which need less than half of the multiplications
(Lavin and Gray 2016) but are used by `conv2d` only for inference on few processors. The
gradient with respect to the input of such a convolution is itself one, with the weights transposed
and flipped, so one kernel serves forward and backward. Weights never get a gradient here.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .pooling import pool, unpool

# Below this many positions or input channels the plain kernel wins (timed per layer of VGG-19 at
# 128, 256 and 512 px on two AVX2 cores; see LOG.md). A rule rather than a timing at run time: the
# same settings choose the same kernels everywhere, so that a seed gives the same picture again.
_LEAST_POSITIONS = 600
_LEAST_CHANNELS = 64


def winograd_available() -> bool:
    """Whether this build of PyTorch has NNPACK and this processor runs it."""
    # The query also initialises the library; its kernels fail without it.
    return torch.backends.nnpack.is_available()


def _winograd_pays(image: Tensor, weight: Tensor) -> bool:
    return (
        image.device.type == "cpu"
        and image.dtype == torch.float32
        and weight.shape[1] >= _LEAST_CHANNELS
        and image.shape[2] * image.shape[3] >= _LEAST_POSITIONS * (weight.shape[1] // 256 or 1)
        and winograd_available()
    )


def _convolve(image: Tensor, weight: Tensor, bias: Tensor | None, padding: int) -> Tensor:
    if _winograd_pays(image, weight):
        return torch._nnpack_spatial_convolution(image, weight, bias, padding)
    return F.conv2d(image, weight, bias, padding=padding)


class _ConvolutionReLU(torch.autograd.Function):
    """max(0, W * x + b), one node: only its output is kept, which the next layer keeps anyway."""

    @staticmethod
    def forward(ctx, image, weight, flipped, bias, padding):
        output = _convolve(image, weight, bias, padding).relu_()
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
        image: (1, C, H, W), contiguous.
        weight: (N, C, 3, 3).
        flipped: (C, N, 3, 3), as `flip(weight)`.
        bias: (N,).
        padding: zeros on each side, 0 to 2.

    Returns:
        (1, N, H', W') with H' = H + 2 * padding - 2. Equal to `conv2d` and `relu` to about 1e-4 of
        the values' magnitude where Winograd kernels are used, exactly elsewhere.
    """
    return _ConvolutionReLU.apply(image, weight, flipped, bias, padding)


class _ConvolutionPoolReLU(torch.autograd.Function):
    """A block's end, max(0, P(W * x + b)), or P(max(0, W * x + b)) for the maximum P, in less work.

    Kept is neither the convolution's output nor this, but only which of them P chose.
    """

    @staticmethod
    def forward(ctx, image, weight, flipped, bias, choice):
        if choice:
            output = image.new_empty(()).expand(choice[0].shape)
        else:
            wanted = choice is not None or ctx.needs_input_grad[0]
            output, chosen = pool(_convolve(image, weight, bias, 1), wanted)
            output.relu_()
            choice = [] if choice is None else choice
            if wanted:
                choice += [output > 0, *chosen]
        ctx.save_for_backward(flipped, *choice)
        ctx.size = image.shape[2:]
        return output

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        flipped, positive, *chosen = ctx.saved_tensors
        gradient = unpool(gradient * positive, chosen, ctx.size)
        return _convolve(gradient, flipped, None, 1), None, None, None, None


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
