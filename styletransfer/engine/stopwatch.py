"""How far a run is: seconds so far, seconds to come, and whether a picture should be shown.

Knows nothing of pictures or losses, only of sizes, steps and the clock.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from .schedule import Size

LONGEST_WAIT = 2.0  # seconds between two pictures that are shown, unless a single step takes longer
# A step's fixed cost, as the number of pixels that take as long: about the same number on both machines
# that steps were timed on (LOG.md).
OVERHEAD_PIXELS = 18_000


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
        self._scale_number = 0  # steps so far, of this scale
        self._began_at = self._shown_at = self._scale_began_at = time.perf_counter()
        self._prepared_at = self._stepped_at = self._first_stepped_at = self._began_at
        self._preparing_per_pixel = 0.0  # seconds, of this scale

    def scale_prepared(self) -> None:
        """To be called before the first step of a scale."""
        self._prepared_at = self._stepped_at = time.perf_counter()
        preparing = self._prepared_at - self._scale_began_at
        self._preparing_per_pixel = preparing / self._pixels[self._scale]
        self._scale_number = 0

    def step_done(self) -> Progress:
        """To be called after each step."""
        now = time.perf_counter()
        self._number += 1
        self._scale_number += 1
        if self._scale_number == 1:
            self._first_stepped_at = now
        last = self._scale_number == self._steps[self._scale]
        due = last or self._number % self._show_every == 0 or self._too_late_next_time(now)
        if due or self._number == 1:
            self._shown_at = now
        self._stepped_at = now
        return Progress(
            number=self._number,
            steps=sum(self._steps),
            scale=self._scale + 1,
            scales=len(self._pixels),
            elapsed=now - self._began_at,
            remaining=self._remaining(now),
            due=due,
        )

    def scale_finished(self) -> None:
        """To be called after the last step of a scale, when its memory has been given back."""
        self._scale += 1
        self._scale_began_at = time.perf_counter()

    def _too_late_next_time(self, now: float) -> bool:
        """Whether the wait for a picture would exceed `LONGEST_WAIT` after one more step like this."""
        next_step_at = now + (now - self._stepped_at)
        return self._number > 1 and next_step_at - self._shown_at > LONGEST_WAIT

    def _remaining(self, now: float) -> float:
        """Seconds for the rest of this scale, and for the next ones by their pixels."""
        # The first step of a scale also warms up, so it counts only while there is no other.
        others = self._scale_number - 1
        step = (now - self._first_stepped_at) / others if others else now - self._prepared_at
        step_pixel = step / (self._pixels[self._scale] + OVERHEAD_PIXELS)
        seconds = step * (self._steps[self._scale] - self._scale_number)
        for pixels, steps in zip(
            self._pixels[self._scale + 1 :], self._steps[self._scale + 1 :], strict=True
        ):
            seconds += (
                self._preparing_per_pixel * pixels + step_pixel * (pixels + OVERHEAD_PIXELS) * steps
            )
        return seconds
