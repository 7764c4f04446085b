"""Hypercolumns: what all layers see at one place of an image, on a grid of every fourth pixel.

Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich 2022, "Neural Neighbor Style Transfer", section
3: the maps
of several layers, each resized to a quarter of the image's size, lie on top of each other. Here no layer
is enlarged before it is stored: a map finer than the grid is averaged down to it, and of a coarser map
several places of the grid share a position.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ..network.strips import Strip, Sums, image_sums, usual_blocks
from ..network.vgg import VGG, stride_of
from .losses import at_least_float32

GRID = 4  # pixels between two places


def positions_a_place(layer: str) -> int:
    """How many positions of a layer, across and down, are averaged for one place: 4 for `relu1_1`."""
    return max(1, GRID // stride_of(layer))


def places_a_position(layer: str) -> int:
    """How many places, across and down, share one position of a layer: 2 for `relu4_1`."""
    return max(1, stride_of(layer) // GRID)


def on_the_grid(features: Tensor, layer: str) -> Tensor:
    """A layer's features averaged down to the grid where they are finer, else as they are.

    Args:
        features: (1, C, h, w); rows and columns that do not fill a place are left out, as by a pooling.
        layer: whose they are.
    """
    along = positions_a_place(layer)
    return features if along == 1 else avg_pool2d(features, along)


@dataclass(frozen=True, eq=False)
class Hypercolumns:
    """The hypercolumns of an image.

    Attributes:
        maps: layer -> its features on the grid or coarser, (1, C, h, w), in the network's precision.
    """

    maps: Mapping[str, Tensor]

    @property
    def size(self) -> tuple[int, int]:
        """How many places there are, down and across."""
        finest = min(self.maps, key=places_a_position)
        height, width = self.maps[finest].shape[2:]
        return height * places_a_position(finest), width * places_a_position(finest)

    def positions_of_places(self, layer: str) -> Tensor:
        """For every place the number of the layer's position that it shares, row by row; (h, w).

        A place beyond the last position, as an odd number of places leaves it, takes the last one.
        """
        along, features = places_a_position(layer), self.maps[layer]
        row, column = (
            torch.arange(length, device=features.device)
            .div(along, rounding_mode="floor")
            .clamp(max=most - 1)
            for length, most in zip(self.size, features.shape[2:], strict=True)
        )
        return row[:, None] * features.shape[3] + column

    def sampled(self, most: int) -> dict[str, Tensor]:
        """Layer -> its features (n, C) at the same n places, evenly spread, `most` at most."""
        height, width = self.size
        stride = 1
        while -(-height // stride) * -(-width // stride) > most:
            stride += 1
        return {
            layer: at_least_float32(features[0].flatten(1).T)[
                self.positions_of_places(layer)[::stride, ::stride].flatten()
            ]
            for layer, features in self.maps.items()
        }

    def projected(self, axes: Mapping[str, Tensor]) -> Tensor:
        """The hypercolumns of all places in fewer dimensions, (h, w, D).

        Args:
            axes: layer -> (C, D), by which its features are multiplied; the products are added up.
        """
        whole: Tensor | None = None
        for layer, features in self.maps.items():
            product = at_least_float32(features[0].flatten(1).T) @ axes[layer]
            of_places = product[self.positions_of_places(layer)]
            whole = of_places if whole is None else whole.add_(of_places)
        assert whole is not None, "there is no layer"
        return whole


@torch.no_grad()
def hypercolumns(network: VGG, image: Tensor, layers: Iterable[str]) -> Hypercolumns:
    """The hypercolumns of an image, evaluated in strips if the image is large.

    Whether in strips is decided by the size alone, so that the same picture has the same neighbours
    however its losses are evaluated: rounding would make others of those that are nearly as near.

    Args:
        network: padded and pooled as for the pictures to be compared with it.
        image: (1, 3, H, W), sRGB in [0, 1].
        layers: names of the network's layers.
    """
    maps: dict[str, Tensor] = {}

    def collect(layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        along = positions_a_place(layer)
        piece = on_the_grid(features[..., strip.own, :], layer)
        if layer not in maps:
            height = strip.whole_height // along
            maps[layer] = piece.new_empty((1, piece.shape[1], height, piece.shape[3]))
        start = strip.start // along  # strips begin at multiples of four rows
        maps[layer][..., start : start + piece.shape[2], :] = piece
        return features, {}

    # Not for the sums, of which `collect` returns none, but so that it sees every strip.
    image_sums(network, image, tuple(layers), collect, usual_blocks(image[0, 0].numel()))
    return Hypercolumns(maps)
