"""The disk that the server writes to, which can be made full and free again while the server runs."""

import contextlib
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

_SIZE = 16 << 30  # bytes; a tmpfs takes memory only for what is written to it
_LEFT = 64 << 10  # bytes that a full disk has left: too few for a photo, enough for a small record


class Disk(Protocol):
    """A disk for the server's folder.

    Attributes:
        folder: where the server may write.
        how: in words, how it is made full.
    """

    folder: Path
    how: str

    def fill(self, process: int) -> None:
        """Lets the server of this process write no more."""

    def free(self, process: int) -> None:
        """Lets it write again."""


class _Mounted:
    """A tmpfs, which is shrunk to what lies on it."""

    how = "a tmpfs without room"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, process: int) -> None:  # noqa: ARG002  # only a limit concerns the process
        found = os.statvfs(self.folder)
        self._resize((found.f_blocks - found.f_bfree) * found.f_frsize + _LEFT)

    def free(self, process: int) -> None:  # noqa: ARG002  # only a limit concerns the process
        self._resize(_SIZE)

    def _resize(self, size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", self.folder], check=True)


class _Limited:
    """An ordinary folder; the process is forbidden to write files, by RLIMIT_FSIZE."""

    how = "RLIMIT_FSIZE"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, process: int) -> None:
        self._limit(process, 0)

    def free(self, process: int) -> None:
        self._limit(process, resource.RLIM_INFINITY)

    def _limit(self, process: int, size: int) -> None:
        _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size if size >= 0 else most, most))


@contextlib.contextmanager
def small_disk() -> Iterator[Disk]:
    """A tmpfs where mounting is allowed, else a folder with a limit; it is deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", folder]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:  # there is no such command
        mounted = False
    try:
        yield _Mounted(folder) if mounted else _Limited(folder)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)
