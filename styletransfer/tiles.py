"""A picture's features in pieces, for sums over all positions: exact, and without keeping the features.

A Gram matrix and a content loss are sums over positions. The first blocks of the network, whose features
need most of the memory, are evaluated tile by tile, each tile with so much around it that its own
positions see all they would see in the whole picture; what follows a block's pooling is small and is
evaluated whole. The gradient evaluates the tiles a second time, when the sums over the whole picture,
and so the losses' derivatives by them, are known. So there are no seams, and no tile has a style of
its own: the result is that of the whole picture but for rounding.

Recomputing instead of keeping: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
"""

import itertools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from .vgg import VGG, block_of, stride_of

# Called with a layer's name, its features and the tile whose positions they are; gives the same features
# for the next layers, and sums by any names.
Measure = Callable[[str, Tensor, "Tile"], tuple[Tensor, dict[Hashable, Tensor]]]

_MOST = 32  # tiles in one direction
LARGE = 6_000_000  # pixels
# Blocks, and up to how many pixels of an image they are enough where nothing has to be evaluated twice.
_USUAL = {0: 500_000, 3: LARGE, 4: float("inf")}


@dataclass(frozen=True)
class _Span:
    """One direction of a tile, in pixels: its own, and with what is around it."""

    start: int
    stop: int
    outer_start: int
    outer_stop: int
    whole: int  # the picture's length

    @property
    def outer(self) -> int:
        return self.outer_stop - self.outer_start


@dataclass(frozen=True)
class Tile:
    """A rectangle of the picture, whose edges lie between positions of every layer in its blocks."""

    down: _Span
    across: _Span

    def cut(self, image: Tensor) -> Tensor:
        """The picture (1, C, H, W) there and around."""
        return image[..., *self._outer].contiguous()

    def add(self, image: Tensor, piece: Tensor) -> None:
        """Adds the piece, which is as large as `cut` gives it, where it was cut from."""
        image[..., *self._outer] += piece

    def own(self, layer: str) -> tuple[slice, slice]:
        """Which rows and columns of a layer's features of the cut piece are not those around."""
        stride = stride_of(layer)
        return tuple(
            slice((each.start - each.outer_start) // stride, (each.stop - each.outer_start) // stride)
            for each in (self.down, self.across)
        )

    def part(self, whole: Tensor, layer: str) -> Tensor:
        """The same positions in the layer's features of the whole picture, or in what is as large."""
        stride = stride_of(layer)
        return whole[
            ..., *(slice(each.start // stride, each.stop // stride) for each in (self.down, self.across))
        ]

    def share(self, layer: str) -> float:
        """How many of all the layer's positions are its own."""
        stride = stride_of(layer)
        down, across = (
            (each.stop // stride - each.start // stride) / (each.whole // stride)
            for each in (self.down, self.across)
        )
        return down * across

    @property
    def _outer(self) -> tuple[slice, slice]:
        return tuple(slice(each.outer_start, each.outer_stop) for each in (self.down, self.across))


def usual_blocks(pixels: int) -> int:
    """How many blocks of an image of so many pixels are evaluated in tiles, if nobody says otherwise."""
    return next(blocks for blocks, most in _USUAL.items() if pixels <= most)


def tile_area(pixels: int) -> int:
    """The most pixels of a tile with what is around it, for a picture of so many.

    Less around them has to be evaluated twice if they are larger; more memory is needed.
    """
    return min(max(110_000, pixels // 8), 400_000)


def tiles(
    network: VGG, height: int, width: int, blocks: int, area: int | None = None
) -> tuple[Tile, ...]:
    """Tiles that together are the picture, for the first blocks of the network.

    Args:
        area: of one with what is around it, in pixels, at most; where the tiles' grid allows that.
    """
    return _tiles(height, width, 2**blocks, _reach(network, blocks), area or tile_area(height * width))


@lru_cache
def _tiles(height: int, width: int, grid: int, around: int, area: int) -> tuple[Tile, ...]:
    """Of all ways to cut rows and columns the one that has the least to evaluate."""

    def cost(ways: tuple[list[_Span], list[_Span]]) -> tuple[int, int]:
        down, across = ways
        longest, whole = (
            use(each.outer for each in down) * use(each.outer for each in across) for use in (max, sum)
        )
        return max(longest, area), whole

    rows, columns = (
        [_spans(length, count, grid, around) for count in range(1, min(_MOST, length // grid) + 1)]
        for length in (height, width)
    )
    spans = min(itertools.product(rows, columns), key=cost)
    return tuple(itertools.starmap(Tile, itertools.product(*spans)))


def _spans(length: int, count: int, grid: int, around: int) -> list[_Span]:
    """About equal ones that start at multiples of the grid."""
    starts = [round(length // grid * k / count) * grid for k in range(count)]
    return [
        _Span(start, stop, max(0, start - around), min(length, stop + around), length)
        for start, stop in itertools.pairwise([*starts, length])
    ]


def _reach(network: VGG, blocks: int) -> int:
    """How many pixels around a tile are spoilt by its cut edges, rounded up to the tiles' grid."""
    spoilt = 0
    for block in range(1, blocks + 1):
        spoilt += sum(block_of(name) == block and name.startswith("conv") for name in network.layers)
        spoilt = -(-spoilt // 2)  # by the pooling
    return spoilt * 2**blocks


def summed(
    network: VGG, image: Tensor, layers: Sequence[str], measure: Measure, blocks: int
) -> dict[Hashable, Tensor]:
    """What `measure` finds, summed over the whole picture; differentiable once by the picture.

    Args:
        image: (1, 3, H, W).
        layers: whose features are measured.
        measure: called for each layer, and for each tile of those in the first blocks. Each of its sums
            belongs to one layer, and none depends on the tile for its name.
        blocks: how many of the network's blocks are evaluated in tiles; 0 for none. The deepest one
            with a layer in use never is.
    """
    whole = Tile(*(_Span(0, length, 0, length, length) for length in image.shape[2:]))
    blocks = min(blocks, max(map(block_of, layers)) - 1)
    if not blocks:
        return _walked(network, image, layers, measure, whole)[1]
    pooled = f"pool{blocks}"
    shallow = [*(layer for layer in layers if block_of(layer) <= blocks), pooled]
    deep = [layer for layer in layers if block_of(layer) > blocks]

    def hand_on(layer: str, features: Tensor, tile: Tile) -> tuple[Tensor, dict[Hashable, Tensor]]:
        found = {}
        if layer in layers:
            features, found = measure(layer, features, tile)
        return (features[..., *tile.own(layer)] if layer == pooled else features), found

    def evaluate(cut: Tensor, tile: Tile) -> tuple[Tensor, dict[Hashable, Tensor]]:
        return _walked(network, cut, shallow, hand_on, tile)

    names: list[Hashable] = []
    pieces = tiles(network, *image.shape[2:], blocks)
    hidden, *sums = _Tiled.apply(image, pieces, evaluate, pooled, names)
    found = dict(zip(names, sums, strict=True))
    return found | _walked(network, hidden, deep, measure, whole, after=pooled)[1]


def _walked(
    network: VGG,
    image: Tensor,
    layers: Sequence[str],
    measure: Measure,
    tile: Tile,
    after: str | None = None,
) -> tuple[Tensor, dict[Hashable, Tensor]]:
    """The deepest features, and what is measured on the way."""
    found = {}

    def visit(layer: str, features: Tensor) -> Tensor:
        features, sums = measure(layer, features, tile)
        found.update(sums)
        return features

    return network.walk(image, layers, visit, after), found


class _Tiled(torch.autograd.Function):
    """Sums over tiles, and what the tiles hand on to the rest of the network, put together."""

    @staticmethod
    def forward(ctx, image, pieces, evaluate, pooled, names):
        sums, hidden = {}, None
        for tile in pieces:
            handed_on, found = evaluate(tile.cut(image), tile)
            for name, each in found.items():
                sums[name] = sums[name] + each if name in sums else each
            if hidden is None:
                size = (length // stride_of(pooled) for length in image.shape[2:])
                hidden = handed_on.new_empty(*handed_on.shape[:2], *size)
            tile.part(hidden, pooled).copy_(handed_on)
        names[:] = sums
        ctx.save_for_backward(image)
        ctx.pieces, ctx.evaluate, ctx.pooled = pieces, evaluate, pooled
        return hidden, *sums.values()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, of_hidden, *of_sums):
        (image,) = ctx.saved_tensors
        gradient = torch.zeros_like(image)
        for tile in ctx.pieces:
            with torch.enable_grad():
                cut = tile.cut(image).requires_grad_()
                handed_on, found = ctx.evaluate(cut, tile)
            given = (*of_sums, tile.part(of_hidden, ctx.pooled))
            (piece,) = torch.autograd.grad((*found.values(), handed_on), cut, given)
            tile.add(gradient, piece)
        return gradient, None, None, None, None
