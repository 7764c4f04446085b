"""How quickly the page answers while many watch and wait.

    python -m benchmarks.watchers [--watchers 300] [--waiting 40] [--seconds 60] [--json]

A server paints one small picture while others wait in its line. Watchers read the streams of these jobs,
and fetch each picture that they are told of, as a page does. Meanwhile one visitor after the other hands
in a photo, chooses a preset, and presses Paint. The table shows the seconds until they are answered,
first without watchers, then with them. The watchers share the machine with the server.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from styletransfer.catalogue import catalogue

from .machine import machine
from .page_client import Page, Visitor, timed

_SERVER = """
import sys
from styletransfer.network.process import tune_process
from styletransfer.network.vgg import choose_device
from styletransfer.page.server import launch
from styletransfer.service.queue import Limits, Queue
from styletransfer.service.worker import Worker
tune_process(choose_device("cpu"))
waiting = int(sys.argv[1])
launch(Queue(Worker("cpu"), limits=Limits(waiting=waiting, per_address=waiting + 1)))
"""
_SMALL = {"knob-size": 128, "knob-steps": 3000, "knob-scales": 1}
_MOST_OF_A_JOB = 20  # as service/watching.py allows
_SPARE = 20  # places in the line for the visitors that are measured
_PICTURE = re.compile(r'"picture": (\d+)')


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--watchers", type=int, default=300)
    parser.add_argument("--waiting", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=60, help="of each of the two measurements")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = {"machine": machine(), "watchers": options.watchers, "waiting": options.waiting}
    report |= asyncio.run(_measured(options.watchers, options.waiting, options.seconds))
    print(json.dumps(report, indent=2) if options.json else _table(report))


async def _measured(watchers: int, waiting: int, seconds: float) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    async with (
        _server(waiting + _SPARE) as (process, url),
        httpx.AsyncClient(base_url=url, limits=limits) as client,
    ):
        page = Page((await client.get("/config")).json())
        visitor = Visitor(client, page)
        pair = catalogue().examples[0]
        inputs = {"photo": await visitor.upload(pair.photo), "style": await visitor.upload(pair.style)}
        inputs |= _SMALL
        jobs = [await Visitor(client, page).paint(inputs) for _ in range(waiting + 1)]
        alone = await _answers(client, page, inputs, seconds)
        told: list[int] = [0] * watchers
        # As many as may watch one job watch the one that is painted, of which there is always news.
        seats = [jobs[0]] * _MOST_OF_A_JOB + jobs[1:] * watchers
        crowd = [
            asyncio.create_task(_watch(client, seats[each], told, each)) for each in range(watchers)
        ]
        await asyncio.sleep(10)  # until all of them have come
        told[:], began = [0] * watchers, time.perf_counter()
        watched = await _answers(client, page, inputs, seconds)
        rate = sum(told) / (time.perf_counter() - began)
        memory = _memory(process.pid)
        for each in crowd:
            each.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        return {
            "alone": alone,
            "watched": watched,
            "updates_a_second": rate,
            "server_bytes": memory,
        }


async def _answers(
    client: httpx.AsyncClient, page: Page, inputs: dict[str, Any], seconds: float
) -> dict[str, list[float]]:
    """The seconds until each of three events was answered, by its name."""
    answers: dict[str, list[float]] = {"upload": [], "preset": [], "paint": []}
    photo, until = catalogue().examples[0].photo, time.perf_counter() + seconds
    while time.perf_counter() < until:
        visitor = Visitor(client, page)
        took, box = await timed(visitor.upload(photo))
        checked, _ = await timed(visitor.event("photo", "input", photo=box))
        answers["upload"].append(took + checked)
        took, _ = await timed(visitor.event("presets", "input", presets="Quick"))
        answers["preset"].append(took)
        took, job = await timed(visitor.paint(inputs))
        answers["paint"].append(took)
        await client.delete(f"/runs/{job}")
        await asyncio.sleep(0.5)
    return answers


async def _watch(client: httpx.AsyncClient, job: str, told: list[int], place: int) -> None:
    """Watches a job as a page does, until it is cancelled."""
    while True:
        with contextlib.suppress(httpx.TransportError):
            async with client.stream("GET", f"/watch/{job}", timeout=None) as stream:
                async for line in stream.aiter_lines():
                    if line.startswith("data: {"):
                        told[place] += 1
                    if number := _PICTURE.search(line):
                        await client.get(f"/watch/{job}/{number[1]}.jpeg", timeout=60)


@contextlib.asynccontextmanager
async def _server(waiting: int) -> AsyncIterator[tuple[subprocess.Popen, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(waiting)],
        env=os.environ | {"GRADIO_SERVER_PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process, await _answering(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(30)


async def _answering(url: str) -> str:
    """The address, once the server answers there."""
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(url, timeout=30)).status_code == 200:
                    return url
            await asyncio.sleep(0.2)
    raise RuntimeError("the server does not answer")


def _memory(process: int) -> int:
    """The memory that a process of Linux holds, in bytes; 0 elsewhere."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), 0)


def _table(report: dict[str, Any]) -> str:
    lines = [f"{'seconds':10}{'':>10}{'number':>8}{'median':>8}{'95 %':>8}{'worst':>8}"]
    for event in ("upload", "preset", "paint"):
        for who in ("alone", "watched"):
            took = report[who][event]
            high = statistics.quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else took[0]
            lines.append(
                f"{event:10}{who:>10}{len(took):8}{statistics.median(took):8.2f}{high:8.2f}{max(took):8.2f}"
            )
    lines.append(
        f"{report['watchers']} watchers of {report['waiting'] + 1} jobs were told"
        f" {report['updates_a_second']:.0f} times a second; the server holds"
        f" {report['server_bytes'] / 1e6:.0f} MB"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
