"""Other processes of this machine: which one has started, and which are there, as Linux lists them."""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PATIENCE = 120  # seconds; long, because busy cores are slow


def is_there(process: int) -> bool:
    """Whether it runs. One that has ended may stay in the list for want of a parent who asks."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def gone(processes: Iterable[int]) -> bool:
    """Whether all of these have ended, after a while."""
    processes = list(processes)
    until = time.monotonic() + PATIENCE
    while any(map(is_there, processes)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(is_there, processes))


def started_by(process: int) -> list[int]:
    """The processes that one has started, by any of its threads."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text().split()]
