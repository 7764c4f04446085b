"""What a picture is judged by: targets computed once, then image -> losses.

Gatys, Ecker, Bethge 2016, eq. 7: total = alpha * content + beta * style, plus total variation. The style
is that of each region of the picture, after Gatys et al. 2017; usually there is one.
"""

import hashlib
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..network.pooling import memory_format_of
from ..network.strips import Strip, summed, usual_blocks
from ..network.vgg import VGG
from ..settings import Settings, weights_of
from .losses import content_loss, exact, gram_matrix, style_loss, tap_gram_matrix, total_variation
from .masks import Region, guides, regions

# What makes equal weights a balanced picture under `relative`: there, one unit of style is a picture
# without any of it, and one of content a picture without any of that. Tuned by looking (LOG.md).
_RELATIVE_CONTENT = 0.03
# The same for `paper`, by looking as well: the paper's alpha / beta = 1e-3 would be 1500 here (the sum
# of eq. 1 is N * M = 512 * 64 * 48 times the mean for a picture of 512 x 384 pixels), which changes
# hardly anything in a picture; the authors' own notebook gives the style far more.
_PAPER_CONTENT = 0.1
_SMOOTHNESS = 2.0
# Style images at one size each whose Gram matrices are kept, 2.4 MB a piece.
_KEPT = 16
# The convolutions of a network, which its variants share -> what is kept of its last style images.
_kept_statistics: weakref.WeakKeyDictionary[torch.nn.ModuleDict, dict] = weakref.WeakKeyDictionary()
# What PyTorch's tutorial gives its style loss, the content loss having 1.
_TUTORIAL_STYLE = 1e6


@dataclass(frozen=True)
class Losses:
    """The terms of one picture, each unweighted, and their weighted sum. Scalars."""

    content: Tensor
    style: Tensor
    smoothness: Tensor
    total: Tensor


@dataclass(frozen=True)
class _Target:
    """What one region of the picture is compared with."""

    area: float
    guides: dict[str, Tensor]  # for each layer; none where the region is everywhere
    grams: dict[str, Tensor]
    factors: dict[str, float]


class Objective:
    """The total loss of pictures of one size, for one content image and its style images.

    Args:
        network: the frozen network; pictures have to be on its device.
        content: (1, 3, H, W), sRGB in [0, 1]; pictures to be judged have its size.
        styles: of any size each, (1, 3, h, w); their Gram matrices are blended by their shares.
        settings: the weights, the layers and the scaling of the losses.
        found: where the styles apply, from `masks.regions`; by default everywhere.
        blocks: how many of the network's blocks are evaluated in strips for the pictures, which needs
            less memory and more time and changes the losses by rounding only; by default, and for the
            style images, as many as the size asks for.

    Raises:
        SettingsError: the network does not have one of the layers.
    """

    def __init__(
        self,
        network: VGG,
        content: Tensor,
        styles: Sequence[Tensor],
        settings: Settings,
        found: Sequence[Region] = (),
        blocks: int | None = None,
    ) -> None:
        found = found or regions((), settings.shares(len(styles)), content.shape[:1:-1])
        self._network = network = network.variant(settings.padding, settings.pooling)
        self._settings = settings
        self._blocks = blocks = usual_blocks(content[0, 0].numel()) if blocks is None else blocks
        content_weights = weights_of(settings.content_layers)
        style_weights = weights_of(settings.style_layers)
        network.check([*content_weights, *style_weights])
        self._layers = (*content_weights, *style_weights)
        self._size = content.shape[2:]
        with torch.no_grad():
            self._content = _features(network, content, content_weights, blocks)
            each_style = [_statistics(network, style, style_weights) for style in styles]
            if settings.scaling == "relative":
                # A choice of the paper's w_l and alpha for each pair of images: half of the mean square
                # of P, a quarter of that of A, are the losses of a picture without any features.
                content_units = {
                    layer: exact(features).square().mean() / 2 / _RELATIVE_CONTENT
                    for layer, features in self._content.items()
                }
            elif settings.scaling == "tutorial":
                # The sum over layers, not the mean, of mean (F - P)^2, half of which is `content_loss`.
                content_units = dict.fromkeys(content_weights, 1 / (2 * sum(content_weights.values())))
            else:
                # Gatys et al. rescale the weights so that the mean activation of each filter is 1;
                # here the losses are put into that unit, per layer and for this pair's images.
                content_units = {
                    layer: exact(features).abs().mean() ** 2 / _PAPER_CONTENT
                    for layer, features in self._content.items()
                }
            self._targets = [
                _target(each_style, region, style_weights, settings.scaling) for region in found
            ]
        self._content_factors = _factors(content_weights, content_units)

    def weigh(self, settings: Settings) -> None:
        """From now on the terms count as the three weights in these settings say."""
        self._settings = settings

    def __call__(self, image: Tensor) -> Losses:
        """The losses of an image (1, 3, H, W); differentiable."""
        found = summed(self._network, image, self._layers, self._measure, self._blocks)
        content = sum(
            found["content", layer] * factor for layer, factor in self._content_factors.items()
        )
        style = sum(
            # A choice of the paper's lambda_r. A Gram matrix is a mean over its region, so that a pixel
            # of a region half as large has twice the say in it; times the area all are painted alike.
            style_loss(found[number, layer], gram) * target.factors[layer] * target.area
            for number, target in enumerate(self._targets)
            for layer, gram in target.grams.items()
        )
        smoothness = total_variation(image) * _SMOOTHNESS
        weights = self._settings
        total = (
            weights.content_weight * content
            + weights.style_weight * style
            + weights.smoothness * smoothness
        )
        return Losses(content, style, smoothness, total)

    def _measure(self, layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, dict[tuple, Tensor]]:
        """What these positions add to the layer's content loss and Gram matrices."""
        found = {}
        if layer in self._content:
            target = self._content[layer][..., strip.rows, :]
            found["content", layer] = content_loss(features[..., strip.own, :], target) * strip.share
        for number, target in enumerate(self._targets):
            if layer in target.grams:
                guide = target.guides.get(layer)
                guide = None if guide is None else guide[..., strip.rows, :]
                features, gram = tap_gram_matrix(features, strip.own, guide)
                found[number, layer] = gram * strip.share
        return features, found


def _features(network: VGG, image: Tensor, layers: Iterable[str], blocks: int) -> dict[str, Tensor]:
    """The whole features of the layers."""
    whole: dict[str, Tensor] = {}

    def collect(layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, dict]:
        if layer not in whole:
            room = features[..., :1, :].expand(-1, -1, strip.whole, -1)
            whole[layer] = torch.empty_like(room, memory_format=memory_format_of(features))
        whole[layer][..., strip.rows, :] = features[..., strip.own, :]
        return features, {}

    summed(network, image, list(layers), collect, blocks)
    return whole


def _statistics(network: VGG, image: Tensor, layers: Iterable[str]) -> dict[str, tuple[Tensor, Tensor]]:
    """Layer -> what of a style image is needed: the Gram matrix and the mean activation.

    Kept as long as the network for the last ones: visitors try one painting on several photos.
    """

    def measure(layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, dict[tuple, Tensor]]:
        part = features[..., strip.own, :]
        share = strip.share
        return features, {
            ("gram", layer): gram_matrix(part) * share,
            ("mean", layer): exact(part).abs().mean() * share,
        }

    content = hashlib.sha256(image.detach().cpu().contiguous().numpy()).digest()
    key = (content, image.shape, image.dtype, tuple(layers), network.padding, network.pooling)
    kept = _kept_statistics.setdefault(network.convolutions, {})
    found = kept.pop(key, None)
    if found is None:
        sums = summed(network, image, list(layers), measure, usual_blocks(image[0, 0].numel()))
        found = {layer: (sums["gram", layer], sums["mean", layer]) for layer in layers}
    kept[key] = found  # at the end of the line
    while len(kept) > _KEPT:
        kept.pop(next(iter(kept)), None)
    return found


def _target(
    styles: Sequence[dict[str, tuple[Tensor, Tensor]]],
    region: Region,
    weights: dict[str, float],
    scaling: str,
) -> _Target:
    """A region's Gram matrices, A = sum b_i A_i with its shares b_i, and what its losses count."""

    def blended(layer: str, which: int) -> Tensor:
        parts = zip(region.shares, styles, strict=True)
        return sum(share * found[layer][which] for share, found in parts if share)

    grams = {layer: blended(layer, 0) for layer in weights}
    # In the same units as the content's, but those of this region's styles.
    if scaling == "relative":
        units = {layer: gram.square().mean() / 4 for layer, gram in grams.items()}
    elif scaling == "tutorial":
        # The sum over layers of 1e6 * mean (G - A)^2 with G = F F^T / (C H W): a quarter of it is
        # `style_loss`, whose Gram matrices are C times as large.
        units = {
            layer: gram.shape[1] ** 2 / (4 * sum(weights.values()) * _TUTORIAL_STYLE)
            for layer, gram in grams.items()
        }
    else:
        units = {layer: blended(layer, 1) ** 4 for layer in weights}
    return _Target(
        region.area,
        {} if region.mask is None else guides(region.mask, weights),
        grams,
        _factors(weights, units),
    )


def _factors(weights: dict[str, float], units: dict[str, Tensor | float]) -> dict[str, float]:
    """What each layer's loss is multiplied with: its share of the weights, over its unit."""
    whole = sum(weights.values())
    # A layer that is zero throughout, as of a black picture, has no magnitude to be measured by.
    return {layer: weight / whole / (float(units[layer]) or 1.0) for layer, weight in weights.items()}
