"""A process that paints on one device, and the pipe by which a generator's own protocol crosses to it.

Pictures and settings go in. After each step its news comes out, and the process waits for what it is
sent back: changed settings, nothing, or a word to stop. So settings count from the next step on, and
nothing is computed that nobody wants any more.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import Enum
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, NoReturn

import torch

from ..engine.step import Step
from ..errors import StyleTransferError
from ..network.vgg import choose_device
from ..pictures import Pictures
from ..settings import Settings
from .crossing import News, news_of
from .job import Runner
from .resuming import PainterLost
from .worker import Worker

_log = logging.getLogger(__name__)

# They come to all processes of a terminal at once. The server ends first, and with it the pipe.
_FOR_THE_SERVER = [
    getattr(signal, each) for each in ("SIGINT", "SIGHUP", "SIGBREAK") if hasattr(signal, each)
]


@dataclass(frozen=True)
class Equipment:
    """What a process paints with.

    Attributes:
        device: as for `vgg.load_network`.
        source: as for `vgg.load_network`.
        precision: as for `vgg.load_network`.
        sharers: how many processes share the processor's cores, this one among them.
    """

    device: str
    source: str
    precision: str | None
    sharers: int = 1


class _Word(Enum):
    STOP = "stop"


@dataclass(frozen=True)
class _Ready:
    """The process has begun; `precision` is its network's, or None where that could not be loaded."""

    precision: torch.dtype | None


@dataclass(frozen=True)
class _End:
    """A run has ended: painted, stopped, or with an error; `free` bytes are left on the device."""

    error: StyleTransferError | None
    free: float


class Painter:
    """The server's end: a process that has been started, and is asked for one run after another.

    Args:
        equipment: what it paints with.
        does: what the process does, given its end of the pipe and the equipment.

    Attributes:
        free: the bytes that were free on its device after its newest run; infinite before that.
    """

    def __init__(
        self, equipment: Equipment, does: Callable[[Connection, Equipment], NoReturn] | None = None
    ) -> None:
        self.free = float("inf")
        self._precision: torch.dtype | None = None
        self._ready = False
        # A new interpreter, and no fork of this one, whose threads would be missing from it.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=does or serve, args=(theirs, equipment), daemon=True)
        self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe

    @property
    def lost(self) -> bool:
        """Whether the process has ended."""
        return not self._process.is_alive()

    @property
    def process(self) -> int:
        """Its number in the system."""
        return self._process.pid or 0

    def precision(self) -> torch.dtype | None:
        """Of its network, once that is loaded; None if that has failed.

        Raises:
            PainterLost: the process has ended.
        """
        try:
            self._wait_until_ready()
        except (EOFError, OSError) as end:
            raise self._end_of_it() from end
        return self._precision

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
        """Ends the process at once, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _answers(self, settings: Settings) -> Generator[News, Settings | None, _End]:
        answer = self._pipe.recv()
        try:
            while not isinstance(answer, _End):
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
            self._pipe.send(_Word.STOP)
            self.free = self._pipe.recv().free
        except (EOFError, OSError):
            self._end_of_it()

    def _wait_until_ready(self) -> None:
        if not self._ready:
            self._precision = self._pipe.recv().precision
            self._ready = True

    def _end_of_it(self) -> PainterLost:
        self.end()
        return PainterLost(f"process {self.process} has ended ({self._process.exitcode})")


def serve(pipe: Connection, equipment: Equipment) -> NoReturn:
    """What the process does: it paints for the server at the other end, until that has gone.

    Args:
        pipe: to the server.
        equipment: what it paints with.
    """
    for each in _FOR_THE_SERVER:
        signal.signal(each, signal.SIG_IGN)
    torch.set_num_threads(max(1, torch.get_num_threads() // equipment.sharers))
    worker = Worker(equipment.device, equipment.source, equipment.precision)
    converse(pipe, worker, lambda: _precision(worker))


def converse(
    pipe: Connection, runner: Runner, begin: Callable[[], torch.dtype | None] = lambda: None
) -> NoReturn:
    """Has the runner paint what is asked for through the pipe, one run after another.

    Args:
        pipe: to the server; where it ends, the process does.
        runner: paints.
        begin: is called first, and gives the precision of the runner's network.
    """
    heard = _heard(pipe)
    pipe.send(_Ready(begin()))
    free_memory: Callable[[], float] = getattr(runner, "free_memory", lambda: float("inf"))
    while True:
        pictures, settings = heard.get()
        error = _paint(runner(pictures, settings), pipe, heard)
        pipe.send(_End(error, free_memory()))


def _heard(pipe: Connection) -> "SimpleQueue[Any]":
    """What comes through the pipe; where that ends, the process does, also in the middle of a step."""
    heard: SimpleQueue[Any] = SimpleQueue()

    def listen() -> None:
        with suppress(EOFError, OSError):
            while True:
                heard.put(pipe.recv())
        os._exit(0)

    threading.Thread(target=listen, name="pipe", daemon=True).start()
    return heard


def _precision(worker: Worker) -> torch.dtype | None:
    """Of the network, now loaded; None where that fails, which the first run tries again and tells."""
    try:
        device = choose_device(worker.device)
        if device.type == "cuda":
            torch.cuda.set_device(device)  # so that nothing of it lies on the first one
        worker.prepare()
        return worker.network().precision
    except StyleTransferError as error:
        _log.error("%s", error)
        return None


def _paint(
    steps: Generator[Step, Settings | None], pipe: Connection, heard: "SimpleQueue[Any]"
) -> StyleTransferError | None:
    """Paints one run, and returns the error that has ended it, if one has."""
    try:
        with closing(news_of(steps)) as news, suppress(StopIteration):
            pipe.send(next(news))
            while (said := heard.get()) is not _Word.STOP:
                pipe.send(news.send(said))
    except StyleTransferError as error:
        return error
    except Exception:  # whatever has failed, the server must learn that the run has ended
        _log.exception("a run failed")
        return StyleTransferError("server_failed")
    return None
