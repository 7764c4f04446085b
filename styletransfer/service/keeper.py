"""Keeps jobs on disk while they wait and are painted, and brings them back after a restart."""

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..engine.step import Step
from .archive import described, job_of, painted, save_pictures, save_progress
from .clock import Clock
from .contact_sheet import ContactSheet
from .files import Files
from .job import Job
from .queue import Queue
from .records import Record, Records
from .run import Run

# Seconds between two kept pictures of a run: what a killed server loses of it at most is this and
# `_LOOK_EVERY`, about ten. Keeping one takes some milliseconds at 512 pixels and a second at 4096.
_KEEP_EVERY = 8
_LOOK_EVERY = 1.0

# What fails while something is written: the disk, or the database on it.
FAILURES = (OSError, sqlite3.Error)

_log = logging.getLogger(__name__)


@dataclass
class _Known:
    """What is on disk of a job.

    Attributes:
        entered: when the job was started, by the keeper's clock.
        step: the newest step that is kept, or what stands for it; None for none.
        steps: how many steps are kept.
        scale: at which scale the kept picture is.
        when: when it was kept, by `time.monotonic`.
        about: what the record says.
        final: whether the last picture of a job that has ended is kept.
    """

    entered: float
    step: object = None
    steps: int = 0
    scale: int = 0
    when: float = 0.0
    about: dict[str, Any] | None = None
    final: bool = False


class Keeper:
    """Observes the jobs of a queue, and writes what would else be lost with the process.

    Args:
        queue: whose jobs are kept.
        files: where the jobs' folders are.
        records: where what is known about them is written.
        counterpart_of: gives the id of a job's counterpart.
        clock: the time that outlives the server.
    """

    def __init__(
        self,
        queue: Queue,
        files: Files,
        records: Records,
        counterpart_of: Callable[[Job], str | None],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._queue, self._files, self._records = queue, files, records
        self._counterpart_of = counterpart_of
        self._known: dict[str, _Known] = {}  # by the jobs' ids
        self._lock = threading.Lock()  # one job is written at a time, and no older picture over a newer
        self._over = threading.Event()
        self._failing: set[str] = set()  # the ids of jobs of which it was said that they cannot be kept
        queue.on_entered, queue.on_ended = self._took, self._took

    def bring_back(self) -> list[Record]:
        """Puts the jobs of earlier servers back into the queue, and returns what was known of them.

        A job that has ended can be found as before. Another one waits in line again, in the old order,
        and goes on from its kept picture. What has no files any more is forgotten.
        """
        records: list[Record] = []
        for record in self._records.jobs():
            try:
                job = job_of(record, self._files.folder_of_id(record.id))
            except Exception as error:  # whatever is damaged, the others are to come back
                _log.warning("a job of an earlier server is lost: %s", error)
                with contextlib.suppress(sqlite3.Error):
                    self._records.delete(record.id)
                continue
            if record.ended is not None:
                job.ended = self._clock.monotonic(record.ended)
            final = job.finished and isinstance(job, Run)
            newest = None if final else _newest(job)
            self._known[job.id] = _Known(record.entered, newest, record.steps, final=final)
            if isinstance(job, Run):
                if not final:
                    self._files.record_again(job)
                first = all(each.ended is not None for each in records)
                job.interrupted = first and record.ended is None
            self._queue.take_back(job)
            records.append(record)
        self._files.delete_all_but({record.id for record in records})
        return records

    def begin(self) -> None:
        """Begins to observe, in a thread of its own."""
        threading.Thread(target=self._observe, name="keeper", daemon=True).start()

    def forget(self, job: Job) -> None:
        """Forgets what was written about a job, whose files have been deleted."""
        self._known.pop(job.id, None)
        self._failing.discard(job.id)
        with contextlib.suppress(sqlite3.Error):  # a full disk; without its files it is lost anyway
            self._records.delete(job.id)

    def close(self) -> None:
        """Writes everything once more, and observes no longer."""
        self._over.set()
        for job in self._queue.jobs():
            if not (isinstance(job, Run) and job.at_rest):
                self._look_at(job, at_once=True)
        self._clock.note(at_once=True)

    def _took(self, job: Job) -> None:
        """Keeps a job that has just been started or has just ended."""
        if not self._over.is_set():
            self._look_at(job, at_once=True)

    def _observe(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            for job in self._queue.jobs():
                if not (isinstance(job, Run) and job.at_rest):
                    self._look_at(job)
                    self._rest(job)
            self._clock.note()

    def _rest(self, job: Job) -> None:
        """Puts a run to rest that is wholly on disk and has not been asked for in a while."""
        known = self._known.get(job.id)
        if not (isinstance(job, Run) and known and known.final) or job.id in self._failing:
            return
        folder = self._files.folder_of(job)
        job.rest(lambda: painted(folder), self._queue.limits.rest)

    def _look_at(self, job: Job, at_once: bool = False) -> None:
        try:
            with self._lock:
                self._keep(job, at_once)
            self._failing.discard(job.id)
        except FAILURES as error:
            new = not job.forgotten and job.id not in self._failing  # else it was deleted meanwhile
            if new:
                self._failing.add(job.id)
                _log.warning("a job cannot be kept on disk, and it is tried again: %s", error)
        except Exception:  # whatever it was, the thread has to live on for the other jobs
            _log.exception("a job cannot be kept")
        if job.forgotten:
            self._files.delete(job)
            self.forget(job)

    def _keep(self, job: Job, at_once: bool) -> None:
        """Writes what is new of a job: first its pictures, then the record that says that they exist."""
        if job.forgotten:
            return
        folder = self._files.folder_of(job)
        known = self._known.get(job.id)
        if known is None:
            save_pictures(job, folder)
            known = self._known[job.id] = _Known(self._clock.now())
        finished = job.finished  # asked before the picture, which only then is the last
        newest = None if known.final else _newest(job)
        due = not known.final and self._due(known, newest, at_once)
        if due:
            known.steps = save_progress(job, folder)
            known.step, known.scale, known.when = newest, getattr(newest, "scale", 0), time.monotonic()
        about = described(job, self._counterpart_of(job))
        about["ended"] = self._clock.at(job.ended) if finished and job.ended is not None else None
        if due or about != known.about:
            self._records.save(Record(**about, entered=known.entered, steps=known.steps))
            known.about = about
        if finished and isinstance(job, Run):
            known.final, known.step = True, None

    @staticmethod
    def _due(known: _Known, newest: object, at_once: bool) -> bool:
        """Whether there is a newer picture than the kept one, and it is time to keep it."""
        if newest is known.step or newest == known.step:
            return False
        if at_once or not isinstance(newest, Step) or newest.scale != known.scale:
            return True
        return time.monotonic() - known.when >= _KEEP_EVERY


def _newest(job: Job) -> object:
    """What changes whenever there is more of the job to keep; None while there is nothing."""
    if isinstance(job, Run):
        return job.view if job.finished else job.step  # a draft is kept only as a result
    return (job.painted, job.finished) if isinstance(job, ContactSheet) else None
