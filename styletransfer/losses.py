"""The method's terms as pure functions of tensors: content loss, style loss, total variation.

Each is a mean over elements where the papers have a sum, so that its value, and with it the balance
of the weights, does not depend on the picture's size; the docstrings give the factor between the two.
Everything is differentiable with respect to the first argument and keeps its dtype and device.
"""

import torch
from torch import Tensor


def gram_matrix(features: Tensor) -> Tensor:
    """The channels' inner products, averaged over positions: G = F F^T / M.

    Gatys, Ecker, Bethge 2016, eq. 3 has the sum over positions, G = F F^T; dividing by their number
    M = H * W here makes pictures of different sizes comparable (eq. 4 divides by M^2 later instead).
    Differentiable once.

    Args:
        features: (B, C, H, W).

    Returns:
        (B, C, C), symmetric and positive semi-definite.
    """
    return _Gram.apply(features)


class _Gram(torch.autograd.Function):
    """F F^T / M as one node: autograd would multiply by the features twice, once for each side."""

    @staticmethod
    def forward(ctx, features):
        flat = features.flatten(2)  # (B, C, M)
        ctx.save_for_backward(features)
        return flat @ flat.transpose(1, 2) / flat.shape[2]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        (features,) = ctx.saved_tensors
        flat = features.flatten(2)
        both = (gradient + gradient.transpose(1, 2)) / flat.shape[2]
        return (both @ flat).view_as(features)


def guided_gram_matrix(features: Tensor, guide: Tensor) -> Tensor:
    """The Gram matrix of a part of the picture: G = (T F) (T F)^T / sum T^2.

    Gatys, Ecker, Bethge, Hertzmann, Shechtman 2017, "Controlling Perceptual Factors in Neural Style
    Transfer", section "Guided Gram Matrices", whose guides have sum T^2 = 1. A guide that is 1
    throughout gives `gram_matrix`, one that is 0 throughout gives 0. Differentiable once.

    Args:
        features: (B, C, H, W).
        guide: (1, 1, H, W), in [0, 1]; how far each position belongs to the part.

    Returns:
        (B, C, C), symmetric and positive semi-definite.
    """
    # The least that is not nothing: a single pixel of 1 / 255 averaged over 16 x 16 is above 1e-10.
    weight = guide.square().sum().clamp(min=1e-12)
    return gram_matrix(features * guide) * (guide.numel() / weight)


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Half the mean squared difference of two layers' features; a scalar, 0 when they are equal.

    1/2 mean (F - P)^2. Gatys et al. 2016, eq. 1 has the sum, which is N * M times this
    (N channels, M positions): a sum grows with the picture, a mean does not.

    Args:
        features, target: of the same shape, usually (1, C, H, W).
    """
    return (features - target).square().mean() / 2


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
    across = (image[..., :, 1:] - image[..., :, :-1]).square()
    down = (image[..., 1:, :] - image[..., :-1, :]).square()
    # A sum over a count of at least one: the mean of nothing would be NaN.
    return across.sum() / max(across.numel(), 1) + down.sum() / max(down.numel(), 1)
