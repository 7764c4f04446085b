"""The time that outlives a server."""

import pytest

from styletransfer.service.clock import Clock

HOUR = 3600
NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("paused", "counted"),
    [(HOUR, HOUR), (48 * HOUR, 12 * HOUR), (-HOUR, 0), (-20 * 365 * 24 * HOUR, 0)],
    ids=["down for an hour", "two days ahead", "an hour back", "no battery"],
)
def test_however_the_computers_clock_jumps_no_more_than_half_a_day_is_lost(paused, counted):
    notes = {}
    Clock(notes, wall=NOW).note(at_once=True)
    assert Clock(notes, wall=NOW + paused).now() - NOW == pytest.approx(counted, abs=5)


def test_times_of_the_process_and_times_on_disk_belong_together():
    clock = Clock({}, wall=NOW)
    assert clock.at(clock.monotonic(NOW - HOUR)) == pytest.approx(NOW - HOUR)


def test_the_time_is_noted_once_in_a_while():
    notes = {}
    clock = Clock(notes, wall=NOW)
    clock.note()
    first = dict(notes)
    assert first
    clock.note()
    assert notes == first
    clock.note(at_once=True)
    assert notes != first
