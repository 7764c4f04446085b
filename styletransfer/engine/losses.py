"""The method's terms as pure functions of tensors: content loss, style loss, total variation.

Each is a mean over elements where the papers have a sum, so that its value, and with it the balance
of the weights, does not depend on the picture's size; the docstrings give the factor between the two.
Everything is differentiable with respect to the first argument and keeps its dtype and device.
"""

import torch
from torch import Tensor

from ..network.pooling import memory_format_of


def gram_matrix(features: Tensor) -> Tensor:
    """The channels' inner products, averaged over positions: G = F F^T / M.

    Gatys, Ecker, Bethge 2016, eq. 3 has the sum over positions, G = F F^T; dividing by their number
    M = H * W here makes pictures of different sizes comparable (eq. 4 divides by M^2 later instead).
    Differentiable once.

    Args:
        features: (B, C, H, W).

    Returns:
        (B, C, C), symmetric and positive semi-definite; float32 at least.
    """
    return tap_gram_matrix(features)[1]


def tap_gram_matrix(
    features: Tensor,
    rows: slice = slice(None),
    guide: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The same features, for whatever follows them, and the Gram matrix of some of their rows.

    The gradient that comes back to the features takes up that of the Gram matrix in place, so that no
    pass over memory is spent on adding the two: what follows must not keep its gradient.

    Args:
        features: (B, C, H, W).
        rows: those that count.
        guide: (1, 1, h, W) of these rows; what the features are multiplied with before, from
            `masks.guides`: the Gram matrix is then that of the mask's place, G = (T F) (T F)^T / M.
            Gatys, Ecker, Bethge, Hertzmann, Shechtman 2017, "Controlling Perceptual Factors in Neural
            Style Transfer", section "Guided Gram Matrices".
    """
    return _Tapped.apply(features, rows, guide)


class _Tapped(torch.autograd.Function):
    """F F^T / M as one node: autograd would multiply by the features twice, once for each side."""

    @staticmethod
    def forward(ctx, features, rows, guide):
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(features, guide)
        ctx.rows = rows
        flat = _flat(features, rows, guide)
        return features.view_as(features), _products(flat) / flat.shape[2]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient, of_gram):
        if of_gram is None:
            return gradient, None, None
        features, guide = ctx.saved_tensors
        flat = _flat(features, ctx.rows, guide)  # (B, C, M)
        both = ((of_gram + of_gram.transpose(1, 2)) / flat.shape[2]).to(flat.dtype)
        order = memory_format_of(features)
        if gradient is None:
            gradient = torch.zeros_like(features, memory_format=order)
        else:
            gradient = gradient.contiguous(memory_format=order)
        place = gradient[..., ctx.rows, :]
        if guide is not None:
            place += (both @ flat).view(place.shape).mul_(guide)
        elif order == torch.channels_last:
            place.flatten(2).transpose(1, 2).baddbmm_(flat.transpose(1, 2), both)
        else:
            place.flatten(2).baddbmm_(both, flat)  # whole rows are one block of memory
        return gradient, None, None


# Positions whose products are summed in the features' own precision: with more of them the sums are less
# exact, with fewer the multiplication is slower. 1e-4 to 1e-3 of a Gram matrix's size are lost (LOG.md).
_SUMMED = 512


def _products(flat: Tensor) -> Tensor:
    """F F^T of (B, C, M), float32 at least.

    Lower precisions have matrix units, whose results are as coarse: so many small ones are added up.
    """
    if flat.dtype.itemsize >= 4:
        return flat @ flat.transpose(1, 2)
    whole = flat.shape[2] // _SUMMED * _SUMMED
    pieces = flat[..., :whole].unflatten(2, (-1, _SUMMED)).transpose(1, 2).flatten(0, 1)
    products = torch.bmm(pieces, pieces.transpose(1, 2)).unflatten(0, (len(flat), -1))
    rest = flat[..., whole:]
    return products.sum(1, dtype=torch.float32) + torch.bmm(rest, rest.transpose(1, 2))


def _flat(features: Tensor, rows: slice, guide: Tensor | None) -> Tensor:
    """(B, C, M), without copying where there is no guide."""
    features = features[..., rows, :]
    return (features if guide is None else features * guide.to(features.dtype)).flatten(2)


def exact(features: Tensor) -> Tensor:
    """The same in float32 at least, for what is summed over them."""
    return features.to(torch.promote_types(features.dtype, torch.float32))


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Half the mean squared difference of two layers' features; a scalar, 0 when they are equal.

    1/2 mean (F - P)^2. Gatys et al. 2016, eq. 1 has the sum, which is N * M times this
    (N channels, M positions): a sum grows with the picture, a mean does not.

    Args:
        features, target: of the same shape, usually (1, C, H, W).
    """
    return _ContentLoss.apply(features, target)


class _ContentLoss(torch.autograd.Function):
    """As one node: the gradient lies in memory as the features do, which autograd's does not. (In strips
    the cut of their own rows comes after it.)"""

    @staticmethod
    def forward(ctx, features, target):
        difference = exact(features) - exact(target)
        ctx.save_for_backward(difference)
        ctx.kind = features.dtype
        return difference.square().mean() / 2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        (difference,) = ctx.saved_tensors
        return (difference * (gradient / difference.numel())).to(ctx.kind), None


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """A quarter of the mean squared difference of two Gram matrices; a scalar, 0 when equal.

    1/4 mean (G - A)^2 for Gram matrices averaged over positions. This is exactly E_l of Gatys et
    al. 2016, eq. 4, 1 / (4 N^2 M^2) sum (G - A)^2, whose Gram matrices are sums.

    Args:
        gram, target: (1, C, C), from `gram_matrix`.
    """
    return (gram - target).square().mean() / 4


def total_variation(image: Tensor) -> Tensor:
    """The mean squared difference of neighbouring pixels, across and down; 0 for a flat picture.

    Mahendran and Vedaldi 2015, eq. 5 with exponent beta = 2, as a mean in each direction where they
    have a sum. Gatys et al. do not have this term.

    Args:
        image: (B, C, H, W), in [0, 1]. A direction with a single pixel counts as flat.
    """
    return _TotalVariation.apply(image)


class _TotalVariation(torch.autograd.Function):
    """As one node, which keeps nothing but the image: autograd pads each difference to a whole one."""

    @staticmethod
    def forward(ctx, image):
        ctx.save_for_backward(image)
        # A sum over a count of at least one: the mean of nothing would be NaN.
        return sum(
            (change := image.diff(dim=way)).square_().sum() / max(change.numel(), 1) for way in (2, 3)
        )

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        (image,) = ctx.saved_tensors
        of_image = torch.zeros_like(image)
        for way in (2, 3):
            change = image.diff(dim=way)
            change *= 2 * gradient / max(change.numel(), 1)
            of_image.narrow(way, 1, change.shape[way]).add_(change)
            of_image.narrow(way, 0, change.shape[way]).sub_(change)
        return of_image
