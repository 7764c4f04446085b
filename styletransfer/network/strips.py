"""A picture's features in strips, for sums over all positions: exact, and without keeping the features.

A Gram matrix and a content loss are sums over positions. The first blocks of the network, whose features
need most of the memory, are evaluated block by block in strips of rows, each with as many rows around
it as its own rows see; a block's result, after its pooling, is put together and is whole again. The
gradient evaluates the strips a second time, when the sums over the whole picture, and so the losses'
derivatives by them, are known; but not a block's last convolution, of which the pooling's choice is all
that is needed, if nobody measures it. So there are no seams, and no strip has a style of its own: the
result is that of the whole picture but for rounding.

Recomputing instead of keeping: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
"""

import itertools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import astuple, dataclass

import torch
from torch import Tensor

from .pooling import order_of
from .vgg import VGG, block_of

# Called with a layer's name, its features and the strip that they are of; gives the same features for
# the next layers, and sums by any names.
Measure = Callable[[str, Tensor, "Strip"], tuple[Tensor, dict[Hashable, Tensor]]]

# Bytes of one layer's features of a strip, at most where that is more than a few rows. In larger ones
# the convolutions are faster, and less is evaluated twice; more memory is needed (LOG.md).
_BYTES = 40e6
# Up to how many pixels of an image whose features are only looked at, without a gradient, they are
# evaluated as a whole; strips cost next to nothing there.
_MOST_WHOLE = 500_000
# Up to how many positions what a pooling chose is kept, 64 bytes for each in the first block; in larger
# pictures a block's last convolution is evaluated again, too. In bfloat16 it always is: there it would
# be 130 bytes, and the convolution takes next to no time.
_MOST_CHOSEN = 6_000_000


@dataclass(frozen=True)
class Strip:
    """Some rows of a block's features: its own, and in the whole also those around."""

    start: int
    stop: int
    outer_start: int
    outer_stop: int
    whole: int  # all rows of the features

    @property
    def own(self) -> slice:
        """Which rows of the cut piece are not those around."""
        return slice(self.start - self.outer_start, self.stop - self.outer_start)

    @property
    def rows(self) -> slice:
        """Which rows of the whole they are."""
        return slice(self.start, self.stop)

    @property
    def outer(self) -> slice:
        """Which rows of the whole the piece has."""
        return slice(self.outer_start, self.outer_stop)

    @property
    def share(self) -> float:
        """How much of the whole is its own."""
        return (self.stop - self.start) / self.whole

    def pooled(self) -> "Strip":
        """The same of the features after a pooling, which leaves an odd last row out."""
        return Strip(*(row // 2 for row in astuple(self)))


def usual_blocks(pixels: int) -> int:
    """How many blocks of an image of so many pixels are evaluated in strips by default."""
    return 0 if pixels <= _MOST_WHOLE else 4


def strips(height: int, around: int, most: int) -> list[Strip]:
    """About equal ones that start at even rows and together are the whole.

    Args:
        around: how many rows each has on both sides beyond its own; even.
        most: how many rows each may have with those around, if that leaves it two of its own; the last
            one may have another one.
    """
    pairs = height // 2
    count = -(-pairs // max(1, most // 2 - around)) or 1
    starts = [pairs * k // count * 2 for k in range(count)]
    return [
        Strip(start, stop, max(0, start - around), min(height, stop + around), height)
        for start, stop in itertools.pairwise([*starts, height])
    ]


def _strips(network: VGG, block: int, features: Tensor) -> list[Strip]:
    """Those in which a block is evaluated, whose input these features are."""
    convolutions = sum(name.startswith(f"conv{block}") for name in network.layers)
    height, width = features.shape[2:]
    channels = min(64 * 2 ** (block - 1), 512)
    around = -(-convolutions // 2) * 2  # rows that are spoilt by the cut edges
    return strips(height, around, int(_BYTES / (channels * width * features.element_size())))


def summed(
    network: VGG, image: Tensor, layers: Sequence[str], measure: Measure, blocks: int
) -> dict[Hashable, Tensor]:
    """What `measure` finds, summed over the whole picture; differentiable once by the picture.

    Args:
        image: (1, 3, H, W).
        layers: whose features are measured.
        measure: called for each layer, and for each strip of those in the first blocks. Each of its sums
            belongs to one layer, and none depends on the strip for its name.
        blocks: how many of the network's blocks are evaluated in strips; 0 for none. The deepest one
            with a layer in use never is.
    """
    hidden, after, found = image, None, {}
    for block in range(1, min(blocks, max(map(block_of, layers)) - 1) + 1):
        pooled = f"pool{block}"
        inside = [name for name in layers if block_of(name) == block and name != pooled]
        names: list[Hashable] = []
        hidden, *sums = _Strips.apply(hidden, network, block, inside, measure, names)
        found |= dict(zip(names, sums, strict=True))
        if pooled in layers:
            hidden, sums = measure(pooled, hidden, _whole(hidden))
            found |= sums
        after = pooled
    deep = [name for name in layers if after is None or block_of(name) > block_of(after)]
    return found | _walked(network, hidden, deep, measure, None, after)[1]


def _whole(features: Tensor) -> Strip:
    height = features.shape[2]
    return Strip(0, height, 0, height, height)


def _walked(
    network: VGG,
    features: Tensor,
    layers: Sequence[str],
    measure: Measure,
    strip: Strip | None,
    after: str | None,
    to: str | None = None,
    choices: dict[str, list[Tensor]] | None = None,
) -> tuple[Tensor, dict[Hashable, Tensor]]:
    """The deepest features, and what is measured on the way."""
    found = {}

    def visit(layer: str, features: Tensor) -> Tensor:
        if layer in layers:
            features, sums = measure(layer, features, strip or _whole(features))
            found.update(sums)
        return features

    wanted = [*layers, to] if to else layers
    return network.walk(features, wanted, visit, after, choices), found


class _Strips(torch.autograd.Function):
    """Sums over a block's strips, and what it hands on, put together."""

    @staticmethod
    def forward(ctx, features, network, block, layers, measure, names):
        pooled, before = f"pool{block}", f"pool{block - 1}" if block > 1 else None

        def evaluate(
            strip: Strip, piece: Tensor, choice: list[Tensor] | None
        ) -> tuple[Tensor, dict[Hashable, Tensor]]:
            choices = None if choice is None else {pooled: choice}
            return _walked(network, piece, layers, measure, strip, before, pooled, choices)

        sums, whole = {}, []
        remembering = ctx.needs_input_grad[0] and features[0, 0].numel() <= _MOST_CHOSEN
        remembering = remembering and network.precision != torch.bfloat16
        for strip in (found := _strips(network, block, features)):
            choice: list[Tensor] | None = [] if remembering else None
            handed_on, measured = evaluate(strip, _piece(features, strip), choice)
            for name, each in measured.items():
                sums[name] = sums[name] + each if name in sums else each
            half, parts = strip.pooled(), [handed_on, *(choice or ())]
            if not whole:
                # What is kept has places of its own, not between the strips' memory that others need.
                height = features.shape[2] // 2
                whole = [_room(each, height) for each in parts]
            for each, part in zip(whole, parts, strict=True):
                each[..., half.rows, :] = part[..., half.own, :]
        names[:] = sums
        hidden, *choices = whole
        ctx.save_for_backward(features, *choices)
        ctx.strips, ctx.evaluate = found, evaluate
        return hidden, *sums.values()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, of_hidden, *of_sums):
        features, *choices = ctx.saved_tensors
        gradient = torch.zeros_like(features, memory_format=order_of(features))
        for strip in ctx.strips:
            half = strip.pooled()
            # The rows around take nothing, and so need no choice.
            of_handed_on, *choice = (_placed(each, half) for each in (of_hidden, *choices))
            with torch.enable_grad():
                piece = _piece(features.detach(), strip).requires_grad_()
                handed_on, measured = ctx.evaluate(strip, piece, choice)
            given = (*of_sums, of_handed_on)
            (of_piece,) = torch.autograd.grad((*measured.values(), handed_on), piece, given)
            gradient[..., strip.outer, :] += of_piece
        return gradient, None, None, None, None, None


def _piece(features: Tensor, strip: Strip) -> Tensor:
    """A strip's rows with those around, as a tensor of its own."""
    return features[..., strip.outer, :].contiguous(memory_format=order_of(features))


def _room(like: Tensor, height: int) -> Tensor:
    """For so many rows of the same, which lie in the same order."""
    row = like[..., :1, :].expand(-1, -1, height, -1)
    last = like.is_contiguous(memory_format=torch.channels_last)
    return torch.empty_like(row, memory_format=torch.channels_last if last else torch.contiguous_format)


def _placed(whole: Tensor, strip: Strip) -> Tensor:
    """A strip's own rows, between rows of zeros for those around."""
    piece = _room(whole, strip.outer_stop - strip.outer_start).zero_()
    piece[..., strip.own, :] = whole[..., strip.rows, :]
    return piece
