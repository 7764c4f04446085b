"""Starts the next photo of a series when the one before has ended, whether a page is open or not."""

import asyncio
import contextvars
import logging
import secrets
import threading
import time
from collections.abc import Iterable, Sequence

from ..errors import StyleTransferError
from ..pictures import NAMES
from . import decoding
from .busy import Busy
from .files import Files
from .inputs import wanted
from .job import Job
from .queue import Queue
from .run import Run
from .runs import Runs
from .series import Series
from .uploads import Uploads
from .visitor import Visitor

_AGAIN = 1.0  # seconds until a photo for which there was no place is tried again
_LOOK_EVERY = 0.1  # seconds between two looks whether the next run has begun
# Reasons for which a photo is tried again, and not passed over.
_PASSING = {"too_many_at_once"}

_log = logging.getLogger(__name__)


class Successors:
    """Paints series. Each has a thread, which waits for the end of its run and starts the next one.

    Args:
        queue: which the runs join.
        runs: starts the runs.
        files: the files of the runs.
        uploads: the photos.
    """

    def __init__(self, queue: Queue, runs: Runs, files: Files, uploads: Uploads) -> None:
        self._queue, self._runs, self._files, self._uploads = queue, runs, files, uploads

    def check(self, photos: int, visitor: Visitor) -> None:
        """Finds out whether this visitor may have so many photos painted one after the other.

        Raises:
            StyleTransferError: they are too many, another series of the visitor is not over yet, or its
                address has as many as it may have.
        """
        limits = self._queue.limits
        if photos > limits.photos:
            raise StyleTransferError("too_many_photos", photos=photos, most=limits.photos)
        # Between two of its runs a series has none in the line, and is yet not over.
        jobs = [job for job in self._queue.jobs() if job.visitor.address == visitor.address]
        runs = [job for job in jobs if isinstance(job, Run)]
        going_on = {run.series: run.visitor for run in runs if run.series and not run.series.over}
        for series, whose in going_on.items():
            if whose == visitor:
                left = len(series.photos) - series.next_place + 1
                raise StyleTransferError("series_unfinished", photos=left)
        if visitor.address and len(going_on) >= limits.per_address:
            raise Busy("address_is_busy", pictures=len(going_on))

    def begin(self, run: Run, photos: Sequence[str]) -> Series:
        """Makes a run the first of a series, which goes on to its end as `Queue.leave` allows.

        Args:
            run: which paints the first of the photos.
            photos: the files of all.
        """
        series = Series(secrets.token_urlsafe(8), list(photos), {0: run.id})
        run.series = series
        try:
            self._queue.leave(run)
        except Busy:  # then somebody has to watch, as with any other picture
            _log.debug("a series has to be watched")
        self._follow(series, run)
        return series

    def take_back(self, jobs: Iterable[Job]) -> None:
        """Goes on with the series of the jobs that an earlier server has left."""
        found: dict[str, list[Run]] = {}
        for job in jobs:
            if isinstance(job, Run) and job.series is not None:
                found.setdefault(job.series.id, []).append(job)
        for runs in found.values():
            # What was written last knows the most.
            copies = [run.series for run in runs if run.series is not None]
            series = max(copies, key=lambda each: (each.next_place, each.over))
            for run in runs:
                run.series = series
            newest = [run for run in runs if run.id == series.newest]
            if newest and not series.over:
                self._follow(series, newest[0])
            else:  # it is over, or what it would go on from is lost
                series.over = True

    async def following(self, job: Job, patience: float = 10) -> Job:
        """The run of the job's series that comes next or is painted; the job itself if none is.

        Args:
            job: which may have ended a moment ago, so that the next one is about to begin.
            patience: for how many seconds to wait for that.
        """
        series = job.series if isinstance(job, Run) else None
        until = time.monotonic() + patience
        while series is not None and not series.over and job.finished:
            newest = self._runs.find(series.newest)
            if newest is not None and not newest.finished:
                return newest
            if time.monotonic() > until:
                return job
            await asyncio.sleep(_LOOK_EVERY)
        return job

    @staticmethod
    def goes_on(job: Job) -> bool:
        """Whether the job is one of a series that is not over."""
        return isinstance(job, Run) and job.series is not None and not job.series.over

    def _follow(self, series: Series, run: Run) -> None:
        # On borrowed GPUs the visitor's token is in the context.
        context = contextvars.copy_context()
        given = (self._paint, series, run)
        threading.Thread(target=context.run, args=given, name="series", daemon=True).start()

    def _paint(self, series: Series, run: Run) -> None:
        try:
            run.wait()
            while not _is_ended(run) and series.next_place < len(series.photos):
                run = self._next(series, run)
                run.wait()
        except Exception:  # the pages that watch must learn that nothing comes any more
            _log.exception("a series cannot go on")
        finally:
            series.over = True

    def _next(self, series: Series, before: Run) -> Run:
        """Starts the next photo once there is a place for it; gives the run before if that cannot be."""
        place = series.next_place
        try:
            file = series.photos[place]
            if gone := self._uploads.gone({"content": file}):
                raise next(iter(gone.values()))
            photo = decoding.picture(file, NAMES["content"], wanted("content")).image
            run = self._runs.succeed(before, photo, place)
        except StyleTransferError as error:
            if not isinstance(error, Busy) and error.code not in _PASSING:
                series.wrong[place] = error.alone()
            else:
                time.sleep(_AGAIN)
            return before
        self._files.record(run)
        if _is_ended(before):  # stopped or deleted at that very moment
            run.stop()
            if before.forgotten:
                self._queue.delete(run)
        return run


def _is_ended(run: Run) -> bool:
    """Whether the visitor has stopped or deleted this run, and wants none after it."""
    return run.stopped or run.forgotten
