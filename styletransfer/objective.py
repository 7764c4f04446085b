"""What a picture is judged by: targets computed once, then image -> losses.

Gatys, Ecker, Bethge 2016, eq. 7: total = alpha * content + beta * style, plus total variation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .losses import content_loss, gram_matrix, mean_square, style_loss, total_variation
from .settings import Settings
from .vgg import VGG

# The paper's layers. Its weights are equal; these lean to the shallow layers, which carry strokes and
# colour, and were chosen by looking (LOG.md).
CONTENT_LAYER = "relu4_2"
STYLE_LAYERS = {"relu1_1": 8.0, "relu2_1": 4.0, "relu3_1": 2.0, "relu4_1": 1.0, "relu5_1": 0.5}

# What makes equal weights a balanced picture under `relative`: there, one unit of style is a picture
# without any of it, and one of content a picture without any of that. Tuned by looking (LOG.md).
_RELATIVE_CONTENT = 0.03
# Brings `paper` near the same balance with these weights, which are not the rescaled ones of the paper.
_PAPER_CONTENT = 1.0
_SMOOTHNESS = 2.0


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
        settings: the weights and the scaling of the losses.
    """

    def __init__(
        self, network: VGG, content: Tensor, styles: Sequence[Tensor], settings: Settings
    ) -> None:
        self._network = network
        self._settings = settings
        with torch.no_grad():
            self._content = network.features(content, [CONTENT_LAYER])[CONTENT_LAYER]
            grams = [self._grams(network.features(style, STYLE_LAYERS)) for style in styles]
            self._style = {
                name: torch.stack([each[name] for each in grams]).mean(0) for name in STYLE_LAYERS
            }
        self._content_factor, self._style_factors = self._factors()

    def __call__(self, image: Tensor) -> Losses:
        """The losses of an image (1, 3, H, W); differentiable."""
        features = self._network.features(image, [CONTENT_LAYER, *STYLE_LAYERS])
        content = content_loss(features[CONTENT_LAYER], self._content) * self._content_factor
        style = sum(
            style_loss(gram, self._style[name]) * self._style_factors[name]
            for name, gram in self._grams(features).items()
        )
        smoothness = total_variation(image) * _SMOOTHNESS
        weights = self._settings
        total = (
            weights.content_weight * content
            + weights.style_weight * style
            + weights.smoothness * smoothness
        )
        return Losses(content, style, smoothness, total)

    @staticmethod
    def _grams(features: dict[str, Tensor]) -> dict[str, Tensor]:
        return {name: gram_matrix(features[name]) for name in STYLE_LAYERS}

    def _factors(self) -> tuple[float, dict[str, float]]:
        """What the content loss and each layer's style loss are multiplied with."""
        share = {name: weight / sum(STYLE_LAYERS.values()) for name, weight in STYLE_LAYERS.items()}
        if self._settings.scaling == "paper":
            return _PAPER_CONTENT, share
        # A choice of the paper's w_l and alpha per pair of images: one quarter of the mean square of
        # A, one half of the mean square of P, are the losses of a picture without any features.
        style = {name: share[name] * 4 / mean_square(gram).item() for name, gram in self._style.items()}
        return _RELATIVE_CONTENT * 2 / mean_square(self._content).item(), style
