"""Whether this server can paint: its device answers, its disk takes files, and its line moves."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import StyleTransferError
from .durable import is_full, whole
from .queue import Queue
from .room import Room
from .worker import device_failed

_log = logging.getLogger(__name__)

_KEPT = 5.0  # seconds for which an answer holds, so that nobody makes work by asking
_PATIENCE = 5.0  # seconds in which the device and the line have to answer


class Health:
    """Finds out what keeps this server from painting.

    Args:
        queue: whose runner and line are asked.
        room: says whether there is room on the disk.
        folder: where a file is written on trial.
        patience: the seconds in which each of them has to answer.
        clock: the time in seconds.
    """

    def __init__(
        self,
        queue: Queue,
        room: Room,
        folder: Path,
        patience: float = _PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._room = room
        self._folder = folder
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()  # one trial at a time
        self._hanging: dict[str, threading.Thread] = {}  # what has not answered yet, by its code
        self._found: StyleTransferError | None = None
        self._until = float("-inf")

    def problem(self) -> StyleTransferError | None:
        """The first problem that is found, or None. May take some seconds."""
        with self._lock:
            if self._clock() >= self._until:
                before, self._found = self._found, self._look()
                self._until = self._clock() + _KEPT
                if self._found and (before is None or before.code != self._found.code):
                    _log.warning("this server cannot paint: %s", self._found)
            return self._found

    def _look(self) -> StyleTransferError | None:
        for look, silent in (
            (self._try_disk, StyleTransferError("disk_silent")),
            (self._queue.jobs, StyleTransferError("line_stuck")),
            (self._queue.check_device, StyleTransferError("device_silent")),
        ):
            if problem := self._within_time(look, silent):
                return problem
        return None

    def _try_disk(self) -> None:
        """Writes a file and deletes it.

        Raises:
            StyleTransferError: that is impossible, or the disk is full.
        """
        if not self._room.left:
            raise StyleTransferError("disk_full")
        file = self._folder / "health"
        try:
            with whole(file) as part:
                part.write_bytes(b"well")
        except OSError as error:
            if is_full(error):
                raise StyleTransferError("disk_full") from error
            raise StyleTransferError("disk_not_writable", why=error.strerror or str(error)) from error
        finally:
            with contextlib.suppress(OSError):
                file.unlink()

    def _within_time(
        self, look: Callable[[], object], silent: StyleTransferError
    ) -> StyleTransferError | None:
        """What the look has found; `silent` if it takes too long, as where a device hangs."""
        hanging = self._hanging.get(silent.code)
        if hanging is not None and hanging.is_alive():  # a second thread would hang as well
            return silent
        found: list[StyleTransferError] = []
        thread = threading.Thread(target=_look_into, args=(look, found), name="health", daemon=True)
        self._hanging[silent.code] = thread
        thread.start()
        thread.join(self._patience)
        return silent if thread.is_alive() else next(iter(found), None)


def _look_into(look: Callable[[], object], found: list[StyleTransferError]) -> None:
    try:
        look()
    except StyleTransferError as error:
        found.append(error.alone())
    except Exception as error:  # such as what torch raises for a device that has gone
        found.append(device_failed(error))
