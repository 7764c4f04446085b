"""The scaling of the losses: the unit in which each layer's loss counts, and so the terms' balance.

A layer's content loss grows with the square of its features, and its style loss with the fourth power,
or by neighbours the square, too; and features differ widely in size from layer to layer and from image
to image. Gatys, Ecker, Bethge 2016 leave it to the user to make up for that by w_l (eq. 5), alpha and
beta (eq. 7). A scaling does it by dividing each layer's loss by a unit.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from ..network.vgg import VGG
from .losses import at_least_float32, covariance
from .style_statistics import LayerStatistics


class Scaling(ABC):
    """Gives each layer's loss its unit.

    Args:
        activation_scale: the network's, which counts where a unit is not measured in its activations.

    Attributes:
        averaged: a term is the mean of its layers' losses by their weights; else their weighted sum.
    """

    averaged = True

    def __init__(self, activation_scale: float = 1.0) -> None:
        self._activation_scale = activation_scale

    @abstractmethod
    def content_unit(self, features: Tensor, /) -> float:
        """The unit of a layer's content loss.

        Args:
            features: P, those of the content image; (1, C, h, w).
        """

    def compared(self, gram: Tensor, _means: Tensor, /) -> tuple[Tensor, ...]:
        """What of a layer's statistics the style loss compares: here, as in the papers, the Gram matrix.

        Args:
            gram: (1, C, C).
            _means: the channels' means, (1, C).
        """
        return (gram,)

    @abstractmethod
    def style_units(self, statistics: LayerStatistics, /) -> tuple[float, ...]:
        """The unit of a layer's style loss, for each of `compared`.

        Args:
            statistics: of the style image, or of the blend of them.
        """

    @abstractmethod
    def neighbour_unit(self, features: Tensor, /) -> float:
        """The unit of a layer's style loss by neighbours.

        Args:
            features: those of all positions of the style images, (N, C).
        """

    def factors(self, weights: Mapping[str, float], units: Mapping[str, float]) -> dict[str, float]:
        """Layer -> what its loss is multiplied by: its share of the weights, over its unit.

        Args:
            weights: of the layers, w_l of Gatys et al. 2016, eq. 5; at least one above 0.
            units: of the same layers' losses. A unit of 0 counts as 1: a layer whose target is zero
                throughout, as a black picture's may be, has no magnitude to be measured by.
        """
        whole = sum(weights.values()) if self.averaged else 1.0
        return {layer: weight / whole / (units[layer] or 1.0) for layer, weight in weights.items()}


class Relative(Scaling):
    """Against the loss of feature maps that are zero throughout: 1/2 mean P^2, and 1/4 mean C^2.

    The default. The weights then mean about the same for every pair of images.

    A departure from the paper: the style loss compares covariances and means, each for half of the loss,
    and not Gram matrices. A Gram matrix is the sum of the two, G = C + m m^T. The means make up most of
    it, so that the errors of the two can cancel: dots and grain in flat skies were the sign (LOG.md).
    """

    # Feature maps that are zero throughout have a content loss of this and a style loss of 1. It makes
    # equal weights a balanced picture; tuned by looking (LOG.md).
    _CONTENT_LOSS_OF_ZEROS = 0.03
    # The same for the style loss by neighbours, whose values lie closer together.
    _NEIGHBOUR_LOSS_OF_ZEROS = 2.0
    # The norm of a covariance counts as this share of the Gram matrix's at least: that of a plain
    # painting is next to nothing. Those of the examples have 0.17 to 0.70 (LOG.md).
    _LEAST_COVARIANCE = 0.1

    def content_unit(self, features: Tensor, /) -> float:
        """1/2 mean P^2, over the tuned constant."""
        return (at_least_float32(features).square().mean() / 2 / self._CONTENT_LOSS_OF_ZEROS).item()

    def compared(self, gram: Tensor, means: Tensor, /) -> tuple[Tensor, ...]:
        """The covariance and the means."""
        return covariance(gram, means), means

    def style_units(self, statistics: LayerStatistics, /) -> tuple[float, ...]:
        """1/4 mean C^2 and 1/4 mean m^2, twice each: as halves of the loss."""
        least = self._LEAST_COVARIANCE**2 * statistics.gram.square().mean()
        spread, means = self.compared(statistics.gram, statistics.means)
        squares = spread.square().mean().maximum(least), means.square().mean()
        return tuple(2 * square.item() / 4 for square in squares)

    def neighbour_unit(self, features: Tensor, /) -> float:
        """1/2 mean S^2, over the tuned constant."""
        return _mean_of(features, 2) / 2 / self._NEIGHBOUR_LOSS_OF_ZEROS


class Paper(Scaling):
    """As if the network's weights were rescaled so that each layer's mean activation is 1.

    Gatys et al. 2016, section 2, do that once for each filter, over many images; here the losses are put
    into that unit for each layer, by the target images of this run.
    """

    # Makes equal weights a balanced picture; tuned by looking. The paper's alpha / beta = 1e-3 would
    # make this constant 1500, not 0.1: the sum of eq. 1 is N * M = 512 * 64 * 48 times the mean for a
    # picture of 512 x 384 pixels. With 1500 the photo would hardly change; the authors' own notebook
    # gives the style far more.
    _CONTENT_WEIGHT = 0.1

    def content_unit(self, features: Tensor, /) -> float:
        """The mean activation squared, over the tuned constant: content losses are quadratic in it."""
        return (at_least_float32(features).abs().mean() ** 2 / self._CONTENT_WEIGHT).item()

    def style_units(self, statistics: LayerStatistics, /) -> tuple[float, ...]:
        """The mean activation to the power of 4: style losses are quadratic in Gram matrices."""
        return ((statistics.mean_activation**4).item(),)

    def neighbour_unit(self, features: Tensor, /) -> float:
        """The mean activation squared: squared distances are quadratic in it."""
        return _mean_of(features, 1) ** 2


class Tutorial(Scaling):
    """The losses of PyTorch's tutorial "Neural Transfer Using PyTorch": no units, summed over layers."""

    averaged = False
    _STYLE_WEIGHT = 1e6  # what the tutorial gives its style loss, the content loss having 1

    def content_unit(self, _features: Tensor, /) -> float:
        """A half, as the tutorial has mean (F - P)^2, twice `content_loss`."""
        return self._activation_scale**2 / 2

    def style_units(self, statistics: LayerStatistics, /) -> tuple[float, ...]:
        """C^2 / 4e6, as the tutorial has 1e6 * mean (G - A)^2 with G = F F^T / (C H W).

        `style_loss` has a quarter of that mean, and Gram matrices that are C times as large.
        """
        channels = statistics.gram.shape[1]
        return (channels**2 * self._activation_scale**4 / (4 * self._STYLE_WEIGHT),)

    def neighbour_unit(self, _features: Tensor, /) -> float:
        """A half, which makes it the mean squared distance. The tutorial knows no neighbours.

        `NeighbourStyle` weighs layers by the square of their channels besides, so that beside it equal
        weights leave next to nothing to the content loss.
        """
        return self._activation_scale**2 / 2


def _mean_of(features: Tensor, power: int) -> float:
    """The mean of |F|^power over features (N, C); accumulated in float32 at least."""
    kind = torch.promote_types(features.dtype, torch.float32)
    norm = torch.linalg.vector_norm(features, power, dtype=kind).item()
    return float(norm**power / features.numel())


# By the choices of the setting `scaling`.
SCALINGS: Mapping[str, Scaling] = {"relative": Relative(), "paper": Paper(), "tutorial": Tutorial()}


def scaling_for(setting: str, network: VGG) -> Scaling:
    """The scaling that the setting asks for, of the losses by a network.

    Args:
        setting: one of the setting `scaling`'s choices.
        network: whose feature maps are compared.
    """
    return type(SCALINGS[setting])(network.activation_scale)
