"""Files that are whole or not there, also after a crash or a loss of power."""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
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


def check_free(path: Path, needed: float) -> None:
    """Finds out whether the disk of a path has so many bytes left.

    Raises:
        OSError: it is full.
    """
    if shutil.disk_usage(path).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def is_full(error: BaseException) -> bool:
    """Whether something could not be written because the disk, or one's share of it, is full."""
    while not isinstance(error, OSError) and error.__cause__ is not None:
        error = error.__cause__
    return isinstance(error, OSError) and error.errno in _FULL


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
