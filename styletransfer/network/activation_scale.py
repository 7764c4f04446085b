"""The scale of activations in float16, whose largest number is 65504.

The embedded VGG-19, which was trained on pixels up to 255, reaches half of that in some pictures. But
a ReLU and a pooling commute with a positive factor s: where the weights of the first convolution and all
biases are multiplied by it, every activation is s times what it was, and with a power of two that is
exact. The losses do not notice, as they are measured in units of the same activations; see
`engine.scaling` for the one scaling that has no units.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from .checkpoints import CONFIGURATIONS

Weights = Sequence[tuple[Tensor, Tensor]]

# The largest activation that the probes below may have. Pictures that gradient ascent made for it reach
# three times as much in the embedded VGG-19 (LOG.md). And a product of two activations has to fit, as
# the sums for Gram matrices are means over some hundred positions before they are added up in float32.
_LARGEST = 128.0
_PROBE_SIZE = 64


def activation_scale(weights: Weights, architecture: str) -> float:
    """By what a network's activations are multiplied so that float16 holds them: a power of two.

    Measured, rather than known for one network, as people bring their own.

    Args:
        weights: as for `vgg.VGG`.
        architecture: as for `vgg.VGG`.
    """
    largest = largest_activation(weights, architecture, probes().to(weights[0][0].device))
    if not 0 < largest < math.inf:
        return 1.0
    return 2.0 ** math.floor(math.log2(_LARGEST / largest))


def scaled(weights: Weights, scale: float) -> list[tuple[Tensor, Tensor]]:
    """The weights of a network whose activations are `scale` times as large.

    Args:
        weights: as for `vgg.VGG`.
        scale: a power of two, if the network is to be the same but for it.
    """
    (weight, bias), *others = weights
    return [(weight * scale, bias * scale), *((weight, bias * scale) for weight, bias in others)]


def probes() -> Tensor:
    """Pictures with large activations, (B, 3, 64, 64): noise, and checkerboards of 1 to 32 pixels."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(1, 3, _PROBE_SIZE, _PROBE_SIZE, generator=generator)
    place = torch.arange(_PROBE_SIZE)
    boards = [
        ((place[:, None] // width + place[None, :] // width) % 2).float().expand(1, 3, -1, -1)
        for width in (1, 2, 4, 8, 16, 32)
    ]
    return torch.cat([noise, noise.round(), *boards])


@torch.no_grad()
def largest_activation(weights: Weights, architecture: str, images: Tensor) -> float:
    """The largest absolute activation before a ReLU, in any layer, for any of these pictures.

    Args:
        weights: as for `vgg.VGG`.
        architecture: as for `vgg.VGG`.
        images: (B, 3, H, W), sRGB about [0, 1].
    """
    hidden = functional.pad(images, (1, 1, 1, 1), mode="replicate")
    found = [hidden.new_zeros(())]
    rest = iter(weights)
    for number, kind in enumerate(CONFIGURATIONS[architecture]):
        if kind == "M":
            hidden = functional.max_pool2d(hidden, 2)
            continue
        weight, bias = next(rest)
        hidden = functional.conv2d(hidden, weight.float(), bias.float(), padding=1 if number else 0)
        found.append(hidden.abs().max())
        hidden = hidden.relu_()
    return torch.stack(found).max().item()
