"""What painting a picture will take, said before it begins: seconds, memory, pixels.

A step takes a fixed time and a time for each pixel. Both were measured on two machines; how this one
compares, and how busy it is, is learned from what is painted on it.
"""

import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import torch
from PIL import Image

from ..images import fitted_size
from ..network.vgg import VGG
from ..pictures import Pictures
from ..settings import Settings
from . import memory
from .stylize import STEP_PIXELS, schedule, shared_steps, stylize

# Seconds of a step for each pixel (LOG.md): on two cores with AVX2, and with matrix units for bfloat16.
_PIXEL = {torch.float32: 4.9e-6, torch.bfloat16: 0.93e-6}
# How many times as long a pixel takes, by the number of blocks that are evaluated in strips.
_STRIPPED = {
    torch.float32: {0: 1.0, 2: 1.1, 3: 1.15, 4: 1.25},
    torch.bfloat16: {0: 1.0, 2: 1.2, 3: 1.3, 4: 1.6},
}
# Seconds before the first step of a scale, and for each pixel that is looked at meanwhile: those of the
# photo and of the paintings.
_SCALE, _SCALE_PIXEL = 0.05, 1.4e-6

_HALF_LIFE = 30  # seconds of painting after which what was learned counts half
# Seconds that are timed at first, and the long side of what is painted for it. On the smallest pictures
# machines differ by more than on those that people wait for.
_TRIAL, _TRIAL_SIZE = 0.4, 256

_UNKNOWN = (3000, 2000)  # the size of a picture that is not there yet


@dataclass(frozen=True)
class Forecast:
    """What a run will take."""

    seconds: float
    bytes: float
    width: int
    height: int

    def __str__(self) -> str:
        minutes, seconds = divmod(max(1, round(self.seconds)), 60)
        time = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
        return (
            f"About {time} and {self.bytes / 1e9:.1f} GB on this computer"
            f" · {self.width} x {self.height} pixels"
        )


class Pace:
    """How long this machine takes, as a multiple of the one that the model was measured on.

    Attributes:
        precision: the network's, as its owner knows it.
    """

    def __init__(self, precision: torch.dtype | None = None) -> None:
        self.precision = precision
        self._took = self._expected = 0.0  # seconds, fading
        self._lock = threading.Lock()

    @property
    def factor(self) -> float:
        return self._took / self._expected if self._expected else 1.0

    def learn(self, pixels: int, seconds: float) -> None:
        """Takes note of a step with so many pixels that took so many seconds."""
        with self._lock:
            kept = 0.5 ** (seconds / _HALF_LIFE)
            self._took = self._took * kept + seconds
            self._expected = self._expected * kept + self.expected(pixels)

    def suppose(self, pixels: int, seconds: float) -> None:
        """Takes note of a step at a trial, unless a quicker one is known: the others were held up."""
        with self._lock:
            expected = self.expected(pixels)
            if not self._expected or seconds / expected < self.factor:
                self._took, self._expected = seconds, expected

    def expected(self, pixels: int) -> float:
        """Seconds of a step on the model's own machine."""
        kind = self.precision if self.precision in _PIXEL else torch.float32
        blocks = memory.comfortable_blocks(pixels, precision=kind)
        return _PIXEL[kind] * (STEP_PIXELS + pixels * _STRIPPED[kind][blocks])


def forecast(
    pace: Pace,
    settings: Settings,
    photo: tuple[int, int] | None = None,
    paintings: Sequence[tuple[int, int]] = (),
    masks: int = 0,
) -> Forecast:
    """What painting with these settings will take.

    Args:
        photo, paintings: (width, height) of each; 3:2 where there is none yet.
        masks: how many there are.

    Raises:
        ImageError, SettingsError: as `stylize.schedule`, but a start image that is still missing.
    """
    started = replace(settings, start="content")
    content, *styles = (_Blank(*size) for size in (photo or _UNKNOWN, *(paintings or [_UNKNOWN])))
    sizes = schedule(Pictures(content, styles), started)
    expected = 0.0
    for (width, height), steps in zip(sizes, shared_steps(settings.steps, len(sizes)), strict=True):
        pixels = width * height
        seen = pixels + sum(w * h for w, h in _looked_at(styles, max(width, height), settings))
        expected += _SCALE + _SCALE_PIXEL * seen + steps * pace.expected(pixels)
    looked_at = _looked_at(styles, settings.size, settings)
    needed = memory.needed(sizes[-1], looked_at, masks, precision=pace.precision)
    return Forecast(expected * pace.factor, needed, *sizes[-1])


def calibrate(pace: Pace, network: VGG, idle: Callable[[], bool] = lambda: True) -> None:
    """Teaches the pace how fast this network's device is, by the quickest of a few small steps.

    Args:
        idle: asked after every step; nothing is learned, and no step follows, once it says no.
    """
    pace.precision = network.precision
    grain = Image.effect_noise((_TRIAL_SIZE, _TRIAL_SIZE * 2 // 3), 80).convert("RGB")
    settings = Settings(size=_TRIAL_SIZE, scales=1, steps=1000)
    with closing(stylize(Pictures(grain, [grain]), settings, network)) as steps:
        stamps = [next(steps).elapsed]  # the first one also warms up
        for step in steps:
            if not idle():
                return
            stamps.append(step.elapsed)
            if stamps[-1] - stamps[0] >= _TRIAL:
                break
    quickest = min(after - before for before, after in itertools.pairwise(stamps))
    pace.suppose(step.width * step.height, quickest)


def _looked_at(styles: Sequence["_Blank"], size: int, settings: Settings) -> list[tuple[int, int]]:
    brush = round(size * settings.brush_scale)
    return [fitted_size(*style.size, brush) for style in styles]


@dataclass(frozen=True)
class _Blank:
    """Stands for a picture of which only the size counts."""

    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height
