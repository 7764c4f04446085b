"""The simulated line: what has to hold whatever the figures."""

import random

import pytest

from benchmarks import line
from benchmarks.line import Model, devices_for, mean_seconds, simulated

PATIENT = 1e9  # seconds


def outcome(**model):
    return simulated(Model(**model), 500 * mean_seconds(), random.Random(1))


def test_everybody_is_served_or_counted_with_a_reason():
    found = outcome(devices=2, load=1.5, waiting=3, quota=0.2)
    assert found.came == len(found.waits) + found.no_quota + found.full + found.impatient
    assert min(found.no_quota, found.full, found.impatient) > 0
    assert found.lost == pytest.approx(1 - len(found.waits) / found.came)


def test_with_a_device_for_everybody_nobody_waits():
    found = outcome(devices=200, load=0.05)
    assert (max(found.waits), found.lost) == (0, 0)


def test_devices_are_as_busy_as_there_is_work_and_never_more():
    patient = {"patience": PATIENT, "waiting": 10**6}
    assert outcome(devices=4, load=0.5, **patient).busy == pytest.approx(0.5, rel=0.15)
    assert outcome(devices=4, load=3, waiting=5, patience=PATIENT).busy <= 1.02


def test_one_line_before_many_devices_waits_less_than_before_one():
    waits = [outcome(devices=each, load=0.8, patience=PATIENT).waited(0.95) for each in (1, 4, 16)]
    assert waits[0] > 2 * waits[1] > 4 * waits[2]


def test_what_is_painted_in_half_the_time_is_waited_for_half_as_long():
    patient = {"devices": 2, "load": 0.8, "patience": PATIENT}
    whole = simulated(Model(**patient), 1000, random.Random(1))
    half = simulated(Model(**patient, pace=0.5), 500, random.Random(1))
    assert half.waits == pytest.approx([each / 2 for each in whole.waits])


def test_devices_are_enough_for_the_busiest_hour():
    seconds = mean_seconds(0.1)
    assert devices_for(1, 3, 0.1) == 1
    many = devices_for(1_000_000, 3, 0.1, busy=0.7)
    assert many * 0.7 >= 3_000_000 / 86400 * seconds > (many - 1) * 0.7


def test_shares_of_the_presets_are_of_a_whole():
    assert sum(line.SHARES.values()) == pytest.approx(1)
