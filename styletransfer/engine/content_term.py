"""The content loss as a term: how far the picture's features are from the content image's.

Gatys, Ecker, Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks", eq. 1. Where the
photo is to be kept it counts more, and in a finer layer as well, which they do not do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor

from ..network.strips import Strip, Sums
from ..network.vgg import VGG
from ..settings import Settings, weights_of
from .distances import masked_difference
from .features import whole_features
from .losses import content_loss
from .masks import averaged
from .scaling import scaling_for

# Where the photo is kept: how many times more the content layers count there, and the weights of finer
# layers, without which eyes and mouths are not seen; tuned by looking (LOG.md).
_TIMES_MORE = 2.0
_FINER_LAYERS: Mapping[str, float] = {"relu3_1": 1.0}
# What both are multiplied by beside the style loss by neighbours, which says of every place what it has
# to be, and so outweighs the content loss there: at a long side of so many pixels and below. In larger
# pictures an eye or a mouth is more than a stroke, and remains with less; tuned by looking (LOG.md).
_BESIDE_NEIGHBOURS, _UP_TO = 20.0, 384


@dataclass(frozen=True, eq=False)
class _Kept:
    """How a layer counts where the photo is kept.

    Attributes:
        mask: how far each position is kept, (1, 1, h, w) in [0, 1].
        factor: what its loss is multiplied by.
    """

    mask: Tensor
    factor: float


class ContentTerm:
    """The content loss over one or several layers, averaged by their weights; a `Term`.

    Where the photo is kept, the loss of each layer is there once more with a factor of its own. That
    loss does not see what changes everywhere there by the same, channel by channel: a face takes on the
    painting's colours, but its eyes and mouth remain (LOG.md).

    Args:
        network: padded and pooled as for the pictures to be judged.
        content: the content image (1, 3, H, W), sRGB in [0, 1].
        settings: the content layers with their weights, and the scaling.
        blocks_in_strips: how many of the network's blocks are evaluated in strips for the content image.
        keep: how far each pixel of the photo is kept, (1, 1, H, W) in [0, 1]; by default none is.
    """

    def __init__(
        self,
        network: VGG,
        content: Tensor,
        settings: Settings,
        blocks_in_strips: int,
        keep: Tensor | None = None,
    ) -> None:
        weights = weights_of(settings.content_layers)
        finer = {} if keep is None else _FINER_LAYERS
        scaling = scaling_for(settings.scaling, network)
        with torch.no_grad():
            self._targets = whole_features(network, content, {**weights, **finer}, blocks_in_strips)
            units = {layer: scaling.content_unit(target) for layer, target in self._targets.items()}
        self._factors = scaling.factors(weights, units)
        self._kept: dict[str, _Kept] = {}
        if keep is not None:
            times = _beside(settings, max(content.shape[2:]))
            for layer, mask in averaged(keep, self._targets).items():
                factor = _TIMES_MORE * self._factors.get(layer, 0.0)
                factor += finer.get(layer, 0.0) / (units[layer] or 1.0)
                self._kept[layer] = _Kept(mask, times * factor)

    @property
    def layers(self) -> Sequence[str]:
        """The content layers, and the finer ones where something is kept."""
        return tuple(self._factors | self._kept)

    def adapt(self, _image: Tensor, _settings: Settings, /) -> bool:
        """See `Term`: never."""
        return False

    def measure(self, layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        """See `Term`. The sums are called ("content", layer), ("kept", layer), ("shift", layer)."""
        own, target = features[..., strip.own, :], self._targets[layer][..., strip.rows, :]
        sums: Sums = {}
        if layer in self._factors:
            sums["content", layer] = content_loss(own, target) * strip.share
        if layer in self._kept:
            mask = self._kept[layer].mask[..., strip.rows, :]
            square, shift = masked_difference(own, target, mask)
            sums |= {("kept", layer): square * strip.share, ("shift", layer): shift * strip.share}
        return features, sums

    def loss(self, sums: Sums) -> Tensor:
        """See `Term`: the layers' losses in the scaling's units, averaged by their weights."""
        losses = [sums["content", layer] * factor for layer, factor in self._factors.items()]
        for layer, kept in self._kept.items():
            area = kept.mask.mean().clamp(min=1e-9)
            # 1/2 mean T (D - d)^2 for the mask T, the difference D and its mean d where the mask is.
            centred = sums["kept", layer] - sums["shift", layer].square().mean() / 2 / area
            losses.append(centred * kept.factor)
        return reduce(torch.add, losses)


def _beside(settings: Settings, long: int) -> float:
    """How many times more what is kept counts beside this style loss, at a long side in pixels."""
    if settings.style_loss != "neighbours":
        return 1.0
    return _BESIDE_NEIGHBOURS * min(1.0, (_UP_TO / long) ** 2)
