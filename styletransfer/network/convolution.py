"""Frozen 3x3 convolutions fused with the ReLU and the maximum pooling that follow them.

The weights never get a gradient. The gradient with respect to the input of such a convolution is itself
a convolution, with the weights transposed and flipped, so the same kernels serve forward and backward.
"""

import copy
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .kernels import convolve
from .memory_format import memory_format_of
from .pooling import max_pool_with_switches, max_unpool
from .precision import is_half


class Convolution(torch.nn.Module):
    """A frozen 3x3 convolution; the flipped weight of its gradient is computed once.

    Args:
        weight: (N, C, 3, 3); an image must have its precision, and its memory format as
            `memory_format_of` says.
        bias: (N,).
        padding: the width of the frame of zeros around the image, 0 to 2.
    """

    weight: Tensor
    flipped: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, padding: int = 1) -> None:
        super().__init__()
        memory_format = memory_format_of(weight)
        flipped = weight.flip(2, 3).transpose(0, 1)  # (C, N, 3, 3)
        self.register_buffer("weight", weight.contiguous(memory_format=memory_format))
        self.register_buffer(
            "flipped", flipped.contiguous(memory_format=memory_format), persistent=False
        )
        self.register_buffer("bias", bias.contiguous())
        self.padding = padding

    @property
    def unpadded(self) -> "Convolution":
        """The same convolution, weights shared, of images that are padded already."""
        other = copy.copy(self)
        other.padding = 0
        return other

    def forward(self, image: Tensor) -> Tensor:
        """The convolution without a ReLU, by PyTorch's plain kernel: (1, C, H, W) -> (1, N, H', W')."""
        return functional.conv2d(image, self.weight, self.bias, padding=self.padding)

    def convolve(self, image: Tensor, relu: bool) -> Tensor:
        """The convolution by the fastest kernel; not differentiable."""
        return convolve(image, self.weight, self.bias, self.padding, relu)

    def convolve_gradient(self, gradient: Tensor) -> Tensor:
        """The gradient with respect to the image, from the one with respect to the output."""
        # A full correlation: a 3x3 kernel with padding p forward has padding 2 - p backward.
        return convolve(gradient, self.flipped, None, 2 - self.padding)


def convolution_relu(image: Tensor, convolution: Convolution) -> Tensor:
    """The ReLU of a convolution; differentiable once, with respect to the image.

    Args:
        image: (1, C, H, W).
        convolution: with N output channels and padding p.

    Returns:
        (1, N, H + 2 p - 2, W + 2 p - 2). Equal to `conv2d` and `relu` up to about 1e-4 of the values'
        magnitude where Winograd kernels are used, and up to rounding elsewhere.
    """
    result: Tensor = _ConvolutionReLU.apply(image, convolution)
    return result


class _ConvolutionReLU(torch.autograd.Function):
    """max(0, W * x + b) as one node: saves only its output, which the next layer saves anyway."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, convolution: Convolution) -> Tensor:
        output = convolution.convolve(image, relu=True)
        ctx.save_for_backward(output)
        ctx.convolution = convolution
        return output

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (output,) = ctx.saved_tensors
        gradient = torch.ops.aten.threshold_backward(gradient, output, 0)
        return ctx.convolution.convolve_gradient(gradient), None


def convolution_relu_pool(
    image: Tensor, convolution: Convolution, switches: list[Tensor] | None = None
) -> Tensor:
    """The maximum of each 2 x 2 positions of `convolution_relu`; differentiable once.

    Args:
        image: (1, C, H, W).
        convolution: with N output channels and padding p.
        switches: from `convolution_relu_pool_with_switches` for the same image. They spare the
            convolution: the gradient is right, but of the result only the shape is.

    Returns:
        (1, N, H' // 2, W' // 2) with H' = H + 2 p - 2, and W' likewise.
    """
    result: Tensor = _ConvolutionReLUPool.apply(image, convolution, switches)
    return result


def convolution_relu_pool_with_switches(
    image: Tensor, convolution: Convolution, needed: bool = True
) -> tuple[Tensor, list[Tensor]]:
    """The same, not differentiable, and the switches that its gradient needs, if `needed`.

    They are the sign of the pooled output, for the ReLU, and the two of `max_pool_with_switches`.

    The maximum of max(0, x) is max(0, .) of the maximum of x, and after the pooling a ReLU has a quarter
    of the work. In 16 bits the ReLU comes first, as the pooling compares the numbers' bits.
    """
    relu_first = is_half(image.dtype)
    output, pooling_switches = max_pool_with_switches(convolution.convolve(image, relu_first), needed)
    if not relu_first:
        output.relu_()
    return output, [_sign_switch(output), *pooling_switches] if needed else []


class _ConvolutionReLUPool(torch.autograd.Function):
    """Saves the switches only; in 16 bits the pooled output itself in place of its sign."""

    @staticmethod
    def forward(
        ctx: Any, image: Tensor, convolution: Convolution, switches: list[Tensor] | None
    ) -> Tensor:
        if switches:
            output = image.new_empty(()).expand(switches[0].shape)
        else:
            needed = ctx.needs_input_grad[0]
            output, switches = convolution_relu_pool_with_switches(image, convolution, needed)
        ctx.save_for_backward(*switches)
        ctx.convolution = convolution
        ctx.size = tuple(length + 2 * convolution.padding - 2 for length in image.shape[2:])
        return output

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        sign, *pooling_switches = ctx.saved_tensors
        gradient = max_unpool(_relu_gradient(gradient, sign), pooling_switches, ctx.size)
        return ctx.convolution.convolve_gradient(gradient), None, None


def _sign_switch(output: Tensor) -> Tensor:
    """Where a ReLU's output is positive.

    In 16 bits the output itself takes its sign's place, as products with booleans are slow in bfloat16.
    """
    return output if is_half(output.dtype) else output > 0


def _relu_gradient(gradient: Tensor, sign: Tensor) -> Tensor:
    if sign.dtype == torch.bool:
        return gradient * sign
    passed: Tensor = torch.ops.aten.threshold_backward(gradient, sign, 0)
    return passed


def split(image: Tensor, precision: torch.dtype) -> Tensor:
    """The image (1, C, H, W) as (1, 3 C, H, W) in 16 bits, exact to 4e-6: x = x1 + x2.

    In bfloat16 a pixel of 0.9 moves by 0.004 or not at all, and in float16 by 0.0005, which is more than
    the optimiser's later steps. The channels are x1, x2 and x1 again, to be convolved with
    `split_weight`. Differentiable once.
    """
    result: Tensor = _Split.apply(image, precision)
    return result


class _Split(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, precision: torch.dtype) -> Tensor:
        ctx.image_precision = image.dtype
        high = image.to(precision)
        low = (image - high).to(precision)
        return torch.cat([high, low, high], dim=1).contiguous(memory_format=torch.channels_last)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        # The image x meets the whole weight, w = w1 + w2: the first third is the gradient through w1,
        # the last one that through w2. In the middle x2 meets w1 as well: that would count w1 twice.
        through_w1, _, through_w2 = gradient.to(ctx.image_precision).chunk(3, dim=1)
        return (through_w1 + through_w2).contiguous(), None


def split_weight(weight: Tensor, precision: torch.dtype) -> Tensor:
    """The weight (N, C, 3, 3) as (N, 3 C, 3, 3) for a `split` image: x1 w1 + x2 w1 + x1 w2.

    That is x w but for x2 w2, which is negligible.
    """
    high = weight.to(precision)
    return torch.cat([high, high, (weight - high).to(precision)], dim=1)
