"""The queue of jobs for one runner: first come, first served, one at a time unless it can do more.

Every job has a thread, which makes its drafts at once and paints when the job is first in the queue.
"""

import contextlib
import contextvars
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from PIL import Image

from ..engine.draft import draft
from ..engine.forecast import Pace
from ..engine.step import Step
from ..errors import StyleTransferError
from .busy import Busy as Busy
from .busy import reached
from .job import Drafter, Job, Runner
from .limits import Limits as Limits
from .visitor import NOBODY, Visitor

_TIDY_EVERY = 60  # seconds at most

_log = logging.getLogger(__name__)

AnyJob = TypeVar("AnyJob", bound=Job)


class Queue:
    """The queue of jobs.

    Args:
        runner: paints a picture, or as many as its `places` say, if it has that.
        drafter: makes the drafts, which are shown until the first steps have been painted.
        limits: how many jobs it accepts and keeps.

    Attributes:
        on_entered, on_ended, on_forgotten: functions that are called with every job when it has been
            started, when it has ended, and when the queue drops it.
        on_refused: a function that is called with the code of the limit for which a job was refused.
        check_device: lets the runner's device compute something small; raises what is wrong with it.
        pace: how fast the device is; the runner's `pace`, if it has one.
    """

    def __init__(self, runner: Runner, drafter: Drafter = draft, limits: Limits | None = None) -> None:
        self.on_entered: Callable[[Job], None] = lambda _: None
        self.on_ended: Callable[[Job], None] = lambda _: None
        self.on_forgotten: Callable[[Job], None] = lambda _: None
        self.on_refused: Callable[[str], None] = lambda _: None
        self.check_device: Callable[[], None] = getattr(runner, "check", None) or (lambda: None)
        self.pace: Pace = getattr(runner, "pace", None) or Pace()
        self._runner = runner
        self._places: int = getattr(runner, "places", 1)
        self._drafter = drafter
        self.limits = limits or Limits()
        self._jobs: dict[str, Job] = {}
        self._line: list[Job] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._tidy, daemon=True).start()

    def enter(self, job: AnyJob) -> AnyJob:
        """Puts a job at the end of the queue and returns it.

        Raises:
            Busy: the queue is full, or holds too many jobs of this visitor already.
        """
        with self._changed:
            self._check_limits(job.visitor)
            self._forget_old()
            self._append(job)
        self.on_entered(job)
        return job

    def take_back(self, job: Job) -> None:
        """Takes a job of an earlier server: one that has ended is kept, another one waits in line."""
        with self._changed:
            if job.finished:
                self._jobs[job.id] = job
            else:
                self._append(job)

    def check_limits(self, visitor: Visitor = NOBODY) -> None:
        """Raises the error that `enter` would raise now, so that no pictures are read in vain.

        Raises:
            Busy: the queue is full, or holds too many jobs of this visitor already.
        """
        with self._changed:
            self._check_limits(visitor)

    def free_memory(self) -> float:
        """The bytes free for painting; infinite if unknown, and while there is an unfinished job."""
        ask = getattr(self._runner, "free_memory", None)
        with self._changed:
            idle = not self._line
        return float(ask()) if ask and idle else float("inf")

    def quota(self, seconds: float) -> int | None:
        """How many seconds of borrowed time a picture asks its visitor for; None where none is borrowed.

        Args:
            seconds: that the painting is expected to take.

        Raises:
            StyleTransferError: longer than can be borrowed at once.
        """
        ask: Callable[[float], int] | None = getattr(self._runner, "quota", None)
        return ask(seconds) if ask else None

    def find(self, id: object) -> Job | None:
        """The job with this id, as long as it is kept; None for whatever else a browser has sent."""
        with self._changed:
            self._forget_old()
            return self._jobs.get(id) if isinstance(id, str) else None

    def jobs(self) -> list[Job]:
        """All jobs that are kept: waiting, being painted, or finished."""
        with self._changed:
            return list(self._jobs.values())

    def forget_oldest(self) -> bool:
        """Drops the job that ended first of those that are kept; False if none has ended."""
        with self._changed:
            ended = [job for job in self._jobs.values() if job.finished]
            if ended:
                self._drop(min(ended, key=lambda job: job.ended or 0.0))
            return bool(ended)

    def forget(self, job: Job) -> None:
        """Drops a finished job, so that nobody can come back to it; an unfinished one stays."""
        with self._changed:
            if job.finished:
                self._drop(job)

    def delete(self, job: Job) -> None:
        """Drops a job; an unfinished one ends after the step in progress."""
        job.stop()
        with self._changed:
            self._drop(job)

    def leave(self, job: Job) -> None:
        """Lets a job go on to its end although nobody watches it.

        Raises:
            Busy: its address has as many such jobs as it may have.
        """
        with self._changed:
            others = [each for each in self._line if each.unattended and each is not job]
            theirs = sum(each.visitor.address == job.visitor.address for each in others)
            if job.visitor.address and theirs >= self.limits.unattended:
                raise Busy("unattended_already", pictures=theirs)
            job.unattended = True

    def drafted(self, content: Image.Image, styles: Sequence[Image.Image]) -> Image.Image | None:
        """A quick draft outside the line: it takes nothing of the device that paints.

        Args:
            content: the photo, in the size of the draft.
            styles: of which the first counts.
        """
        return self._drafter(content, styles)

    @property
    def unfinished(self) -> int:
        """How many jobs are being painted or waiting."""
        return len(self._line)

    @property
    def ahead_of_next(self) -> int:
        """How many jobs have to end before the next one that comes begins."""
        return max(0, len(self._line) + 1 - self._places)

    def _check_limits(self, visitor: Visitor) -> None:
        most = self.limits.waiting + self._places
        each = self.limits.per_visitor, self.limits.per_address
        if busy := reached(self._line, visitor, *each, most):
            self.on_refused(busy.code)
            raise busy

    def _append(self, job: Job) -> None:
        job.expected = job.foretell(self.pace)
        self._jobs[job.id] = job
        self._line.append(job)
        self._number()
        # The thread gets the caller's context, which holds the visitor's token on borrowed GPUs.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._work, job), name="job", daemon=True).start()

    def _work(self, job: Job) -> None:
        error = None
        try:
            job.sketch(self._drafter)
            if self._wait_in_line(job):
                self._paint(job)
        except StyleTransferError as caught:
            error = caught.alone()
        except Exception:  # whatever has failed, the watchers must learn that the job has ended
            _log.exception("job failed")
            error = StyleTransferError("server_failed")
        finally:
            with self._changed:
                self._line.remove(job)
                job.ahead, job.predecessors = 0, ()  # it may have been stopped while it waited
                self._number()
                self._changed.notify_all()
            job.finish(error)
            self.on_ended(job)

    def _wait_in_line(self, job: Job) -> bool:
        """Waits until it is the job's turn; False if it is stopped before."""
        with self._changed:
            while not self._is_stopped(job):
                if job in self._line[: self._places]:
                    return True
                self._changed.wait(timeout=0.5)
        return False

    def _paint(self, job: Job) -> None:
        before: Step | None = None
        with contextlib.closing(job.paint(self._runner)) as steps:
            for step in steps:
                if before and step.scale == before.scale and step.number > before.number:
                    self.pace.learn(step.width * step.height, step.elapsed - before.elapsed)
                if self._is_stopped(job):
                    break
                before = step

    def _is_stopped(self, job: Job) -> bool:
        if job.unwatched() > self.limits.grace and not job.unattended:
            job.stop()
        return job.stopped

    def _number(self) -> None:
        for place, job in enumerate(self._line):
            job.ahead, job.places = max(0, place + 1 - self._places), self._places
            job.predecessors = tuple(self._line[:place]) if job.ahead else ()

    def _forget_old(self) -> None:
        now = time.monotonic()
        ended = {job: job.ended for job in self._jobs.values() if job.ended is not None}
        newest_first = sorted(ended, key=lambda job: ended[job], reverse=True)
        newer: Counter[tuple[bool, bool]] = Counter()
        for job in newest_first:
            alike = job.brief, job.in_memory
            if now - ended[job] > self.limits.keep_of(job) or newer[alike] >= self.limits.most_of(job):
                self._drop(job)
            newer[alike] += 1

    def _drop(self, job: Job) -> None:
        if self._jobs.pop(job.id, None) is not None:
            job.forgotten = True
            self.on_forgotten(job)

    def _tidy(self) -> None:
        while True:  # so that pictures are deleted on time even if nobody visits
            time.sleep(min(_TIDY_EVERY, self.limits.keep))
            try:
                with self._changed:
                    self._forget_old()
            except Exception:  # the thread has to live on for the other jobs
                _log.exception("a job could not be forgotten")
