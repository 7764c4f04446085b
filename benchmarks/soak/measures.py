"""What a server takes, and how soon it answers: memory, open files, threads, seconds."""

import asyncio
import statistics
import time
from pathlib import Path
from typing import NamedTuple

from .server import Server
from .speaking import Lost, Refused, Session


class Usage(NamedTuple):
    """What a process holds; memory is what lies in RAM, in bytes."""

    memory: int
    files: int
    threads: int


def usage(process: int) -> Usage | None:
    """What this process holds, from /proc; None once it has ended, and where there is no /proc."""
    folder = Path(f"/proc/{process}")
    try:
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        files = len(list((folder / "fd").iterdir()))
        return Usage(int(status["VmRSS"].split()[0]) * 1024, files, int(status["Threads"]))
    except (OSError, KeyError):
        return None


class Probe:
    """Asks the server, past the proxy, for the page and for a cheap event, every two seconds.

    Attributes:
        seconds: of each answer, by what was asked for.
        failures: what came instead of an answer while the server was meant to be up.
        most: the highest usage that was seen.
    """

    def __init__(self, server: Server, address: str) -> None:
        self._server = server
        self._address = address
        self.seconds: dict[str, list[float]] = {"page": [], "event": []}
        self.failures: list[str] = []
        self.most = Usage(0, 0, 0)

    async def run(self) -> None:
        """Asks until it is cancelled."""
        while True:
            if self._server.up:
                life = len(self._server.lives)
                if (status := self._server.process.poll()) is not None:
                    self.failures.append(f"the server has ended by itself, with {status}")
                    return
                try:
                    await self._ask()
                except (Lost, Refused) as error:
                    if self._server.up and life == len(self._server.lives):
                        self.failures.append(str(error))
            await asyncio.sleep(2)

    async def _ask(self) -> None:
        found = usage(self._server.process.pid)
        if found:
            self.most = Usage(*map(max, self.most, found))
        async with Session(self._server.url, self._address) as session:
            began = time.monotonic()
            await session.open()
            self.seconds["page"].append(time.monotonic() - began)
            began = time.monotonic()
            await session.cheap_event()
            self.seconds["event"].append(time.monotonic() - began)


def summary(seconds: list[float]) -> dict[str, float]:
    """The median, the 95th percentile and the longest; empty if nothing was measured."""
    if not seconds:
        return {}
    ordered = sorted(seconds)
    return {
        "median": statistics.median(ordered),
        "95 %": ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))],
        "longest": ordered[-1],
        "answers": len(ordered),
    }
