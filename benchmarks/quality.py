"""Compares our pictures with those of pastiche 1.6.0 from PyPI that take the same time.

    python -m benchmarks.quality [WORD ...] [--size 384] [--seconds 60] [--neighbours 3 10 30]
                                 [--gram 0.3 1 10] [--pastiche 0.01 0.05 1] [--json] [--keep FOLDER]

Each finished pair of `examples/` (or those whose result's name contains one of the words) is painted by
all contenders (`benchmarks.contenders`), at one size in the same wall time, with several style weights.
Our content weight is 5 (if a style weight is above 10, where the slider ends, both weights are divided
alike), pastiche's is its default, with which its default style weight is 1. Everything else is at its
default. The style weights, given by the options named as the contenders, are chosen so that the
contenders reach shapes and content distances in common and can be compared. They take turns, so that a
machine that slows down slows down all. The time includes everything from reading the files to the last
pixel, also computing the targets, but not loading the network. Our program has to know the number of
steps beforehand, which is derived from the pace of its previous run; pastiche then paints until it has
had no less time than ours. With `--seconds 0` ours paint as many steps as their settings say, and
pastiche gets the time of our run with Gram matrices.

Every picture is judged as it would be saved, with 8 bits a channel, at its own size or 512 px:

- content distance, style distance, fidelity, coverage and shapes in EfficientNet-Lite0
  (`benchmarks.perceptual`, `benchmarks.correspondence`);
- content loss and style loss in VGG-19, by our `Objective` with Gram matrices.

The headlines of a pair (`judging.COMPARISONS`) are ratios of a measure of two contenders at equal values
of another. With `--json` a report goes to the standard output, the tables to the standard error.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from styletransfer import load_network, save_image
from styletransfer.catalogue import Example, catalogue

from .contenders import CONTENDERS, DEVICE, WEIGHTS, one_pastiche_network, paint
from .judging import COMPARISONS, judge, table
from .machine import machine
from .sheet import stacked, strip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = _parser()
    options = parser.parse_args(arguments)
    if len({len(getattr(options, name)) for name in CONTENDERS}) > 1:
        parser.error(f"{', '.join(CONTENDERS)} must have the same number of style weights")
    pairs = chosen_pairs(options.words, parser)
    out = sys.stderr if options.json else sys.stdout
    report = {
        "machine": machine() | {"pastiche": version("pastiche")},
        "size": options.size,
        "seconds": options.seconds,
    }
    print(*(f"{key}: {value}" for key, value in report["machine"].items()), sep="\n", file=out)
    report["pairs"] = _judged(pairs, options, out)
    if len(pairs) > 1:
        print(f"\n{summary(report['pairs'])}", file=out)
    if options.json:
        print(json.dumps(report, indent=2))


def chosen_pairs(words: Sequence[str], parser: argparse.ArgumentParser) -> list[Example]:
    """The catalogue's pairs whose result's name has one of the words, or all; none is an error."""
    pairs = [
        pair
        for pair in catalogue().examples
        if not words or any(word in pair.result.name for word in words)
    ]
    if not pairs:
        parser.error(f"no example's name has one of the words {', '.join(words)}")
    return pairs


def summary(rows: Sequence[dict]) -> str:
    """For each of `COMPARISONS` the mean ratio over those pairs that have one."""
    lines = []
    for number, each in enumerate(COMPARISONS):
        ratios = [row["comparisons"][number]["ratio"] for row in rows]
        known = [ratio for ratio in ratios if ratio is not None]
        said = f"{sum(known) / len(known):.3f}" if known else "none"
        lines.append(
            f"{each.measure} at equal {each.equal}, {each.ours} over {each.theirs}: {said}, "
            f"target {each.target:.2f}, mean of {len(known)} of {len(rows)} pairs".replace("_", " ")
        )
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", metavar="WORD", nargs="*")
    parser.add_argument("--size", type=int, default=384, help="long side in pixels")
    parser.add_argument(
        "--seconds",
        type=float,
        default=60,
        help="for each picture; 0: as many steps as the settings say",
    )
    for name in CONTENDERS:
        parser.add_argument(
            f"--{name}", type=float, nargs="+", default=[*WEIGHTS[name]], help="style weights"
        )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="save all pictures there")
    return parser


def _judged(pairs: Sequence[Example], options: argparse.Namespace, out: TextIO) -> list[dict]:
    """The report's rows of the pairs, which are painted, judged, printed and, if asked for, saved."""
    network = load_network(device=DEVICE)
    impartial = load_network(device=DEVICE, precision="float32")
    weights = {name: getattr(options, name) for name in CONTENDERS}
    rows, strips = [], []
    with one_pastiche_network():
        for pair in pairs:
            runs = paint(pair, options.size, options.seconds, weights, network)
            row = judge(pair, runs, options.size, impartial)
            rows.append(row)
            print(f"\n{table(row)}", file=out, flush=True)
            if not options.keep:
                continue
            options.keep.mkdir(parents=True, exist_ok=True)
            for run in runs:
                name = f"{pair.result.stem}-{run.contender}-{run.style_weight:g}.png"
                save_image(run.image, options.keep / name)
            strips.append(strip(pair, runs, row))
            save_image(stacked(strips), options.keep / "contact-sheet.jpg")
    return rows


if __name__ == "__main__":
    main()
