"""Fixtures for tests of the queue: a runner and a clock that the test controls."""

import threading
import time

import pytest

from styletransfer.service import job, queue
from tests.support.runner import Runner


@pytest.fixture(autouse=True)
def _jobs_have_ended():
    """Waits for the threads of a test's jobs: one that is still in torch at exit aborts the process."""
    yield
    for thread in threading.enumerate():
        if thread.name in ("job", "time-lapse"):
            thread.join(2)


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
