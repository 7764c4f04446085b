"""Runs that belong to a visitor rather than to a connection: one thread a job, one job at a time.

A page only watches. It may lose its connection and come back by the job's id; a job that nobody has
watched for a while stops and its picture is kept. Knows nothing of the page, and, through its
`Runner`, nothing of where the work is done: here, on a borrowed GPU, on another machine.
"""

import contextlib
import contextvars
import logging
import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from PIL import Image, ImageOps

from ..engine.colour import keep_colours
from ..engine.draft import draft
from ..engine.forecast import Pace
from ..engine.stylize import Step, leading
from ..errors import StyleTransferError
from ..images import fitted_size, resize, to_image, to_tensor
from ..pictures import Pictures
from ..settings import Settings

# What does the work of a job, given its pictures and settings. It may be closed at any step, and is sent
# the settings as they have been turned since.
Runner = Callable[[Pictures, Settings], Generator[Step, Settings | None]]

# A quick first picture, given the content and one style; None where there is none.
Drafter = Callable[[Image.Image, Sequence[Image.Image]], Image.Image | None]

# Before this step a draft is nearer to the finished picture than what is painted so far.
DRAFT_STEPS = 10

_log = logging.getLogger(__name__)


class Busy(StyleTransferError):
    """Too many jobs are waiting already."""


class Mark(NamedTuple):
    """What is kept of every step."""

    number: int
    scale: int
    elapsed: float
    content: float
    style: float
    total: float


class Job:
    """One run: its inputs, the newest step, and how it ended. Safe to read from any thread."""

    def __init__(self, pictures: Pictures, settings: Settings, visitor: str = "") -> None:
        self.id = secrets.token_urlsafe(16)  # whoever has it may see the picture
        # No larger than it will be painted: a line of phone photos would fill the memory.
        self.pictures = _no_larger_than_painted(pictures, settings)
        self.settings = settings  # as the newest step was painted
        self.wanted = settings  # as they have been turned since, for the next one
        self.visitor = visitor
        self.draft: Image.Image | None = None  # the first picture to show
        self.step: Step | None = None  # the newest one
        self.shown: Step | None = None  # the newest one with a picture to show
        self.marks: list[Mark] = []  # of all steps
        self.ahead = 0  # how many jobs come first; 0 while painting
        self.error: StyleTransferError | None = None
        self.ended: float | None = None
        self._stop = threading.Event()
        self._finished = threading.Event()
        self._watchers = 0
        self._watched = time.monotonic()
        self._lock = threading.Lock()
        self._renewed = threading.Condition()

    @property
    def finished(self) -> bool:
        """Whether it has ended: painted to the last step, stopped, or failed."""
        return self._finished.is_set()

    @property
    def stopped(self) -> bool:
        """Whether its end was asked for."""
        return self._stop.is_set()

    @property
    def view(self) -> Image.Image | Step | None:
        """What is to be shown and kept now: the draft at first, then the newest step that is due.

        Before any of it, the picture that it starts from, if that is not the photo.
        """
        first = min(DRAFT_STEPS, self.settings.steps // 2)
        early = self.step is None or self.step.number < first
        drafted = early and self.draft and not self.error and (self.stopped or not self.finished)
        return self.draft if drafted else self.shown or self.pictures.start

    def stop(self) -> None:
        """Asks for the end after the step in progress; the picture so far stays."""
        self._stop.set()

    def turn(self, **values: float) -> None:
        """Other values for knobs that are `live`, from the next step on.

        Raises:
            SettingsError: a value is not allowed; everything stays as it was.
        """
        with self._lock:
            if not self.finished:
                self.wanted = self.settings.with_live(replace(self.wanted, **values))

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the end; False when the seconds ran out first."""
        return self._finished.wait(timeout)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """While inside, somebody is watching and the job goes on."""
        with self._lock:
            self._watchers += 1
        try:
            yield
        finally:
            with self._lock:
                self._watchers -= 1
                self._watched = time.monotonic()

    def unwatched(self) -> float:
        """For how many seconds nobody has been watching."""
        with self._lock:
            return 0.0 if self._watchers else time.monotonic() - self._watched

    def sketch(self, drafter: Drafter) -> None:
        """Makes what is to be shown while it waits for its turn."""
        # The network for drafts knows neither masks nor a start.
        whole = not any(self.pictures.masks) and self.pictures.start is None
        if not (whole and self.settings.content_weight and self.settings.style_weight):
            return
        photo = self.pictures.content
        quick = drafter(photo, [leading(self.pictures.styles, self.settings)])
        if quick is not None and self.settings.keep:
            tensors = (to_tensor(each) for each in (quick.resize(photo.size), photo))
            quick = to_image(keep_colours(*tensors, self.settings.keep))
        self.draft = quick

    def paint(self, runner: Runner) -> Generator[Step, Settings | None]:
        """The steps of its work, which may be closed at any of them, and is sent settings."""
        return runner(self.pictures, self.settings)

    def take(self, step: Step) -> None:
        """Makes this step the newest."""
        self.step = step
        self.marks.append(Mark(*(getattr(step, name) for name in Mark._fields)))
        if step.due or self.shown is None:
            with self._renewed:
                self.shown = step
                self._renewed.notify_all()

    def steps_shown(self) -> Iterator[Step]:
        """Each step with a picture to show, waited for, to the end; who is slow misses some.

        The last one comes once more in the end, as it is kept.
        """
        seen = None
        while True:
            with self._renewed:
                self._renewed.wait_for(lambda seen=seen: self.finished or self.shown is not seen)
                newest = self.shown
            if newest is None or newest is seen:
                return
            yield newest
            seen = newest

    def finish(self, error: StyleTransferError | None = None) -> None:
        """Ends it; the newest step is the result, if there is one."""
        self.error = error
        try:
            if self.step is not None:
                # Kept for a day: not on the device, which others need, and 11 bits a channel are enough.
                held = {name: getattr(self.step, name) for name in ("pixels", "photo", "cover")}
                halved = {name: each.half().cpu() for name, each in held.items() if each is not None}
                self.step = replace(self.step, **halved)
        except Exception:  # whoever watches has to hear of the end, even where the device is lost
            _log.exception("the picture could not be fetched")
            self.step, self.error = None, self.error or StyleTransferError("server_failed")
        with self._renewed:
            self.shown = self.step
            self.ended = time.monotonic()
            with self._lock:
                self.wanted = self.settings  # what came after the last step has painted nothing
                self._finished.set()
            self._renewed.notify_all()


class Jobs:
    """The line of jobs before one device: first come, first served, one at a time.

    Args:
        runner: does the work.
        drafter: a quick first picture, or None; shown until the runner has one.
        waiting: how many jobs may stand in the line.
        grace: seconds after which a job that nobody watches is stopped.
        keep: seconds for which a finished job can still be found.
        most: how many finished jobs are kept at once; beyond that the oldest go first.
        each: how many unfinished jobs one visitor may have.

    Attributes:
        forgotten: called with the id of each job that is kept no longer.
        pace: how fast they are painted; the runner's own, if it has one.
    """

    def __init__(
        self,
        runner: Runner,
        drafter: Drafter = draft,
        waiting: int = 20,
        grace: float = 300,
        keep: float = 86400,
        most: int = 100,
        each: int = 5,
    ) -> None:
        self.forgotten: Callable[[str], None] = lambda id: None
        self.pace: Pace = getattr(runner, "pace", None) or Pace()
        self._runner = runner
        self._drafter = drafter
        self._most = most
        self._each = each
        self._waiting = waiting
        self._grace = grace
        self._keep = keep
        self._jobs: dict[str, Job] = {}
        self._line: list[Job] = []
        self._turn = threading.Condition()
        threading.Thread(target=self._tidy, daemon=True).start()

    def start(self, pictures: Pictures, settings: Settings, visitor: str = "") -> Job:
        """A job in a thread of its own, which paints when its turn comes.

        Args:
            visitor: whose it is; no limit for those without a name.

        Raises:
            Busy: the line is full, or has too many of this visitor already.
        """
        return self.enter(Job(pictures, settings, visitor))

    def enter(self, job: Job) -> Job:
        """The job, from now on in the line, in a thread of its own.

        Raises:
            Busy: as `start`.
        """
        with self._turn:
            self._check_room(job.visitor)
            self._forget()
            self._jobs[job.id] = job
            self._line.append(job)
            self._count()
        # The caller's context goes along: on borrowed GPUs the visitor's token travels in it.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._work, job), daemon=True).start()
        return job

    def check_room(self, visitor: str = "") -> None:
        """Finds out, before pictures are read in vain, that `start` would refuse them.

        Raises:
            Busy: as `start`.
        """
        with self._turn:
            self._check_room(visitor)

    def room(self) -> float:
        """The bytes that are free for painting; infinite while somebody paints, or where unknown."""
        tell = getattr(self._runner, "room", None)
        with self._turn:
            idle = not self._line
        return tell() if tell and idle else float("inf")

    def forget(self, job: Job) -> None:
        """Keeps a finished job no longer: nobody can come back to it."""
        with self._turn:
            if job.finished and self._jobs.pop(job.id, None):
                self.forgotten(job.id)

    def delete(self, job: Job) -> None:
        """Keeps a job no longer, finished or not: it ends after the step in progress."""
        job.stop()
        with self._turn:
            if self._jobs.pop(job.id, None):
                self.forgotten(job.id)

    def find(self, id: str | None) -> Job | None:
        """The job of this id, as long as it is kept."""
        with self._turn:
            self._forget()
            return self._jobs.get(id or "")

    @property
    def unfinished(self) -> int:
        """How many are painting or waiting."""
        return len(self._line)

    def _check_room(self, visitor: str) -> None:
        theirs = sum(each.visitor == visitor for each in self._line)
        if visitor and theirs >= self._each:
            if theirs == 1:
                raise Busy("one_picture_unfinished")
            raise Busy("pictures_unfinished", pictures=theirs)
        if len(self._line) > self._waiting:
            raise Busy("line_full", pictures=len(self._line))

    def _work(self, job: Job) -> None:
        error = None
        try:
            job.sketch(self._drafter)  # at once, not when its turn comes
            if self._await_turn(job):
                self._paint(job)
        except StyleTransferError as caught:
            error = caught.alone()
        except Exception:  # the thread's last resort: whoever watches must hear of the end
            _log.exception("job failed")
            error = StyleTransferError("server_failed")
        finally:
            with self._turn:
                self._line.remove(job)
                self._count()
                self._turn.notify_all()
            job.finish(error)

    def _await_turn(self, job: Job) -> bool:
        with self._turn:
            while not self._leave(job):
                if self._line[0] is job:
                    return True
                self._turn.wait(timeout=0.5)
        return False

    def _paint(self, job: Job) -> None:
        job.settings = job.wanted  # it may have been turned while it was waiting
        with contextlib.closing(job.paint(self._runner)) as steps, contextlib.suppress(StopIteration):
            step = next(steps)
            while True:  # until `send` tells that there are no more
                job.take(step)
                if self._leave(job):
                    break
                wanted, before = job.wanted, step
                step = steps.send(wanted)
                job.settings = wanted
                if step.scale == before.scale and step.number > before.number:
                    self.pace.learn(step.width * step.height, step.elapsed - before.elapsed)

    def _leave(self, job: Job) -> bool:
        if job.unwatched() > self._grace:
            job.stop()
        return job.stopped

    def _count(self) -> None:
        for ahead, job in enumerate(self._line):
            job.ahead = ahead

    def _forget(self) -> None:
        now = time.monotonic()
        finished = sorted((job.ended, id) for id, job in self._jobs.items() if job.ended is not None)
        for place, (ended, id) in enumerate(reversed(finished)):
            if now - ended > self._keep or place >= self._most:
                del self._jobs[id]
                self.forgotten(id)

    def _tidy(self) -> None:
        while True:  # a promise to delete holds when nobody comes, too
            time.sleep(min(60, self._keep))
            try:
                with self._turn:
                    self._forget()
            except Exception:  # one that cannot be deleted must not keep the others
                _log.exception("tidying up failed")


def _no_larger_than_painted(pictures: Pictures, settings: Settings) -> Pictures:
    brush = round(settings.size * max(1, settings.brush_scale))
    canvas = fitted_size(*pictures.content.size, settings.size)
    return Pictures(
        _no_larger(pictures.content, settings.size),
        tuple(_no_larger(style, brush) for style in pictures.styles),
        tuple(mask and _no_larger(mask.convert("L"), settings.size) for mask in pictures.masks),
        pictures.start and ImageOps.fit(pictures.start, canvas, Image.Resampling.LANCZOS),
    )


def _no_larger(image: Image.Image, size: int) -> Image.Image:
    return image if max(image.size) <= size else resize(image, size)
