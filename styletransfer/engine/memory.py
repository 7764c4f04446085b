"""Whether a picture fits into the device's memory, said before it is too late.

A system that runs out of memory ends the whole process without a word: Linux promises more than it has.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from ..errors import StyleTransferError
from ..network.malloc import give_back
from ..network.strips import usual_blocks

# Bytes, measured (LOG.md). A step keeps for its gradient the feature maps of all layers that are not
# evaluated in strips; the optimiser its history, the convolutions a workspace.
_ALWAYS = {torch.float32: 150e6, torch.bfloat16: 50e6}
_STRIPS = {torch.float32: 250e6, torch.bfloat16: 350e6}  # of one strip, however large the picture
_PER_PIXEL = {  # by the number of blocks in strips
    torch.float32: {0: 3300, 2: 1350, 3: 1050, 4: 800},
    torch.bfloat16: {0: 1850, 2: 800, 3: 650, 4: 560},
}
_PER_REGION_PIXEL = 10  # a guide for each layer
# No run on a CPU takes more of it if more strips can help, as others use the machine, too.
_COMFORTABLE = 1.2e9

_WORDS = ("allocate memory", "out of memory", "not enough memory")  # Linux, Apple's GPUs, Windows


class MemoryShortage(StyleTransferError):
    """The picture is too large for the memory there is."""


def needed(
    size: tuple[int, int],
    paintings: Sequence[tuple[int, int]],
    regions: int = 0,
    blocks: int | None = None,
    precision: torch.dtype | None = None,
) -> float:
    """The most bytes that painting a picture takes, beyond what the network does.

    Args:
        size: (width, height) of it.
        paintings: of each style image, as it is looked at; one after the other.
        regions: how many masks there are.
        blocks: how many blocks of the network are evaluated in strips: 0, 2, 3 or 4; by default as many
            as with plenty of memory.
        precision: the network's.
    """
    if blocks is None:
        blocks = comfortable_blocks(size[0] * size[1], regions, precision=precision)
    # Of a painting no feature maps are kept, as its targets need no gradient.
    kind = _kind(precision)
    targets = max(_PER_PIXEL[kind][usual_blocks(w * h)] / 2 * w * h for w, h in paintings)
    return max(_step(size[0] * size[1], regions, blocks, kind), _ALWAYS[kind] + targets)


def comfortable_blocks(
    pixels: int,
    regions: int = 0,
    most: float = _COMFORTABLE,
    precision: torch.dtype | None = None,
) -> int:
    """The fewest blocks in strips with which a step needs no more bytes than that, or else least."""
    kind = _kind(precision)
    needs = {each: _step(pixels, regions, each, kind) for each in _PER_PIXEL[kind]}
    return next((each for each, need in needs.items() if need <= most), min(needs, key=needs.get))


def _kind(precision: torch.dtype | None) -> torch.dtype:
    return torch.bfloat16 if precision == torch.bfloat16 else torch.float32


def _step(pixels: int, regions: int, blocks: int, kind: torch.dtype) -> float:
    always = _ALWAYS[kind] + (_STRIPS[kind] if blocks else 0)
    return always + (_PER_PIXEL[kind][blocks] + _PER_REGION_PIXEL * regions) * pixels


def available(device: torch.device) -> float:
    """The bytes that are free on it now; infinite where that cannot be told."""
    if device.type == "cuda":
        idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + idle
    if device.type != "cpu":
        return float("inf")
    give_back()  # what the process only holds ready counts as free
    return min(_free_in_machine(), _free_in_container())


def fitting_blocks(
    size: tuple[int, int],
    paintings: Sequence[tuple[int, int]],
    regions: int,
    device: torch.device,
    precision: torch.dtype | None = None,
) -> int:
    """How many blocks are to be evaluated in strips: as few as the free memory lets, as they take time.

    Finds out before the first step that it will not suffice; the rest as for `needed`.

    Raises:
        MemoryShortage: with what is needed, and what there is.
    """
    there = available(device)
    most = min(_COMFORTABLE, there / 2) if device.type == "cpu" else 0.8 * there
    blocks = comfortable_blocks(size[0] * size[1], regions, most, precision)
    needs = needed(size, paintings, regions, blocks, precision)
    if needs <= there:
        return blocks
    raise MemoryShortage(
        "memory_too_small",
        width=size[0],
        height=size[1],
        needed=needs / 1e9,
        available=there / 1e9,
        device=device.type,
    )


@contextlib.contextmanager
def shortage_explained(size: tuple[int, int]) -> Iterator[None]:
    """Turns the device's own words for too little memory into a sentence."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # CUDA has a class of its own for it, the others only their words.
        own = isinstance(error, (MemoryError, torch.OutOfMemoryError))
        if not own and not any(words in str(error) for words in _WORDS):
            raise
        raise MemoryShortage("memory_ran_out", width=size[0], height=size[1]) from error


def _free_in_machine() -> float:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):  # not Linux
        return float("inf")


def _free_in_container(root: Path = Path("/sys/fs/cgroup")) -> float:
    """What a container's limit leaves (version 2 of cgroups, or 1)."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            whole = float((root / limit).read_text())
            # Cached files count as used, and make room when room is wanted.
            statistics = (root / limit).with_name("memory.stat").read_text().splitlines()
            pairs = dict(line.split() for line in statistics)
            return whole - float((root / used).read_text()) + float(pairs.get("inactive_file", 0))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return float("inf")
