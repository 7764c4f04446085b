"""The data folder of a server, which is locked so that no second server uses it at the same time."""

import contextlib
import itertools
import os
import shutil
import sys
import tempfile
import weakref
from pathlib import Path

from ..errors import StyleTransferError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PREFIX = "styletransfer-page-"
_LOCK = "lock"
_HOLDS = ("jobs", "copies", "parts")  # folders in it, of which old files are deleted
_OURS = 0o700  # pictures are private: nobody else on this machine may read them


class Folder:
    """Where everything of one server lies. No other server can have it until this one has ended.

    The lock is the operating system's (`flock`): it ends with its process, however that ends, and it
    holds between containers, which cannot see each other's processes.

    Args:
        path: is created if it does not exist, and outlives the server. None: a temporary folder, which
            is deleted when the process ends, or by the next server if the process was killed.

    Attributes:
        path: of the folder, absolute.
        lasting: whether it outlives the server.

    Raises:
        StyleTransferError: another server has the folder, it holds what no server has made, or it
            cannot be written to.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.lasting = path is not None
        if path is None:
            self.path, descriptor = _temporary()
        else:
            self.path = path.absolute()
            descriptor = _given(self.path)
        gone = None if self.lasting else self.path
        self._closing = weakref.finalize(self, _close, descriptor, gone)

    def close(self) -> None:
        """Gives the folder back; a temporary one is deleted. Also happens when the process ends."""
        self._closing()


def _given(path: Path) -> int:
    """The lock of a folder that was asked for."""
    try:
        path.mkdir(mode=_OURS, parents=True, exist_ok=True)
        _check_is_a_servers(path)
        descriptor = _lock(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise StyleTransferError("data_folder_unusable", folder=str(path), why=why) from error
    if descriptor is None:
        raise StyleTransferError("data_folder_in_use", folder=str(path))
    return descriptor


def _check_is_a_servers(path: Path) -> None:
    """Refuses somebody's own folder that has a folder of the same name as one of ours.

    It would be emptied: a server deletes the files of jobs that it does not know. The folders of earlier
    servers are told by their lock file.
    """
    if (path / _LOCK).exists():
        return
    for name in _HOLDS:
        if os.path.lexists(path / name):
            raise StyleTransferError("data_folder_of_others", folder=str(path), name=name)


def _temporary() -> tuple[Path, int]:
    """An empty temporary folder and its lock.

    Folders are numbered, and the first free one is taken: after a restart the uploads of pages that are
    still open have the paths that they had, so that it can be said of them that they are gone.
    """
    beneath = Path(tempfile.gettempdir())
    _delete_folders_of_dead_servers(beneath)
    for number in itertools.count():
        path = beneath / f"{_PREFIX}{number}"
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=_OURS)
        descriptor = _lock(path) if _is_ours(path) else None
        if descriptor is not None:
            return path, descriptor
    raise AssertionError("unreachable: there are numbers without end")


def _delete_folders_of_dead_servers(beneath: Path) -> None:
    """Deletes the temporary folders of killed servers, to whose pictures no visitor can come back."""
    for path in beneath.glob(f"{_PREFIX}*"):
        descriptor = _lock(path) if _is_ours(path) and (path / _LOCK).exists() else None
        if descriptor is not None:
            _close(descriptor, path)


def _is_ours(path: Path) -> bool:
    """Whether it is a folder of this user's, and not a link that somebody else has laid there."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
        return mine and path.is_dir() and not path.is_symlink()
    return False


def _lock(folder: Path) -> int | None:
    """The open and locked lock file of a folder; None if another server has locked it."""
    file = folder / _LOCK
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A server that ended between the two calls may have deleted the file, and a third one made anew.
        if os.path.samestat(os.fstat(descriptor), file.stat()):
            return descriptor
    os.close(descriptor)
    return None


def _close(descriptor: int, gone: Path | None) -> None:
    """Ends the lock, and deletes the folder `gone` before that, if there is one."""
    if gone is not None:
        shutil.rmtree(gone, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.close(descriptor)
