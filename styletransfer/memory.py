"""Whether a picture fits into the device's memory, said before it is too late.

A system that runs out of memory ends the whole process without a word: Linux promises more than it has.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import torch

from .errors import StyleTransferError

# Bytes, as measured (LOG.md). A step keeps the feature maps of all layers for its gradient, the
# optimiser's history and the convolutions' workspace; a painting's targets need no gradient.
_PER_PIXEL = 3600
_PER_PAINTED_PIXEL = 1300
_PER_STYLE_PIXEL = 40  # kept for every painting, besides the one being looked at
_ALWAYS = 150e6


class MemoryShortage(StyleTransferError):
    """The picture is too large for the memory there is."""


def needed(width: int, height: int, paintings: list[tuple[int, int]]) -> float:
    """The most bytes that painting a picture of this size takes, beyond what the network does.

    Args:
        paintings: (width, height) of each style image, as it is looked at.
    """
    areas = [w * h for w, h in paintings]
    targets = _PER_PAINTED_PIXEL * max(areas) + _PER_STYLE_PIXEL * sum(areas)
    return _ALWAYS + max(_PER_PIXEL * width * height, targets)


def available(device: torch.device) -> float:
    """The bytes that are free on it now; infinite where that cannot be told."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if device.type != "cpu":
        return float("inf")
    return min(_free_in_machine(), _free_in_container())


def check(size: tuple[int, int], paintings: list[tuple[int, int]], device: torch.device) -> None:
    """Finds out before the first step that the memory will not suffice.

    Raises:
        MemoryShortage: with what is needed, and what there is.
    """
    wanted, there = needed(*size, paintings), available(device)
    if wanted > there:
        what = f"{size[0]} x {size[1]} pixels"
        if len(paintings) > 1:
            what += f" from {len(paintings)} paintings"
        raise MemoryShortage(
            f"A picture of {what} needs about {wanted / 1e9:.1f} GB of memory, but only "
            f"{there / 1e9:.1f} GB are free on this {device.type}. Choose a smaller size or brush scale."
        )


@contextlib.contextmanager
def shortage_explained(size: tuple[int, int]) -> Iterator[None]:
    """Turns the device's own words for too little memory into a sentence."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # CUDA and MPS have a class of their own for it, the CPU only has its words.
        own = isinstance(error, (MemoryError, torch.OutOfMemoryError))
        if not own and "allocate memory" not in str(error):
            raise
        raise MemoryShortage(
            f"The memory was not enough for {size[0]} x {size[1]} pixels. Choose a smaller size."
        ) from error


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
