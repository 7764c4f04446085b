"""The style loss as a term: how far the picture's Gram matrices are from the style images'.

Or, as the scaling has it, how far the two parts of a Gram matrix are: the covariance and the means.

Gatys, Ecker, Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks", eqs. 3 to 5; for
each region of the picture by itself after Gatys et al. 2017, "Controlling Perceptual Factors in Neural
Style Transfer", section 4. Without masks there is one region, the whole picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor

from ..network.strips import Strip, Sums
from ..network.vgg import VGG
from ..settings import Settings, weights_of
from .losses import style_loss, tap_moments
from .masks import Region, guides
from .scaling import Scaling, scaling_for
from .style_statistics import blended, style_statistics


@dataclass(frozen=True, eq=False)
class _Target:
    """What one region of the picture is compared with.

    Attributes:
        area: the region's share of the picture, in [0, 1].
        guides: layer -> guide (1, 1, h, w); empty where the region is the whole picture.
        compared: layer -> what of its statistics is compared, from `Scaling.compared`.
        factors: layer -> what the loss of each of these is multiplied by.
    """

    area: float
    guides: Mapping[str, Tensor]
    compared: Mapping[str, Sequence[Tensor]]
    factors: Mapping[str, Sequence[float]]


class GramStyle:
    """The style loss by Gram matrices, summed over the regions by their areas; a `Term`.

    A Gram matrix is a mean over its region, so that a pixel's gradient goes as 1 / area. With the area
    as lambda_r of Gatys et al. 2017 that cancels: small regions are painted like large ones.

    Args:
        network: padded and pooled as for the pictures to be judged.
        styles: the style images, (1, 3, h, w) of any sizes, sRGB in [0, 1].
        regions: where each blend of the styles applies, from `masks.regions`.
        settings: the style layers with their weights, and the scaling.
    """

    def __init__(
        self, network: VGG, styles: Sequence[Tensor], regions: Sequence[Region], settings: Settings
    ) -> None:
        self._weights = weights_of(settings.style_layers)
        self._scaling = scaling = scaling_for(settings.scaling, network)
        self._targets: list[_Target] = []
        with torch.no_grad():
            seen = [style_statistics(network.unwrapped, style, self._weights) for style in styles]
            for region in regions:
                blend = blended(seen, region.shares)
                units = {layer: scaling.style_units(statistics) for layer, statistics in blend.items()}
                target = _Target(
                    area=region.area,
                    guides={} if region.mask is None else guides(region.mask, self._weights),
                    compared={
                        layer: scaling.compared(statistics.gram, statistics.means)
                        for layer, statistics in blend.items()
                    },
                    factors=_factors(scaling, self._weights, units),
                )
                self._targets.append(target)

    @property
    def layers(self) -> Sequence[str]:
        """The style layers."""
        return tuple(self._weights)

    def adapt(self, _image: Tensor, _settings: Settings, /) -> bool:
        """See `Term`: never."""
        return False

    def measure(self, layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        """See `Term`.

        The names of the sums, Gram matrices (1, C, C) and means (1, C), are ("gram", region, layer) and
        ("means", region, layer).
        """
        sums: Sums = {}
        for number, target in enumerate(self._targets):
            guide = target.guides.get(layer)
            guide = None if guide is None else guide[..., strip.rows, :]
            features, gram, means = tap_moments(features, strip.own, guide)
            sums["gram", number, layer] = gram * strip.share
            sums["means", number, layer] = means * strip.share
        return features, sums

    def loss(self, sums: Sums) -> Tensor:
        """See `Term`: the regions' losses, each over all layers in the scaling's units."""
        losses = []
        for number, target in enumerate(self._targets):
            for layer, aims in target.compared.items():
                found = self._scaling.compared(sums["gram", number, layer], sums["means", number, layer])
                for each, aim, factor in zip(found, aims, target.factors[layer], strict=True):
                    losses.append(style_loss(each, aim) * factor * target.area)
        return reduce(torch.add, losses)


def _factors(
    scaling: Scaling, weights: Mapping[str, float], units: Mapping[str, Sequence[float]]
) -> dict[str, tuple[float, ...]]:
    """Layer -> what the loss of each of its compared statistics is multiplied by."""
    columns = [dict(zip(units, column, strict=True)) for column in zip(*units.values(), strict=True)]
    parts = [scaling.factors(weights, column) for column in columns]
    return {layer: tuple(part[layer] for part in parts) for layer in weights}
