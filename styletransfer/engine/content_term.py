"""The content loss as a term: how far the picture's features are from the content image's.

Gatys, Ecker, Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks", eq. 1.
"""

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor

from ..network.strips import Strip, Sums
from ..network.vgg import VGG
from ..settings import Settings, weights_of
from .features import whole_features
from .losses import content_loss
from .scaling import SCALINGS


class ContentTerm:
    """The content loss over one or several layers, averaged by their weights; a `Term`.

    Args:
        network: padded and pooled as for the pictures to be judged.
        content: the content image (1, 3, H, W), sRGB in [0, 1].
        settings: the content layers with their weights, and the scaling.
        blocks_in_strips: how many of the network's blocks are evaluated in strips for the content image.
    """

    def __init__(self, network: VGG, content: Tensor, settings: Settings, blocks_in_strips: int) -> None:
        weights = weights_of(settings.content_layers)
        scaling = SCALINGS[settings.scaling]
        with torch.no_grad():
            self._targets = whole_features(network, content, weights, blocks_in_strips)
            units = {layer: scaling.content_unit(target) for layer, target in self._targets.items()}
        self._factors = scaling.factors(weights, units)

    @property
    def layers(self) -> Sequence[str]:
        """The content layers."""
        return tuple(self._factors)

    def adapt(self, _image: Tensor, _settings: Settings, /) -> bool:
        """See `Term`: never."""
        return False

    def measure(self, layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        """See `Term`. The name of the sum is ("content", layer)."""
        target = self._targets[layer][..., strip.rows, :]
        loss = content_loss(features[..., strip.own, :], target)
        return features, {("content", layer): loss * strip.share}

    def loss(self, sums: Sums) -> Tensor:
        """See `Term`: the layers' losses in the scaling's units, averaged by their weights."""
        losses = [sums["content", layer] * factor for layer, factor in self._factors.items()]
        return reduce(torch.add, losses)
