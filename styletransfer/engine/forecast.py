"""What painting a picture will take, said before it begins: seconds, memory, pixels.

A step takes a fixed time and a time for each pixel. Both were measured on one machine, the reference
machine; by what factor this machine is slower or faster is learned from what is painted on it.
"""

import itertools
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import torch
from PIL import Image

from ..errors import StyleTransferError
from ..network.vgg import VGG
from ..pictures import Pictures
from ..settings import Settings
from . import memory
from .schedule import Size, scale_sizes, seen_sizes, shared_steps
from .step import Step
from .stopwatch import OVERHEAD_PIXELS
from .stylize import stylize

# Seconds of a step for each pixel (LOG.md), by Gram matrices; by neighbours, the search included, it is
# 0.93 of that. On two cores with AVX2, and with matrix units for bfloat16.
_PIXEL = {torch.float32: 4.9e-6, torch.bfloat16: 0.93e-6}
# How many times as long a pixel takes, by the number of blocks that are evaluated in strips (LOG.md).
_STRIPPED = {
    torch.float32: {0: 1.0, 2: 1.1, 3: 1.15, 4: 1.25},
    torch.bfloat16: {0: 1.0, 2: 1.2, 3: 1.3, 4: 1.6},
}
# Seconds before the first step of a scale: always, and for each pixel of the photo and the paintings.
_SCALE, _SCALE_PIXEL = 0.05, 1.4e-6

_HALF_LIFE = 30  # seconds of painting after which what was learned counts half
# Seconds that a trial takes, and the long side of its picture. On the smallest pictures machines differ
# by more than on those that people wait for.
_TRIAL, _TRIAL_SIZE = 0.4, 256

_UNKNOWN: Size = (3000, 2000)  # of a picture that is not there yet


@dataclass(frozen=True)
class Forecast:
    """What a run will take.

    Attributes:
        seconds: until it is finished, once it has begun.
        bytes: of memory at most, beyond what the network takes.
        width: of the result, in pixels.
        height: of the result, in pixels.
        least: the bytes without which it is refused; fewer than `bytes`, but slower.
    """

    seconds: float
    bytes: float
    width: int
    height: int
    least: float = 0.0

    def __str__(self) -> str:
        minutes, seconds = divmod(max(1, round(self.seconds)), 60)
        time = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
        return (
            f"About {time} and {self.bytes / 1e9:.1f} GB on this computer"
            f" · {self.width} x {self.height} pixels"
        )


class Pace:
    """How long this machine takes, as a multiple of what the reference machine takes.

    Args:
        precision: the network's, as its owner knows it.

    Attributes:
        precision: the same; may be set later.
    """

    def __init__(self, precision: torch.dtype | None = None) -> None:
        self.precision = precision
        # Seconds that steps took here, and that the reference machine takes for them; older steps count
        # less.
        self._took = self._expected = 0.0
        self._lock = threading.Lock()

    @property
    def factor(self) -> float:
        """How many times as long a step takes here; 1 as long as nothing is known."""
        return self._took / self._expected if self._expected else 1.0

    def learn(self, pixels: int, seconds: float) -> None:
        """Takes note of a step of a picture.

        Args:
            pixels: of the picture.
            seconds: that the step took.
        """
        with self._lock:
            kept = 0.5 ** (seconds / _HALF_LIFE)
            self._took = self._took * kept + seconds
            self._expected = self._expected * kept + self.expected(pixels)

    def suppose(self, pixels: int, seconds: float) -> None:
        """Takes note of a step at a trial, unless a quicker one is known: slower trials were held up.

        Args:
            pixels: of the trial's picture.
            seconds: that the step took.
        """
        with self._lock:
            expected = self.expected(pixels)
            if not self._expected or seconds / expected < self.factor:
                self._took, self._expected = seconds, expected

    def forget(self) -> None:
        """Forgets what was learned: another device paints from now on."""
        with self._lock:
            self._took = self._expected = 0.0

    def expected(self, pixels: int) -> float:
        """Seconds of a step on the reference machine.

        Args:
            pixels: of the picture.
        """
        precision = memory.measured(self.precision)
        blocks_in_strips = memory.comfortable_blocks(pixels, precision=precision)
        return _PIXEL[precision] * (OVERHEAD_PIXELS + pixels * _STRIPPED[precision][blocks_in_strips])


def forecast(
    pace: Pace,
    settings: Settings,
    photo: Size | None = None,
    paintings: Sequence[Size] = (),
    masks: int = 0,
) -> Forecast:
    """What painting with these settings will take.

    Args:
        pace: of the machine that paints.
        settings: of the run.
        photo: (width, height); 3:2 where there is none yet.
        paintings: (width, height) of each; one of 3:2 where there is none yet.
        masks: how many there are.

    Raises:
        ImageError: a picture's short side is too small even at the full size.
        SettingsError: there are more shares than paintings.
    """
    paintings = paintings or [_UNKNOWN]
    settings.shares(len(paintings))
    sizes = scale_sizes(photo or _UNKNOWN, paintings, settings)
    expected = 0.0
    for (width, height), steps in zip(sizes, shared_steps(settings.steps, len(sizes)), strict=True):
        pixels = width * height
        seen = pixels + sum(w * h for w, h in seen_sizes(paintings, max(width, height), settings))
        expected += _SCALE + _SCALE_PIXEL * seen + steps * pace.expected(pixels)
    largest = seen_sizes(paintings, settings.size, settings)
    of = (pace.precision, settings.style_loss)
    needed = memory.needed(sizes[-1], largest, masks, None, *of)
    least = memory.least_needed(sizes[-1], largest, masks, *of)
    return Forecast(expected * pace.factor, needed, *sizes[-1], least)


def seconds(pace: Pace, pictures: Pictures, settings: Settings) -> float:
    """How long painting these pictures will take in seconds, once it has begun; 0 if it will be refused.

    Args:
        pace: of the machine that paints.
        pictures: of the run.
        settings: of the run.
    """
    paintings = [style.size for style in pictures.styles]
    try:
        return forecast(pace, settings, pictures.content.size, paintings).seconds
    except StyleTransferError:
        return 0.0


def calibrate(pace: Pace, network: VGG, idle: Callable[[], bool] = lambda: True) -> None:
    """Teaches the pace how fast this network's device is, by the quickest of a few small steps.

    Args:
        pace: what learns.
        network: what paints.
        idle: asked after every step; once it says no, nothing is learned and no step follows.
    """
    pace.precision = network.precision
    try_out(pace, partial(stylize, network=network), idle)


def try_out(
    pace: Pace,
    paint: Callable[[Pictures, Settings], Generator[Step, Settings | None]],
    idle: Callable[[], bool] = lambda: True,
) -> None:
    """Teaches the pace how fast this painter is, by the quickest of a few small steps.

    Args:
        pace: what learns; it has to know the painter's precision.
        paint: as `stylize` with a network.
        idle: as for `calibrate`.
    """
    grain = Image.effect_noise((_TRIAL_SIZE, _TRIAL_SIZE * 2 // 3), 80).convert("RGB")
    settings = Settings(style_loss="gram", size=_TRIAL_SIZE, scales=1, steps=1000)
    with closing(paint(Pictures(grain, [grain]), settings)) as steps:
        stamps = [next(steps).elapsed]  # the first one also warms up
        for step in steps:
            if not idle():
                return
            stamps.append(step.elapsed)
            if stamps[-1] - stamps[0] >= _TRIAL:
                break
    quickest = min(after - before for before, after in itertools.pairwise(stamps))
    pace.suppose(step.width * step.height, quickest)
