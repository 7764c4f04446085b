"""Squared distances of feature maps, in parts of the picture: under a mask, or from a coarser target.

Pure functions of tensors, like `losses`, which has the plain ones: differentiable once with respect to
the first argument; float32 at least, even of features in bfloat16.
"""

import itertools
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ..network.memory_format import memory_format_of
from .losses import at_least_float32


def tap_squared_distance(
    features: Tensor,
    rows: slice,
    along: int,
    target: Tensor,
    weight: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The features as they are, for the layers that follow, and half the squared distance to a target.

    A tap in the network like `tap_moments`, with the same trap.

    Args:
        features: (1, C, H, W).
        rows: the rows that are compared.
        along: so many positions across and down are averaged before they are compared; rows and columns
            that are left over are not compared.
        target: (1, C, rows / along, W / along).
        weight: how much each position counts, (1, 1, rows / along, W / along); by default 1.

    Returns:
        The features, and 1/2 sum w (F - T)^2 over channels and positions, a scalar; float32 at least.
    """
    passed_on, distance = _TappedDistance.apply(features, rows, along, target, weight)
    return passed_on, distance


class _TappedDistance(torch.autograd.Function):
    """As one node, which saves the difference only and adds its gradient to that of later layers."""

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, rows: slice, along: int, target: Tensor, weight: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        ctx.set_materialize_grads(False)
        part = features[..., rows, :]
        averaged = part if along == 1 else avg_pool2d(part, along)
        difference = at_least_float32(averaged) - target
        weighted = difference if weight is None else difference * weight
        ctx.save_for_backward(weighted)
        ctx.rows, ctx.along, ctx.order = rows, along, memory_format_of(features)
        ctx.shape, ctx.type, ctx.device = features.shape, features.dtype, features.device
        return features.view_as(features), torch.sum(weighted * difference) / 2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(
        ctx: Any, gradient: Tensor | None, distance_gradient: Tensor | None
    ) -> tuple[Tensor | None, None, None, None, None]:
        if distance_gradient is None:
            return gradient, None, None, None, None
        (weighted,) = ctx.saved_tensors
        along = ctx.along
        if gradient is None:
            gradient = torch.zeros(ctx.shape, dtype=ctx.type, device=ctx.device)
        gradient = gradient.contiguous(memory_format=ctx.order)
        added = (weighted * (distance_gradient / along**2)).to(gradient.dtype)
        height, width = added.shape[2:]
        part = gradient[..., ctx.rows, :]
        for row, column in itertools.product(range(along), repeat=2):
            part[..., row : height * along : along, column : width * along : along] += added
        return gradient, None, None, None, None


def masked_difference(features: Tensor, target: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Two layers' difference under a mask: half its mean square, and each channel's mean.

    For D = F - P and the mask T: 1/2 mean T D^2, as `content_loss` is for a mask of 1, and for each
    channel the mean of T D. Both are means over all positions, those too where the mask is 0.

    Args:
        features: F, usually (1, C, H, W).
        target: P, of the same shape.
        mask: T, (1, 1, H, W) in [0, 1].

    Returns:
        A scalar, and (1, C).
    """
    square, shift = _MaskedDifference.apply(features, target, mask)
    return square, shift


class _MaskedDifference(torch.autograd.Function):
    """As one node, for the reason of `_ContentLoss`, and to keep one array instead of three."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, target: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        difference = at_least_float32(features) - at_least_float32(target)
        masked = difference * mask
        ctx.save_for_backward(masked, mask)
        ctx.dtype = features.dtype
        return (masked * difference).mean() / 2, masked.mean((2, 3))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, square_gradient: Tensor, shift_gradient: Tensor) -> tuple[Tensor, None, None]:
        masked, mask = ctx.saved_tensors
        positions = mask[0, 0].numel()
        by_square = masked * (square_gradient / masked.numel())
        by_shift = mask * (shift_gradient[..., None, None] / positions)
        return (by_square + by_shift).to(ctx.dtype), None, None
