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
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from ..network.arithmetic import search_precision
from ..network.strips import Strip, Sums
from ..network.vgg import VGG, stride_of
from ..settings import Settings
from .distances import tap_squared_distance
from .hypercolumns import GRID, places_a_position, positions_a_place, projected
from .losses import at_least_float32
from .masks import Region
from .neighbour_targets import StyleTargets, key_of, neighbour_targets
from .neighbours import by_shares, nearest

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
        kept: where the targets of these style images may be kept from an earlier run; by default they
            are computed.

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
        kept: StyleTargets | None = None,
    ) -> None:
        self._network = network
        self._photo = content
        used = [number for number in range(len(styles)) if any(each.shares[number] for each in regions)]
        styles = [styles[number] for number in used]
        self._regions = [
            _Region([each.shares[number] for number in used], each.mask, torch.empty(0))
            for each in regions
        ]
        self._share: float | None = None  # of the picture in the mixture last searched with
        unwrapped = network.unwrapped
        make = partial(neighbour_targets, unwrapped, styles, settings)
        self._seen = make() if kept is None else kept.get(key_of(unwrapped, styles, settings), make)
        self._search = search_precision(network.device, network.precision)
        self._settings = settings

    @property
    def layers(self) -> Sequence[str]:
        """The style layers, but for those in block 5."""
        return tuple(self._seen.factors)

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
        queries = projected(self._network, mixture, self._seen.axes)
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
        for layer, factor in self._seen.factors.items():
            stride = max(GRID, stride_of(layer))
            elements = (height // stride) * (width // stride) * self._seen.tables[layer].shape[1]
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
        starts = [0, *accumulate(places[..., 0].numel() for places in self._seen.places)]
        used = [number for number, share in enumerate(region.shares) if share > 0]
        similarities, numbers = zip(
            *(nearest(queries, self._seen.places[number], self._search) for number in used),
            strict=True,
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
        table, row_of_place = self._seen.tables[layer], self._seen.row_of_place[layer]
        parts = [
            at_least_float32(table[row_of_place[places[row::along, column::along][:height, :width]]])
            for row, column in itertools.product(range(along), repeat=2)
        ]
        mean = reduce(torch.add, parts) / len(parts)  # (h, w, C)
        return mean.permute(2, 0, 1)[None]
