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
from dataclasses import replace
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
            replace(each, shares=tuple(each.shares[number] for number in used)) for each in regions
        ]
        self._neighbours: Sequence[Tensor] = ()  # as `neighbours`
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
        """For each region the number of every place's neighbour, (h, w); none before the first `adapt`.

        Numbered row by row, one style image after the other; see `hypercolumns.GRID` for the places.
        """
        return self._neighbours

    @torch.no_grad()
    def adapt(self, image: Tensor, settings: Settings, /) -> bool:
        """See `Term`: searches the neighbours anew."""
        of_both = settings.style_weight + _PHOTO_COUNTS * settings.content_weight
        share = settings.style_weight / of_both
        if self._neighbours and share == 0:
            return False  # The style does not count, and so its old neighbours may stay.
        mixture = self._photo.lerp(image.detach(), share)
        queries = projected(self._network, mixture, self._seen.axes)
        self._neighbours = [self._found(queries, region) for region in self._regions]
        return True

    def measure(self, layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        """See `Term`. The name of the sum, over positions and channels, is ("style", layer)."""
        if not self._neighbours:
            self.adapt(self._photo, self._settings)  # A caller that never adapts compares with these.
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

    def _found(self, queries: Tensor, region: Region) -> Tensor:
        """For every place of the picture its neighbour for a region, (h, w); 0 outside of the region.

        Args:
            queries: the picture's places, (h, w, D).
            region: where neighbours are searched, and among which style images.
        """
        found = torch.zeros(queries.shape[:2], dtype=torch.long, device=queries.device)
        inside = self._inside(region.mask, found)
        if inside.any():
            within = queries[inside]
            found[inside] = self._numbers(within - within.mean(0), region.shares)
        return found

    def _numbers(self, queries: Tensor, shares: Sequence[float]) -> Tensor:
        """For each query (Q, D) its neighbour's number among the places of all style images, (Q,)."""
        starts = accumulate((places[..., 0].numel() for places in self._seen.places), initial=0)
        similarities, numbers = [], []
        for places, start, share in zip(self._seen.places, starts, shares, strict=False):
            if share > 0:
                similarity, number = nearest(queries, places, self._search)
                similarities.append(similarity)
                numbers.append(number + start)
        chosen = by_shares(similarities, [share for share in shares if share > 0])
        return torch.stack(numbers).gather(0, chosen[None])[0]

    def _inside(self, mask: Tensor | None, places: Tensor) -> Tensor:
        """Which of these places, (h, w), a mask covers, and which share a position with one of them."""
        if mask is None:
            return torch.ones_like(places, dtype=torch.bool)
        around = max(map(places_a_position, self.layers)) - 1
        covered = max_pool2d(avg_pool2d(mask, GRID), 2 * around + 1, 1, around)[0, 0] > 0
        return covered[: places.shape[0], : places.shape[1]]

    def _target(self, layer: str, rows: slice) -> tuple[Tensor, Tensor | None]:
        """What some rows of a layer are compared with, (1, C, h, w), and how much each position counts.

        Where regions overlap, the targets are mixed as the masks are.
        """
        targets = [self._target_of(numbers, layer, rows) for numbers in self._neighbours]
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

    def _target_of(self, neighbours: Tensor, layer: str, rows: slice) -> Tensor:
        """The same for one region: at each position the mean of its places' neighbours, (h, w)."""
        along = places_a_position(layer)
        places = neighbours[rows.start * along : rows.stop * along]
        height, width = (length // along for length in places.shape)
        table, row_of_place = self._seen.tables[layer], self._seen.row_of_place[layer]
        parts = [
            at_least_float32(table[row_of_place[places[row::along, column::along][:height, :width]]])
            for row, column in itertools.product(range(along), repeat=2)
        ]
        mean = reduce(torch.add, parts) / len(parts)  # (h, w, C)
        return mean.permute(2, 0, 1)[None]
