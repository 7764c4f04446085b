"""2 x 2 pooling of feature maps; on a CPU, maximum pooling that is up to twice as fast as PyTorch's.

PyTorch's kernel writes the index of each maximum. Here the maximum is taken of two rows and then of two
columns, and the argmax is saved as one mask for each of these two comparisons.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

# Times this, average pooling leaves activations about as large as maximum pooling does (Crowson).
_AVERAGE_GAIN = 2.0


def memory_format_of(features: Tensor) -> torch.memory_format:
    """The memory format of feature maps: channels last in a lower precision than float32."""
    return torch.channels_last if features.dtype.itemsize < 4 else torch.contiguous_format


def average_pool(features: Tensor) -> Tensor:
    """Twice the average of each 2 x 2 positions: (B, C, H, W) -> (B, C, H // 2, W // 2)."""
    return functional.avg_pool2d(features, 2) * _AVERAGE_GAIN


def max_pool(features: Tensor) -> Tensor:
    """The maximum of each 2 x 2 positions; differentiable once.

    Where several positions hold the maximum the gradient goes to one of them, as in PyTorch, but of two
    on a diagonal it may be the other one.

    Args:
        features: (B, C, H, W); an odd last row or column is left out. Values in bfloat16 must not be
            negative or -0.0 on a CPU, as after a ReLU.

    Returns:
        (B, C, H // 2, W // 2).
    """
    if not features.is_cpu:
        return functional.max_pool2d(features, 2)
    pooled: Tensor = _MaxPool.apply(features)
    return pooled


class _MaxPool(torch.autograd.Function):
    """Saves the argmax masks only."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> Tensor:
        pooled, argmax = max_pool_with_argmax(features, ctx.needs_input_grad[0])
        ctx.save_for_backward(*argmax)
        ctx.size = features.shape[2:]
        return pooled

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return max_unpool(gradient, ctx.saved_tensors, ctx.size)


def max_pool_with_argmax(features: Tensor, masked: bool = True) -> tuple[Tensor, list[Tensor]]:
    """The maximum of each 2 x 2 positions, and the two argmax masks if they are asked for.

    Returns:
        The maxima (B, C, H // 2, W // 2), and a list that is empty or holds
        (B, C, H // 2, W // 2 * 2), where the lower one of two rows is larger, and
        (B, C, H // 2, W // 2), where the right one of two columns of those larger values is.
    """
    height, width = (length // 2 * 2 for length in features.shape[2:])
    values = _comparable(features)[..., :height, :width]
    upper, lower = values[..., ::2, :], values[..., 1::2, :]
    rows = torch.maximum(upper, lower)
    left, right = rows[..., ::2], rows[..., 1::2]
    maxima = torch.maximum(left, right).view(features.dtype)
    return maxima, [_second_is_larger(upper, lower), _second_is_larger(left, right)] if masked else []


def max_unpool(gradient: Tensor, argmax: list[Tensor], size: tuple[int, int]) -> Tensor:
    """The gradient with respect to the features, from the one with respect to their maxima.

    Args:
        gradient: (B, C, H // 2, W // 2).
        argmax: the masks, from `max_pool_with_argmax`.
        size: (H, W) of the features.

    Returns:
        (B, C, H, W), zero where a position is not a maximum.
    """
    lower, right = argmax
    height, width = lower.shape[2] * 2, lower.shape[3]
    of_maxima = _comparable(gradient)
    # The second of two takes the gradient where it was larger, and the first takes the rest.
    take, rest = (torch.mul, torch.sub) if lower.dtype == torch.bool else _BITWISE
    of_rows = torch.empty_like(lower, dtype=of_maxima.dtype)
    take(of_maxima, right, out=of_rows[..., 1::2])
    rest(of_maxima, of_rows[..., 1::2], out=of_rows[..., ::2])
    result = torch.empty(
        (*gradient.shape[:2], *size),
        dtype=gradient.dtype,
        device=gradient.device,
        memory_format=memory_format_of(gradient),
    )
    values = _comparable(result)
    take(of_rows, lower, out=values[..., 1:height:2, :width])
    rest(of_rows, values[..., 1:height:2, :width], out=values[..., :height:2, :width])
    values[..., height:, :] = 0
    values[..., width:] = 0
    return result


# With masks of bits, `and` multiplies by 0 or 1, and `xor` subtracts a number from itself or 0 from it.
_BITWISE = torch.bitwise_and, torch.bitwise_xor


def _comparable(features: Tensor) -> Tensor:
    """The features as numbers that CPUs compare fast: bfloat16 as the 16-bit integers of its bits.

    Floating-point numbers that are not negative are in the order of their bits.
    """
    return features.view(torch.int16) if features.dtype == torch.bfloat16 else features


def _second_is_larger(first: Tensor, second: Tensor) -> Tensor:
    """A mask: booleans, or for 16-bit integers, which are not negative, all bits set or none."""
    return (first - second).clamp_(-1, 0) if first.dtype == torch.int16 else second > first
