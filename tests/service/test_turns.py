"""Calls of each asker take turns, and hold up nobody else's."""

import threading

import pytest

from styletransfer.service.turns import Turns


def test_one_asker_has_a_few_calls_at_once_and_keeps_nobody_else_waiting():
    turns, go, most = Turns(8, 2, "test"), threading.Event(), 0
    running: list[int] = []
    lock = threading.Lock()

    def held(number):
        nonlocal most
        with lock:
            running.append(number)
            most = max(most, len(running))
        assert go.wait(60)
        with lock:
            running.remove(number)
        return number

    many = [turns.submit("one", held, number) for number in range(20)]
    assert turns.submit("another", str, 7).result(60) == "7"
    assert not any(each.done() for each in many)
    go.set()
    assert [each.result(60) for each in many] == list(range(20))
    assert most == 2


def test_what_a_call_raises_comes_back_and_the_next_one_has_its_turn():
    turns = Turns(1, 1, "test")
    failing, next_one = turns.submit("one", int, "x"), turns.submit("one", int, "5")
    with pytest.raises(ValueError, match="invalid literal"):
        failing.result(60)
    assert next_one.result(60) == 5


def test_a_call_that_is_given_up_before_its_turn_does_not_run():
    turns, go, ran = Turns(1, 1, "test"), threading.Event(), []
    first, second = turns.submit("one", go.wait, 60), turns.submit("one", ran.append, 2)
    assert second.cancel()
    go.set()
    assert first.result(60)
    turns.submit("one", ran.append, 3).result(60)
    assert ran == [3]
