"""The total loss that the optimiser lowers: made once from the images, then picture -> losses.

Gatys, Ecker, Bethge 2016, eq. 7: total = alpha * content + beta * style. The total variation is added
with a weight of its own, which they do not do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from ..network.strips import Strip, Sums, image_sums, usual_blocks
from ..network.vgg import VGG
from ..settings import Settings, weights_of
from . import masks
from .content_term import ContentTerm
from .gram_style import GramStyle
from .loss_scale import loss_scale
from .losses import total_variation
from .masks import Region
from .neighbour_style import NeighbourStyle
from .neighbour_targets import StyleTargets
from .terms import Term

# By what the total variation is multiplied besides its weight, so that a weight of 1 suits the other
# defaults; tuned by looking (LOG.md).
_VARIATION_FACTOR = 2.0


@dataclass(frozen=True)
class Losses:
    """The terms of one picture and their weighted sum. Scalars.

    Attributes:
        content: the content loss, before its weight.
        style: the style loss, before its weight.
        smoothness: twice the total variation, before its weight.
        total: the sum of the three, each times its weight.
        scale: by what the total is to be multiplied before it is followed back, and the picture's
            gradient divided; see `loss_scale`.
    """

    content: Tensor
    style: Tensor
    smoothness: Tensor
    total: Tensor
    scale: float = 1.0


class Objective:
    """The total loss of pictures of one size, for one content image and its style images.

    Args:
        network: the frozen network; pictures have to be on its device.
        content: (1, 3, H, W), sRGB in [0, 1]; pictures to be judged have its size.
        styles: (1, 3, h, w) of any sizes, which count by their shares.
        settings: the weights, the layers and the scaling of the losses.
        regions: where the styles apply, from `masks.regions`; by default everywhere.
        blocks_in_strips: how many of the network's blocks are evaluated in strips for the content image
            and the pictures, which takes less memory and more time and changes the losses by rounding
            only. By default `usual_blocks` of the size; for the style images it is always that.
        keep: how far each pixel is to stay as in the content image, (1, 1, H, W) in [0, 1], from
            `masks.kept`; by default no more than the content loss makes it.
        kept_targets: what earlier runs have seen in their style images; by default it is computed.

    Raises:
        SettingsError: the network does not have one of the layers.
    """

    def __init__(  # noqa: PLR0913  # the images, where each of them counts, and how they are judged
        self,
        network: VGG,
        content: Tensor,
        styles: Sequence[Tensor],
        settings: Settings,
        regions: Sequence[Region] = (),
        blocks_in_strips: int | None = None,
        *,
        keep: Tensor | None = None,
        kept_targets: StyleTargets | None = None,
    ) -> None:
        height, width = content.shape[2:]
        if not regions:
            regions = masks.regions((), settings.shares(len(styles)), (width, height))
        network.check([*weights_of(settings.content_layers), *weights_of(settings.style_layers)])
        self._network = network.variant(settings.padding, settings.pooling, settings.tile)
        self._settings = settings
        if blocks_in_strips is None:
            blocks_in_strips = usual_blocks(height * width)
        self._blocks_in_strips = blocks_in_strips
        self._content: Term = ContentTerm(self._network, content, settings, blocks_in_strips, keep)
        self._style = _style_term(self._network, content, styles, regions, settings, kept_targets)
        self._layers = (*self._content.layers, *self._style.layers)

    def adapt(self, image: Tensor) -> bool:
        """Lets the style term choose anew what it compares with, as `Term.adapt`.

        Args:
            image: the picture as it is, (1, 3, H, W), sRGB about [0, 1].

        Returns:
            Whether losses from before compare with nothing any more.
        """
        return self._style.adapt(image, self._settings)

    def use_weights(self, settings: Settings) -> None:
        """Makes the terms count from now on as the three weights in these settings say.

        Args:
            settings: whose weights are taken; everything else in them is ignored.
        """
        self._settings = settings

    def __call__(self, image: Tensor) -> Losses:
        """The losses of a picture, differentiable once by it.

        Args:
            image: (1, 3, H, W), sRGB about [0, 1].
        """
        sums = image_sums(self._network, image, self._layers, self._measure, self._blocks_in_strips)
        content = self._content.loss(sums)
        style = self._style.loss(sums)
        smoothness = total_variation(image, self._network.wraps) * _VARIATION_FACTOR
        weights = self._settings
        total = (
            weights.content_weight * content
            + weights.style_weight * style
            + weights.smoothness * smoothness
        )
        weight = max(weights.content_weight, weights.style_weight)
        scale = loss_scale(self._network.precision, image[0, 0].numel(), weight)
        return Losses(content, style, smoothness, total, scale)

    def _measure(self, layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        """What a strip of a layer's features adds to the sums of the terms."""
        sums: Sums = {}
        for term in (self._content, self._style):
            if layer in term.layers:
                features, measured = term.measure(layer, features, strip)
                sums |= measured
        return features, sums


def _style_term(
    network: VGG,
    content: Tensor,
    styles: Sequence[Tensor],
    regions: Sequence[Region],
    settings: Settings,
    kept_targets: StyleTargets | None,
) -> Term:
    """The style loss that the settings ask for: the one place where its form is chosen."""
    if settings.style_loss == "neighbours":
        return NeighbourStyle(network, content, styles, regions, settings, kept_targets)
    return GramStyle(network, styles, regions, settings)
