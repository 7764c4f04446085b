"""The chart of a run's losses: three thin lines over the steps, on a logarithmic scale, as SVG.

The chart is a pure function of numbers. The page's style sheet colours the lines by their CSS classes.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from ..service.run import LossPoint
from .assets import render
from .i18n.translate import ENGLISH, Words

WIDTH, HEIGHT = 300, 78  # pixels
LEFT, RIGHT, TOP, BOTTOM = 1, 214, 3, 75  # the area of the lines in pixels; the labels stand beside it
MOST = 200  # points per line

_DEEPEST = 1e-4  # times the largest loss; smaller losses are drawn at the bottom of the chart


def chart(marks: Sequence[LossPoint], steps: int, texts: Words = ENGLISH) -> str:
    """An <svg> element with the losses so far; without any losses a chart without lines."""
    seen = thinned(marks)
    losses = {
        "content": [mark.content for mark in seen],
        "style": [mark.style for mark in seen],
        "total": [mark.total for mark in seen],
    }
    low, high = bounds([loss for line in losses.values() for loss in line])
    labels = {"content": texts.CHART_CONTENT, "style": texts.CHART_STYLE, "total": texts.CHART_TOTAL}

    def x(step: float) -> str:
        return f"{LEFT + (RIGHT - LEFT) * (step - 1) / max(1, steps - 1):.1f}"

    def y(loss: float) -> str:
        share = math.log(max(low, loss) / low) / math.log(high / low)
        return f"{BOTTOM - (BOTTOM - TOP) * share:.1f}"

    def points(line: Sequence[float]) -> str:
        return " ".join(f"{x(mark.number)},{y(loss)}" for mark, loss in zip(seen, line, strict=True))

    return render(
        "chart",
        label=_in_words(marks, steps, texts),
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=BOTTOM,
        scales=[
            x(after.number - 0.5) for before, after in pairwise(marks) if after.scale != before.scale
        ],
        lines=[
            {"name": name, "label": labels[name], "points": points(line)}
            for name, line in losses.items()
        ],
    )


def thinned(marks: Sequence[LossPoint]) -> list[LossPoint]:
    """At most `MOST` of these points, evenly spaced, with the first and the last."""
    if len(marks) <= MOST:
        return list(marks)
    return [marks[round(place * (len(marks) - 1) / (MOST - 1))] for place in range(MOST)]


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """The losses at the bottom and at the top: half powers of ten, so that they seldom change."""
    largest = max(values, default=0.0)
    if largest <= 0:
        return 0.1, 1.0
    smallest = min(value for value in values if value > 0)
    low = math.floor(2 * math.log10(max(smallest, largest * _DEEPEST))) / 2
    high = math.ceil(2 * math.log10(largest)) / 2
    return 10**low, 10 ** max(high, low + 0.5)


def _in_words(marks: Sequence[LossPoint], steps: int, texts: Words) -> str:
    if not marks:
        return texts.CHART_EMPTY
    first, last = marks[0], marks[-1]
    return texts.CHART_ALT.format(
        number=last.number,
        steps=steps,
        content=texts.number(f"{first.content:.2g}"),
        content_now=texts.number(f"{last.content:.2g}"),
        style=texts.number(f"{first.style:.2g}"),
        style_now=texts.number(f"{last.style:.2g}"),
        total=texts.number(f"{first.total:.2g}"),
        total_now=texts.number(f"{last.total:.2g}"),
    )
