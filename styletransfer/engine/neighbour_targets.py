"""What the style loss by neighbours compares with: all that it sees in the style images.

No photo changes it, so that a program which paints many photos like one painting may keep it: see
`StyleTargets`, which it hands to `stylize` again and again.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn.functional import normalize

from ..errors import SettingsError, shown
from ..network.vgg import VGG, block_of
from ..settings import Settings, weights_of
from .fingerprint import fingerprint
from .hypercolumns import Hypercolumns, hypercolumns
from .neighbours import principal_axes
from .scaling import scaling_for

# Kolkin et al. use no deeper block either.
_DEEPEST_BLOCK = 4
# In so many dimensions neighbours are searched, instead of in all channels of all layers (LOG.md).
_DIMENSIONS = 128
# Places of the style images from which the axes of these dimensions are computed, at most.
_MOST_FOR_AXES = 4096


@dataclass(frozen=True, eq=False)
class NeighbourTargets:
    """What is known of the style images; nothing in it is ever written to.

    Attributes:
        factors: layer -> what its mean squared distance is multiplied by.
        tables: layer -> the features of all positions of all style images, (N, C).
        row_of_place: layer -> for every place of all style images the number of its row in the table.
        axes: layer -> (C, D), which bring its features into the dimensions of the search.
        places: for each style image its places in these dimensions, (h, w, D), centred, of length 1.
    """

    factors: Mapping[str, float]
    tables: Mapping[str, Tensor]
    row_of_place: Mapping[str, Tensor]
    axes: Mapping[str, Tensor]
    places: Sequence[Tensor]

    @property
    def bytes(self) -> int:
        """How much memory it holds."""
        by_layer = (self.tables, self.row_of_place, self.axes)
        tensors = [tensor for mapping in by_layer for tensor in mapping.values()]
        return sum(each.numel() * each.element_size() for each in [*tensors, *self.places])


class StyleTargets:
    """The targets of the last few style images, for runs that have them in common.

    For runs one after the other with one network: what is kept lies on the network's device. A single
    run has no use for it, as each of its sizes has targets of its own.

    Args:
        most_bytes: how much memory they may hold together. By default as much as a painting takes at
            all sizes up to 1024 pixels, with those of a second one beside it.
    """

    def __init__(self, most_bytes: float = 512e6) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[Hashable, NeighbourTargets] = {}  # the oldest first

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """How much memory they hold."""
        return sum(targets.bytes for targets in self._kept.values())

    def get(self, key: Hashable, make: Callable[[], NeighbourTargets]) -> NeighbourTargets:
        """The targets kept under this key, or those that are made now and kept if there is room.

        Args:
            key: from `key_of`: all that the targets depend on.
            make: makes them.
        """
        targets = self._kept.pop(key, None) or make()
        if targets.bytes <= self._most_bytes:
            self._kept[key] = targets  # as the most recent ones
        while self.bytes > self._most_bytes:
            self._kept.pop(next(iter(self._kept)))
        return targets


def key_of(network: VGG, styles: Sequence[Tensor], settings: Settings) -> Hashable:
    """All that the targets of these style images depend on.

    Args:
        network: padded and pooled as for the pictures to be judged.
        styles: the style images, (1, 3, h, w), as the network sees them.
        settings: of which the style layers and the scaling count.
    """
    pixels = tuple((style.shape, fingerprint(style)) for style in styles)
    of_network = (network.convolutions, network.padding, network.pooling)
    return of_network, pixels, settings.style_layers, settings.scaling


def neighbour_targets(network: VGG, styles: Sequence[Tensor], settings: Settings) -> NeighbourTargets:
    """What the style loss by neighbours compares with.

    Args:
        network: padded and pooled as for the pictures to be judged.
        styles: the style images, (1, 3, h, w) of any sizes, sRGB in [0, 1].
        settings: the style layers with their weights, and the scaling.

    Raises:
        SettingsError: there is no style layer in blocks 1 to 4.
    """
    weights = _compared(settings)
    seen = [hypercolumns(network, style, weights) for style in styles]
    tables, row_of_place = _tables(seen, weights)
    scaling = scaling_for(settings.scaling, network)
    units = {layer: scaling.neighbour_unit(table) for layer, table in tables.items()}
    # The default weights halve from block to block, where the channels double: with their square
    # each layer counts twice as much as the one before. Where all counted alike, neighbours were
    # chosen by the faint steps of tone in a photo's sky, which then stood there as lines (LOG.md).
    leaning = {layer: weights[layer] * table.shape[1] ** 2 for layer, table in tables.items()}
    factors = scaling.factors(leaning, units)
    axes = _axes(seen, factors)
    places = [_centred(columns.projected(axes)) for columns in seen]
    return NeighbourTargets(factors, tables, row_of_place, axes, places)


def _compared(settings: Settings) -> dict[str, float]:
    """Layer -> weight of the layers that are compared: the style layers but for those in block 5."""
    compared = {
        layer: weight
        for layer, weight in weights_of(settings.style_layers).items()
        if weight and block_of(layer) <= _DEEPEST_BLOCK
    }
    if not compared:
        raise SettingsError(
            "no_layer_for_neighbours", setting="style_layers", value=shown(settings.style_layers)
        )
    return compared


def _tables(
    seen: Sequence[Hypercolumns], layers: Iterable[str]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The features of all style images, and where in them those of a place are.

    Returns:
        Layer -> the features of all positions of all style images, (N, C), and
        layer -> for every place of all style images the number of its row among them.
    """
    tables, row_of_place = {}, {}
    for layer in layers:
        rows = [columns.rows(layer) for columns in seen]
        starts = [0, *accumulate(len(part) for part in rows)]
        tables[layer] = rows[0] if len(rows) == 1 else torch.cat(rows)  # `cat` copies even a single one
        row_of_place[layer] = torch.cat(
            [
                columns.positions_of_places(layer).flatten() + start
                for columns, start in zip(seen, starts, strict=False)
            ]
        )
    return tables, row_of_place


def _centred(places: Tensor) -> Tensor:
    """Vectors (h, w, D) less their mean, and of length 1."""
    return normalize(places - places.mean((0, 1)), dim=2)


def _axes(seen: Sequence[Hypercolumns], factors: Mapping[str, float]) -> dict[str, Tensor]:
    """Layer -> (C, D): the principal axes of the style images' hypercolumns, split by layers.

    A layer's features are first weighed so that their squared distance is their part of the loss.
    """
    weighed = []
    for columns in seen:
        sample = columns.sampled(_MOST_FOR_AXES // len(seen))
        stacked = torch.cat([sample[layer] * _weight(factors, sample, layer) for layer in factors], 1)
        weighed.append(stacked - stacked.mean(0))
    axes = principal_axes(torch.cat(weighed), _DIMENSIONS)
    ends = list(accumulate(sample[layer].shape[1] for layer in factors))
    parts = torch.tensor_split(axes, ends[:-1])
    return {
        layer: part * _weight(factors, sample, layer) for layer, part in zip(factors, parts, strict=True)
    }


def _weight(factors: Mapping[str, float], sample: Mapping[str, Tensor], layer: str) -> float:
    """By what a layer's features are multiplied in a hypercolumn."""
    weight: float = (factors[layer] / sample[layer].shape[1]) ** 0.5
    return weight
