"""Signals that ask this process to end, really sent to it."""

import os
import signal

import pytest

from styletransfer import interrupt


@pytest.fixture(autouse=True)
def handlers():
    before = {each: signal.getsignal(each) for each in signal.valid_signals()}
    yield
    for each, handler in before.items():
        if signal.getsignal(each) is not handler:
            signal.signal(each, handler)


def test_what_is_held_is_done_to_its_end_and_then_the_signal_counts():
    asked = interrupt.raise_once()
    done = []

    def held():
        with asked.held():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("all of it")
        done.append("more")

    with pytest.raises(KeyboardInterrupt):
        held()
    assert done == ["all of it"]
    with pytest.raises(KeyboardInterrupt):
        asked()


def test_a_signal_elsewhere_is_raised_where_it_comes():
    asked = interrupt.raise_once()
    with asked.held():
        pass
    asked()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
