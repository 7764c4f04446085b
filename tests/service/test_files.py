"""Files of jobs: which are kept on disk, in which formats, and for how long."""

import tempfile
import threading

import pytest
import torch
from PIL import Image

from styletransfer.engine.step import Step
from styletransfer.pictures import Pictures
from styletransfer.recipe import settings_in
from styletransfer.service.files import THUMBNAIL, Files
from styletransfer.service.queue import Queue
from styletransfer.service.store import Store
from styletransfer.settings import Settings

SETTINGS = Settings(size=128, steps=20, scales=1)


def picture(width=64, height=48):
    return Image.new("RGB", (width, height), "orange")


def nothing(*_):
    """A runner that paints no step."""
    yield from ()


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    return tmp_path


def test_only_folders_of_jobs_are_deleted_with_jobs_that_are_not_known(tmp_path):
    known, unknown, own = "A" * 22, "B" * 22, "letters"
    for name in (known, unknown, f"{unknown}.0123abcd.gone", own):
        (tmp_path / name).mkdir()
    Files(tmp_path).delete_all_but({known})
    assert {path.name for path in tmp_path.iterdir()} == {known, own}


def test_a_draft_that_was_kept_is_saved_in_the_size_asked_for(temporary):
    store = Store(Queue(nothing, drafter=lambda content, styles: picture()))
    job = store.runs.start(Pictures(picture(), [picture()]), SETTINGS)
    job.stop()
    assert job.wait(30)
    with Image.open(store.files.result(job)) as image:
        assert image.size == (128, 96)


def a_step(number, steps=3):
    """A step whose picture becomes larger and brighter with its number."""
    shape = (1, 3, 12 * number, 16 * number)
    return Step(
        **dict.fromkeys(("content", "style", "smoothness", "total", "elapsed", "remaining"), 0.0),
        **dict.fromkeys(("scale", "scales"), 1),
        number=number,
        steps=steps,
        width=shape[3],
        height=shape[2],
        due=True,
        pixels=torch.full(shape, number / steps),
        photo=torch.zeros(shape),
    )


@pytest.fixture
def finished(temporary):
    """A store with a job that was painted in three steps and recorded."""
    recorded = threading.Event()

    def runner(*_):
        assert recorded.wait(20)
        for number in (1, 2, 3):
            yield a_step(number)

    store = Store(Queue(runner, drafter=lambda content, styles: None))
    job = store.runs.start(Pictures(picture(), [picture()]), SETTINGS)
    store.files.record(job)
    recorded.set()
    assert job.wait(30)
    return store, job


def test_the_time_lapse_ends_with_the_result_in_its_size_and_goes_with_the_job(finished):
    store, job = finished
    frames = store.files.timelapse(job).frames()
    assert list(frames)[-1] == 3
    assert set(frames) <= {1, 2, 3}
    with Image.open(frames[3]) as last, Image.open(store.files.result(job)) as result:
        assert last.size == (128, 96)  # the size in the settings, not that of the steps
        assert last.getpixel((9, 9)) == result.getpixel((9, 9)) == (255, 255, 255)
    store.queue.forget(job)
    assert store.files.timelapse(job) is None
    assert not frames[3].parent.parent.exists()


def test_the_result_comes_in_other_formats_with_its_recipe_and_small(finished):
    store, job = finished
    for suffix, kind in ((".png", "PNG"), (".jpg", "JPEG"), (".webp", "WEBP")):
        file = store.files.result(job, suffix)
        with Image.open(file) as image:
            assert (image.format, image.size) == (kind, (48, 36))
        assert settings_in(file) == job.settings
    with Image.open(store.files.thumbnail(job)) as small, Image.open(store.files.photo(job)) as photo:
        assert max(small.size) == THUMBNAIL
        assert photo.size == picture().size


def test_another_choice_of_colours_has_a_thumbnail_of_its_own(finished):
    store, job = finished
    before = store.files.thumbnail(job)
    job.recolour(True)
    assert store.files.thumbnail(job) != before
