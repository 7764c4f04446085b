"""Tries for some minutes whether visitors lose anything, whatever happens to server and line.

    python -m benchmarks.soak [--minutes 10] [--visitors 8] [--seed 1] [--faults cut kill disk terminate]
        [--log FILE] [--json]

Visitors upload photos of their own, paint them small, follow, stop, reload, leave, press Paint twice,
hand in files that are no pictures, go on from pictures, share, and delete. They are scripts that send
what a browser sends, by way of a proxy that drops, delays, stalls and cuts connections. `app.py` is a
process of its own, which meanwhile is killed and started again, and whose disk is full for a while.

Then every visitor comes back to every picture. Each photo has a pattern of its own, which is found again
in what was painted from it, so that a picture that went to the wrong visitor is recognised. Exits with 1
if anything happened that must not. Linux only: visitors have addresses of 127.0.0.0/8, and what the
server takes is read from /proc.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import machine

from .disk import Disk, small_disk
from .faults import FAULTS, Faults
from .ledger import HARMS, Ledger
from .measures import Probe, Usage, summary, usage
from .photos import Album
from .proxy import CALM, Proxy, Weather
from .server import Server, ServerFailed
from .table import table
from .visitor import Visitor

_SETTLED = 5  # seconds of rest before the memory is read


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=10, help="for which the server is up")
    parser.add_argument("--visitors", type=int, default=8)
    parser.add_argument("--seed", default="1", help="of what visitors do and of the line's faults")
    parser.add_argument("--faults", nargs="*", choices=FAULTS, default=FAULTS, help="besides the line's")
    parser.add_argument("--log", type=Path, help="a file for what the server prints")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--app",
        nargs=argparse.REMAINDER,
        default=["--data", "{data}"],
        help="the last: options of app.py",
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server ends, too
    log = options.log or Path(tempfile.mkstemp(prefix="soak-", suffix=".log")[1])
    with small_disk() as disk:
        soak = _Soak(options, disk, log)
        asyncio.run(soak.run())
    report = soak.report()
    print(json.dumps(report, indent=2) if options.json else table(report))
    print(f"What the server printed is in {log}.", file=sys.stderr)
    sys.exit(any(report["harms"].values()))


class _Soak:
    """One soak: the server and the proxy, what is done to them, and what is noted.

    Args:
        options: of the command line.
        disk: where the server writes.
        log: where it prints.
    """

    def __init__(self, options: argparse.Namespace, disk: Disk, log: Path) -> None:
        self._options = options
        self._server = Server(disk.folder, log, options.app)
        self._proxy = Proxy(self._server.port, Weather(), options.seed)
        self._ledger = Ledger(Album(options.visitors))
        seconds = 60 * options.minutes
        self._faults = Faults(self._server, self._proxy, disk, self._ledger, seconds)
        self._probe = Probe(self._server, "127.0.2.1")
        self._started = 0.0
        self._usage: dict[str, Usage | None] = {}

    async def run(self) -> None:
        """Lets visitors come, and brings the faults about."""
        try:
            _say("the server starts")
            self._started = await self._server.start()
            await self._proxy.start()
            await Visitor(0, self._server.url, Ledger(Album(1)), "", self._server.served).warm_up()
            self._usage["before"] = await self._rested()
            try:
                await self._visited()
            except ServerFailed as error:
                self._ledger.harmed("silent", str(error))
            self._usage |= {"most": self._probe.most, "after": await self._rested()}
        finally:
            await self._proxy.close()
            self._server.close()

    async def _visited(self) -> None:
        """The visits, and at their end every visitor comes back to every picture."""
        url, options = f"http://127.0.0.1:{self._proxy.port}", self._options
        clock = self._server.served
        visitors = [Visitor(n, url, self._ledger, options.seed, clock) for n in range(options.visitors)]
        until = clock() + 60 * options.minutes
        probing = asyncio.ensure_future(self._probe.run())
        try:
            _say("the visitors come")
            visits = (visitor.run(until) for visitor in visitors)
            await asyncio.gather(self._faults.run(options.faults), *visits)
            _say("the visitors come back to every picture that they know")
            self._proxy.weather = CALM
            await asyncio.gather(*(visitor.check() for visitor in visitors))
        finally:
            probing.cancel()

    async def _rested(self) -> Usage | None:
        await asyncio.sleep(_SETTLED)
        return usage(self._server.process.pid)

    def report(self) -> dict[str, Any]:
        """Everything that was measured, and what happened, as JSON values."""
        options, ledger = self._options, self._ledger
        ledger.harms["silent"] += self._probe.failures
        befell = {f"connections {kind}": n for kind, n in self._proxy.befell.items()}
        return {
            "machine": machine(),
            "seed": options.seed,
            "minutes": options.minutes,
            "visitors": options.visitors,
            "runs": dict(ledger.runs),
            "inputs": dict(ledger.inputs),
            "faults": dict(ledger.faults) | befell,
            "left_out": [name for name in FAULTS if name not in options.faults],
            "harms": {HARMS[kind]: sentences for kind, sentences in ledger.harms.items()},
            "said_kindly": dict(ledger.kindly),
            "known": len(ledger.known),
            "answering": {what: summary(each) for what, each in self._probe.seconds.items()},
            "starts": [self._started, *self._faults.starts],
            "ends": [life._asdict() for life in self._server.lives],
            "usage": {when: each and each._asdict() for when, each in self._usage.items()},
        }


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
