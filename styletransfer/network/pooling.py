"""2 x 2 pooling of feature maps; on a CPU, maximum pooling that is up to twice as fast as PyTorch's.

PyTorch's kernel writes the index of each maximum. Here the maximum is taken of two rows and then of two
columns, and where it was is saved as two switches: whether the second row had the larger value, and
whether the second column had. The word is that of Zeiler and Fergus 2014, "Visualizing and Understanding
Convolutional Networks", for the places of a pooling's maxima.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .memory_format import memory_format_of
from .precision import is_half

# Times this, average pooling leaves activations about as large as maximum pooling does: from Crowson's
# style-transfer-pytorch.
_AVERAGE_GAIN = 2.0


def average_pool(features: Tensor) -> Tensor:
    """Twice the average of each 2 x 2 positions: (B, C, H, W) -> (B, C, H // 2, W // 2)."""
    return functional.avg_pool2d(features, 2) * _AVERAGE_GAIN


def max_pool(features: Tensor) -> Tensor:
    """The maximum of each 2 x 2 positions; differentiable once.

    Where several positions hold the maximum, the gradient goes to one of them. It is the one that
    PyTorch's kernel takes, with one exception: where the upper right and the lower left position hold it
    and the upper left does not, PyTorch's kernel takes the upper right one, and this the lower left.

    Args:
        features: (B, C, H, W); an odd last row or column is left out. Values in 16 bits must not be
            negative or -0.0 on a CPU, as after a ReLU.

    Returns:
        (B, C, H // 2, W // 2).
    """
    if not features.is_cpu:
        return functional.max_pool2d(features, 2)
    pooled: Tensor = _MaxPool.apply(features)
    return pooled


class _MaxPool(torch.autograd.Function):
    """Saves the switches only."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> Tensor:
        pooled, switches = max_pool_with_switches(features, ctx.needs_input_grad[0])
        ctx.save_for_backward(*switches)
        ctx.size = features.shape[2:]
        return pooled

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return max_unpool(gradient, ctx.saved_tensors, ctx.size)


def max_pool_with_switches(features: Tensor, needed: bool = True) -> tuple[Tensor, list[Tensor]]:
    """The maximum of each 2 x 2 positions, and the two switches if they are needed.

    Returns:
        The maxima (B, C, H // 2, W // 2), and a list that is empty or holds
        (B, C, H // 2, W // 2 * 2), where the lower one of two rows is larger, and
        (B, C, H // 2, W // 2), where the right one of two columns of those larger values is. They hold
        booleans, or for features in 16 bits integers of as many, with all bits set or none.
    """
    height, width = (length // 2 * 2 for length in features.shape[2:])
    values = _comparable(features)[..., :height, :width]
    upper, lower = values[..., ::2, :], values[..., 1::2, :]
    rows = torch.maximum(upper, lower)
    left, right = rows[..., ::2], rows[..., 1::2]
    maxima = torch.maximum(left, right).view(features.dtype)
    return maxima, [_second_is_larger(upper, lower), _second_is_larger(left, right)] if needed else []


def max_unpool(gradient: Tensor, switches: list[Tensor], size: tuple[int, int]) -> Tensor:
    """The gradient with respect to the features, from the one with respect to their maxima.

    Args:
        gradient: (B, C, H // 2, W // 2).
        switches: the two from `max_pool_with_switches`.
        size: (H, W) of the features.

    Returns:
        (B, C, H, W), zero where a position is not a maximum.
    """
    lower, right = switches
    height, width = lower.shape[2] * 2, lower.shape[3]
    maxima_gradient = _comparable(gradient)
    # The second of two takes the gradient where it was larger, and the first takes the rest.
    take, rest = (torch.mul, torch.sub) if lower.dtype == torch.bool else _BITWISE
    rows_gradient = torch.empty_like(lower, dtype=maxima_gradient.dtype)
    take(maxima_gradient, right, out=rows_gradient[..., 1::2])
    rest(maxima_gradient, rows_gradient[..., 1::2], out=rows_gradient[..., ::2])
    result = torch.empty(
        (*gradient.shape[:2], *size),
        dtype=gradient.dtype,
        device=gradient.device,
        memory_format=memory_format_of(gradient),
    )
    values = _comparable(result)
    take(rows_gradient, lower, out=values[..., 1:height:2, :width])
    rest(rows_gradient, values[..., 1:height:2, :width], out=values[..., :height:2, :width])
    values[..., height:, :] = 0
    values[..., width:] = 0
    return result


# With switches of 16 bits, `and` multiplies by 0 or 1, and `xor` subtracts a number or 0 from a number
# that is equal to it.
_BITWISE = torch.bitwise_and, torch.bitwise_xor


def _comparable(features: Tensor) -> Tensor:
    """The features as numbers that CPUs compare fast: those in 16 bits as the integers of their bits.

    Floating-point numbers that are not negative are in the order of their bits.
    """
    return features.view(torch.int16) if is_half(features.dtype) else features


def _second_is_larger(first: Tensor, second: Tensor) -> Tensor:
    """A switch: booleans, or for 16-bit integers, which are not negative, all bits set or none."""
    return (first - second).clamp_(-1, 0) if first.dtype == torch.int16 else second > first
