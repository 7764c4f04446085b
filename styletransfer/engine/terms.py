"""What every term of the total loss offers, so that the objective can add them up.

The terms: `content_term`, `gram_style`, `neighbour_style`. The total variation needs no features and is
a plain function of the picture, `losses.total_variation`.
"""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from ..network.strips import Strip, Sums
from ..settings import Settings


class Term(Protocol):
    """One term of the total loss: made once from the images it compares with, then picture -> loss.

    The network calls `measure` at each of the term's layers. Of large pictures it does so for one strip
    of rows after the other, and again for each strip in the backward pass (see `network.strips`):
    `measure` must give the same sums both times. A strip's sums are added up over the strips, so that
    `loss` gets those over the whole picture.

    A term may compare position by position as well, as `ContentTerm` and `NeighbourStyle` do: use
    `strip.rows` to cut, out of the target's whole feature maps (`features.whole_features`), the rows
    that this strip is compared with.

    Attributes:
        layers: the network's layers that the term measures.
    """

    @property
    def layers(self) -> Sequence[str]:
        """See above."""

    def adapt(self, image: Tensor, settings: Settings, /) -> bool:
        """Whether what the term compares with is another now; it may depend on picture and weights.

        Called at the beginning of a scale, now and then on the way, and when weights change. The losses
        before and after do not compare.

        Args:
            image: the picture as it is, (1, 3, H, W), sRGB about [0, 1].
            settings: of which the weights of the terms may have changed.
        """

    def measure(self, layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        """The features, for the layers that follow, and what this strip adds to the term's sums.

        The names of the sums must differ from those of all other terms of the same objective.

        Args:
            layer: one of `layers`.
            features: (1, C, h, w), the strip's own rows `strip.own` and those around them.
            strip: which rows of the layer's whole feature maps they are.
        """

    def loss(self, sums: Sums) -> Tensor:
        """The term's loss of a whole picture, before its weight; a scalar.

        Args:
            sums: what `measure` gave, summed over the strips; other terms' sums may be among them.
        """
