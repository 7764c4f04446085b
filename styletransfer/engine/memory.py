"""Decides how many of the network's blocks work in strips, and whether a picture fits into memory.

It has to be known before the first step: Linux promises more memory than it has, and ends the whole
process without a word when a program uses what it was promised.
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from ..network.malloc import give_back
from ..network.precision import is_half
from ..network.shortage import MemoryShortage
from ..network.strips import usual_blocks

# Bytes of a step, measured (LOG.md). The gradient needs the feature maps of all layers that are not
# evaluated in strips, the optimiser its history, the convolutions a workspace.
_ALWAYS = {torch.float32: 150e6, torch.bfloat16: 50e6}  # however small the picture
_STRIPS = {torch.float32: 250e6, torch.bfloat16: 350e6}  # for the strip at work, where there are any
_PER_PIXEL = {  # by the number of blocks that are evaluated in strips; not measured for one
    torch.float32: {0: 3300, 2: 1350, 3: 1050, 4: 800},
    torch.bfloat16: {0: 1850, 2: 800, 3: 650, 4: 560},
}
_PER_MASK_PIXEL = 10  # a guide for each layer
# What the style loss by neighbours holds besides, all the time: for each pixel of all style images the
# features of four layers on the grid of places (`hypercolumns`), and their places in fewer dimensions;
# for each pixel of the picture the latter, its neighbours and their differences.
_FEATURES_ON_THE_GRID = 36
_PER_NEIGHBOUR_PIXEL, _PER_PICTURE_PIXEL = 46, 60
# A run on a CPU takes no more bytes than that if more strips can help: other programs need memory, too.
# This decides from which size on a run's picture and photo are evaluated in strips. Three functions
# give a number of blocks: `fitting_blocks` for a run, by what is free on its device;
# `comfortable_blocks` for forecasts and advice, by a number of bytes; `network.strips.usual_blocks` for
# style images and for an `Objective` that is not told a number, by the size alone.
_COMFORTABLE = 1.2e9


def needed(
    size: tuple[int, int],
    paintings: Sequence[tuple[int, int]],
    masks: int = 0,
    blocks_in_strips: int | None = None,
    precision: torch.dtype | None = None,
    style_loss: str = "gram",
) -> float:
    """The most bytes that painting a picture takes, beyond what the network takes.

    Args:
        size: (width, height) of the picture.
        paintings: (width, height) of each style image as the network sees it. Gram matrices need them
            one after the other, neighbours need what was seen in all of them.
        masks: how many masks there are.
        blocks_in_strips: how many blocks of the network are evaluated in strips: 0, 2, 3 or 4; by
            default `comfortable_blocks`.
        precision: the network's.
        style_loss: as the setting.
    """
    pixels = size[0] * size[1]
    if blocks_in_strips is None:
        blocks_in_strips = comfortable_blocks(pixels, masks, precision=precision)
    kind = measured(precision)
    # Targets need no gradient: a style image takes half of what a picture of its size does in a step.
    targets = max(_PER_PIXEL[kind][usual_blocks(w * h)] / 2 * w * h for w, h in paintings)
    held = 0.0
    if style_loss == "neighbours":
        per_pixel = _FEATURES_ON_THE_GRID * kind.itemsize + _PER_NEIGHBOUR_PIXEL
        held = per_pixel * sum(w * h for w, h in paintings) + _PER_PICTURE_PIXEL * pixels
    return held + max(_step(pixels, masks, blocks_in_strips, kind), _ALWAYS[kind] + targets)


def least_needed(
    size: tuple[int, int],
    paintings: Sequence[tuple[int, int]],
    masks: int = 0,
    precision: torch.dtype | None = None,
    style_loss: str = "gram",
) -> float:
    """The bytes without which a picture is refused: `needed` with all in strips that can be.

    Args:
        size: as for `needed`.
        paintings: as for `needed`.
        masks: how many masks there are.
        precision: the network's.
        style_loss: as the setting.
    """
    blocks = comfortable_blocks(size[0] * size[1], masks, most=0, precision=precision)
    return needed(size, paintings, masks, blocks, precision, style_loss)


def comfortable_blocks(
    pixels: int,
    masks: int = 0,
    most: float = _COMFORTABLE,
    precision: torch.dtype | None = None,
) -> int:
    """How many blocks are to be evaluated in strips: as few as the bytes allow, as strips take time.

    If the bytes allow none of the numbers, the one with which a step needs the fewest.

    Args:
        pixels: of the picture.
        masks: how many masks there are.
        most: bytes that a step may take.
        precision: the network's.
    """
    kind = measured(precision)
    needs = {blocks: _step(pixels, masks, blocks, kind) for blocks in _PER_PIXEL[kind]}
    frugal = min(needs, key=lambda blocks: needs[blocks])
    return next((blocks for blocks, need in needs.items() if need <= most), frugal)


def more_strips(blocks_in_strips: int) -> int | None:
    """The next higher number of blocks in strips, which takes less memory; None if it is the highest."""
    more = [blocks for blocks in _PER_PIXEL[torch.float32] if blocks > blocks_in_strips]
    return min(more, default=None)


def measured(precision: torch.dtype | None) -> torch.dtype:
    """The precision whose measurements stand for this one: float16 takes what bfloat16 does.

    Args:
        precision: the network's; None for float32.
    """
    return torch.bfloat16 if precision is not None and is_half(precision) else torch.float32


def _step(pixels: int, masks: int, blocks_in_strips: int, precision: torch.dtype) -> float:
    """Bytes of a step."""
    always = _ALWAYS[precision] + (_STRIPS[precision] if blocks_in_strips else 0)
    return always + (_PER_PIXEL[precision][blocks_in_strips] + _PER_MASK_PIXEL * masks) * pixels


def available(device: torch.device) -> float:
    """The bytes that are free on a device now; infinite where that cannot be told.

    Args:
        device: the network's.
    """
    if device.type == "cuda":
        idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + idle
    if device.type != "cpu":
        return float("inf")
    give_back()  # so that memory counts as free which the process has freed, but not given back
    return min(_free_in_machine(), _free_in_container(), _free_in_address_space())


def fitting_blocks(
    size: tuple[int, int],
    paintings: Sequence[tuple[int, int]],
    masks: int,
    device: torch.device,
    precision: torch.dtype | None = None,
    style_loss: str = "gram",
) -> int:
    """How many blocks are to be evaluated in strips, as few as the device's free memory allows.

    Args:
        size: as for `needed`.
        paintings: as for `needed`.
        masks: how many masks there are.
        device: the network's.
        precision: the network's.
        style_loss: as the setting.

    Raises:
        MemoryShortage: more is needed than is free, even in strips.
    """
    free = available(device)
    most = min(_COMFORTABLE, free / 2) if device.type == "cpu" else 0.8 * free
    blocks_in_strips = comfortable_blocks(size[0] * size[1], masks, most, precision)
    needs = needed(size, paintings, masks, blocks_in_strips, precision, style_loss)
    if needs <= free:
        return blocks_in_strips
    raise MemoryShortage(
        "memory_too_small",
        width=size[0],
        height=size[1],
        needed=needs / 1e9,
        available=free / 1e9,
        device=device.type,
    )


def _free_in_machine() -> float:
    """What Linux counts as available; infinite on other systems."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):  # not Linux
        return float("inf")


def _free_in_address_space() -> float:
    """What `ulimit -v` leaves this process; infinite without such a limit."""
    try:
        import resource  # Unix has it

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return float("inf")
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return max(0, limit - pages * resource.getpagesize())
    except (ImportError, OSError):  # not Linux
        return float("inf")


def _free_in_container(root: Path = Path("/sys/fs/cgroup")) -> float:
    """What a container's limit leaves (version 2 of cgroups, or 1); infinite without a limit."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            whole = float((root / limit).read_text())
            # Cached files count as used there, although they give way to programs.
            statistics = (root / limit).with_name("memory.stat").read_text().splitlines()
            pairs = dict(line.split() for line in statistics)
            return whole - float((root / used).read_text()) + float(pairs.get("inactive_file", 0))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return float("inf")
