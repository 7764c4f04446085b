"""How time and memory grow with the size of the picture.

    python -m benchmarks.growth [--sizes 128 256 512 1024 2048 4096] [--steps 3]
        [--plot growth.png] [--json]

Every size is painted in a process of its own with the default settings. The table shows the median of
the seconds per step, the peak of the process's memory less its memory with the network loaded, how many
blocks were evaluated in strips, and the memory that `memory.needed` predicts. With few steps L-BFGS has
not filled its history of ten pairs of images, or of five pairs above two megapixels.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from styletransfer import Settings, load_image, load_network, stylize
from styletransfer.catalogue import catalogue
from styletransfer.engine import memory
from styletransfer.images import fitted_size
from styletransfer.network.process import tune_process
from styletransfer.pictures import Pictures

from .machine import machine, peak_of_process


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[128, 256, 512, 1024, 2048, 4096])
    parser.add_argument("--steps", type=int, default=3, help="after one to warm up")
    parser.add_argument("--plot", type=Path, help="file for a picture of it; needs matplotlib")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(_measured(options.worker, options.steps)))
        return
    report = {"machine": machine(), "steps": options.steps, "sizes": []}
    for size in options.sizes:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.growth"]
        command += ["--worker", str(size), "--steps", str(options.steps)]
        found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        report["sizes"].append(json.loads(found))
        if not options.json:
            print(_line(report["sizes"][-1]), flush=True)
    if options.json:
        print(json.dumps(report, indent=2))
    if options.plot:
        _plot(report["sizes"], options.plot)


def _measured(size: int, steps: int) -> dict:
    pair = catalogue().examples[0]
    content, style = load_image(pair.photo), load_image(pair.style)
    network = load_network()
    tune_process(network.device)
    before = peak_of_process()
    stamps = []
    for _ in stylize(
        Pictures(content, [style]), Settings(size=size, steps=steps + 1, scales=1), network
    ):
        stamps.append(time.perf_counter())
    width, height = fitted_size(*content.size, size)
    needs = (width, height), [fitted_size(*style.size, size)], 0
    blocks = memory.fitting_blocks(*needs, network.device, network.precision)
    return {
        "size": size,
        "pixels": width * height,
        "blocks": blocks,
        "seconds": statistics.median(after - each for each, after in itertools.pairwise(stamps)),
        "peak_bytes": peak_of_process() - before,
        "foretold_bytes": memory.needed(*needs, blocks, network.precision),
    }


def _line(row: dict) -> str:
    return (
        f"{row['size']:5} px {row['pixels'] / 1e6:6.2f} MP   {row['seconds']:7.2f} s a step"
        f"  {row['seconds'] / row['pixels'] * 1e6:5.2f} s a MP   {row['peak_bytes'] / 1e9:5.2f} GB"
        f" (foretold {row['foretold_bytes'] / 1e9:5.2f})   {row['blocks']} blocks in strips"
    )


def _plot(rows: list[dict], file: Path) -> None:
    from matplotlib import pyplot

    figure, sides = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    pixels = [row["pixels"] / 1e6 for row in rows]
    for side, figures, name in (
        (sides[0], [row["seconds"] for row in rows], "seconds a step"),
        (sides[1], [row["peak_bytes"] / 1e9 for row in rows], "GB at most, above the network"),
    ):
        side.loglog(pixels, figures, "o-", color="#1f5383")
        # The line of linear growth passes through the third point, by default the page's default size.
        scale = figures[min(2, len(rows) - 1)] / pixels[min(2, len(rows) - 1)]
        side.loglog(pixels, [scale * each for each in pixels], "--", color="#b0a89b", label="linear")
        for row, x, y in zip(rows, pixels, figures, strict=True):
            side.annotate(f"{row['size']} px", (x, y), textcoords="offset points", xytext=(6, -10))
        side.set(xlabel="megapixels", title=name)
        side.legend(frameon=False)
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    main()
