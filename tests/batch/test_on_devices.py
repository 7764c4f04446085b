"""Batches by two processes, which are really killed, and which end with the batch."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from styletransfer.batch.manifest import NAME
from styletransfer.batch.names import Pattern
from styletransfer.batch.plan import Plan, every_pair
from styletransfer.batch.run import Ended, Stepped, paint_all
from styletransfer.service.devices import Devices
from styletransfer.service.worker import Worker
from styletransfer.settings import Settings
from tests.support.processes import gone, started_by
from tests.support.samples import PAINTING, ROOT

SETTINGS = Settings(size=128, steps=4, scales=1, keep_faces=False)


@pytest.fixture(scope="module")
def devices():
    runner = Devices(["cpu", "cpu"], precision="float32", keeps_targets=True)
    runner.await_network()
    yield runner
    runner.close()


def planned(photos, out, **changes):
    items = every_pair([photos], [PAINTING], Pattern(), photos.parent / out)
    return Plan(items, Settings(**vars(SETTINGS) | changes), photos.parent / out)


def entries(plan):
    lines = (plan.folder / NAME).read_text("utf-8").splitlines()
    return {entry["file"]: entry for entry in map(json.loads, lines)}


def pixels(file):
    with Image.open(file) as image:
        return np.asarray(image, dtype=int)


def test_two_processes_leave_what_one_process_leaves(devices, photos):
    one, two = planned(photos, "one"), planned(photos, "two")
    list(paint_all(one, Worker("cpu", precision="float32")))
    list(paint_all(two, devices))
    files = sorted(file.name for file in one.folder.rglob("*"))
    assert files == sorted(file.name for file in two.folder.rglob("*"))
    for item in one.items:
        assert abs(pixels(item.output) - pixels(two.folder / item.output.name)).max() <= 1
    told = entries(two)
    for file, entry in entries(one).items():
        assert told[file]["losses"] == pytest.approx(entry["losses"], rel=1e-3)
        assert told[file] | {"seconds": 0, "losses": 0} == entry | {"seconds": 0, "losses": 0}


def test_pictures_whose_processes_are_killed_are_painted_all_the_same(devices, photos):
    before = devices.processes
    plan = planned(photos, "out", steps=12)
    states = []
    for each in paint_all(plan, devices):
        if isinstance(each, Stepped) and each.step.number == 3 and devices.processes == before:
            for process in before:
                os.kill(process, signal.SIGKILL)
        if isinstance(each, Ended):
            states.append(each.entry.state)
    assert states == ["painted"] * 4
    assert gone(before)
    assert {entry["recipe"]["steps made"] for entry in entries(plan).values()} == {12}


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="needs the processes as Linux lists them"
)
def test_ctrl_c_keeps_what_is_finished_and_ends_the_processes(photos):
    plan = planned(photos, "out")
    command = [sys.executable, "-m", "styletransfer", "batch", photos, "--style", PAINTING]
    command += ["--out", plan.folder, "--devices", "cpu,cpu", "--size", "128", "--scales", "1"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, "--steps", "40"], cwd=ROOT, **pipes) as batch:
        finished = batch.stdout.readline().strip()
        processes = started_by(batch.pid)
        batch.send_signal(signal.SIGINT)
        out, err = batch.communicate(timeout=60)
    assert batch.returncode == 130
    assert err.startswith("Paints 2 pictures at a time: cpu, cpu.\n")
    assert "Traceback" not in err
    assert "left, with which the same command goes on" in out
    files = {file.relative_to(plan.folder).as_posix() for file in plan.folder.glob("*.png")}
    assert Path(finished).name in files
    assert set(entries(plan)) == files
    assert len(files) < 4
    assert len(processes) >= 2
    assert gone(processes)
