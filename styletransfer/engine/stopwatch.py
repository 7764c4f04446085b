"""How far a run is: seconds so far, seconds to come, and whether a picture should be shown.

Knows nothing of pictures or losses, only of sizes, steps and the clock.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from .schedule import Size

LONGEST_WAIT = 2.0  # seconds between two pictures that are shown, unless a single step takes longer
# What a step takes besides the time for its pixels, in pixels: about as many on both machines that it
# was timed on (LOG.md).
STEP_PIXELS = 18_000


@dataclass(frozen=True)
class Progress:
    """How far a run is after a step; `Step` explains the fields."""

    number: int
    steps: int
    scale: int
    scales: int
    elapsed: float
    remaining: float
    due: bool


class Stopwatch:
    """Follows a run from scale to scale and step to step. It starts when it is made.

    Args:
        sizes: of the scales, in pixels, in the order in which they are painted.
        steps: how many each scale has.
        show_every: after how many steps a picture is due.
    """

    def __init__(self, sizes: Sequence[Size], steps: Sequence[int], show_every: int) -> None:
        self._pixels = [width * height for width, height in sizes]
        self._steps = steps
        self._show_every = show_every
        self._scale = 0  # index of the scale that is painted
        self._number = 0  # steps so far, of the run
        self._done = 0  # steps so far, of this scale
        self._began = self._shown = self._scale_began = time.perf_counter()

    def scale_prepared(self) -> None:
        """To be called before the first step of a scale."""
        self._prepared = self._stepped = time.perf_counter()
        self._preparing = (self._prepared - self._scale_began) / self._pixels[self._scale]
        self._done = 0

    def step_done(self) -> Progress:
        """To be called after each step."""
        now = time.perf_counter()
        self._number += 1
        self._done += 1
        if self._done == 1:
            self._first = now
        last = self._done == self._steps[self._scale]
        due = last or self._number % self._show_every == 0 or self._too_late_next_time(now)
        if due or self._number == 1:
            self._shown = now
        self._stepped = now
        return Progress(
            number=self._number,
            steps=sum(self._steps),
            scale=self._scale + 1,
            scales=len(self._pixels),
            elapsed=now - self._began,
            remaining=self._remaining(now),
            due=due,
        )

    def scale_finished(self) -> None:
        """To be called after the last step of a scale, when its memory has been given back."""
        self._scale += 1
        self._scale_began = time.perf_counter()

    def _too_late_next_time(self, now: float) -> bool:
        """Whether the wait for a picture would exceed `LONGEST_WAIT` after one more step like this."""
        next_step = now + (now - self._stepped)
        return self._number > 1 and next_step - self._shown > LONGEST_WAIT

    def _remaining(self, now: float) -> float:
        """Seconds for the rest of this scale, and for the next ones by their pixels."""
        # The first step of a scale also warms up, so it counts only while there is no other.
        others = self._done - 1
        step = (now - self._first) / others if others else now - self._prepared
        step_pixel = step / (self._pixels[self._scale] + STEP_PIXELS)
        seconds = step * (self._steps[self._scale] - self._done)
        for pixels, steps in zip(
            self._pixels[self._scale + 1 :], self._steps[self._scale + 1 :], strict=True
        ):
            seconds += self._preparing * pixels + step_pixel * (pixels + STEP_PIXELS) * steps
        return seconds
