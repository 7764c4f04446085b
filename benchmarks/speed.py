"""Compares our speed and memory with those of pastiche 1.6.0 from PyPI on the same machine.

    python -m benchmarks.speed [--parts steps quality pictures start profile] [--sizes 256 512 1024]
        [--json]

For every size the two programs have a process each and take turns, so that a machine that slows down
slows down both. A step is one evaluation of loss and gradient, and the move that follows.

steps: medians and spread (minimum to maximum) of a step's seconds, the peak of each process's memory
    after `--memory-steps`, and their ratios.
quality: the seconds until the loss is within some per cent of pastiche's best loss in 500 steps. Both
    minimise pastiche's loss; ours at three sizes one after the other, each 1.4 times the one before,
    with a history of 30 pairs where pastiche has 100. The preparation of every size counts. Where ours
    computes in bfloat16 its loss is half a per cent too low. This part takes ten to twenty minutes.
pictures: in a process like the page's server, the seconds from the start of a job to its first picture,
    and the longest time between two pictures; also the seconds of loading the weights.
start: the seconds from `python app.py` to the first answer of the page.
profile: the parts of a step's time, compared with the time of the convolutions alone.
"""

import argparse
import itertools
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch

from styletransfer import Pictures, Settings, load_image, load_network
from styletransfer.catalogue import Example, catalogue
from styletransfer.engine import memory
from styletransfer.engine.canvas import enlarged
from styletransfer.engine.descent import Descent
from styletransfer.engine.lbfgs import LBFGS
from styletransfer.engine.objective import Objective
from styletransfer.images import resize, to_tensor
from styletransfer.network.process import tune_process
from styletransfer.network.vgg import choose_device
from styletransfer.service.queue import Queue
from styletransfer.service.run import Run
from styletransfer.service.worker import Worker

from .machine import machine, peak_of_process
from .profile import profiled

CONTENDERS = ("ours", "pastiche")
_WARMING = 2  # steps before the measured ones
# Pastiche's loss: 0.01 mean (F - P)^2 and 10 / C^2 mean (G - A)^2 for each layer, with zeros around the
# picture. These are the tutorial's terms with a content weight that is 1000 times as large.
PASTICHES = Settings(
    style_loss="gram",
    content_weight=10,
    style_weight=0.01,
    smoothness=0,
    scaling="tutorial",
    padding="zeros",
    style_layers="relu1_1 relu2_1 relu3_1 relu4_1 relu5_1",
)
TIMES = 1000  # the ratio of the loss with these settings to pastiche's loss
# With these ours reaches pastiche's loss soonest (LOG.md): sizes, steps at a smaller size, pairs.
_RACING_SIZES, _SMALL_STEPS, _RACING_HISTORY = 3, 130, 30
_ABOVE = (1.0, 0.5, 0.25, 0.1, 0.05)  # shares of pastiche's best loss that the loss may be above it


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ("steps", "quality", "pictures", "start", "profile")
    parser.add_argument("--parts", nargs="+", choices=parts, default=parts)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024], help="of the steps")
    parser.add_argument("--size", type=int, default=512, help="of the other parts")
    parser.add_argument("--rounds", type=int, default=5, help="of one step each, after two to warm up")
    parser.add_argument("--memory-steps", type=int, default=100, help="before the peak is read")
    parser.add_argument("--quality-steps", type=int, default=500, help="of each")
    parser.add_argument(
        "--small-steps", type=int, default=_SMALL_STEPS, help="of ours at each of its smaller sizes"
    )
    parser.add_argument("--blocks", type=int, help="of ours in strips; by default by the free memory")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        name, size = options.worker
        given = {"ours": {"blocks": options.blocks}, "racing": {"small": options.small_steps}}.get(
            name, {}
        )
        _work(_STEPS[name](catalogue().examples[0], int(size), **given))
        return
    report = {"machine": machine(), "pair": catalogue().examples[0].result.stem}
    measured = {
        "steps": lambda: [
            _compared(each, options.rounds, options.memory_steps, options.blocks)
            for each in options.sizes
        ],
        "quality": lambda: _raced(options.size, options.quality_steps, options.small_steps),
        "pictures": lambda: _pictures(options.size),
        "start": _started,
        "profile": lambda: profiled(catalogue().examples[0], options.size),
    }
    report |= {part: measured[part]() for part in options.parts}
    print(json.dumps(report, indent=2) if options.json else _table(report))


def _compared(size: int, rounds: int, memory_steps: int, blocks: int | None) -> dict:
    """Seconds per step and peak memory of both programs, and the ratios of ours to pastiche's."""
    given = () if blocks is None else ("--blocks", blocks)
    workers = {name: _Worker(name, size, given) for name in CONTENDERS}
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for turn in range(rounds + _WARMING):
        for name, worker in workers.items():
            made = worker.step()
            if turn >= _WARMING:
                times[name].append(made.seconds)
    row: dict = {"size": size}
    for name, worker in workers.items():
        for _ in range(max(1, memory_steps - rounds - _WARMING)):
            made = worker.step()
        worker.close()
        seconds = times[name]
        row[name] = {
            "median": statistics.median(seconds),
            "minimum": min(seconds),
            "maximum": max(seconds),
            "peak_bytes": made.peak,
        }
    for figure in ("median", "peak_bytes"):
        row[f"ratio_{figure}"] = row["ours"][figure] / row["pastiche"][figure]
    return row


def _raced(size: int, steps: int, small: int) -> dict:
    """The seconds of both programs until the loss is as near to pastiche's best as `_ABOVE` says."""
    given = "--small-steps", small
    workers = {"ours": _Worker("racing", size, given), "pastiche": _Worker("pastiche", size)}
    marks: dict[str, list[tuple[float, float | None]]] = {name: [] for name in workers}
    # At the full size both make the same number of steps.
    turns = {"ours": steps + small * (_RACING_SIZES - 1), "pastiche": steps}
    for turn in range(max(turns.values())):
        for name, worker in workers.items():
            if turn >= turns[name]:
                continue
            made = worker.step()
            before = marks[name][-1][0] if marks[name] else 0.0
            marks[name].append((before + made.seconds, made.loss))
    for worker in workers.values():
        worker.close()
    best = min(loss for _, loss in marks["pastiche"])
    if not math.isfinite(best):
        raise SystemExit("pastiche's loss is not a finite number; try another size")
    rows = []
    for above in _ABOVE:
        row: dict = {"above": above, "target": (1 + above) * best}
        for name, each in marks.items():
            reached = [
                {"seconds": seconds, "steps": number}
                for number, (seconds, loss) in enumerate(each, 1)
                if loss and loss <= row["target"]
            ]
            row[name] = reached[0] if reached else None
        row["ratio"] = row["ours"]["seconds"] / row["pastiche"]["seconds"] if row["ours"] else None
        rows.append(row)
    return {
        "size": size,
        "steps": steps,
        "seconds": {name: each[-1][0] for name, each in marks.items()},
        "reached": rows,
    }


class _Worker:
    """One of the two programs, in a process of its own."""

    def __init__(self, name: str, size: int, given: Sequence[str | int] = ()) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.speed"]
        command += ["--worker", name, str(size), *map(str, given)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def step(self) -> "_Made":
        """Makes one step."""
        self._process.stdin.write("step\n")
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a contender has ended; what it said stands above")
        return _Made(*json.loads(line))

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


class _Made(NamedTuple):
    """The measurements of one step."""

    seconds: float
    peak: int  # of the process's memory so far, in bytes
    loss: float | None  # None at smaller sizes, whose losses cannot be compared


def _work(step: Callable[[], float | None]) -> None:
    for _ in sys.stdin:
        began = time.perf_counter()
        loss = step()
        seconds = time.perf_counter() - began
        print(json.dumps(_Made(seconds, peak_of_process(), loss)), flush=True)


def _ours(pair: Example, size: int, blocks: int | None) -> Callable[[], float]:
    network = load_network()
    tune_process(network.device)
    content, style = (
        to_tensor(resize(load_image(each), size), network.device) for each in (pair.photo, pair.style)
    )
    if blocks is None:
        sizes = [(each.shape[3], each.shape[2]) for each in (content, style)]
        blocks = memory.fitting_blocks(sizes[0], sizes[1:], 0, network.device, network.precision)
    descent = Descent(Objective(network, content, [style], Settings(), blocks_in_strips=blocks), content)
    return lambda: descent.step().total


def _racing(pair: Example, size: int, small: int) -> Callable[[], float | None]:
    """A function that makes our next step on pastiche's loss, and returns the loss at the last size."""
    network = load_network()
    tune_process(network.device)
    stages = []
    for k in reversed(range(_RACING_SIZES)):
        long, count = round(size / 2 ** (k / 2)), small if k else None
        # The painting has as many pixels as the photo.
        content = _as_theirs(pair.photo, size=long)
        stages.append((content, _as_theirs(pair.style, pixels=content[0, 0].numel()), count))

    def steps() -> Iterator[float | None]:
        pixels = None
        for content, style, count in stages:
            pixels = content if pixels is None else enlarged(pixels, content)
            objective = Objective(network, content, [style], PASTICHES)
            descent = Descent(objective, pixels, partial(LBFGS, history=_RACING_HISTORY))
            for _ in itertools.count() if count is None else range(count):
                total = descent.step().total
                yield total / TIMES if count is None else None
            pixels = descent.best.pixels if descent.best else pixels

    return partial(next, steps())


def _as_theirs(file: Path, **size: int) -> torch.Tensor:
    """The picture as pastiche reads and resizes it, as a tensor in our convention."""
    from pastiche.pastiche import VGG_MEAN, load_image

    shifted = load_image(file, **size)
    return ((shifted + torch.tensor(VGG_MEAN).view(1, 3, 1, 1)) / 255)[:, [2, 1, 0]].contiguous()


def _pastiche(pair: Example, size: int) -> Callable[[], float]:
    from pastiche.pastiche import PasticheArtist  # not at the top: its memory would be added to ours

    artist = PasticheArtist(
        content=str(pair.photo),
        styles=[str(pair.style)],
        size=size,
        device="cuda" if torch.cuda.is_available() else "cpu",
    )

    def step() -> float:
        artist.draw()
        return artist.loss

    return step


_STEPS = {"ours": _ours, "racing": _racing, "pastiche": _pastiche}


def _pictures(size: int) -> dict:
    """The seconds to the first picture of a job on a running server, and at most between two."""
    pair = catalogue().examples[0]
    content, style = load_image(pair.photo), load_image(pair.style)
    tune_process(choose_device())
    worker = Worker()
    began = time.perf_counter()
    worker.network()
    weights = time.perf_counter() - began
    queue = Queue(worker)
    queue.enter(Run(Pictures(content, [style]), Settings(size=128, steps=2))).wait()
    began = time.perf_counter()
    job = queue.enter(Run(Pictures(content, [style]), Settings(size=size, steps=60)))
    seen, stamps = None, [began]
    with job.watched():
        while not job.finished:
            if job.view is not seen:
                seen = job.view
                stamps.append(time.perf_counter())
            time.sleep(0.005)
    waits = [after - before for before, after in itertools.pairwise(stamps)]
    return {"size": size, "weights": weights, "first": waits[0], "longest_later": max(waits[1:])}


def _started() -> dict:
    """The seconds until the page answers, after each of three starts."""
    seconds = []
    for _ in range(3):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        began = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "app.py"],
            env=os.environ | {"GRADIO_SERVER_PORT": str(port)},
            stdout=subprocess.DEVNULL,
        )
        while server.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=5).close()
                break
            except OSError:
                time.sleep(0.02)
        else:
            raise SystemExit("app.py has ended; what it said stands above")
        seconds.append(time.perf_counter() - began)
        server.terminate()
        server.wait()
    return {"median": statistics.median(seconds), "minimum": min(seconds), "maximum": max(seconds)}


def _table(report: dict) -> str:
    lines = [f"{key}: {value}" for key, value in report["machine"].items()]
    lines += [f"pair: {report['pair']}"]
    if "steps" in report:
        lines += [
            "",
            "seconds per step and peak memory",
            " size   ours                    pastiche                ratio   ours      pastiche  ratio",
        ]
    for row in report.get("steps", ()):
        seconds = ["{median:.2f} ({minimum:.2f} to {maximum:.2f})".format(**row[n]) for n in CONTENDERS]
        peaks = ["{:.2f} GB".format(row[name]["peak_bytes"] / 1e9) for name in CONTENDERS]
        lines.append(
            f"{row['size']:5}   {seconds[0]:22}  {seconds[1]:22}  {row['ratio_median']:.2f}    "
            f"{peaks[0]:8}  {peaks[1]:8}  {row['ratio_peak_bytes']:.2f}"
        )
    if row := report.get("quality"):
        lines += [
            "",
            f"{row['size']} px, pastiche's loss, above its best in {row['steps']} steps, "
            "which took {pastiche:.0f} s, ours {ours:.0f} s".format(**row["seconds"]),
        ]
        for each in row["reached"]:
            found = [
                f"{name} {each[name]['seconds']:4.0f} s, {each[name]['steps']:3} steps"
                if each[name]
                else f"{name} never"
                for name in CONTENDERS
            ]
            ratio = f"   ratio {each['ratio']:.2f}" if each["ratio"] else ""
            lines.append(f"  {each['above']:4.0%}   {'   '.join(found)}{ratio}")
    if row := report.get("pictures"):
        lines += [
            "",
            f"weights after {row['weights']:.2f} s; the first picture after {row['first']:.2f} s, then "
            f"at least one every {row['longest_later']:.2f} s ({row['size']} px, warm server)",
        ]
    if row := report.get("start"):
        lines += ["", "page answers after {median:.1f} s ({minimum:.1f} to {maximum:.1f})".format(**row)]
    if row := report.get("profile"):
        lines += ["", f"one step at {row['size']} px: {row['step']:.2f} s; the convolutions alone "
            f"{row['bare_convolutions']:.2f} s"]  # fmt: skip
        lines += [f"  {part:24} {share:4.0%}" for part, share in row["shares"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
