"""A generator that may hang is given up, and otherwise comes through as it is."""

import contextvars
import threading

import pytest

from styletransfer.service.patience import patiently

LONG = 20
name = contextvars.ContextVar("name", default="nobody")


def test_items_and_errors_come_through():
    def items():
        yield 1
        yield 2
        raise KeyError("three")

    taken = []
    with pytest.raises(KeyError, match="three"):
        taken.extend(patiently(items(), LONG))
    assert list(patiently((x for x in (1, 2, 3)), LONG)) == [1, 2, 3]


def test_it_runs_in_the_callers_context():
    token = name.set("Ada")
    assert list(patiently((name.get() for _ in range(1)), LONG)) == ["Ada"]
    name.reset(token)


def test_closing_it_closes_the_items_at_the_next_of_them():
    closed, given = threading.Event(), []

    def items():
        try:
            for number in range(10**9):
                given.append(number)
                yield number
        finally:
            closed.set()

    patient = patiently(items(), LONG)
    next(patient)
    patient.close()
    assert closed.is_set()
    ended_at = len(given)
    assert ended_at < 10**9
    assert len(given) == ended_at


def test_what_hangs_is_given_up():
    released = threading.Event()

    def items():
        yield 1
        released.wait(LONG)
        yield 2

    patient = patiently(items(), 0.1)
    assert next(patient) == 1
    with pytest.raises(TimeoutError):
        next(patient)
    released.set()
