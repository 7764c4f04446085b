"""Room on the disk: what may be taken in, and what is forgotten to make room."""

import contextlib
import math
import os
import shutil
import threading
import time
from pathlib import Path

from ..errors import StyleTransferError
from ..images import fitted_size
from .files import Files
from .job import Job
from .queue import Queue
from .run import Run
from .timelapse import LARGEST, MOST

# Bytes of the disk that are left free: for what is being written at the moment, for the database, and
# for the other programs of this computer. Of a small disk it is a twentieth.
_RESERVE = 200e6
# Bytes a pixel of what a run leaves: the kept picture (6, without loss), the result as PNG and as JPEG
# (4), and Gradio's copies of these (4). And of a frame of its time-lapse, as JPEG.
_RESULT, _FRAME = 14, 0.2
_SHEET = 1e6  # of nine looks
_COUNTED_EVERY = 5  # seconds: counting all files takes some milliseconds


class Room:
    """Decides whether there is room in a data folder.

    Args:
        folder: the data folder.
        queue: whose jobs are in it; its oldest finished ones are forgotten when the folder is too large.
        files: the files of these jobs.
        most: bytes that the folder may have; by default as many as the disk has.
    """

    def __init__(self, folder: Path, queue: Queue, files: Files, most: float = math.inf) -> None:
        self._folder, self._queue, self._files = folder, queue, files
        self._most = most
        self._reserve = min(_RESERVE, shutil.disk_usage(folder).total / 20)
        self._counted, self._counted_at = 0, float("-inf")
        self._lock = threading.Lock()

    @property
    def left(self) -> bool:
        """Whether the disk has room at all; nothing is forgotten to make some."""
        return shutil.disk_usage(self._folder).free >= self._reserve

    def check(self, needed: float = 0) -> None:
        """Finds out whether so many bytes can be taken in, beside what runs under way will leave.

        Raises:
            StyleTransferError: the disk is too full; or the folder is as large as it may be, and there
                is no finished picture left that could be forgotten.
        """
        promised = sum(expected(job) for job in self._queue.jobs() if not job.finished)
        free = shutil.disk_usage(self._folder).free - self._reserve
        if free < promised + needed:
            raise StyleTransferError("disk_full")
        with self._lock:
            self._make(promised + needed)

    def _make(self, needed: float) -> None:
        """Forgets the oldest finished jobs if the folder is too large, unless that would not help."""
        over = self._used() + needed - self._most
        if over <= 0:
            return
        ended = [job for job in self._queue.jobs() if job.finished]
        if sum(_size(self._files.folder_of(job)) for job in ended) < over:
            raise StyleTransferError("disk_full")
        while self._used() + needed > self._most and self._queue.forget_oldest():
            self._counted_at = float("-inf")

    def _used(self) -> int:
        """The bytes of all files in the folder."""
        if time.monotonic() - self._counted_at > _COUNTED_EVERY:
            self._counted, self._counted_at = _size(self._folder), time.monotonic()
        return self._counted


def expected(job: Job) -> float:
    """The bytes that a job will have left on the disk at its end, about."""
    if not isinstance(job, Run):
        return _SHEET
    width, height = fitted_size(*job.pictures.content.size, job.settings.size)
    frame = min(width * height, LARGEST * LARGEST)
    return width * height * _RESULT + MOST * frame * _FRAME


def _size(folder: Path) -> int:
    """The bytes of all files in a folder and below."""
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # deleted meanwhile
                size += os.stat(os.path.join(path, name)).st_size
    return size
