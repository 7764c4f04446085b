"""What is done to the server while visitors use it, and when."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from .disk import Disk
from .ledger import Ledger
from .proxy import Proxy
from .server import Server

# When each fault comes, as a share of the whole time.
PLAN = (("cut", 0.15), ("kill", 0.3), ("disk", 0.5), ("cut", 0.65), ("terminate", 0.75))
FAULTS = tuple(dict.fromkeys(name for name, _ in PLAN))
_FULL = 0.08  # of the whole time the disk is full
_AFTERWARDS = 3  # seconds after a fault in which a refusal still has it as its reason


@dataclass
class Faults:
    """Brings the faults about, at their times.

    Attributes:
        server, proxy, disk: what is harmed.
        ledger: where it is noted.
        seconds: the whole time, of which the server is up.
        starts: the seconds until the server answered again, after each restart.
    """

    server: Server
    proxy: Proxy
    disk: Disk
    ledger: Ledger
    seconds: float

    def __post_init__(self) -> None:
        self.starts: list[float] = []

    async def run(self, chosen: Sequence[str]) -> None:
        """Brings about those of the plan that are chosen.

        Raises:
            ServerFailed: the server does not start again.
        """
        acts: dict[str, Callable[[], Awaitable[None]]] = {
            "cut": self._cut,
            "kill": self._kill,
            "disk": self._fill,
            "terminate": self._terminate,
        }
        began = self.server.served()
        for name, share in PLAN:
            if name in chosen:
                await asyncio.sleep(max(0, began + share * self.seconds - self.server.served()))
                await acts[name]()
                await asyncio.sleep(_AFTERWARDS)
                self.ledger.trouble = ""

    async def _cut(self) -> None:
        self._note("every line cut at once")
        self.proxy.cut_all()

    async def _kill(self) -> None:
        self._note("kill -9 and restart")
        await self._restart(signal.SIGKILL)

    async def _terminate(self) -> None:
        self._note("SIGTERM and restart")
        await self._restart(signal.SIGTERM)

    async def _fill(self) -> None:
        self._note(f"full disk ({self.disk.how})")
        self.disk.fill(self.server.process.pid)
        try:
            await asyncio.sleep(max(5, _FULL * self.seconds))
        finally:
            self.disk.free(self.server.process.pid)

    async def _restart(self, sign: signal.Signals) -> None:
        await self.server.end(sign)
        self.starts.append(await self.server.start())

    def _note(self, fault: str) -> None:
        self.ledger.faults[fault] += 1
        self.ledger.trouble = fault
