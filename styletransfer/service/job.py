"""A job in the queue: the base class of a single picture (`Run`) and of a `ContactSheet`.

A job belongs to a visitor, not to a connection: a page only watches it, and after a lost connection it
finds the job again by its id. A job that nobody has watched for a while is stopped, and its picture is
kept; unless its visitor has asked that it goes on unattended.
"""

import contextlib
import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence

from PIL import Image

from ..engine.forecast import Pace
from ..engine.step import Step
from ..errors import StyleTransferError
from ..pictures import Pictures
from ..settings import Settings
from .inputs import Inputs
from .line import wait
from .visitor import NOBODY, Visitor

# Makes a generator that paints one picture and yields every step. After a step it is sent the settings
# as they have been adjusted, and it may be closed at any step. It may compute anywhere: on this machine,
# on a borrowed GPU, on another machine.
Runner = Callable[[Pictures, Settings], Generator[Step, Settings | None]]

Task = tuple[Pictures, Settings]  # what a runner makes one picture from

# Makes a quick first picture from the photo and one painting; None where that is impossible.
Drafter = Callable[[Image.Image, Sequence[Image.Image]], Image.Image | None]


def in_turn(runner: Runner, tasks: Sequence[Task]) -> Generator[tuple[int, Step]]:
    """The steps of several pictures, one after the other, each with the index of its task.

    Args:
        runner: paints them, all in one call of its `in_turn` if it has that.
        tasks: what they are made from.
    """
    together: Callable[[Sequence[Task]], Generator[tuple[int, Step]]] | None
    together = getattr(runner, "in_turn", None)
    if together is not None:
        yield from together(tasks)
        return
    for number, (pictures, settings) in enumerate(tasks):
        with contextlib.closing(runner(pictures, settings)) as steps:
            for step in steps:
                yield number, step


class Job(ABC):
    """Something to be painted for one visitor. It may be read from any thread.

    Attributes:
        id: a secret; whoever has it may see and delete the picture.
        inputs: what the visitor handed in.
        visitor: who started it.
        ahead: how many jobs have to end before it begins; 0 while it is painted.
        predecessors: all jobs that come before it in the line; none while it is painted.
        places: how many jobs are painted at the same time.
        expected: how many seconds it is expected to take, once it has begun.
        error: why it failed, if it did.
        ended: the time of its end by `time.monotonic`; None before that.
        forgotten: whether the queue has dropped it. Then no file of it may stay on disk.
        brief: whether it is kept for minutes only, because it belongs to a program and not to a page.
        in_memory: whether jobs of this class stay in memory after their end.
        unattended: whether it goes on to its end although nobody watches it; `Queue.leave` decides.
    """

    in_memory = True

    def __init__(self, inputs: Inputs, visitor: Visitor = NOBODY) -> None:
        self.id = secrets.token_urlsafe(16)
        self.inputs = inputs
        self.visitor = visitor
        self.ahead = 0
        self.predecessors: Sequence[Job] = ()
        self.places = 1
        self.expected = 0.0
        self.error: StyleTransferError | None = None
        self.ended: float | None = None
        self.forgotten = False
        self.brief = False
        self.unattended = False
        self._stop = threading.Event()
        self._finished = threading.Event()
        self._watchers = 0
        self._last_watched = time.monotonic()
        self._lock = threading.Lock()

    @property
    def finished(self) -> bool:
        """Whether it has ended: painted to the last step, stopped, or failed."""
        return self._finished.is_set()

    @property
    def stopped(self) -> bool:
        """Whether it has been asked to stop."""
        return self._stop.is_set()

    @property
    def waits(self) -> int:
        """In how many seconds it is expected to begin, in steps of half a minute."""
        return 30 * round(wait([job.left for job in self.predecessors], self.places) / 30)

    @property
    def left(self) -> float:
        """How many seconds it is expected to take from now, once it has begun."""
        return self.expected

    @abstractmethod
    def foretell(self, pace: Pace) -> float:
        """How many seconds it is expected to take on a machine of this pace, once it has begun."""

    @property
    @abstractmethod
    def begun(self) -> bool:
        """Whether at least one step has been painted."""

    @property
    @abstractmethod
    def state(self) -> tuple[object, ...]:
        """A value that changes whenever there is something new to show."""

    @property
    def view(self) -> Image.Image | Step | None:
        """The one picture that is to be shown and kept, if there is one."""
        return None

    @property
    def current_settings(self) -> Settings:
        """The settings that the page's controls show: as handed in, with later adjustments."""
        return self.inputs.settings

    def stop(self) -> None:
        """Asks the job to end after the step in progress; the picture so far is kept."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the job has ended; False if the timeout, in seconds, came first."""
        return self._finished.wait(timeout)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """A context that counts as a watcher of the job, which goes on as long as it has one."""
        with self._lock:
            self._watchers += 1
        try:
            yield
        finally:
            with self._lock:
                self._watchers -= 1
                self._last_watched = time.monotonic()

    def seen(self) -> None:
        """Counts as a glance of somebody who watches from time to time."""
        with self._lock:
            self._last_watched = time.monotonic()

    def take_place_of(self, before: "Job") -> None:
        """Is attended as much as the job was after which it comes."""
        self.unattended = before.unattended
        self._last_watched = time.monotonic() - before.unwatched()

    def unwatched(self) -> float:
        """The seconds since the last watcher left; 0 while there is one."""
        with self._lock:
            return 0.0 if self._watchers else time.monotonic() - self._last_watched

    @abstractmethod
    def sketch(self, drafter: Drafter) -> None:
        """Makes the drafts that are shown while the job waits in the queue."""

    @abstractmethod
    def paint(self, runner: Runner) -> Generator[Step]:
        """Paints, and yields every step; may be closed at any of them."""

    def finish(self, error: StyleTransferError | None = None) -> None:
        """Marks the job as ended, with the error if it failed."""
        self.error = error
        self.ended = time.monotonic()
        self._finished.set()
