"""The server's end of a process that paints on one device: a generator's own protocol crosses to it."""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import NoReturn

import torch

from ..errors import StyleTransferError
from ..pictures import Pictures
from ..settings import Settings
from .crossing import News
from .painter_process import FOR_THE_SERVER, End, Equipment, Word, serve
from .resuming import PainterLost


class Painter:
    """The server's end: a process that has been started, and is asked for one run after another.

    Args:
        equipment: what it paints with.
        does: what the process does, as `painter_process.serve`.

    Attributes:
        free: the bytes that were free on its device after its newest run; infinite before that.
    """

    def __init__(
        self,
        equipment: Equipment,
        does: Callable[[Connection, Equipment, Connection], NoReturn] = serve,
    ) -> None:
        self.free = float("inf")
        self._network: torch.dtype | StyleTransferError | None = None
        self._ready = False
        self._beginning = threading.Lock()  # whoever comes first waits for it, and others for them
        # A new interpreter, and no fork of this one, whose threads would be missing from it.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._checks, checked = context.Pipe()  # of its own, because runs go through the other one
        self._checking = threading.Lock()
        self._is_there = False
        self._ending = threading.Lock()  # it may be ended from two sides at once
        given = (theirs, equipment, checked)
        self._process = context.Process(target=does, args=given, daemon=True)
        with _spared():
            self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipes
        checked.close()

    @property
    def lost(self) -> bool:
        """Whether the process has ended."""
        return not self._process.is_alive()

    @property
    def process(self) -> int:
        """Its number in the system."""
        return self._process.pid or 0

    def precision(self) -> torch.dtype | None:
        """Of its network, once that is loaded.

        Raises:
            StyleTransferError: as `load_network`. The first run tries again.
            PainterLost: the process has ended.
        """
        try:
            self._wait_until_ready()
        except (EOFError, OSError) as end:
            raise self._end_of_it() from end
        if isinstance(self._network, StyleTransferError):
            raise self._network
        return self._network

    def check(self) -> None:
        """Has the device compute something small, after what it is computing already.

        Raises:
            StyleTransferError: the network is not there yet, or cannot be loaded, or the device fails.
            PainterLost: the process has ended.
        """
        try:
            with self._checking:
                problem = self._asked()
        except (EOFError, OSError) as end:
            raise PainterLost from end
        if problem is not None:
            raise problem

    def _asked(self) -> StyleTransferError | None:
        """The process's answer; while it begins it has none."""
        if not self._is_there and not self._checks.poll():
            return StyleTransferError("network_loading")
        if not self._is_there:
            self._checks.recv()
            self._is_there = True
        self._checks.send(None)
        problem: StyleTransferError | None = self._checks.recv()
        return problem

    def news(self, pictures: Pictures, settings: Settings) -> Generator[News, Settings | None]:
        """News of the steps of one run. May be closed at any of them, and sent settings.

        Args:
            pictures: as for `stylize`.
            settings: as for `stylize`.

        Raises:
            StyleTransferError: as `stylize` and `load_network`.
            PainterLost: the process has ended.
        """
        try:
            self._wait_until_ready()
            self._pipe.send((pictures, settings))
            answer = yield from self._answers(settings)
        except (EOFError, OSError) as end:
            raise self._end_of_it() from end
        self.free = answer.free
        if answer.error is not None:
            raise answer.error

    def end(self) -> None:
        """Ends the process at once, whatever it is doing.

        The pipes stay open until nobody has them any more: a thread that still reads learns of the end.
        """
        with self._ending:
            self._process.kill()
            self._process.join()

    def _answers(self, settings: Settings) -> Generator[News, Settings | None, End]:
        answer = self._pipe.recv()
        try:
            while not isinstance(answer, End):
                sent = yield answer
                self._pipe.send(sent if sent != settings else None)
                settings = sent or settings
                answer = self._pipe.recv()
        except GeneratorExit:
            self._stop()
            raise
        return answer

    def _stop(self) -> None:
        """Ends the run, for which the process waits between two steps."""
        try:
            self._pipe.send(Word.STOP)
            self.free = self._pipe.recv().free
        except (EOFError, OSError):
            self._end_of_it()

    def _wait_until_ready(self) -> None:
        with self._beginning:
            if not self._ready:
                self._network = self._pipe.recv().network
                self._ready = True

    def _end_of_it(self) -> PainterLost:
        self.end()
        return PainterLost(f"process {self.process} has ended ({self._process.exitcode})")


@contextmanager
def _spared() -> Iterator[None]:
    """A context in which processes are started that never get the signals that are for the server.

    A process that is told of Ctrl-C while it still imports torch would else fill the terminal with that.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, FOR_THE_SERVER)  # which a new process inherits
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
