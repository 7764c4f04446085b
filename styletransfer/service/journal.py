"""What became of every job and request, as plain figures: no names, no pictures, no addresses."""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ..presets import preset_of
from .job import Job
from .queue import Queue
from .run import Run


@dataclass(frozen=True)
class Ended:
    """A job that has ended.

    Attributes:
        run: a text by which two lines about the same job are known; nobody finds the job by it.
        kind: "picture" or "nine looks".
        program: whether a program started it.
        state: "done", "stopped" or "failed".
        code: of the error, if it failed.
        width: of the picture in pixels; 0 before the first step.
        height: of the picture in pixels; 0 before the first step.
        steps: how many were painted.
        of: how many there were to be.
        preset: whose settings it has; None for settings of one's own.
        waited: seconds in the line; None for a job of an earlier server.
        seconds: of painting.
    """

    run: str
    kind: str
    program: bool
    state: str
    code: str | None
    width: int
    height: int
    steps: int
    of: int
    preset: str | None
    waited: float | None
    seconds: float

    @property
    def step_seconds(self) -> float | None:
        """The mean seconds a step; None if there is none."""
        return self.seconds / self.steps if self.steps else None


class Journal:
    """Observes the jobs of a queue, and tells when one has ended.

    Args:
        queue: whose jobs are observed, besides whoever observes them already.

    Attributes:
        readers: functions that are told of every job that has ended.
        refusals: how many requests were refused, by the code of the reason.
    """

    def __init__(self, queue: Queue) -> None:
        self.readers: list[Callable[[Ended], None]] = []
        self.refusals: Counter[str] = Counter()
        self._entered: dict[str, float] = {}  # when, by the job's id
        self._lock = threading.Lock()
        queue.on_entered = _both(self._note, queue.on_entered)
        queue.on_ended = _both(queue.on_ended, self._tell)
        queue.on_refused = self.refused

    def refused(self, code: str) -> None:
        """Counts a request that was refused for this reason."""
        with self._lock:
            self.refusals[code] += 1

    def _note(self, job: Job) -> None:
        self._entered[job.id] = time.monotonic()

    def _tell(self, job: Job) -> None:
        ended = _ended(job, self._entered.pop(job.id, None))
        for read in self.readers:
            read(ended)


def _ended(job: Job, entered: float | None) -> Ended:
    step = job.step if isinstance(job, Run) else None
    whole = job.ended - entered if entered is not None and job.ended is not None else None
    seconds = step.elapsed if step else 0.0
    preset = preset_of(job.inputs.settings)
    return Ended(
        run=hashlib.sha256(job.id.encode()).hexdigest()[:12],
        kind="picture" if isinstance(job, Run) else "nine looks",
        program=job.brief,
        state="failed" if job.error else "stopped" if job.stopped else "done",
        code=job.error.code if job.error else None,
        width=step.width if step else 0,
        height=step.height if step else 0,
        steps=step.number if step else 0,
        of=job.inputs.settings.steps,
        preset=preset.name if preset else None,
        waited=None if whole is None else round(max(0.0, whole - seconds), 3),
        seconds=round(seconds, 3),
    )


def _both(first: Callable[[Job], None], then: Callable[[Job], None]) -> Callable[[Job], None]:
    def call(job: Job) -> None:
        first(job)
        then(job)

    return call
