"""What every job in the line has, whether it paints one picture or a contact sheet of nine.

A job belongs to a visitor, not to a connection: a page only watches it, may lose its connection and come
back by the job's id. A job that nobody has watched for a while is stopped, and its picture is kept.
"""

import contextlib
import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence

from PIL import Image

from ..engine.step import Step
from ..errors import StyleTransferError
from ..pictures import Pictures
from ..settings import Settings
from .inputs import Inputs

# Paints one picture from these pictures and settings, step by step. It may be closed at any step, and is
# sent the settings as they have been adjusted since the step before. Where it does so is its own affair:
# on this machine, on a borrowed GPU, on another machine.
Runner = Callable[[Pictures, Settings], Generator[Step, Settings | None]]

# Makes a quick first picture from the photo and one painting; None where it cannot.
Drafter = Callable[[Image.Image, Sequence[Image.Image]], Image.Image | None]


class Job(ABC):
    """Something to be painted, for one visitor. Safe to read from any thread.

    Attributes:
        id: a secret; whoever has it may see and delete the picture.
        inputs: what the visitor handed in.
        visitor: whose it is; empty if nobody knows.
        ahead: how many jobs come before it in the line; 0 while it paints.
        error: why it failed, if it did.
        ended: when it ended, by `time.monotonic`; None before.
        forgotten: whether the line keeps it no longer. Nothing of it may stay on disk then.
    """

    def __init__(self, inputs: Inputs, visitor: str = "") -> None:
        self.id = secrets.token_urlsafe(16)
        self.inputs = inputs
        self.visitor = visitor
        self.ahead = 0
        self.error: StyleTransferError | None = None
        self.ended: float | None = None
        self.forgotten = False
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
        """Whether its end was asked for."""
        return self._stop.is_set()

    @property
    @abstractmethod
    def begun(self) -> bool:
        """Whether at least one step has been painted."""

    @property
    @abstractmethod
    def state(self) -> tuple[object, ...]:
        """A value that differs from the one before whenever there is something new to show."""

    @property
    def view(self) -> Image.Image | Step | None:
        """The one picture that is to be shown and kept, if there is one."""
        return None

    @property
    def current_settings(self) -> Settings:
        """What the knobs are to show: the settings as handed in, and as adjusted since."""
        return self.inputs.settings

    def stop(self) -> None:
        """Asks for the end after the step in progress; the picture so far stays."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the end; False when the seconds ran out first."""
        return self._finished.wait(timeout)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Counts as one watcher while inside; a watched job goes on."""
        with self._lock:
            self._watchers += 1
        try:
            yield
        finally:
            with self._lock:
                self._watchers -= 1
                self._last_watched = time.monotonic()

    def unwatched(self) -> float:
        """For how many seconds nobody has been watching."""
        with self._lock:
            return 0.0 if self._watchers else time.monotonic() - self._last_watched

    @abstractmethod
    def sketch(self, drafter: Drafter) -> None:
        """Makes what is to be shown while the job waits in the line."""

    @abstractmethod
    def paint(self, runner: Runner) -> Generator[Step]:
        """Paints, and yields every step; may be closed at any of them."""

    def finish(self, error: StyleTransferError | None = None) -> None:
        """Marks the end, with the reason if it failed."""
        self.error = error
        self.ended = time.monotonic()
        self._finished.set()
