"""The chart of the losses, with known values."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from styletransfer.page import placard
from styletransfer.page.chart import BOTTOM, LEFT, MOST, RIGHT, TOP, bounds, chart, thinned
from styletransfer.page.i18n import english as texts
from styletransfer.page.i18n.translate import ENGLISH
from styletransfer.pictures import Pictures
from styletransfer.service.run import LossPoint, Run
from styletransfer.settings import Settings
from tests.support.steps import picture, step


def losses(*values, scales=(), elapsed=1.0):
    """A point for every value: a triple of losses, or one number for all three."""
    triples = (each if isinstance(each, tuple) else (each,) * 3 for each in values)
    return [
        LossPoint(number, scales[number - 1] if scales else 1, number * elapsed, *each)
        for number, each in enumerate(triples, 1)
    ]


def drawn(*args):
    return ElementTree.fromstring(chart(*args))


def points(svg, name):
    line = next(each for each in svg.iter("polyline") if each.get("class") == name)
    return [tuple(map(float, each.split(","))) for each in line.get("points").split()]


def test_known_losses_stand_at_their_places():
    svg = drawn(losses((1, 0.1, 10), (0.1, 1, 1), (0.316227766, 0.1, 0.1)), 5)
    third, middle = (BOTTOM - TOP) / 2, (LEFT + RIGHT) / 2
    quarter = (LEFT + middle) / 2
    expected = {
        "content": [third + TOP, BOTTOM, BOTTOM - third / 2],
        "style": [BOTTOM, third + TOP, BOTTOM],
        "total": [TOP, third + TOP, BOTTOM],
    }
    for name, heights in expected.items():
        found = points(svg, name)
        assert [x for x, _ in found] == pytest.approx([LEFT, quarter, middle], abs=0.06)
        assert [y for _, y in found] == pytest.approx(heights, abs=0.06)


def test_a_loss_of_nothing_lies_on_the_floor():
    assert points(drawn(losses((0, 1, 1), (0.01, 0.9, 1)), 2), "content")[0] == (LEFT, BOTTOM)
    assert points(drawn(losses(0, 0), 2), "total") == [(LEFT, BOTTOM), (RIGHT, BOTTOM)]


def test_each_change_of_scale_is_a_vertical_line_between_two_steps():
    svg = drawn(losses(4, 3, 2, 1, scales=(1, 1, 2, 3)), 4)
    lines = [each.get("d") for each in svg.iter("path") if each.get("class") == "scale"]
    step = (RIGHT - LEFT) / 3
    at = [float(re.match(r"M([\d.]+)", line)[1]) for line in lines]
    assert at == pytest.approx([LEFT + 1.5 * step, LEFT + 2.5 * step], abs=0.06)


def test_it_says_in_words_what_it_shows():
    svg = drawn(losses((0.01, 0.9, 4.5), (0.02, 0.12, 0.6)), 150)
    assert svg.get("role") == "img"
    for words in ("step 2 of 150", "content from 0.01 to 0.02", "style from 0.9 to 0.12", "4.5 to 0.6"):
        assert words in svg.get("aria-label")
    assert {each.text for each in svg.iter("text")} == {"content", "style", "total"}
    assert drawn([], 150).get("aria-label") == texts.CHART_EMPTY


@pytest.mark.parametrize("count", [0, 1, MOST, MOST + 1, 3000])
def test_points_are_thinned_evenly_with_the_first_and_the_last(count):
    kept = thinned(losses(*[1.0] * count))
    assert len(kept) == min(count, MOST)
    numbers = [mark.number for mark in kept]
    assert numbers[:1] + numbers[-1:] == ([1, count] if count else [])
    gaps = {later - before for before, later in pairwise(numbers)}
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_the_bounds_are_half_powers_of_ten_and_not_too_deep():
    assert bounds([0.02, 2]) == pytest.approx((0.01, 10**0.5))
    assert bounds([1, 1]) == pytest.approx((1, 10**0.5))
    assert bounds([1e-9, 1]) == pytest.approx((1e-4, 1))
    assert bounds([]) == bounds([0]) == (0.1, 1)


def test_while_it_paints_the_placards_chart_changes_once_a_second_and_is_whole_at_the_end():
    job = Run(Pictures(picture(), [picture()]), Settings(steps=12))
    for _ in range(10):
        job.take(step(1, job.settings))
    job.losses = losses(*range(10, 0, -1), elapsed=0.3)
    seen = placard.progress(job, ENGLISH).count  # 3.0 s
    assert seen('class="chart"') == 1
    assert len(points_in(placard.progress(job, ENGLISH))) == 10
    job.losses = job.losses[:9]  # at 2.7 s the chart is still that of 2 s
    assert len(points_in(placard.progress(job, ENGLISH))) == 6
    job.finish()
    assert len(points_in(placard.progress(job, ENGLISH))) == 9


def points_in(html):
    return points(ElementTree.fromstring(re.search("<svg.*</svg>", html)[0]), "total")
