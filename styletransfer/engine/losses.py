"""The losses as pure functions of tensors: Gram matrix, content loss, style loss, total variation.

Each loss is a mean over elements where the papers have a sum, so that its value, and with it the balance
of the weights, does not depend on the picture's size; the docstrings give the factor between the two.
Everything is differentiable once with respect to the first argument and keeps its device. Results are
float32 at least, even of features in bfloat16.
"""

from typing import Any

import torch
from torch import Tensor

from ..network.memory_format import memory_format_of


def gram_matrix(features: Tensor) -> Tensor:
    """The channels' inner products, averaged over positions: G = F F^T / M.

    Gatys, Ecker, Bethge 2016, eq. 3 has the sum over positions, G = F F^T; dividing by their number
    M = H * W here makes pictures of different sizes comparable (eq. 4 divides by M^2 later instead).

    Args:
        features: (B, C, H, W).

    Returns:
        (B, C, C), symmetric and positive semi-definite; float32 at least.
    """
    return tap_moments(features)[1]


# Positions in one matrix product of features in 16 bits. More positions make the sums less exact,
# fewer make the multiplication slower. With this many 1e-4 to 1e-3 of a Gram matrix are lost (LOG.md).
_POSITIONS_AT_ONCE = 512


def _inner_products(flat: Tensor) -> Tensor:
    """F F^T of features (B, C, M), the arithmetic of `gram_matrix`; accumulated in float32 at least.

    A matrix product in 16 bits rounds its result to 16 bits, so that many small products are added up in
    float32 instead of one large one. Each of them is made a mean over its positions before it is
    rounded: a sum would go beyond float16.
    """
    if flat.dtype.itemsize >= 4:
        return flat @ flat.transpose(1, 2)
    batch, channels, positions = flat.shape
    whole = positions // _POSITIONS_AT_ONCE * _POSITIONS_AT_ONCE
    pieces = flat[..., :whole].reshape(batch, channels, -1, _POSITIONS_AT_ONCE)
    pieces = pieces.transpose(1, 2).flatten(0, 1)  # (B * pieces, C, _POSITIONS_AT_ONCE)
    products = _mean_products(pieces).view(batch, -1, channels, channels)
    summed = products.sum(1, dtype=torch.float32) + _mean_products(flat[..., whole:])
    return summed * _POSITIONS_AT_ONCE


def _mean_products(pieces: Tensor) -> Tensor:
    """F F^T / `_POSITIONS_AT_ONCE` of features (B, C, M) in 16 bits; divided before it is rounded."""
    unused = pieces.new_empty((1, 1, 1))
    share = 1 / _POSITIONS_AT_ONCE
    return torch.baddbmm(unused, pieces, pieces.transpose(1, 2), beta=0, alpha=share)


def tap_moments(
    features: Tensor,
    rows: slice = slice(None),
    guide: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """The features as they are, for the layers that follow, and Gram matrix and means of some rows.

    A tap in the network: in the backward pass the gradient of the two is added in place to the one
    that comes from the layers that follow. This saves a pass over memory and an array as large as the
    features. The trap: nothing else may hold on to the gradient of the features that are returned.

    Args:
        features: (B, C, H, W).
        rows: the rows that both are taken over.
        guide: (1, 1, h, W) for these rows, from `masks.guides`. The features are multiplied by it, which
            makes this the guided Gram matrix of the mask's region, G = (T F) (T F)^T / M: Gatys, Ecker,
            Bethge, Hertzmann, Shechtman 2017, "Controlling Perceptual Factors in Neural Style Transfer",
            section "Guided Gram Matrices". The means are then weighted in the same way, by T^2.

    Returns:
        The features, the Gram matrix (B, C, C), and the channels' means (B, C); these two float32 at
        least.
    """
    passed_on, gram, means = _Tapped.apply(features, rows, guide)
    return passed_on, gram, means


class _Tapped(torch.autograd.Function):
    """F F^T / M as one node: autograd would multiply by the features twice, once for each factor."""

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, rows: slice, guide: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(features, guide)
        ctx.rows = rows
        flat = _flattened(features, rows, guide)  # (B, C, M)
        gram = _inner_products(flat) / flat.shape[2]
        weighted = flat if guide is None else flat * guide.to(flat.dtype).flatten(2)
        return features.view_as(features), gram, weighted.mean(2, dtype=gram.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(
        ctx: Any, gradient: Tensor | None, of_gram: Tensor | None, of_means: Tensor | None
    ) -> tuple[Tensor | None, None, None]:
        if of_gram is None and of_means is None:
            return gradient, None, None
        features, guide = ctx.saved_tensors
        flat = _flattened(features, ctx.rows, guide)  # (B, C, M)
        order = memory_format_of(features)
        if gradient is None:
            gradient = torch.zeros_like(features, memory_format=order)
        else:
            gradient = gradient.contiguous(memory_format=order)
        part = gradient[..., ctx.rows, :]
        if of_gram is not None:
            # For G = F F^T / M: dL/dF = (dL/dG + (dL/dG)^T) F / M.
            factor = ((of_gram + of_gram.transpose(1, 2)) / flat.shape[2]).to(flat.dtype)
            if guide is not None:
                part += (factor @ flat).view(part.shape).mul_(guide)
            elif order == torch.channels_last:
                part.flatten(2).transpose(1, 2).baddbmm_(flat.transpose(1, 2), factor)
            else:
                part.flatten(2).baddbmm_(factor, flat)  # whole rows: a view, so this is in place
        if of_means is not None:
            added = (of_means / flat.shape[2]).to(flat.dtype)[:, :, None, None]
            part += added if guide is None else added * guide.square()
        return gradient, None, None


def _flattened(features: Tensor, rows: slice, guide: Tensor | None) -> Tensor:
    """(B, C, M), a view of the features where there is no guide."""
    features = features[..., rows, :]
    return (features if guide is None else features * guide.to(features.dtype)).flatten(2)


def at_least_float32(features: Tensor) -> Tensor:
    """The features in float32, or as they are in a higher precision: sums over them need it.

    Args:
        features: of any shape and floating-point type.
    """
    return features.to(torch.promote_types(features.dtype, torch.float32))


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Half the mean squared difference of two layers' features; a scalar, 0 when they are equal.

    1/2 mean (F - P)^2. Gatys et al. 2016, eq. 1 has the sum, which is N * M times this
    (N channels, M positions): a sum grows with the picture, a mean does not.

    Args:
        features: F, usually (1, C, H, W).
        target: P, of the same shape.
    """
    loss: Tensor = _ContentLoss.apply(features, target)
    return loss


class _ContentLoss(torch.autograd.Function):
    """As one node, whose gradient has the features' memory layout.

    Autograd's own gradient of features in bfloat16 is not in channels last, and to put it right took
    5 ms of a step at 512 px (LOG.md).
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, target: Tensor) -> Tensor:
        difference = at_least_float32(features) - at_least_float32(target)
        ctx.save_for_backward(difference)
        ctx.dtype = features.dtype
        return difference.square().mean() / 2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (difference,) = ctx.saved_tensors
        return (difference * (gradient / difference.numel())).to(ctx.dtype), None


def covariance(gram: Tensor, means: Tensor) -> Tensor:
    """The Gram matrix about the channels' means: C = G - m m^T; of the same shape.

    Args:
        gram: G, (1, C, C), from `tap_moments`.
        means: m, (1, C), of the same features.
    """
    return gram - means[:, :, None] * means[:, None, :]


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """A quarter of the mean squared difference of two Gram matrices; a scalar, 0 when equal.

    1/4 mean (G - A)^2 for Gram matrices averaged over positions. This is exactly E_l of Gatys et
    al. 2016, eq. 4, 1 / (4 N^2 M^2) sum (G - A)^2, whose Gram matrices are sums.

    Args:
        gram: G, (1, C, C), from `gram_matrix`; or any other statistic.
        target: A, of the same shape.
    """
    return (gram - target).square().mean() / 4


def total_variation(image: Tensor, wraps: bool = False) -> Tensor:
    """The mean squared difference of neighbouring pixels, across and down; 0 for a flat picture.

    Mahendran and Vedaldi 2015, eq. 5 with exponent beta = 2, as a mean in each direction where they
    have a sum. Gatys et al. do not have this term.

    Args:
        image: (B, C, H, W), in [0, 1]. A direction with a single pixel counts as flat.
        wraps: whether pixels at opposite edges are neighbours, as in a tile.
    """
    if wraps:
        return _tile_variation(image)
    variation: Tensor = _TotalVariation.apply(image)
    return variation


def _tile_variation(image: Tensor) -> Tensor:
    """The same of a tile."""
    down, across = (image.roll(-1, direction) - image for direction in (2, 3))
    return down.square().mean() + across.square().mean()


class _TotalVariation(torch.autograd.Function):
    """As one node, which saves nothing but the image; autograd pads each difference to full size."""

    @staticmethod
    def forward(ctx: Any, image: Tensor) -> Tensor:
        ctx.save_for_backward(image)
        down, across = (_mean_square(image.diff(dim=direction)) for direction in (2, 3))
        return down + across

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (image,) = ctx.saved_tensors
        image_gradient = torch.zeros_like(image)
        for direction in (2, 3):
            change = image.diff(dim=direction)
            change *= 2 * gradient / max(change.numel(), 1)
            image_gradient.narrow(direction, 1, change.shape[direction]).add_(change)
            image_gradient.narrow(direction, 0, change.shape[direction]).sub_(change)
        return image_gradient


def _mean_square(change: Tensor) -> Tensor:
    """The mean square, written over the argument; 0 for none, of which the mean would be NaN."""
    return change.square_().sum() / max(change.numel(), 1)
