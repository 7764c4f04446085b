"""Painting in processes of its own, one for each device: real processes, which are really killed."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from multiprocessing.connection import Connection
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from styletransfer.engine.stylize import stylize
from styletransfer.errors import DeviceError, ImageError, StyleTransferError
from styletransfer.images import resize
from styletransfer.pictures import Pictures
from styletransfer.service import devices as module
from styletransfer.service.devices import Devices, named_devices
from styletransfer.service.health import Health
from styletransfer.service.painter import Painter
from styletransfer.service.painter_process import Equipment
from styletransfer.service.queue import Queue
from styletransfer.service.resuming import PainterLost
from styletransfer.service.run import Run
from styletransfer.settings import Settings
from tests.support.processes import gone, is_there
from tests.support.runner import no_draft
from tests.support.samples import ROOT, painting, photo, real_network

PATIENCE = 120  # seconds
SMALL = Settings(size=128, steps=6, scales=2, keep_faces=False)
ENDLESS = replace(SMALL, steps=1000, scales=1)


@pytest.fixture(scope="module")
def devices():
    """Two processes for all tests, as each takes seconds to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TRIALS", (0, 0, 0))
        runner = Devices(["cpu", "cpu"], precision="float32")
        runner.load()
        yield runner
        runner.close()


@pytest.fixture(scope="module")
def pictures():
    return Pictures(resize(photo(), 128), [resize(painting(), 128)])


def begun(job):
    while not job.begun:
        assert not job.wait(0.02)
    return job


def test_the_devices_are_timed_before_somebody_paints(devices):
    until = time.monotonic() + PATIENCE
    while devices.pace.factor == 1 and time.monotonic() < until:
        time.sleep(0.05)
    assert devices.pace.factor != 1
    assert devices.pace.precision is not None
    assert 0 < devices.free_memory() < float("inf")


def test_a_process_of_its_own_paints_the_same(devices, pictures):
    ours = list(stylize(pictures, SMALL, real_network()))
    theirs = list(devices(pictures, SMALL))
    for here, there in zip(ours, theirs, strict=True):
        assert (here.number, here.scale, here.width) == (there.number, there.scale, there.width)
        assert there.total == pytest.approx(here.total, rel=1e-3)
        assert there.photo.equal(here.photo)
        assert there.note == ""
    assert abs(np.subtract(theirs[-1].image, ours[-1].image, dtype=int)).max() <= 1
    assert os.getpid() not in devices.processes


def test_a_setting_that_is_changed_meanwhile_counts_from_the_next_step_on(devices, pictures):
    before = devices.processes
    steps = devices(pictures, SMALL)
    taken = [next(steps), next(steps)]
    heavier = replace(SMALL, style_weight=9)
    taken.append(steps.send(heavier))
    taken += steps
    assert [step.number for step in taken] == [1, 2, 3, 4, 5, 6]
    for step, weight in zip(taken, [SMALL.style_weight] * 2 + [9] * 4, strict=True):
        smoothness = SMALL.smoothness * step.smoothness
        weighted = SMALL.content_weight * step.content + weight * step.style + smoothness
        assert step.total == pytest.approx(weighted, rel=1e-3)
    assert devices.processes == before


def test_a_stop_leaves_the_process_to_the_next_visitor(devices, pictures):
    before = devices.processes
    for _ in range(3):
        with closing(devices(pictures, ENDLESS)) as steps:
            next(steps)
    assert len(list(devices(pictures, SMALL))) == 6
    assert devices.processes == before


def test_two_pictures_are_painted_at_the_same_time_in_two_processes(devices, pictures):
    queue = Queue(devices, no_draft)
    ada, grace, third = (queue.enter(Run(pictures, ENDLESS)) for _ in range(3))
    begun(ada)
    begun(grace)
    assert (ada.ahead, grace.ahead, third.ahead) == (0, 0, 1)
    assert not third.begun
    for job in (ada, grace, third):
        job.stop()
    assert all(job.wait(PATIENCE) for job in (ada, grace, third))


def test_a_run_whose_process_is_killed_goes_on_in_another_one(devices, pictures):
    before = devices.processes
    longer = replace(SMALL, steps=30)
    taken, noted = [], []
    for step in devices(pictures, longer):
        taken.append(step)
        if step.number == 18 and devices.processes == before:
            for process in before:  # which of the two paints it cannot be told from outside
                os.kill(process, signal.SIGKILL)
        if step.note:
            noted.append(step)
    numbers = [step.number for step in taken]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 31))
    assert {step.note for step in noted} == {"painter_lost"}
    assert not taken[-1].note
    assert (taken[-1].scale, taken[-1].width) == (2, 128)
    assert taken[-1].total < taken[16].total
    assert gone(before)
    assert len(list(devices(pictures, SMALL))) == 6
    assert not set(devices.processes) & set(before)


def test_an_error_for_people_crosses_with_its_code_and_the_process_stays(devices, pictures):
    before = devices.processes
    with pytest.raises(ImageError) as caught:
        next(devices(Pictures(pictures.content, [Image.new("RGB", (8, 8))]), SMALL))
    assert caught.value.code == "painting_too_small"
    assert len(list(devices(pictures, SMALL))) == 6
    assert devices.processes == before


def test_processes_that_are_lost_again_and_again_end_the_run_with_a_sentence(pictures):
    started = []

    class Doomed:
        lost = True

        def __init__(self, equipment):
            started.append(equipment)

        def news(self, pictures, settings):
            raise PainterLost
            yield

    with pytest.raises(StyleTransferError) as caught:
        next(Devices(["cuda:1"], start=Doomed)(pictures, SMALL))
    assert caught.value.code == "painters_lost"
    assert len(started) == 3


def test_cores_are_shared_among_the_processes_that_compute_on_them():
    equipment = []

    class Noted:
        def __init__(self, given):
            equipment.append((given.device, given.sharers))

        def end(self):
            pass

    runner = Devices(["cpu", "cuda:0", "cpu"], start=Noted)
    for place in range(3):
        runner._painter(place)
    assert equipment == [("cpu", 2), ("cuda:0", 1), ("cpu", 2)]
    assert runner.places == 3


ALONE = """
import sys
from styletransfer.pictures import Pictures
from styletransfer.service import devices as module
from styletransfer.service.devices import Devices
from styletransfer.settings import Settings
from tests.support.samples import painting, photo

runner = Devices(["cpu"], precision="float32")
large = Settings(size=512, steps=1000, scales=1, keep_faces=False)
steps = runner(Pictures(photo(), [painting()]), large)
next(steps)
print(*runner.processes, flush=True)
next(steps)
sys.stdin.read()
"""


def test_a_server_that_is_killed_leaves_no_process_behind():
    run = [sys.executable, "-c", ALONE]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(run, cwd=ROOT, **pipes) as server:
        processes = [int(each) for each in server.stdout.readline().split()]
        assert len(processes) == 1
        assert all(map(is_there, processes))
        server.kill()
    assert gone(processes)


@pytest.mark.parametrize("text", ["", ",", "cuda:0,", "cpu,,cpu", " "])
def test_a_list_of_devices_with_a_gap_is_refused(text):
    with pytest.raises(DeviceError) as caught:
        named_devices(text)
    assert caught.value.code == "devices_malformed"


def test_a_device_that_is_not_there_is_told_before_anything_is_started():
    started = []
    runner = Devices(["cpu", "cuda:77"], start=started.append)
    with pytest.raises(DeviceError, match="cuda:77"):
        runner.prepare()
    assert started == []


def code_of(check):
    with pytest.raises(StyleTransferError) as caught:
        check()
    return caught.value.code


def health_of(runner, folder, patience=PATIENCE):
    return Health(Queue(runner, no_draft), SimpleNamespace(left=1), folder, patience)


def test_a_device_answers_also_while_it_paints(devices, pictures):
    devices.await_network()
    devices.check()
    with closing(devices(pictures, ENDLESS)) as steps:
        next(steps)
        devices.check()
        next(steps)
    devices.check()


def test_a_process_that_hangs_is_told_of(devices, tmp_path):
    devices.await_network()
    process = devices.processes[0]
    os.kill(process, signal.SIGSTOP)
    try:
        assert health_of(devices, tmp_path, patience=0.5).problem().code == "device_silent"
    finally:
        os.kill(process, signal.SIGCONT)
    assert health_of(devices, tmp_path).problem() is None


def test_a_process_that_is_lost_is_found_by_a_check_and_started_anew(devices, pictures):
    devices.await_network()
    before = devices.processes
    os.kill(before[0], signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while devices.processes[0] == before[0] and time.monotonic() < until:
        devices.check()  # the other one paints
        time.sleep(0.05)
    after = devices.processes
    assert after[0] != before[0]
    assert after[1:] == before[1:]
    assert len(list(devices(pictures, SMALL))) == 6


def test_processes_that_have_no_network_yet_or_none_at_all_are_told_of(tmp_path):
    runner = Devices(["cpu"], str(tmp_path / "none.pth"))
    try:
        assert code_of(runner.check) == "network_loading"
        wrong = code_of(runner.await_network)
        assert wrong not in ("network_loading", "painters_lost")
        assert code_of(runner.check) == wrong
    finally:
        runner.close()


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="needs the signals of Unix")
def test_a_ctrl_c_while_a_process_begins_is_not_for_it():
    painter = Painter(Equipment("cpu", "vgg19", "float32"))
    os.kill(painter.process, signal.SIGINT)
    assert painter.precision() is not None
    painter.end()


def test_a_painter_that_was_killed_while_idle_says_that_it_is_lost(pictures):
    painter = Painter(Equipment("cpu", "vgg19", "float32"))
    os.kill(painter.process, signal.SIGKILL)
    with pytest.raises(PainterLost):
        next(painter.news(pictures, SMALL))
    assert painter.lost


def idle(pipe, equipment, checks):
    """What a process does that never answers."""
    pipe.recv()
    checks.recv()


def test_a_painter_that_is_ended_from_two_sides_at_once_is_lost_to_both(pictures, monkeypatch):
    def slowly(pipe):
        time.sleep(0.2)  # the other side gets here too
        os.close(pipe.fileno())

    monkeypatch.setattr(Connection, "_close", slowly)
    painter = Painter(Equipment("cpu", "vgg19", "float32"), idle)
    with ThreadPoolExecutor() as threads:
        waits = threads.submit(next, painter.news(pictures, SMALL))
        ends = [threads.submit(painter.end) for _ in range(2)]
        for end in ends:
            end.result(PATIENCE)
        with pytest.raises(PainterLost):
            waits.result(PATIENCE)
    assert painter.lost


def test_when_it_is_closed_its_processes_end_and_none_is_started(devices, pictures):
    steps = devices(pictures, ENDLESS)
    next(steps)
    processes = devices.processes
    devices.close()
    assert gone(processes)
    with pytest.raises(StyleTransferError):
        list(steps)
    assert devices.processes == processes
