"""What is kept on disk of visitors' pictures, and for how long."""

import os
import tempfile
import time

import pytest
from PIL import Image

from styletransfer.handed import Pictures
from styletransfer.jobs import Jobs
from styletransfer.settings import Settings, knobs
from styletransfer.shelf import Shelf

VALUES = [getattr(Settings(size=128, steps=20, scales=1), knob.name) for knob in knobs()]


def picture(width=64, height=48):
    return Image.new("RGB", (width, height), "orange")


def nothing(*_):
    """A runner that never has anything to show, until it is closed."""
    while True:
        time.sleep(0.01)
        return
        yield


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_server_left_behind_goes_after_a_day(temporary):
    old, new = temporary / "styletransfer-old", temporary / "styletransfer-new"
    for folder in (old, new):
        (folder / "job").mkdir(parents=True)
        (folder / "job" / "painting.png").write_bytes(b"private")
    os.utime(old, (time.time() - 90_000,) * 2)
    Shelf(Jobs(nothing))
    assert not old.exists()
    assert new.exists()


def test_a_draft_that_was_kept_is_saved_in_the_size_asked_for(temporary):
    shelf = Shelf(Jobs(nothing, drafter=lambda content, styles: picture()))
    job = shelf.start(Pictures(picture(), [picture()]), VALUES)
    job.stop()
    assert job.wait(30)
    if job.draft is None:  # stopped before its draft was there
        assert shelf.result(job) is None
        return
    with Image.open(shelf.result(job)) as image:
        assert image.size == (128, 96)


def test_whoever_hands_in_a_start_image_starts_from_it(temporary):
    shelf = Shelf(Jobs(nothing, drafter=lambda content, styles: None))
    assert (
        shelf.start(Pictures(picture(), [picture()], start=picture()), VALUES).settings.start == "image"
    )
    assert shelf.start(Pictures(picture(), [picture()]), VALUES).settings.start == "content"


def test_painted_masks_are_kept_with_the_uploads_and_go_with_the_job(temporary):
    shelf = Shelf(Jobs(nothing, drafter=lambda content, styles: None))
    job = shelf.start(Pictures(picture(), [picture()]), VALUES)
    shelf.remember(job, {"content": "cat.jpg", "style": None}, {"mask": Image.new("L", (4, 4), 255)})
    kept = shelf.inputs[job.id]
    assert list(kept) == ["content", "mask"]
    with Image.open(kept["mask"]) as mask:
        assert mask.getpixel((0, 0)) == (255, 255, 255)
    shelf.jobs.forgotten(job.id)
    assert not os.path.exists(kept["mask"])
    assert job.id not in shelf.inputs
