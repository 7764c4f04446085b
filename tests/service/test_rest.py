"""A run that has ended leaves the memory, and comes back from the disk when somebody asks for it."""

import gc
import weakref

import pytest

from styletransfer.errors import StyleTransferError
from tests.support.runner import PATIENCE, Runner
from tests.support.stores import begin, eventually, finished, kept


def test_it_rests_and_is_as_it_was_when_somebody_asks(serve):
    runner = Runner()
    store = serve(runner, rest=0.2)
    job = finished(store, runner)
    step, losses, pixels = weakref.ref(job.step), list(job.losses), job.step.pixels.clone()
    result = store.files.result(job).read_bytes()
    eventually(lambda: job.at_rest)
    gc.collect()
    assert step() is None  # nobody else holds it
    assert job.finished
    assert store.runs.find_run(job.id) is job
    assert job.at_rest  # to find it takes nothing
    assert job.step.pixels.equal(pixels)
    assert job.step is job.shown is job.view
    assert job.losses == losses
    store.files.result(job).unlink()
    assert store.files.result(job).read_bytes() == result
    assert store.runs.go_on(job, job.settings).pictures.start.size == (128, 96)


def test_what_is_changed_of_a_resting_run_is_kept(serve):
    runner = Runner()
    store = serve(runner, rest=0.2)
    job = finished(store, runner)
    eventually(lambda: job.at_rest)
    job.recolour(True)
    eventually(lambda: kept(store, job.id).detail["recoloured"] is True)
    eventually(lambda: job.at_rest)
    assert serve(killed=store).runs.find_run(job.id).in_photo_colours


def test_an_unfinished_run_and_one_that_is_just_looked_at_do_not_rest(serve):
    runner = Runner()
    store = serve(runner, rest=0)
    job = begin(store)
    runner.release(2)
    eventually(lambda: job.step and job.step.number == 2)
    store._keeper._rest(job)
    assert not job.at_rest
    runner.release(3)
    assert job.wait(PATIENCE)


def test_after_a_restart_only_the_records_are_read_and_the_time_lapse_is_whole(serve):
    runner = Runner()
    before = serve(runner)
    job = begin(before)
    before.files.record(job)
    runner.release(5)
    assert job.wait(PATIENCE)
    frames = list(before.files.timelapse(job).frames())
    eventually(lambda: kept(before, job.id).steps == 5)
    after = serve(killed=before)
    again = after.runs.find_run(job.id)
    assert again.at_rest
    assert list(after.files.timelapse(again).frames()) == frames


def test_one_whose_files_are_damaged_says_so(serve):
    runner = Runner()
    store = serve(runner, rest=0.2)
    job = finished(store, runner)
    eventually(lambda: job.at_rest)
    (store.files.folder_of(job) / "kept.npz").write_bytes(b"PK not this")
    for _ in range(2):  # it goes on resting
        with pytest.raises(StyleTransferError, match="no longer kept"):
            _ = job.view


def test_thousands_are_kept(serve):
    assert serve().queue.limits.finished >= 2000
