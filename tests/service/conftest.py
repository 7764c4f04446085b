"""The runner and the clock of tests of the line."""

import time

import pytest

from styletransfer.service import job, queue
from tests.support.runner import Runner


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.release(1000)  # whatever a failed test has left waiting


@pytest.fixture
def clock(monkeypatch):
    """What the jobs take for the time, in seconds."""

    class Clock:
        now = 1000.0
        sleep = staticmethod(time.sleep)

        def monotonic(self):
            return self.now

    clock = Clock()
    for module in (job, queue):
        monkeypatch.setattr(module, "time", clock)
    return clock
