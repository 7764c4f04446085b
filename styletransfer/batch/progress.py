"""How far a batch is, and how long the rest of it takes."""

from ..engine.step import Step
from ..service.line import wait_for_all
from .plan import Item
from .run import Ended, Stepped


class Progress:
    """How far a batch is, from all of its news so far.

    Args:
        pictures: how many it has.

    Attributes:
        ended: how many have become what they will be.
    """

    def __init__(self, pictures: int) -> None:
        self.ended = 0
        self._pictures = pictures
        # How many were in work at the same time so far: replicas may come later, or never.
        self._places = 1
        self._painted = 0
        self._seconds = 0.0  # that the painted ones took
        self._in_work: dict[Item, Step] = {}  # their newest steps

    def take(self, news: Stepped | Ended) -> None:
        """Takes what `paint_all` has yielded."""
        if isinstance(news, Stepped):
            self._in_work[news.item] = news.step
            self._places = max(self._places, len(self._in_work))
            return
        self.ended += 1
        self._in_work.pop(news.item, None)
        if news.entry.seconds is not None and not news.skipped:
            self._painted += 1
            self._seconds += news.entry.seconds

    @property
    def done(self) -> float:
        """How many pictures are done, with the parts of those in work."""
        return self.ended + sum(step.number / (step.steps + 1) for step in self._in_work.values())

    @property
    def left(self) -> float | None:
        """The seconds until all are painted, as long as none turns out to be there already; or None.

        Those that have not begun are taken to last as long as the others on average.
        """
        steps = self._in_work.values()
        known = self._painted + len(steps)
        if not known:
            return None
        mean = (self._seconds + sum(step.elapsed + step.remaining for step in steps)) / known
        further = self._pictures - self.ended - len(steps)
        # Each place paints one in each of these rounds, and the last few go to whichever is free first.
        rounds = max(0, further // self._places - 1)
        last = [mean] * (further - rounds * self._places)
        return rounds * mean + wait_for_all(
            [*(step.remaining for step in steps), *last, 0.0], self._places
        )

    def __str__(self) -> str:
        """Which picture is in work and at which step; or of several how many."""
        steps = list(self._in_work.values())
        if len(steps) > 1:
            return f"{self.ended} of {self._pictures} done, {len(steps)} in work"
        step = f", step {steps[0].number} of {steps[0].steps}" if steps else ""
        return f"picture {min(self.ended + 1, self._pictures)} of {self._pictures}{step}"
