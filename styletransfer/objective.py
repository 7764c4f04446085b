"""What a picture is judged by: targets computed once, then image -> losses.

Gatys, Ecker, Bethge 2016, eq. 7: total = alpha * content + beta * style, plus total variation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .losses import content_loss, gram_matrix, style_loss, total_variation
from .settings import Settings, weights_of
from .vgg import VGG

# What makes equal weights a balanced picture under `relative`: there, one unit of style is a picture
# without any of it, and one of content a picture without any of that. Tuned by looking (LOG.md).
_RELATIVE_CONTENT = 0.03
# The same for `paper`, by looking as well: the paper's alpha / beta = 1e-3 would be 1500 here (the sum
# of eq. 1 is N * M = 512 * 64 * 48 times the mean for a picture of 512 x 384 pixels), which changes
# hardly anything in a picture; the authors' own notebook gives the style far more.
_PAPER_CONTENT = 0.1
_SMOOTHNESS = 2.0
# What PyTorch's tutorial gives its style loss, the content loss having 1.
_TUTORIAL_STYLE = 1e6


@dataclass(frozen=True)
class Losses:
    """The terms of one picture, each unweighted, and their weighted sum. Scalars."""

    content: Tensor
    style: Tensor
    smoothness: Tensor
    total: Tensor


class Objective:
    """The total loss of pictures of one size, for one content image and its style images.

    Args:
        network: the frozen network; pictures have to be on its device.
        content: (1, 3, H, W), sRGB in [0, 1]; pictures to be judged have its size.
        styles: of any size each, (1, 3, h, w); their Gram matrices are averaged.
        settings: the weights, the layers and the scaling of the losses.

    Raises:
        SettingsError: the network does not have one of the layers.
    """

    def __init__(
        self, network: VGG, content: Tensor, styles: Sequence[Tensor], settings: Settings
    ) -> None:
        self._network = network = network.variant(settings.padding, settings.pooling)
        self._settings = settings
        content_weights = weights_of(settings.content_layers)
        style_weights = weights_of(settings.style_layers)
        with torch.no_grad():
            self._content = network.features(content, content_weights)
            each_style = [network.features(style, style_weights) for style in styles]
            grams = [{layer: gram_matrix(found[layer]) for layer in found} for found in each_style]
            self._style = {
                layer: torch.stack([gram[layer] for gram in grams]).mean(0) for layer in style_weights
            }
            if settings.scaling == "relative":
                # A choice of the paper's w_l and alpha for each pair of images: half of the mean square
                # of P, a quarter of that of A, are the losses of a picture without any features.
                content_units = {
                    layer: features.square().mean() / 2 / _RELATIVE_CONTENT
                    for layer, features in self._content.items()
                }
                style_units = {layer: gram.square().mean() / 4 for layer, gram in self._style.items()}
            elif settings.scaling == "tutorial":
                # The sum over layers, not the mean, of mean (F - P)^2 and of 1e6 * mean (G - A)^2 with
                # G = F F^T / (C H W): half of the one is `content_loss`, and a quarter of the other is
                # `style_loss`, whose Gram matrices are C times as large.
                content_sum, style_sum = sum(content_weights.values()), sum(style_weights.values())
                content_units = dict.fromkeys(content_weights, 1 / (2 * content_sum))
                style_units = {
                    layer: gram.shape[1] ** 2 / (4 * style_sum * _TUTORIAL_STYLE)
                    for layer, gram in self._style.items()
                }
            else:
                # Gatys et al. rescale the weights so that the mean activation of each filter is 1;
                # here the losses are put into that unit, per layer and for this pair's images.
                content_units = {
                    layer: features.abs().mean() ** 2 / _PAPER_CONTENT
                    for layer, features in self._content.items()
                }
                style_units = {
                    layer: torch.stack([found[layer].abs().mean() for found in each_style]).mean() ** 4
                    for layer in style_weights
                }
        self._content_factors = _factors(content_weights, content_units)
        self._style_factors = _factors(style_weights, style_units)

    def __call__(self, image: Tensor) -> Losses:
        """The losses of an image (1, 3, H, W); differentiable."""
        features = self._network.features(image, [*self._content, *self._style])
        content = sum(
            content_loss(features[layer], self._content[layer]) * factor
            for layer, factor in self._content_factors.items()
        )
        style = sum(
            style_loss(gram_matrix(features[layer]), self._style[layer]) * factor
            for layer, factor in self._style_factors.items()
        )
        smoothness = total_variation(image) * _SMOOTHNESS
        weights = self._settings
        total = (
            weights.content_weight * content
            + weights.style_weight * style
            + weights.smoothness * smoothness
        )
        return Losses(content, style, smoothness, total)


def _factors(weights: dict[str, float], units: dict[str, Tensor | float]) -> dict[str, float]:
    """What each layer's loss is multiplied with: its share of the weights, over its unit."""
    whole = sum(weights.values())
    # A layer that is zero throughout, as of a black picture, has no magnitude to be measured by.
    return {layer: weight / whole / (float(units[layer]) or 1.0) for layer, weight in weights.items()}
