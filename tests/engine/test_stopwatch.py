"""The run's stopwatch, with a fake clock, sizes and steps, but no pictures."""

import itertools
from types import SimpleNamespace

import pytest

from styletransfer.engine import stopwatch as module
from styletransfer.engine.stopwatch import LONGEST_WAIT, OVERHEAD_PIXELS, Stopwatch

SMALL, LARGE = (100, 80), (200, 160)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless its `now` is changed."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    return clock


def run(clock, steps, sizes=(SMALL,), show_every=1000, preparing=0.0, step=0.1):
    """The progress after each step, with constant times for preparing a scale and for a step."""
    stopwatch, found = Stopwatch(sizes, steps, show_every), []
    for count in steps:
        clock.now += preparing
        stopwatch.scale_prepared()
        for _ in range(count):
            clock.now += step
            found.append(stopwatch.step_done())
        stopwatch.scale_finished()
    return found


def test_steps_and_scales_are_counted_from_one(clock):
    found = run(clock, (2, 3), (SMALL, LARGE))
    assert [(each.number, each.scale) for each in found] == [(1, 1), (2, 1), (3, 2), (4, 2), (5, 2)]
    assert {(each.steps, each.scales) for each in found} == {(5, 2)}


def test_the_time_so_far_counts_from_the_beginning(clock):
    found = run(clock, (2, 1), (SMALL, LARGE), preparing=0.5)
    assert [each.elapsed for each in found] == pytest.approx([0.6, 0.7, 1.3])


def test_the_time_left_goes_by_pixels_from_scale_to_scale(clock):
    found = run(clock, (2, 3), (SMALL, LARGE), preparing=0.5)
    larger = (200 * 160 + OVERHEAD_PIXELS) / (100 * 80 + OVERHEAD_PIXELS)
    assert found[0].remaining == pytest.approx(0.1 + 0.5 * 4 + 0.1 * 3 * larger)
    assert [each.remaining for each in found[2:]] == pytest.approx([0.2, 0.1, 0])


def test_the_first_step_of_a_scale_counts_only_until_there_is_another(clock):
    stopwatch = Stopwatch([SMALL], [4], 1000)
    stopwatch.scale_prepared()
    remaining = []
    for seconds in (1.0, 0.1, 0.1, 0.1):
        clock.now += seconds
        remaining.append(stopwatch.step_done().remaining)
    assert remaining == pytest.approx([3, 0.2, 0.1, 0])


def test_a_picture_is_due_every_n_steps_and_at_the_end_of_a_scale(clock):
    due = [each.number for each in run(clock, (4, 7), (SMALL, LARGE), show_every=3, step=0) if each.due]
    assert due == [3, 4, 6, 9, 11]


@pytest.mark.parametrize(
    ("step", "due"), [(0.75, [3, 5, 7, 8]), (0.9, [3, 5, 7, 8]), (2.5, [*range(2, 9)])]
)
def test_where_steps_take_long_a_picture_is_due_before_the_wait_gets_too_long(clock, step, due):
    found = run(clock, (8,), step=step)
    assert [each.number for each in found if each.due] == due
    if step < LONGEST_WAIT / 2:
        shown = [found[0].elapsed, *(each.elapsed for each in found if each.due)]
        assert max(b - a for a, b in itertools.pairwise(shown)) <= LONGEST_WAIT
