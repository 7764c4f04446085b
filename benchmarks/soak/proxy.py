"""A bad line: a proxy on loopback that refuses, delays, stalls and cuts connections, as seeded.

It passes bytes on and knows no HTTP. To the server a connection comes from the address that the visitor
has, so that limits for each network address count visitors as they would in public.
"""

import asyncio
import math
import random
from collections import Counter
from dataclasses import dataclass, field

_CHUNK = 65536


@dataclass(frozen=True)
class Weather:
    """How bad the line is: the share of connections that each fault befalls.

    Attributes:
        drop: closed before a byte has passed.
        cut: ended by a reset after some bytes of answers, from 100 to `cut_after`; each order of
            magnitude is as likely as another, so that short answers are cut as well as the page.
        stall: falls silent after as many, and stays open.
        delay: each piece comes later, by up to `delay_by` seconds.
    """

    drop: float = 0.02
    cut: float = 0.06
    stall: float = 0.01
    delay: float = 0.15
    cut_after: float = 1.5e6  # somewhat more than the page has
    delay_by: float = 0.3


CALM = Weather(drop=0, cut=0, stall=0, delay=0)


@dataclass
class _Fate:
    """What befalls one connection: it ends or stalls after so many bytes of answers; None: never."""

    kind: str = ""
    after: int | None = None
    delay: float = 0.0


@dataclass
class Proxy:
    """Passes connections on to a port of this machine.

    Attributes:
        target: the port of the server.
        weather: how bad the line is; may be changed at any time, for new connections.
        seed: of the faults.
        port: where visitors connect, once started.
        befell: how many connections each fault befell.
    """

    target: int
    weather: Weather = CALM
    seed: str = ""
    port: int = 0
    befell: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._open: dict[asyncio.StreamWriter, asyncio.Task] = {}

    async def start(self) -> None:
        """Listens at a free port of 127.0.0.1."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Cuts everything and listens no longer."""
        self._server.close()
        self.cut_all(noted=False)
        tasks = list(self._open.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def cut_all(self, noted: bool = True) -> None:
        """Cuts every connection at once, as a router does that starts anew."""
        for writer in self._open:
            self.befell["cut, all at once"] += noted
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fate = self._fate()
        self._open[writer] = asyncio.current_task()
        try:
            if fate.kind != "dropped" and await self._join(reader, writer, fate):
                writer.close()  # what is still in its buffer is sent
                await writer.wait_closed()
        except OSError:  # one of the two ends has gone
            pass
        finally:
            self._open.pop(writer, None)
            writer.transport.abort()

    async def _join(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fate: _Fate
    ) -> bool:
        """Connects a visitor with the server until one of them has gone; whether it was the server."""
        address = writer.get_extra_info("peername")[0]
        theirs, ours = await asyncio.open_connection("127.0.0.1", self.target, local_addr=(address, 0))
        asking = asyncio.ensure_future(self._pass(reader, ours, _Fate(delay=fate.delay)))
        answering = asyncio.ensure_future(self._pass(theirs, writer, fate))
        try:
            await asyncio.wait({asking, answering}, return_when=asyncio.FIRST_COMPLETED)
            return answering.done() and answering.result()
        finally:
            asking.cancel()
            answering.cancel()
            await asyncio.gather(asking, answering, return_exceptions=True)
            ours.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fate: _Fate
    ) -> bool:
        """Passes bytes on until they end, or the connection's fate has come; whether they ended."""
        left = fate.after
        while data := await reader.read(_CHUNK):
            if fate.delay:
                await asyncio.sleep(fate.delay * self._random.random())
            writer.write(data if left is None else data[:left])
            await writer.drain()
            if left is not None and (left := left - len(data)) <= 0:
                self.befell[fate.kind] += 1
                if fate.kind == "stalled":
                    await reader.read(-1)  # until one of the two loses patience
                return False
        return True

    def _fate(self) -> _Fate:
        """Draws what befalls the next connection."""
        weather, drawn = self.weather, self._random.random()
        delay = weather.delay_by if self._random.random() < weather.delay else 0.0
        self.befell["delayed"] += bool(delay)
        after = round(10 ** self._random.uniform(2, math.log10(weather.cut_after)))
        for kind, share in (("dropped", weather.drop), ("cut", weather.cut), ("stalled", weather.stall)):
            if drawn < share:
                self.befell[kind] += kind == "dropped"  # the others when it happens
                return _Fate(kind, after, delay)
            drawn -= share
        return _Fate(delay=delay)
