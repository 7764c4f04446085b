"""Fixtures for tests of the queue: a runner and a clock that the test controls."""

import time

import pytest

from styletransfer.service import job, queue
from tests.support.runner import Runner


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.release(1000)  # lets jobs end that a failed test has left waiting


@pytest.fixture
def clock(monkeypatch):
    """The clock of the jobs, in seconds, which the test sets."""

    class Clock:
        now = 1000.0
        sleep = staticmethod(time.sleep)

        def monotonic(self):
            return self.now

    clock = Clock()
    for module in (job, queue):
        monkeypatch.setattr(module, "time", clock)
    return clock
