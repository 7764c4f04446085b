"""Files that are whole or not there, also after a crash or a loss of power."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

_UNFINISHED = "unfinished-"  # how the names of files begin that are still being written


@contextlib.contextmanager
def whole(file: Path, lasting: bool = True) -> Iterator[Path]:
    """A path to write to, which becomes the file at the end, or is deleted if writing fails.

    Args:
        file: what is to be there; an existing one is replaced. Its folder has to exist.
        lasting: whether the file has to be on the disk by the time it can be found, so that a loss of
            power leaves it whole. What is only shown for a moment need not wait for the disk.
    """
    part = file.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}-{file.name}")
    try:
        yield part
        if lasting:
            _to_disk(part)
        part.replace(file)
        if lasting:
            _to_disk(file.parent)
    finally:
        with contextlib.suppress(OSError):  # renamed, as it should be, or never written
            part.unlink()


def sweep(folder: Path) -> None:
    """Deletes what a killed server has left half-written in this folder and below."""
    for pattern in (f"{_UNFINISHED}*", ".*.part"):  # the latter by `images.save_image`
        for part in folder.rglob(pattern):
            with contextlib.suppress(OSError):
                part.unlink()


def _to_disk(path: Path) -> None:
    """Waits until a file's bytes, or a folder's names, are on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open folders, and writes their names by itself
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
