"""Room on the disk: what is refused, what is forgotten, and what becomes of a run when there is none."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

import pytest
from PIL import Image

from styletransfer.errors import StyleTransferError
from styletransfer.page.i18n.translate import ENGLISH
from styletransfer.page.placard import progress
from styletransfer.pictures import Pictures
from styletransfer.service.queue import Queue
from styletransfer.service.room import expected
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
from styletransfer.settings import Settings
from tests.support.runner import PATIENCE, Runner, no_draft
from tests.support.steps import picture

SETTINGS = Settings(size=128, steps=2, scales=1)
MEGABYTE = 2**20


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A disk of four megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={4 * MEGABYTE}", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(disk / "data" / "copies"))
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """A function that starts a server on a folder, with a runner that the test releases."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "copies"))
    stores, runner = [], Runner()

    def start(folder, **options):
        stores.append(Store(Queue(runner, no_draft), folder / "data", **options))
        return stores[-1], runner

    yield start
    runner.release(1000)
    for store in stores:
        store.close()


def begin(store, **settings):
    return store.runs.start(Pictures(picture(), [picture()]), Settings(**{**vars(SETTINGS), **settings}))


def finished(store, runner, **settings):
    job = begin(store, **settings)
    runner.release(job.settings.steps)
    assert job.wait(PATIENCE)
    return job


def fill(disk: Path, left: int = 0) -> Path:
    """Fills the disk up to so many bytes."""
    file = disk / "other-program"
    with file.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(bytes(1024))
    size = file.stat().st_size
    os.truncate(file, size - left)
    return file


def test_a_full_disk_takes_nothing_in_and_harms_nothing(small, serve):
    store, runner = serve(small)
    job = finished(store, runner)
    file = store.files.result(job)
    before = file.read_bytes()
    store.room.check()
    filled = fill(small)
    for attempt in (lambda: begin(store), store.room.check):
        with pytest.raises(StyleTransferError, match="disk is full"):
            attempt()
    assert store.runs.find(job.id) is job
    assert store.files.result(job).read_bytes() == before
    filled.unlink()
    assert finished(store, runner).error is None


def test_room_is_reserved_for_what_is_under_way(small, serve):
    store, _ = serve(small)
    run = begin(store)
    filled = fill(small, left=round(expected(run) + 4 * MEGABYTE / 20))
    with pytest.raises(StyleTransferError, match="disk is full"):
        store.room.check(100_000)
    filled.unlink()
    store.room.check(100_000)


def test_a_disk_that_fills_up_while_it_paints_ends_the_run_with_a_sentence_and_the_picture(small, serve):
    store, runner = serve(small)
    job = begin(store)
    store.files.record(job)
    fill(small)
    runner.release(2)
    assert job.wait(PATIENCE)
    assert store.files.result(job) is None
    assert "disk is full" in str(job.error)
    html = progress(job, ENGLISH)
    assert "disk is full" in html
    assert "data:image/jpeg;base64," in html
    assert Shares(store).share(job) is None


def test_once_there_is_room_again_the_picture_is_kept_after_all(small, serve):
    store, runner = serve(small)
    job = begin(store)
    filled = fill(small)
    runner.release(2)
    assert job.wait(PATIENCE)
    assert store.files.result(job) is None
    filled.unlink()
    with Image.open(store.files.result(job)) as image:
        assert image.format == "PNG"
    assert job.error is None
    deadline = time.monotonic() + PATIENCE
    while [record.state for record in store.records.jobs()] != ["done"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert (store.files.folder_of(job) / "kept.npz").exists()


def test_deleting_works_on_a_full_disk(small, serve):
    store, runner = serve(small)
    job = finished(store, runner)
    file = store.files.result(job)
    fill(small)
    store.runs.delete([job.id])
    assert not file.exists()
    assert store.records.jobs() == []


def test_the_oldest_finished_are_forgotten_for_new_ones(tmp_path, serve):
    store, runner = serve(tmp_path, most=4 * MEGABYTE)
    jobs = [finished(store, runner, seed=seed) for seed in (1, 2, 3)]
    for job in jobs:
        (store.files.folder_of(job) / "large").write_bytes(bytes(1_300_000))
    store.room._counted_at = float("-inf")  # as after a few seconds
    new = begin(store)
    assert [store.runs.find(job.id) for job in jobs] == [None, jobs[1], jobs[2]]
    assert not store.files.folder_of(jobs[0]).exists()
    runner.release(2)
    assert new.wait(PATIENCE)


def test_what_has_no_room_when_all_is_forgotten_is_refused(tmp_path, serve):
    store, runner = serve(tmp_path, most=4 * MEGABYTE)
    job = finished(store, runner)
    with pytest.raises(StyleTransferError, match="disk is full"):
        store.room.check(5 * MEGABYTE)
    assert store.runs.find(job.id) is job  # forgetting it would not have helped
