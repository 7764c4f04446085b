"""What a process that paints on one device does, and what is said through the pipe to the server.

Pictures and settings come in. After each step its news goes out, and the process waits for what it is
sent back: changed settings, nothing, or a word to stop. So settings count from the next step on, and
nothing is computed that nobody wants any more.
"""

import logging
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

from ..engine.neighbour_targets import StyleTargets
from ..engine.step import Step
from ..errors import StyleTransferError
from ..network.vgg import choose_device
from ..settings import Settings
from .crossing import news_of
from .job import Runner
from .worker import Worker, device_failed

_log = logging.getLogger(__name__)

# They come to all processes of a terminal at once. The server ends first, and with it the pipe.
FOR_THE_SERVER = [
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
        keeps_targets: whether it remembers what it has seen in a painting (`StyleTargets`), for the next
            picture by it.
    """

    device: str
    source: str
    precision: str | None
    sharers: int = 1
    keeps_targets: bool = False

    def worker(self) -> Worker:
        """Paints with it, in the process that calls this."""
        kept = StyleTargets() if self.keeps_targets else None
        return Worker(self.device, self.source, self.precision, kept)


class Word(Enum):
    """What the server says between two steps, besides settings."""

    STOP = "stop"


@dataclass(frozen=True)
class Ready:
    """The process has begun; `network` is its network's precision, or why that could not be loaded."""

    network: torch.dtype | StyleTransferError | None


@dataclass(frozen=True)
class End:
    """A run has ended: painted, stopped, or with an error; `free` bytes are left on the device."""

    error: StyleTransferError | None
    free: float


def serve(pipe: Connection, equipment: Equipment, checks: Connection) -> NoReturn:
    """What the process does: it paints for the server at the other end, until that has gone.

    Args:
        pipe: to the server.
        equipment: what it paints with.
        checks: to the server as well, for questions whether the device answers.
    """
    for each in FOR_THE_SERVER:
        signal.signal(each, signal.SIG_IGN)
    torch.set_num_threads(max(1, torch.get_num_threads() // equipment.sharers))
    worker = equipment.worker()
    threading.Thread(target=_answer, args=(checks, worker), name="checks", daemon=True).start()
    converse(pipe, worker, lambda: _precision(worker))


def converse(
    pipe: Connection,
    runner: Runner,
    begin: Callable[[], torch.dtype | StyleTransferError | None] = lambda: None,
) -> NoReturn:
    """Has the runner paint what is asked for through the pipe, one run after another.

    Args:
        pipe: to the server; where it ends, the process does.
        runner: paints.
        begin: is called first, and gives the precision of the runner's network, or why there is none.
    """
    heard = _heard(pipe)
    pipe.send(Ready(begin()))
    free_memory: Callable[[], float] = getattr(runner, "free_memory", lambda: float("inf"))
    while True:
        pictures, settings = heard.get()
        error = _paint(runner(pictures, settings), pipe, heard)
        pipe.send(End(error, free_memory()))


def _answer(checks: Connection, worker: Worker) -> None:
    """Answers each question with what is wrong with the device, or None; says first that it is there."""
    with suppress(EOFError, OSError):
        checks.send(None)
        while True:
            checks.recv()
            checks.send(_problem(worker))


def _problem(worker: Worker) -> StyleTransferError | None:
    try:
        worker.check()
    except StyleTransferError as error:
        return error.alone()
    except Exception as error:  # such as what torch raises for a device that has gone
        return device_failed(error)
    return None


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


def _precision(worker: Worker) -> torch.dtype | StyleTransferError:
    """Of the network, now loaded, or why that has failed."""
    try:
        device = choose_device(worker.device)
        if device.type == "cuda":
            torch.cuda.set_device(device)  # so that nothing of it lies on the first one
        worker.prepare()
        return worker.network().precision
    except StyleTransferError as error:
        return error.alone()


def _paint(
    steps: Generator[Step, Settings | None], pipe: Connection, heard: "SimpleQueue[Any]"
) -> StyleTransferError | None:
    """Paints one run, and returns the error that has ended it, if one has."""
    try:
        with closing(news_of(steps)) as news, suppress(StopIteration):
            pipe.send(next(news))
            while (said := heard.get()) is not Word.STOP:
                pipe.send(news.send(said))
    except StyleTransferError as error:
        return error
    except Exception:  # whatever has failed, the server must learn that the run has ended
        _log.exception("a run failed")
        return StyleTransferError("server_failed")
    return None
