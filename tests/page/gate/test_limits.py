"""Limits by address, by session and in time."""

import pytest

from styletransfer.page.gate.limits import Allowance, Held, Sessions
from styletransfer.page.gate.refusals import Refused


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_allowance_is_used_up_and_fills_again():
    time = Time()
    allowance = Allowance(10, 60, time)
    assert [allowance.spend("a") for _ in range(10)] == [0] * 10
    assert allowance.spend("a") == 6
    assert allowance.spend("b") == 0
    time.now += 6
    assert allowance.spend("a") == 0
    assert allowance.spend("a") > 0
    time.now += 10_000
    assert [allowance.spend("a") for _ in range(11)] == [0] * 10 + [6]


def test_a_refused_request_costs_nothing():
    time = Time()
    allowance = Allowance(100, 100, time)
    allowance.spend("a", 90)
    assert [allowance.spend("a", 20) for _ in range(50)] == [10] * 50
    assert allowance.spend("a", 10) == 0


def test_what_is_larger_than_the_bucket_takes_a_full_one():
    time = Time()
    allowance = Allowance(10, 10, time)
    assert allowance.spend("a", 25) == 0
    assert allowance.spend("a", 25) == 25
    allowance.give_back("a", 25)
    assert allowance.spend("a", 10) == 0


def test_many_addresses_do_not_fill_the_memory():
    allowance = Allowance(10, 60, Time())
    for number in range(30_000):
        allowance.spend(str(number))
    assert len(allowance._left) <= 20_000


def test_only_so_many_are_held_at_a_time():
    held = Held()
    with held.one(address=("a", 2), session=("s", 1)):
        with pytest.raises(Refused) as refused, held.one(address=("a", 2), session=("s", 1)):
            pass
        assert refused.value.status == 429
        with held.one(address=("a", 2), session=("t", 1)):
            with pytest.raises(Refused), held.one(address=("a", 2), session=("u", 1)):
                pass
            with held.one(address=("b", 2), session=("u", 1)):
                pass
    with held.one(address=("a", 1), session=("s", 1)):
        pass
    assert not held._held


def test_invented_sessions_are_counted_and_known_ones_are_not():
    time = Time()
    sessions = Sessions(Allowance(5, 3600, time))
    for _ in range(100):
        sessions.check("a", "mine")
    for number in range(4):
        sessions.check("a", f"more-{number}")
    with pytest.raises(Refused) as refused:
        sessions.check("a", "one more")
    assert refused.value.fields == {"seconds": 720}
    sessions.check("a", "mine")
    sessions.check("b", "other")
    with pytest.raises(Refused):
        sessions.check("a", None)  # a call of the API, which gets a session of its own
