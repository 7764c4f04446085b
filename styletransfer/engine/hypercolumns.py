"""Hypercolumns: what all layers see at one place of an image, on a grid of every fourth pixel.

Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich 2022, "Neural Neighbor Style Transfer", section
3: the maps of several layers, each resized to a quarter of the image's size, lie on top of each other.
Here no layer is enlarged before it is stored: a map finer than the grid is averaged down to it, and of a
coarser map several places of the grid share a position.
"""

from collections.abc import Iterable, Mapping, Sequence
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
        maps: layer -> its features on the grid or coarser, (1, C, h, w), in the network's precision. In
            memory the features of a position lie together, so that `rows` copies nothing.
    """

    maps: Mapping[str, Tensor]

    @property
    def size(self) -> tuple[int, int]:
        """How many places there are, down and across."""
        finest = min(self.maps, key=places_a_position)
        height, width = self.maps[finest].shape[2:]
        return height * places_a_position(finest), width * places_a_position(finest)

    def rows(self, layer: str) -> Tensor:
        """The layer's features position by position, (h * w, C)."""
        return self.maps[layer][0].flatten(1).T

    def positions_of_places(self, layer: str) -> Tensor:
        """For every place the number of the layer's position that it shares, row by row; (h, w).

        A place beyond the last position, as an odd number of places leaves it, takes the last one.
        """
        features = self.maps[layer]
        numbers = _shared_positions(self.size, features.shape[2:], places_a_position(layer))
        return numbers.to(features.device)

    def sampled(self, most: int) -> dict[str, Tensor]:
        """Layer -> its features (n, C) at the same n places, evenly spread, `most` at most."""
        height, width = self.size
        stride = 1
        while -(-height // stride) * -(-width // stride) > most:
            stride += 1
        return {
            layer: at_least_float32(
                self.rows(layer)[self.positions_of_places(layer)[::stride, ::stride].flatten()]
            )
            for layer in self.maps
        }

    def projected(self, axes: Mapping[str, Tensor]) -> Tensor:
        """The hypercolumns of all places in fewer dimensions, (h, w, D).

        Args:
            axes: layer -> (C, D), by which its features are multiplied; the products are added up.
        """
        whole: Tensor | None = None
        for layer in self.maps:
            product = at_least_float32(self.rows(layer)) @ axes[layer]
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
            shape = (1, piece.shape[1], strip.whole_height // along, piece.shape[3])
            maps[layer] = torch.empty(
                shape, dtype=piece.dtype, device=piece.device, memory_format=torch.channels_last
            )
        start = strip.start // along  # strips begin at multiples of four rows
        maps[layer][..., start : start + piece.shape[2], :] = piece
        return features, {}

    # Not for the sums, of which `collect` returns none, but so that it sees every strip.
    image_sums(network, image, tuple(layers), collect, usual_blocks(image[0, 0].numel()))
    return Hypercolumns(maps)


@torch.no_grad()
def projected(network: VGG, image: Tensor, axes: Mapping[str, Tensor]) -> Tensor:
    """`Hypercolumns.projected` of an image without ever holding its hypercolumns, (h, w, D).

    Args:
        network: as for `hypercolumns`.
        image: (1, 3, H, W), sRGB in [0, 1].
        axes: layer -> (C, D).
    """
    # By how many places share a position: layers of the same resolution are added up at once.
    products: dict[int, Tensor] = {}

    def collect(layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        along, sharing = positions_a_place(layer), places_a_position(layer)
        piece = at_least_float32(on_the_grid(features[..., strip.own, :], layer))
        product = torch.einsum("chw,cd->hwd", piece[0], axes[layer])
        rows, columns, dimensions = product.shape
        if sharing not in products:
            products[sharing] = product.new_zeros((strip.whole_height // along, columns, dimensions))
        start = strip.start // along
        products[sharing][start : start + rows] += product
        return features, {}

    image_sums(network, image, tuple(axes), collect, usual_blocks(image[0, 0].numel()))
    finest = min(products)
    whole = products.pop(finest)
    size = (whole.shape[0] * finest, whole.shape[1] * finest)
    if finest > 1:
        whole = _of_places(whole, size, finest)
    for sharing, product in products.items():
        whole += _of_places(product, size, sharing)
    return whole


def _of_places(positions: Tensor, size: tuple[int, int], sharing: int) -> Tensor:
    """What every place has from the position that it shares, (h, w, D); positions: (h, w, D)."""
    numbers = _shared_positions(size, positions.shape[:2], sharing).to(positions.device)
    return positions.flatten(0, 1)[numbers]


def _shared_positions(size: tuple[int, int], positions: Sequence[int], sharing: int) -> Tensor:
    """For every place the number of the position that it shares, row by row; (h, w).

    Args:
        size: how many places there are, down and across.
        positions: how many positions there are, down and across. A place beyond the last one takes it.
        sharing: how many places across and down share a position.
    """
    row, column = (
        torch.arange(length).div(sharing, rounding_mode="floor").clamp(max=most - 1)
        for length, most in zip(size, positions, strict=True)
    )
    return row[:, None] * positions[1] + column
