"""Fixtures for tests of the queue: a runner and a clock that the test controls."""

import shutil
import threading
import time

import pytest

from styletransfer.service import job, queue
from styletransfer.service.store import Store
from tests.support.runner import Runner, no_draft


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


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """A function that starts a server; on a copy of an earlier server's data folder, if one is given."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    stores, runners = [], []

    def start(runner=None, killed=None, drafter=no_draft, **limits):
        runner = runner or Runner()
        data = tmp_path / f"data-{len(stores)}"
        if killed is not None:
            shutil.copytree(killed.folder.path, data)
        server = queue.Queue(runner, drafter, queue.Limits(**limits))
        runners.append(runner)
        stores.append(Store(server, data))
        return stores[-1]

    yield start
    for runner in runners:
        runner.release(1000)
    for store in stores:
        store.close()
