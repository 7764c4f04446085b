"""Compares two contenders by one measure at equal values of another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Comparison:
    """What is compared: a measure of two contenders, at equal values of another measure.

    Attributes:
        measure: the one whose ratio counts; lower is better.
        equal: the measure that is to be equal; lower is better.
        ours: the contender above the line of the ratio.
        theirs: the contender below it.
        target: the ratio that we aim for.
    """

    measure: str
    equal: str
    ours: str
    theirs: str
    target: float

    def of(self, runs: Sequence[dict]) -> dict[str, object]:
        """The comparison of judged runs: its own fields, and those of `compare`."""
        curves = [
            [(run[self.equal], run[self.measure]) for run in runs if run["contender"] == name]
            for name in (self.ours, self.theirs)
        ]
        return vars(self) | compare(*curves)


def compare(
    ours: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]]
) -> dict[str, object]:
    """The ratio of our measure to theirs at equal values of another.

    The points of a contender make a curve, linear between neighbours. The curves are compared at their
    points within our range or, if there are none, at our points within their range.

    Args:
        ours: (value that is to be equal, measure) for every style weight, in any order.
        theirs: the same for the other contender.

    Returns:
        overlap: whether the ranges of the values that are to be equal have a part in common;
        points: where the curves were compared, with (value, measure) of both and the ratio of measures;
            without overlap the one pair of points whose values are nearest;
        ratio: the mean of the points' ratios, or None without overlap;
        dominates: without overlap, whether our nearest point is lower in both; else None.
    """
    mine, others = np.array(sorted(ours)), np.array(sorted(theirs))
    values = _within(others, mine) or _within(mine, others)
    if values:
        pairs = [
            tuple((value, float(np.interp(value, *each.T))) for each in (mine, others))
            for value in values
        ]
    else:
        pairs = [min(((m, t) for m in ours for t in theirs), key=lambda p: abs(p[0][0] - p[1][0]))]
    points = [{"ours": m, "theirs": t, "ratio": m[1] / t[1]} for m, t in pairs]
    ((value, measure), (their_value, their_measure)), *_ = pairs
    return {
        "overlap": bool(values),
        "points": points,
        "ratio": sum(each["ratio"] for each in points) / len(points) if values else None,
        "dominates": None if values else value < their_value and measure < their_measure,
    }


def headline(found: dict) -> str:
    """A `Comparison`'s result as a sentence."""
    measure, equal, ours, theirs = (
        found[key].replace("_", " ") for key in ("measure", "equal", "ours", "theirs")
    )
    if found["overlap"]:
        met = "met" if found["ratio"] <= found["target"] else "missed"
        at = ", ".join(f"{point['ratio']:.3f} at {point['ours'][0]:.3f}" for point in found["points"])
        return (
            f"{measure.capitalize()} at equal {equal}, {ours} over {theirs}: "
            f"{found['ratio']:.3f}, target {found['target']:.2f} {met} ({at})"
        )
    (point,) = found["points"]
    mine, other = point["ours"], point["theirs"]
    if found["dominates"]:
        verdict = f"{ours} is lower in both"
    elif mine[0] > other[0] and mine[1] > other[1]:
        verdict = f"{theirs} is lower in both"
    else:
        verdict = f"{ours if mine[0] < other[0] else theirs} keeps more, the other paints more"
    return (
        f"{measure.capitalize()}: {ours} and {theirs} have no {equal} in common; nearest "
        f"({equal}, {measure}): {ours} {mine[0]:.3f}, {mine[1]:.3f}, "
        f"{theirs} {other[0]:.3f}, {other[1]:.3f}: {verdict}"
    )


def _within(points: np.ndarray, others: np.ndarray) -> list[float]:
    """The first numbers of those `points` that lie in the range of the `others`' first numbers."""
    return [float(each) for each in points[:, 0] if others[0, 0] <= each <= others[-1, 0]]
