"""Which kernel computes a 3x3 convolution fastest on this processor.

PyTorch's CPU builds carry NNPACK's Winograd kernels, which need less than half of the multiplications
(Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks") but which `conv2d` uses only
for inference on few processors. oneDNN's convolution can apply a ReLU before it writes its result.
PyTorch offers neither of them publicly: where the installed version lacks one, the plain kernel serves.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

# With fewer positions or input channels the plain kernel is faster; with 512 input channels already with
# fewer than twice as many positions (timed per layer of VGG-19 at 128, 256 and 512 px on two AVX2 cores;
# see LOG.md). A rule rather than a timing at run time: the same
# settings choose the same kernels on the same processor, so that a seed gives the same picture again.
# With vectors of 512 bits the plain kernel is twice as fast; NNPACK has no kernels for them.
_LEAST_POSITIONS = 600
_LEAST_CHANNELS = {"AVX512": 128}
_LEAST_CHANNELS_ELSEWHERE = 64
# With so few output channels, as conv1_1's gradient has, the plain kernel and NNPACK's take two to five
# times as long as a matrix product does.
_FEW_CHANNELS = 3


def convolve(
    image: Tensor, weight: Tensor, bias: Tensor | None, padding: int, relu: bool = False
) -> Tensor:
    """A 3x3 convolution, and its ReLU if asked for, by the fastest kernel; not differentiable.

    Args:
        image: (1, C, H, W).
        weight: (N, C, 3, 3).
        bias: (N,), or None for a gradient, which has none.
        padding: the width of the frame of zeros around the image, 0 to 2.
        relu: whether negative results become 0.

    Returns:
        (1, N, H + 2 * padding - 2, W + 2 * padding - 2).
    """
    if bias is None and _matrix_product_pays(image, weight):
        return convolve_by_matrix_product(image, weight, padding)
    if _winograd_pays(image, weight):
        result: Tensor = torch._nnpack_spatial_convolution(image, weight, bias, padding)
    elif relu and fuses_relu(image):
        # NaN becomes 0 here, unlike in PyTorch's ReLU.
        fused: Tensor = torch.ops.mkldnn._convolution_pointwise(
            image, weight, bias, [padding] * 2, [1, 1], [1, 1], 1, "relu", [], ""
        )
        return fused
    else:
        result = functional.conv2d(image, weight, bias, padding=padding)
    return result.relu_() if relu else result


def convolve_by_matrix_product(image: Tensor, weight: Tensor, padding: int) -> Tensor:
    """The convolution as one matrix product, whose nine parts are shifted and added up."""
    height, width = image.shape[2:]
    outputs, inputs = weight.shape[:2]
    matrix = weight.permute(2, 3, 0, 1).reshape(-1, inputs)  # (9 N, C)
    products = (matrix @ image.flatten(2)).view(3, 3, outputs, height, width)
    result = image.new_zeros(1, outputs, height + 2, width + 2)
    for down in range(3):
        for across in range(3):
            shifted = result[..., 2 - down : 2 - down + height, 2 - across : 2 - across + width]
            shifted += products[down, across]
    cut = 2 - padding
    return result[..., cut : height + 2 - cut, cut : width + 2 - cut].contiguous()


def winograd_available() -> bool:
    """Whether this build of PyTorch has NNPACK and this processor runs it."""
    if not hasattr(torch, "_nnpack_spatial_convolution"):
        return False
    # The query also initialises the library; its kernels fail without it.
    return bool(torch.backends.nnpack.is_available())  # type: ignore[no-untyped-call]  # PyTorch's own


def fuses_relu(image: Tensor) -> bool:
    """Whether oneDNN's fused convolution and ReLU, which PyTorch's compiler calls, is there for it."""
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # PyTorch's own
    if image.device.type != "cpu" or not has_onednn or _onednn("_convolution_pointwise") is None:
        return False
    if image.dtype == torch.bfloat16:
        supports_bfloat16 = _onednn("_is_mkldnn_bf16_supported")
        return supports_bfloat16 is not None and supports_bfloat16()
    return image.dtype == torch.float32


def _onednn(name: str) -> Callable[..., Any] | None:
    """The private oneDNN operator of this name, or None where the installed PyTorch lacks it."""
    return getattr(torch.ops.mkldnn, name, None)


def _matrix_product_pays(image: Tensor, weight: Tensor) -> bool:
    exact = weight.dtype.itemsize >= 4
    return len(weight) <= _FEW_CHANNELS and exact and image.device.type == "cpu"


def _winograd_pays(image: Tensor, weight: Tensor) -> bool:
    positions = image.shape[2] * image.shape[3]
    # Once up to 511 input channels, twice with 512: NNPACK transforms the weights anew at every call.
    least_positions = _LEAST_POSITIONS * (weight.shape[1] // 256 or 1)
    return (
        image.device.type == "cpu"
        and image.dtype == torch.float32
        and weight.shape[1] >= _least_channels()
        and positions >= least_positions
        and winograd_available()
    )


def _least_channels() -> int:
    return _LEAST_CHANNELS.get(torch.backends.cpu.get_cpu_capability(), _LEAST_CHANNELS_ELSEWHERE)
