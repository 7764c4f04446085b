"""Sums over all positions of an image's feature maps, computed in strips of rows: exact, in less memory.

A Gram matrix and a content loss are sums over positions, so the sums of strips of rows add up to those
of the whole image. The first blocks of the network, whose feature maps need most of the memory, are
evaluated block by block in such strips. Each strip has a halo: as many further rows on both sides as the
block's convolutions spoil at a cut edge. The strips' pooled outputs are put together, and the next block
is cut anew.

Backward is gradient checkpointing: a strip's feature maps are not saved but computed a second time, when
the derivatives of the loss with respect to the sums are known. A block's last convolution is not
computed again if nobody measures its output: its switches are saved, which are the sign of the pooled
output and the places of the maxima, and all that its gradient needs. So there are no seams, and no strip
has a style of its own: the result is that of the whole image but for rounding.

Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
"""

import itertools
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from .memory_format import memory_format_of
from .operations import Operation
from .precision import is_half
from .vgg import VGG, block_of

# Sums over the positions of an image's feature maps, by any hashable names that are unique over all that
# is measured of the image.
Sums = dict[Hashable, Tensor]
# Called with a layer's name, its features and the strip that they are of; returns the same features for
# the next layers, and what this strip adds to the sums.
Measure = Callable[[str, Tensor, "Strip"], tuple[Tensor, Sums]]

# Bytes of one layer's features of a strip, at most where that is more than a few rows. In larger strips
# the convolutions are faster, and less is computed twice; more memory is needed (LOG.md).
_STRIP_BYTES = 40e6
# For `usual_blocks`: images with no more pixels than that are evaluated as a whole. Made for style
# images, whose features are needed without a gradient, so that strips cost next to nothing. How a run's
# picture and photo are evaluated is decided by the bytes that a step may take; see `engine.memory`.
_MOST_PIXELS_WHOLE = 500_000
# Up to this many positions the switches of a block's end are saved, 64 bytes a position in the first
# block; in larger images a block's last convolution is computed again, too. In 16 bits it always is:
# there the switches would take 130 bytes, and the convolution takes next to no time.
_MOST_POSITIONS_WITH_SWITCHES = 6_000_000


@dataclass(frozen=True)
class Strip:
    """Some rows of feature maps, and the halo of further rows around them in the piece that is cut out.

    Attributes:
        start, stop: which rows of the whole the strip has.
        halo_start, halo_stop: the same with its halo; of a tile it goes on at the opposite edge.
        whole_height: how many rows the whole has.
    """

    start: int
    stop: int
    halo_start: int
    halo_stop: int
    whole_height: int

    @property
    def own(self) -> slice:
        """The rows of the piece that are not in the halo."""
        return slice(self.start - self.halo_start, self.stop - self.halo_start)

    @property
    def rows(self) -> slice:
        """The same rows within the whole."""
        return slice(self.start, self.stop)

    @property
    def with_halo(self) -> slice | Tensor:
        """The rows of the whole that the piece has; their numbers if some lie beyond a tile's edge."""
        if self.halo_start >= 0 and self.halo_stop <= self.whole_height:
            return slice(self.halo_start, self.halo_stop)
        return torch.arange(self.halo_start, self.halo_stop) % self.whole_height

    @property
    def share(self) -> float:
        """The share of the whole's rows that are the strip's own."""
        return (self.stop - self.start) / self.whole_height

    def pooled(self) -> "Strip":
        """The same strip after a pooling, which leaves an odd last row out."""
        return Strip(*(row // 2 for row in astuple(self)))


def usual_blocks(pixels: int) -> int:
    """How many blocks of an image are evaluated in strips, by its size alone: none or four.

    For style images, and for an `Objective` that is not told a number; a run tells it one, chosen in
    `engine.memory`.

    Args:
        pixels: of the image.
    """
    return 0 if pixels <= _MOST_PIXELS_WHOLE else 4


def cut_into_strips(height: int, halo: int, most: int) -> list[Strip]:
    """Strips of about the same height that start at every fourth row and together are the whole.

    At every second row because of the pooling, at every fourth because of terms that average the first
    block's features over four rows.

    Args:
        height: the number of rows of the whole.
        halo: how many rows each strip has on both sides beyond its own; even.
        most: how many rows a strip may have with its halo, if that leaves it four rows of its own; the
            last one may have three more.
    """
    fours = height // 4
    count = -(-fours // max(1, (most - 2 * halo) // 4)) or 1
    starts = [fours * k // count * 4 for k in range(count)]
    return [
        Strip(start, stop, max(0, start - halo), min(height, stop + halo), height)
        for start, stop in itertools.pairwise([*starts, height])
    ]


def image_sums(
    network: VGG, image: Tensor, layers: Sequence[str], measure: Measure, blocks_in_strips: int
) -> Sums:
    """The sums that `measure` returns, over the whole image; differentiable once.

    Args:
        network: the frozen network.
        image: (1, 3, H, W).
        layers: those whose features are measured.
        measure: called for each layer, and for each strip of a layer in the first blocks. Each of its
            sums belongs to one layer, and the names of its sums do not depend on the strip.
        blocks_in_strips: how many of the network's blocks are evaluated in strips; 0 for none. The
            deepest block with a layer to measure never is.
    """
    features, sums = image, Sums()
    last_in_strips = min(blocks_in_strips, max(map(block_of, layers)) - 1)
    for number in range(1, last_in_strips + 1):
        block = _Block(network, number, layers, measure, features)
        features, block_sums = block.evaluate(features)
        sums |= block_sums
        if block.pooling in layers:
            features, pooling_sums = measure(block.pooling, features, _everything(features))
            sums |= pooling_sums
    deeper = [layer for layer in layers if block_of(layer) > last_in_strips]
    operations = network.operations(deeper, last_in_strips + 1)
    _, deeper_sums = _run(operations, features, deeper, measure, None)
    return sums | deeper_sums


def _everything(features: Tensor) -> Strip:
    """The strip that is the whole of these features."""
    height = features.shape[2]
    return Strip(0, height, 0, height, height)


def _run(
    operations: Iterable[tuple[str, Operation]],
    features: Tensor,
    layers: Sequence[str],
    measure: Measure,
    strip: Strip | None,
) -> tuple[Tensor, Sums]:
    """The features after these operations, and the sums that are measured on the way."""
    sums: Sums = {}
    for layer, operation in operations:
        features = operation(features)
        if layer in layers:
            features, layer_sums = measure(layer, features, strip or _everything(features))
            sums |= layer_sums
    return features, sums


class _Block:
    """A block of the network that is evaluated in strips.

    Args:
        network: the frozen network.
        number: 1 for the first block.
        layers: those to be measured; of other blocks, too.
        measure: as for `image_sums`.
        features: the block's input (1, C, H, W), whose size decides on the strips.
    """

    def __init__(
        self, network: VGG, number: int, layers: Sequence[str], measure: Measure, features: Tensor
    ) -> None:
        self.pooling = f"pool{number}"
        self._measure = measure
        self._layers = [name for name in layers if block_of(name) == number and name != self.pooling]
        operations = network.operations([*self._layers, self.pooling], number)
        *self._operations, (_, self.end) = operations
        self.strips = _strips_of_block(network, number, features)
        few_positions = features[0, 0].numel() <= _MOST_POSITIONS_WITH_SWITCHES
        self.saves_switches = few_positions and not is_half(network.precision)

    def evaluate(self, features: Tensor) -> tuple[Tensor, Sums]:
        """The block's pooled output, and the sums over all strips; differentiable once."""
        names: list[Hashable] = []
        pooled, *sums = _BlockInStrips.apply(features, self, names)
        return pooled, dict(zip(names, sums, strict=True))

    def run_strip(self, piece: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        """The input of the operation at the block's end, and a strip's sums."""
        return _run(self._operations, piece, self._layers, self._measure, strip)


def _strips_of_block(network: VGG, block: int, features: Tensor) -> list[Strip]:
    """The strips in which a block is evaluated, for the input of the block."""
    convolutions = sum(name.startswith(f"conv{block}") for name in network.layers)
    height, width = features.shape[2:]
    channels = min(64 * 2 ** (block - 1), 512)
    halo = -(-convolutions // 2) * 2  # a convolution spoils one row at a cut edge; even
    row_bytes = channels * width * features.element_size()
    strips = cut_into_strips(height, halo, int(_STRIP_BYTES / row_bytes))
    if network.wraps and len(strips) > 1:  # a single one is wrapped as it is
        strips = [replace(s, halo_start=s.start - halo, halo_stop=s.stop + halo) for s in strips]
    return strips


class _BlockInStrips(torch.autograd.Function):
    """Gradient checkpointing over a block's strips."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, block: _Block, names: list[Hashable]) -> tuple[Tensor, ...]:
        """The block's pooled output and the sums, whose names are appended to `names`."""
        saves_switches = block.saves_switches and ctx.needs_input_grad[0]
        sums: Sums = {}
        put_together: list[Tensor] = []  # the pooled output and the switches, of the whole image
        for strip in block.strips:
            hidden, strip_sums = block.run_strip(_piece(features, strip), strip)
            pooled, switches = (
                block.end.forward_with_switches(hidden) if saves_switches else (block.end(hidden), [])
            )
            for name, value in strip_sums.items():
                sums[name] = sums[name] + value if name in sums else value
            if not put_together:
                # Preallocated, so that temporaries leave no holes in the heap.
                height = features.shape[2] // 2
                put_together = [_preallocated(part, height) for part in (pooled, *switches)]
            half = strip.pooled()
            for whole, part in zip(put_together, (pooled, *switches), strict=True):
                whole[..., half.rows, :] = part[..., half.own, :]
        names.extend(sums)
        pooled, *switches = put_together
        ctx.save_for_backward(features, *switches)
        ctx.block = block
        return pooled, *sums.values()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, pooled_gradient: Tensor, *sum_gradients: Tensor) -> tuple[Tensor, None, None]:
        """The strips' gradients, each computed again from the piece with its halo."""
        block: _Block = ctx.block
        features, *switches = ctx.saved_tensors
        gradient = torch.zeros_like(features, memory_format=memory_format_of(features))
        for strip in block.strips:
            half = strip.pooled()
            # The halo has no gradient of its own, and so needs no switches.
            strip_gradient, *strip_switches = (
                _zero_in_halo(whole, half) for whole in (pooled_gradient, *switches)
            )
            with torch.enable_grad():
                piece = _piece(features.detach(), strip).requires_grad_()
                hidden, sums = block.run_strip(piece, strip)
                pooled = block.end.from_switches(hidden, strip_switches)
            (piece_gradient,) = torch.autograd.grad(
                (*sums.values(), pooled), piece, (*sum_gradients, strip_gradient)
            )
            rows = strip.with_halo
            if isinstance(rows, slice):
                gradient[..., rows, :] += piece_gradient
            else:  # where a small tile is wrapped twice, they have the same row twice
                gradient.index_add_(2, rows.to(gradient.device), piece_gradient)
        return gradient, None, None


def _piece(features: Tensor, strip: Strip) -> Tensor:
    """A strip's rows with its halo, as a tensor of its own."""
    return features[..., strip.with_halo, :].contiguous(memory_format=memory_format_of(features))


def _preallocated(like: Tensor, height: int) -> Tensor:
    """An uninitialised tensor like this one, in its memory format, but with so many rows."""
    row = like[..., :1, :].expand(-1, -1, height, -1)
    channels_last = like.is_contiguous(memory_format=torch.channels_last)
    memory_format = torch.channels_last if channels_last else torch.contiguous_format
    return torch.empty_like(row, memory_format=memory_format)


def _zero_in_halo(whole: Tensor, strip: Strip) -> Tensor:
    """A strip's own rows of a whole tensor, with rows of zeros in place of its halo."""
    piece = _preallocated(whole, strip.halo_stop - strip.halo_start).zero_()
    piece[..., strip.own, :] = whole[..., strip.rows, :]
    return piece
