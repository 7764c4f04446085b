"""A process that paints is really killed, and another one goes on in its data folder."""

import subprocess
import sys
import time

import pytest

from styletransfer.errors import StyleTransferError
from styletransfer.service.queue import Queue
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
from tests.support.runner import PATIENCE, Runner, no_draft
from tests.support.server import ROOT

PAINT = """
import sys, time
from pathlib import Path
from styletransfer.pictures import Pictures
from styletransfer.service.queue import Queue
from styletransfer.service.shares import Shares
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
from styletransfer.settings import Settings
from tests.support.runner import no_draft
from tests.support.steps import picture, step

def runner(pictures, settings):
    for number in range(1, settings.steps + 1):
        time.sleep(0.01)
        yield step(number, settings)

store = Store(Queue(runner, no_draft), Path(sys.argv[1]))
pictures = Pictures(picture(), [picture()])
done = store.runs.start(pictures, Settings(seed=1, steps=4))
done.wait()
print(done.id, flush=True)
print(Shares(store).share(done).name, flush=True)
for seed in (2, 3, 4):
    print(store.runs.start(pictures, Settings(seed=seed, steps=3000)).id, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def killed(tmp_path, monkeypatch):
    """What a process printed before it was killed in the middle of three runs."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "copies"))
    run = [sys.executable, "-c", PAINT, str(tmp_path / "data")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(run, cwd=ROOT, **pipes) as process:
        printed = [process.stdout.readline().strip() for _ in range(5)]
        with pytest.raises(StyleTransferError, match="data folder of another server"):
            Store(Queue(Runner()), tmp_path / "data")
        time.sleep(2)  # it paints on, and keeps some of it
        process.kill()
    return printed


def test_what_was_finished_is_there_and_three_runs_go_on_in_order(killed, tmp_path):
    finished, link, *unfinished = killed
    runner = Runner()
    store = Store(Queue(runner, no_draft), tmp_path / "data")
    try:
        job = store.runs.find_run(finished)
        assert (job.finished, job.step.number) == (True, 4)
        assert Shares(store).find(link).file.read_bytes()[:2] == b"\xff\xd8"
        runs = [store.runs.find_run(id) for id in unfinished]
        assert [run.settings.seed for run in runs] == [2, 3, 4]
        assert [run.ahead for run in runs] == [0, 1, 2]
        assert [bool(run.before) for run in runs] == [True, False, False]
        assert runner.event()[:2] == ("began", 2)
        runner.release(1)
        deadline = time.monotonic() + PATIENCE
        while runs[0].step.number != runs[0].before.number + 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for run in runs:
            run.stop()
        runner.release(3)
        assert all(run.wait(PATIENCE) for run in runs)
    finally:
        store.close()
