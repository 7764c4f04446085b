"""What the style loss and its scaling know of a style image: Gram matrices, means, mean activations.

Remembered with the network for the last few images: people try one painting on several photos.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from ..network.strips import Strip, Sums, image_sums, usual_blocks
from ..network.vgg import VGG
from .fingerprint import fingerprint
from .losses import at_least_float32, tap_moments

# Style images, each at one size, that are remembered for a network: 2.4 MB apiece for five layers.
_REMEMBERED = 16


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """What one layer sees in a style image, or in a blend of several.

    Attributes:
        gram: A of Gatys et al. 2016, eq. 4, divided by the number of positions; (1, C, C).
        means: the channels' means over positions; (1, C).
        mean_activation: the mean of |F| over channels and positions; a scalar.
    """

    gram: Tensor
    means: Tensor
    mean_activation: Tensor


# Layer -> what it sees.
StyleStatistics = Mapping[str, LayerStatistics]

# By the convolutions of a network, which its variants share; forgotten with them.
_STATISTICS: WeakKeyDictionary[nn.ModuleDict, dict[Hashable, StyleStatistics]] = WeakKeyDictionary()


def style_statistics(network: VGG, image: Tensor, layers: Iterable[str]) -> StyleStatistics:
    """What the layers see in a style image, computed or remembered.

    Args:
        network: padded and pooled as the pictures to be compared with it.
        image: (1, 3, h, w), sRGB in [0, 1].
        layers: names of the network's layers.
    """
    layers = tuple(layers)
    key = (fingerprint(image), image.shape, image.dtype, layers, network.padding, network.pooling)
    remembered = _remembered(network)
    statistics = remembered.pop(key, None)
    if statistics is None:
        statistics = _measured(network, image, layers)
    remembered[key] = statistics  # as the most recent one
    while len(remembered) > _REMEMBERED:
        remembered.pop(next(iter(remembered)), None)
    return statistics


def blended(styles: Sequence[StyleStatistics], shares: Sequence[float]) -> StyleStatistics:
    """The styles' mean, A = sum b_i A_i, with their shares b_i; as if they were one style image.

    Args:
        styles: of one or more style images, for the same layers.
        shares: one for each of them; their sum is 1. A style with a share of 0 is left out.
    """
    parts = [(share, style) for share, style in zip(shares, styles, strict=True) if share]
    return {
        layer: LayerStatistics(
            reduce(torch.add, [share * style[layer].gram for share, style in parts]),
            reduce(torch.add, [share * style[layer].means for share, style in parts]),
            reduce(torch.add, [share * style[layer].mean_activation for share, style in parts]),
        )
        for layer in styles[0]
    }


def _measured(network: VGG, image: Tensor, layers: Sequence[str]) -> StyleStatistics:
    """What the layers see, in strips if the image is large. All of it is means over positions."""

    def measure(layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        own = features[..., strip.own, :]
        _, gram, means = tap_moments(own)
        return features, {
            ("gram", layer): gram * strip.share,
            ("means", layer): means * strip.share,
            ("activation", layer): at_least_float32(own).abs().mean() * strip.share,
        }

    sums = image_sums(network, image, layers, measure, usual_blocks(image[0, 0].numel()))
    names = ("gram", "means", "activation")
    return {layer: LayerStatistics(*(sums[name, layer] for name in names)) for layer in layers}


def _remembered(network: VGG) -> dict[Hashable, StyleStatistics]:
    """The statistics remembered for a network, the oldest first; variants of a network share them."""
    return _STATISTICS.setdefault(network.convolutions, {})
