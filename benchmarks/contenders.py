"""The contenders of `benchmarks.quality` and `benchmarks.blind`, and how each paints a pair.

Ours are settings, by the name of the contender; pastiche paints as its command line does.
"""

import io
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any
from unittest import mock

import torch
from pastiche.pastiche import PasticheArtist
from pastiche.pastiche import save_image as save_pastiche
from pastiche.vgg19 import VGG19
from PIL import Image

from styletransfer import Pictures, Settings, load_image, stylize
from styletransfer.catalogue import Example
from styletransfer.images import fitted_size
from styletransfer.network.vgg import VGG
from styletransfer.presets import presets
from styletransfer.settings import knobs

OURS: Mapping[str, Mapping[str, Any]] = {  # name -> the settings that differ from the defaults
    "neighbours": {"style_loss": "neighbours"},
    "gram": presets()["Gatys"].settings,
}
PACEMAKER = "gram"  # whose time pastiche gets where ours paint as many steps as their settings say
PASTICHE = "pastiche"
CONTENDERS = (*OURS, PASTICHE)
# The style weights with which each paints. Each counts in its own way, and they are chosen so that the
# contenders reach shapes and content distances in common.
WEIGHTS: Mapping[str, Sequence[float]] = {
    "neighbours": (3, 10, 30),
    "gram": (0.3, 1, 10),
    "pastiche": (0.01, 0.05, 1),
}
WARM_UP = 4  # steps at each scale
MOST_STEPS = next(knob.maximum for knob in knobs() if knob.name == "steps")
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"  # pastiche supports no other devices


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


@contextmanager
def one_pastiche_network() -> Iterator[None]:
    """Within it pastiche loads its network once, instead of for every picture, which takes seconds."""
    with mock.patch.object(VGG19, "from_quantized_bin", cache(VGG19.from_quantized_bin)):
        yield


def paint(
    pair: Example, size: int, seconds: float, weights: Mapping[str, Sequence[float]], network: VGG
) -> list[Run]:
    """The pictures of all contenders, painted in turns: one each for the first style weight, and so on.

    Args:
        pair: the photo and the painting; the example's own settings do not count.
        size: long side in pixels.
        seconds: for each picture; 0 lets ours paint as many steps as their settings say, and gives
            pastiche the time of `PACEMAKER`.
        weights: contender -> style weights, of all as many.
        network: ours.
    """
    runs, paces = [], {}
    for name, settings in OURS.items() if seconds else ():  # also warms up
        steps = WARM_UP * Settings(**settings).scales
        paces[name] = paint_ours(name, pair, 5, size, steps, network)[1]
    paint_pastiche(pair, size, 1.0, 0)
    for number, other in enumerate(weights[PASTICHE]):
        turn = {}
        for name, settings in OURS.items():
            steps = paces[name].steps(seconds) if seconds else Settings(**settings).steps
            turn[name], paces[name] = paint_ours(name, pair, weights[name][number], size, steps, network)
        taken = max(run.seconds for run in turn.values()) if seconds else turn[PACEMAKER].seconds
        theirs = paint_pastiche(pair, size, other, max(seconds, taken))
        runs += [*turn.values(), theirs]
    return runs


def paint_ours(
    name: str, pair: Example, weight: float, size: int, steps: int, network: VGG
) -> tuple[Run, Pace]:
    """A picture by one of `OURS`, and its pace.

    Args:
        name: one of `OURS`.
        pair: the photo and the painting.
        weight: the style weight beside the default content weight; above 10, where the slider ends, all
            weights are divided alike.
        size: long side in pixels.
        steps: over all scales, at least two for each.
        network: ours.
    """
    default = Settings(**OURS[name])
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
    run = Run(name, weight, seconds, step.number, step.image)
    return run, Pace(first, further / (share - 1), step.scales)


def paint_pastiche(pair: Example, size: int, weight: float, seconds: float) -> Run:
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
    return Run(PASTICHE, weight, taken, steps, load_image(file))
