"""Several devices or replicas against one process: is anything lost, and what does it gain and cost?

    python -m benchmarks.replicas [--devices cpu,cpu | --ray auto --replicas 2] [--runs 40] [--kills 3]

Paints small pictures by a queue as the page has it, from photos that are recognised in what was painted
from them, while processes that paint are killed. Counts what was lost or went to somebody else, and ends
with 1 if anything was. Compares with one process: pictures a minute, and the seconds to a first picture.
What crossing costs is measured by steps that compute nothing, every fifth of them with a picture.
"""

import argparse
import json
import math
import os
import random
import signal
import statistics
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from styletransfer import Pictures, Settings, load_image
from styletransfer.catalogue import catalogue
from styletransfer.engine.step import Step
from styletransfer.images import resize
from styletransfer.service.devices import Devices
from styletransfer.service.painter import Painter
from styletransfer.service.painter_process import converse
from styletransfer.service.queue import Limits, Queue
from styletransfer.service.ray_cluster import cluster_of
from styletransfer.service.replica import Replica
from styletransfer.service.replicas import Replicas
from styletransfer.service.run import Run
from styletransfer.service.runners import ServerRunner
from styletransfer.service.worker import Worker

from .machine import machine
from .soak.photos import Album, Photo

_LOSSES = ("missing", "of somebody else", "failed", "with steps missing")
_CROSSING = (64, 768)  # long sides in pixels of the pictures of the steps that compute nothing


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--devices", default="cpu,cpu")
    parser.add_argument("--ray", default="", help="the address of a cluster, in place of devices")
    parser.add_argument("--replicas", default="2")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--compared", type=int, default=20, help="runs by which the pace is compared")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--size", type=int, default=128, help="of the pictures, in pixels")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings = Settings(
        size=options.size, steps=options.steps, scales=1, keep_faces=False, style_loss="gram"
    )
    report: dict[str, Any] = {"machine": machine(), "load": os.getloadavg()[0]}
    several = _several(options)
    several.prepare()
    try:
        report["lost"] = _killing(several, options.runs, options.kills, settings)
        print("lost:", report["lost"], file=sys.stderr, flush=True)
        report["several"] = _compared(several, options.compared, settings)
        print("several:", report["several"], file=sys.stderr, flush=True)
    finally:
        several.close()
    report["crossing"] = {size: _crossing(options, size) for size in _CROSSING}
    print("crossing:", report["crossing"], file=sys.stderr, flush=True)
    report["one process"] = _compared(Worker("cpu"), options.compared, settings)
    print(json.dumps(report, indent=2) if options.json else _table(report))
    if any(report["lost"][name] for name in _LOSSES):
        raise SystemExit(1)


def _several(options: argparse.Namespace) -> ServerRunner:
    if options.ray:
        return Replicas(cluster_of(options.ray, options.replicas, 0))
    return Devices(options.devices.split(","))


def _compared(runner: ServerRunner, runs: int, settings: Settings) -> dict[str, float]:
    """Pictures a minute, and the seconds to a first picture, without anybody being killed."""
    for _ in range(2 * runner.places):  # each process loads its network and warms up
        _until_first(runner, settings)
    first = statistics.median(_until_first(runner, settings) for _ in range(5))
    began = time.perf_counter()
    _, _, jobs = _entered(runner, runs, settings)
    for job in jobs:
        job.wait()
    return {
        "pictures a minute": 60 * runs / (time.perf_counter() - began),
        "seconds to the first picture": first,
    }


def _until_first(runner: ServerRunner, settings: Settings) -> float:
    began = time.perf_counter()
    with closing(runner(Pictures(_painting(), [_painting()]), settings)) as steps:
        next(steps)
        return time.perf_counter() - began


def _killing(runner: ServerRunner, runs: int, kills: int, settings: Settings) -> dict[str, int]:
    """What has become of the runs while processes were killed in the middle of them."""
    album, photos, jobs = _entered(runner, runs, settings)
    killed: set[int] = set()
    killer = threading.Thread(target=_kill, args=(runner, jobs, kills, killed), daemon=True)
    killer.start()
    for job in jobs:
        job.wait()
    killer.join()
    whose = [job.canvas and album.nearest(job.canvas) for job in jobs]
    return {
        "runs": runs,
        "killed": len(killed),
        "missing": whose.count(None),
        "of somebody else": sum(
            found is not None and found is not photo for found, photo in zip(whose, photos, strict=True)
        ),
        "failed": sum(job.error is not None for job in jobs),
        "with steps missing": sum(
            {point.number for point in job.losses} != set(range(1, settings.steps + 1)) for job in jobs
        ),
        "painted again in part": sum(len(job.losses) > settings.steps for job in jobs),
    }


def _kill(runner: ServerRunner, jobs: Sequence[Run], kills: int, killed: set[int]) -> None:
    """Kills a process in the middle of a run whenever a further part of the runs is done."""
    for number in range(1, kills + 1):
        while sum(job.finished for job in jobs) < len(jobs) * number / (kills + 1):
            time.sleep(0.02)
        while not all(job.step and job.step.number > 1 for job in _unfinished(jobs)[: runner.places]):
            time.sleep(0.002)
        processes = set(_processes(runner)) - killed
        if processes:
            killed.add(victim := min(processes))
            os.kill(victim, signal.SIGKILL)


def _unfinished(jobs: Sequence[Run]) -> list[Run]:
    return [job for job in jobs if not job.finished]


def _processes(runner: ServerRunner) -> list[int]:
    """The processes that paint: the runner knows its own, and replicas go by Ray's name for them."""
    if isinstance(runner, Devices):
        return runner.processes
    return processes_of_replicas()


def processes_of_replicas() -> list[int]:
    """The processes of all replicas on this machine, by the name that Ray gives them."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if each.read_bytes().startswith(b"ray::ServeReplica"):
                found.append(int(each.parent.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


def _entered(
    runner: ServerRunner, runs: int, settings: Settings
) -> tuple[Album, list[Photo], list[Run]]:
    """Runs in a queue of their own, each with a photo that no other one has."""
    album, by_lot = Album(runs), random.Random(1)
    photos = [album.photo(number, by_lot) for number in range(runs)]
    queue = Queue(runner, lambda *_: None, Limits(waiting=runs, finished=runs, grace=math.inf))
    jobs = [queue.enter(Run(Pictures(photo.image, [_painting()]), settings)) for photo in photos]
    return album, photos, jobs


def _painting() -> Image.Image:
    return resize(load_image(catalogue().examples[0].style), 96)


def _crossing(options: argparse.Namespace, size: int) -> float:
    """The seconds that a step takes which computes nothing: all of it is crossing."""
    settings = Settings(size=max(128, size), steps=500, show_every=5)
    pictures = Pictures(Image.new("RGB", (size, size)), [_painting()], start=_painting())
    if options.ray:
        runner: ServerRunner = Replicas(cluster_of(options.ray, "1", 0), replica=_BlankReplica)
        runner.prepare()
    else:
        runner = Devices(["cpu"], start=lambda equipment: Painter(equipment, _converse_blankly))
    try:
        with closing(runner(pictures, settings)) as steps:
            next(steps)
            began = time.perf_counter()
            count = sum(1 for _ in steps)
        return (time.perf_counter() - began) / count
    finally:
        runner.close()


def _blank(pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
    """Steps that are the photo, and compute nothing."""
    width, height = pictures.content.size
    pixels = torch.zeros(1, 3, height, width)
    for number in range(1, settings.steps + 1):
        yield Step(
            **dict.fromkeys(("scale", "scales"), 1),
            **dict.fromkeys(("content", "style", "smoothness", "total", "elapsed", "remaining"), 0.0),
            number=number,
            steps=settings.steps,
            width=width,
            height=height,
            due=number % settings.show_every == 0,
            pixels=pixels,
            photo=pixels,
        )


def _converse_blankly(pipe: Any, *_: Any) -> None:
    converse(pipe, _blank)


class _Blank(Worker):
    def __call__(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        return _blank(pictures, settings)


class _BlankReplica(Replica):
    def __init__(self, equipment: Any) -> None:
        super().__init__(equipment)
        self.worker = _Blank("cpu")


def _table(report: dict[str, Any]) -> str:
    one, several, lost = report["one process"], report["several"], report["lost"]
    lines = [f"{report['machine']['processor']}, load {report['load']:.1f} at the beginning"]
    lines.append(f"{'':30}{'one process':>12}{'several':>10}")
    lines += [f"{name:30}{one[name]:12.2f}{several[name]:10.2f}" for name in one]
    for size, seconds in report["crossing"].items():
        lines.append(f"a step's crossing, {size} px{1000 * seconds:17.2f} ms")
    lines.append(", ".join(f"{count} {name}" for name, count in lost.items()))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
