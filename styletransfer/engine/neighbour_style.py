"""The style loss by neighbours as a term: how far each place is from the place of a style image like it.

After Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich 2022, "Neural Neighbor Style Transfer".
Where a Gram matrix asks for the style image's statistics and leaves it open where, every place of the
picture gets one place of a style image as its target. Departures from their method (LOG.md):

- the loss is the squared distance to the neighbour, not the cosine, which does not know how strong a
  feature is and lets L-BFGS drive the contrast up; the cosine only chooses the neighbour;
- four layers instead of ten, and no last pass in which every layer is matched by itself;
- neighbours are chosen anew on the way, for a mixture of picture and photo that the weights decide.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d, normalize

from ..errors import SettingsError, shown
from ..network.arithmetic import search_precision
from ..network.strips import Strip, Sums
from ..network.vgg import VGG, block_of, stride_of
from ..settings import Settings, weights_of
from .distances import tap_squared_distance
from .hypercolumns import (
    GRID,
    Hypercolumns,
    hypercolumns,
    places_a_position,
    positions_a_place,
    projected,
)
from .losses import at_least_float32
from .masks import Region
from .neighbours import by_shares, nearest, principal_axes
from .scaling import scaling_for

# Kolkin et al. use no deeper block either.
_DEEPEST_BLOCK = 4
# In so many dimensions neighbours are searched, instead of in all channels of all layers (LOG.md).
_DIMENSIONS = 128
# Places of the style images from which the axes of these dimensions are computed, at most.
_MOST_FOR_AXES = 4096
# Neighbours are searched for a mixture of the photo and the picture as it is. The picture's share is
# style_weight / (style_weight + 1.5 content_weight): 0.4 at equal weights, where Kolkin et al. always
# have a quarter; all of it where the photo does not count, none of it where the painting does not.
_PHOTO_COUNTS = 1.5


@dataclass(frozen=True, eq=False)
class _Region:
    """A part of the picture, the style images that apply in it, and where its neighbours are.

    Attributes:
        shares: how much each style image counts here; their sum is 1.
        mask: (1, 1, H, W) in [0, 1]; None: the whole picture.
        neighbours: for every place of the picture the number of its neighbour among the places of all
            style images, (h, w).
    """

    shares: Sequence[float]
    mask: Tensor | None
    neighbours: Tensor


class NeighbourStyle:
    """The style loss by neighbours; a `Term`.

    Args:
        network: padded and pooled as for the pictures to be judged.
        content: the content image (1, 3, H, W), sRGB in [0, 1].
        styles: the style images, (1, 3, h, w) of any sizes, sRGB in [0, 1].
        regions: where each blend of the styles applies, from `masks.regions`.
        settings: the style layers with their weights, the scaling, and the weights of the terms.

    Raises:
        SettingsError: there is no style layer in blocks 1 to 4.
    """

    def __init__(
        self,
        network: VGG,
        content: Tensor,
        styles: Sequence[Tensor],
        regions: Sequence[Region],
        settings: Settings,
    ) -> None:
        weights = _compared(settings)
        self._network = network
        self._photo = content
        used = [number for number in range(len(styles)) if any(each.shares[number] for each in regions)]
        styles = [styles[number] for number in used]
        self._regions = [
            _Region([each.shares[number] for number in used], each.mask, torch.empty(0))
            for each in regions
        ]
        self._share: float | None = None  # of the picture in the mixture last searched with
        seen = [hypercolumns(network, style, weights) for style in styles]
        self._tables, self._row_of_place = _tables(seen, weights)
        scaling = scaling_for(settings.scaling, network)
        units = {layer: scaling.neighbour_unit(table) for layer, table in self._tables.items()}
        # The default weights halve from block to block, where the channels double: with their square
        # each layer counts twice as much as the one before. Where all counted alike, neighbours were
        # chosen by the faint steps of tone in a photo's sky, which then stood there as lines (LOG.md).
        leaning = {layer: weights[layer] * table.shape[1] ** 2 for layer, table in self._tables.items()}
        self._factors = scaling.factors(leaning, units)
        self._axes = _axes(seen, self._factors)
        self._places = [_centred(columns.projected(self._axes)) for columns in seen]
        self._search = search_precision(network.device, network.precision)
        self._settings = settings

    @property
    def layers(self) -> Sequence[str]:
        """The style layers, but for those in block 5."""
        return tuple(self._factors)

    @property
    def neighbours(self) -> Sequence[Tensor]:
        """For each region the number of every place's neighbour, (h, w), once `adapt` has searched them.

        Numbered row by row, one style image after the other; see `hypercolumns.GRID` for the places.
        """
        return [region.neighbours for region in self._regions]

    @torch.no_grad()
    def adapt(self, image: Tensor, settings: Settings, /) -> bool:
        """See `Term`: searches the neighbours anew."""
        of_both = settings.style_weight + _PHOTO_COUNTS * settings.content_weight
        share = settings.style_weight / of_both
        if self._share is not None and share == 0:
            return False  # the style does not count
        self._share = share
        mixture = self._photo.lerp(image.detach(), share)
        queries = projected(self._network, mixture, self._axes)
        self._regions = [
            _Region(region.shares, region.mask, self._neighbours(queries, region))
            for region in self._regions
        ]
        return True

    def measure(self, layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        """See `Term`. The name of the sum, over positions and channels, is ("style", layer)."""
        if self._share is None:
            self.adapt(self._photo, self._settings)  # nobody has given it a picture yet
        along = positions_a_place(layer)
        rows = slice(strip.start // along, strip.stop // along)
        target, weight = self._target(layer, rows)
        features, distance = tap_squared_distance(features, strip.own, along, target, weight)
        return features, {("style", layer): distance}

    def loss(self, sums: Sums) -> Tensor:
        """See `Term`: the layers' mean squared distances in the scaling's units, averaged by weights."""
        height, width = self._photo.shape[2:]
        losses = []
        for layer, factor in self._factors.items():
            stride = max(GRID, stride_of(layer))
            elements = (height // stride) * (width // stride) * self._tables[layer].shape[1]
            losses.append(sums["style", layer] * (factor / elements))
        return reduce(torch.add, losses)

    def _neighbours(self, queries: Tensor, region: _Region) -> Tensor:
        """For every place of the picture its neighbour for a region, (h, w); 0 outside of the region."""
        height, width, dimensions = queries.shape
        queries = queries.reshape(-1, dimensions)
        inside = torch.ones(height * width, dtype=torch.bool, device=queries.device)
        if region.mask is not None:
            inside = self._inside(region.mask)[:height, :width].reshape(-1)
        found = torch.zeros(height * width, dtype=torch.long, device=queries.device)
        if not inside.any():
            return found.view(height, width)
        queries = queries[inside]
        queries = queries - queries.mean(0)
        starts = [0, *accumulate(places[..., 0].numel() for places in self._places)]
        used = [number for number, share in enumerate(region.shares) if share > 0]
        similarities, numbers = zip(
            *(nearest(queries, self._places[number], self._search) for number in used), strict=True
        )
        chosen = by_shares(similarities, [region.shares[number] for number in used])
        shifted = torch.stack(
            [found + starts[number] for number, found in zip(used, numbers, strict=True)]
        )
        found[inside] = shifted.gather(0, chosen[None])[0]
        return found.view(height, width)

    def _inside(self, mask: Tensor) -> Tensor:
        """Which places a mask covers, (h, w), and those that share a position with one of them."""
        around = max(map(places_a_position, self.layers)) - 1
        covered = avg_pool2d(mask, GRID)
        return max_pool2d(covered, 2 * around + 1, 1, around)[0, 0] > 0

    def _target(self, layer: str, rows: slice) -> tuple[Tensor, Tensor | None]:
        """What some rows of a layer are compared with, (1, C, h, w), and how much each position counts.

        Where regions overlap, the targets are mixed as the masks are.
        """
        targets = [self._target_of(region, layer, rows) for region in self._regions]
        if len(targets) == 1 and self._regions[0].mask is None:
            return targets[0], None
        height, width = targets[0].shape[2:]
        masks = [
            target.new_ones((1, 1, height, width))
            if region.mask is None
            else avg_pool2d(region.mask, max(GRID, stride_of(layer)))[..., rows, :]
            for region, target in zip(self._regions, targets, strict=True)
        ]
        whole = reduce(torch.add, masks)
        mixed = reduce(torch.add, [mask * target for mask, target in zip(masks, targets, strict=True)])
        return mixed / whole.clamp(min=1e-6), whole.clamp(max=1)

    def _target_of(self, region: _Region, layer: str, rows: slice) -> Tensor:
        """The same for one region: at each position the mean of the neighbours of its places."""
        along = places_a_position(layer)
        places = region.neighbours[rows.start * along : rows.stop * along]
        height, width = (length // along for length in places.shape)
        table, row_of_place = self._tables[layer], self._row_of_place[layer]
        parts = [
            at_least_float32(table[row_of_place[places[row::along, column::along][:height, :width]]])
            for row, column in itertools.product(range(along), repeat=2)
        ]
        mean = reduce(torch.add, parts) / len(parts)  # (h, w, C)
        return mean.permute(2, 0, 1)[None]


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
