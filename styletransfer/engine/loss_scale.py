"""The scale of the loss in float16, whose smallest number is 6e-8: what gradients of features need.

A loss is a mean over positions, so that a feature's share of its gradient goes as one over the pixels:
at 512 px 2e-9. What is followed back through float16 is therefore the loss times a power of two, and the
picture's gradient, in float32, is divided by it again. Should a gradient go beyond 65504 with that,
`descent` takes less.

Micikevicius et al. 2018, "Mixed Precision Training", section 3.2.
"""

import math

import torch

# For each pixel of the picture, at a weight of 1. With it gradients of the embedded network's features
# have their median between 0.1 and 30 in nearly every layer and end about 1100: at 128 and at 256 px,
# from the photo and from noise, at the first step and after twelve, by either style loss (LOG.md).
_PER_PIXEL = 64.0


def loss_scale(precision: torch.dtype, pixels: int, weight: float) -> float:
    """By what the total is multiplied before it is followed back: a power of two; 1 but in float16.

    Args:
        precision: of the feature maps.
        pixels: of the picture.
        weight: the largest one of the terms.
    """
    if precision != torch.float16 or weight <= 0:
        return 1.0
    return 2.0 ** round(math.log2(_PER_PIXEL * pixels / weight))
