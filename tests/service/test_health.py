"""Whether the server can paint: what keeps it from that is found, and told by its code."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from styletransfer.service import health
from styletransfer.service.health import Health
from styletransfer.service.queue import Queue
from styletransfer.service.store import Store
from styletransfer.service.worker import Worker
from tests.support.runner import PATIENCE, Runner, no_draft


class Device(Runner):
    """A runner whose device does, when it is to compute something small, what the test says."""

    def __init__(self, check):
        super().__init__()
        self.check = check


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A function that makes a store on this device."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    return lambda check=lambda: None: Store(Queue(Device(check), no_draft), tmp_path / "data")


def health_of(store, **options):
    return Health(store.queue, store.room, store.folder.path, **options)


def found(store, **options):
    problem = health_of(store, **options).problem()
    return problem and problem.code


def test_a_server_that_can_paint_has_no_problem_and_keeps_no_file(store):
    well = store()
    before = sorted(well.folder.path.iterdir())
    assert found(well) is None
    assert sorted(well.folder.path.iterdir()) == before


def test_a_device_that_fails_is_told_without_a_traceback(store):
    def gone():
        raise RuntimeError("CUDA error: device-side assert\nat line 3 of /srv/secret.py")

    problem = health_of(store(gone)).problem()
    assert problem.code == "device_failed"
    assert "secret" not in str(problem)


def test_a_device_that_hangs_is_told_of(store):
    hanging = threading.Event()
    now = [100.0]
    asked = health_of(store(lambda: hanging.wait(PATIENCE)), patience=0.1, clock=lambda: now[0])
    assert asked.problem().code == "device_silent"
    threads = threading.active_count()
    for _ in range(3):
        now[0] += 100
        assert asked.problem().code == "device_silent"
    assert threading.active_count() <= threads  # only one hangs with it
    hanging.set()


def test_a_line_that_somebody_holds_is_told_of(store):
    held = store()
    with held.queue._changed, ThreadPoolExecutor(1) as pool:
        assert pool.submit(found, held, patience=0.1).result(PATIENCE) == "line_stuck"
    assert found(held) is None


def test_a_folder_that_cannot_be_written_to_is_told_of(store):
    lost = store()
    gone = lost.folder.path / "gone"
    assert Health(lost.queue, lost.room, gone).problem().code == "disk_not_writable"


def test_a_full_disk_is_told_of_and_nothing_is_forgotten_for_it(store, monkeypatch):
    full = store()
    usage = SimpleNamespace(total=10**12, used=10**12, free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert found(full) == "disk_full"


def test_an_answer_holds_for_some_seconds_and_then_it_is_looked_again(store):
    looks, now = [], [100.0]
    well = store(lambda: looks.append(1))
    asked = health_of(well, clock=lambda: now[0])
    for _ in range(3):
        asked.problem()
    assert len(looks) == 1
    now[0] += health._KEPT
    asked.problem()
    assert len(looks) == 2


def test_a_problem_is_logged_once_while_it_lasts(store, caplog):
    now = [100.0]
    failing = store(lambda: 1 / 0)
    asked = health_of(failing, clock=lambda: now[0])
    for _ in range(3):
        asked.problem()
        now[0] += 100
    assert caplog.text.count("cannot paint") == 1


def test_a_network_that_is_not_there_or_cannot_be_loaded_is_told_of(store, tmp_path):
    worker = Worker("cpu", str(tmp_path / "none.pth"))
    server = store(worker.check)
    assert found(server) == "network_loading"
    before = set(threading.enumerate())
    worker.load()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
    assert found(server) not in (None, "network_loading")
