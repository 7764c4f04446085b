"""Generators that run at the same time: all they yield comes, and an early end ends all of them."""

import threading
from contextlib import closing

import pytest

from styletransfer.batch.side_by_side import side_by_side

PATIENCE = 20  # seconds until a test that hangs has failed


def numbers(start, stop):
    yield from range(start, stop)


@pytest.mark.parametrize("places", [1, 2, 3, 9])
def test_all_that_is_yielded_comes_and_that_of_one_in_its_order(places):
    generators = (numbers(start, start + 10) for start in range(0, 50, 10))
    news = list(side_by_side(generators, places))
    assert sorted(news) == list(range(50))
    for start in range(0, 50, 10):
        own = [number for number in news if start <= number < start + 10]
        assert own == sorted(own)
    assert places > 1 or news == sorted(news)


def test_as_many_are_at_work_at_the_same_time_as_there_are_places():
    together = threading.Barrier(3)

    def waiting():
        yield together.wait(PATIENCE)

    assert sorted(side_by_side((waiting() for _ in range(3)), 3)) == [0, 1, 2]


@pytest.mark.parametrize("places", [1, 2])
def test_an_error_of_one_ends_all_and_is_raised(places):
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 1
        finally:
            closed.set()

    def failing():
        yield 2
        raise ZeroDivisionError

    generators = iter([failing(), endless()] if places == 1 else [endless(), failing()])
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(generators, places))
    assert places == 1 or closed.wait(PATIENCE)


@pytest.mark.parametrize("places", [1, 2])
def test_when_it_is_closed_those_at_work_are_closed_and_none_begins(places):
    closed = []

    def endless(name):
        try:
            while True:
                yield name
        finally:
            closed.append(name)

    with closing(side_by_side(map(endless, range(9)), places, patience=PATIENCE)) as news:
        while len({next(news) for _ in range(20)}) < places:
            pass
    assert sorted(closed) == list(range(places))


def test_one_that_takes_too_long_is_not_waited_for():
    asleep, ended = threading.Event(), threading.Event()

    def slow():
        yield 1
        asleep.set()
        ended.wait(PATIENCE)
        yield 2

    with closing(side_by_side([slow()], 2, patience=0.01)) as news:
        assert next(news) == 1
        assert asleep.wait(PATIENCE)
    ended.set()
