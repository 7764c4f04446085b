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
    parser.add_argument("--minutes", type=float, default=10)
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
        report = asyncio.run(_soak(options, disk, log))
    print(json.dumps(report, indent=2) if options.json else table(report))
    print(f"What the server printed is in {log}.", file=sys.stderr)
    sys.exit(any(report["harms"].values()))


async def _soak(options: argparse.Namespace, disk: Disk, log: Path) -> dict:
    """Everything that is measured, and what happened."""
    server = Server(disk.folder, log, options.app)
    proxy = Proxy(server.port, Weather(), options.seed)
    ledger = Ledger(Album(options.visitors))
    seconds = 60 * options.minutes
    faults = Faults(server, proxy, disk, ledger, seconds)
    probe = Probe(server, "127.0.2.1")
    _say("the server starts")
    try:
        started = await server.start()
        await proxy.start()
        url = f"http://127.0.0.1:{proxy.port}"
        visitors = [Visitor(n, url, ledger, options.seed) for n in range(options.visitors)]
        _say(f"the server answers after {started:.1f} s")
        await Visitor(0, server.url, Ledger(Album(1)), "").warm_up()
        before = await _rested(server)
        _say("the visitors come")
        probing = asyncio.ensure_future(probe.run())
        until = time.monotonic() + seconds
        try:
            await asyncio.gather(faults.run(options.faults), *(each.run(until) for each in visitors))
            _say(f"the visitors leave; {len(ledger.known)} pictures are known")
            proxy.weather = CALM
            await asyncio.gather(*(visitor.check() for visitor in visitors))
        except ServerFailed as error:
            ledger.harmed("silent", str(error))
        finally:
            probing.cancel()
        _say("every picture has been come back to")
        after = await _rested(server)
    finally:
        await proxy.close()
        server.close()
    ledger.harms["silent"] += probe.failures
    return {
        "machine": machine(),
        "seed": options.seed,
        "minutes": options.minutes,
        "visitors": options.visitors,
        "runs": dict(ledger.runs),
        "inputs": dict(ledger.inputs),
        "faults": dict(ledger.faults) | {f"connections {k}": n for k, n in proxy.befell.items()},
        "left_out": [name for name in FAULTS if name not in options.faults],
        "harms": {HARMS[kind]: sentences for kind, sentences in ledger.harms.items()},
        "said_kindly": dict(ledger.kindly),
        "known": len(ledger.known),
        "answering": {what: summary(each) for what, each in probe.seconds.items()},
        "starts": [started, *faults.starts],
        "ends": [life._asdict() for life in server.lives],
        "usage": {
            when: each and each._asdict()
            for when, each in (("before", before), ("most", probe.most), ("after", after))
        },
    }


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


async def _rested(server: Server) -> Usage | None:
    await asyncio.sleep(_SETTLED)
    return usage(server.process.pid)


if __name__ == "__main__":
    main()
