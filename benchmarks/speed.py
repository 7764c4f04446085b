"""Seconds per step, ours beside pastiche 1.6.0 from PyPI, in one run on one machine.

    python -m benchmarks.speed [--sizes 256 512] [--rounds 5] [--json]

A step is one evaluation of loss and gradient with the move that follows. The two take turns, so that a
machine that slows down slows down both. Prints medians, spread (minimum to maximum) and their ratio.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import torch
from pastiche.pastiche import PasticheArtist

from styletransfer import Settings, load_image, load_network
from styletransfer.catalogue import catalogue
from styletransfer.descent import Descent
from styletransfer.images import resize, to_tensor
from styletransfer.objective import Objective

from .machine import machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--rounds", type=int, default=5, help="of one step each, after one to warm up")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pair = catalogue().examples[0]
    report = {"machine": machine(), "pair": pair.result.stem, "seconds_per_step": []}
    for size in options.sizes:
        contenders = {"ours": _ours(pair, size), "pastiche": _pastiche(pair, size)}
        times: dict[str, list[float]] = {name: [] for name in contenders}
        for turn in range(options.rounds + 1):
            for name, step in contenders.items():
                began = time.perf_counter()
                step()
                if turn:
                    times[name].append(time.perf_counter() - began)
        row = {"size": size} | {
            name: {"median": statistics.median(each), "minimum": min(each), "maximum": max(each)}
            for name, each in times.items()
        }
        row["ratio"] = row["ours"]["median"] / row["pastiche"]["median"]
        report["seconds_per_step"].append(row)
    if options.json:
        print(json.dumps(report, indent=2))
        return
    print(*(f"{key}: {value}" for key, value in report["machine"].items()), sep="\n")
    print(f"\nseconds per step, {report['pair']}")
    print(" size   ours                   pastiche               ratio")
    for row in report["seconds_per_step"]:
        ours, theirs = (
            "{median:.2f} ({minimum:.2f} to {maximum:.2f})".format(**row[name])
            for name in ("ours", "pastiche")
        )
        print(f"{row['size']:5}   {ours:22} {theirs:22} {row['ratio']:.2f}")


def _ours(pair, size: int) -> Callable[[], object]:
    network = load_network()
    content, style = (
        to_tensor(resize(load_image(each), size), network.device) for each in (pair.photo, pair.style)
    )
    return Descent(Objective(network, content, [style], Settings()), content).step


def _pastiche(pair, size: int) -> Callable[[], object]:
    artist = PasticheArtist(
        content=str(pair.photo),
        styles=[str(pair.style)],
        size=size,
        device="cuda" if torch.cuda.is_available() else "cpu",
    )
    return artist.draw


if __name__ == "__main__":
    main()
