"""Links to finished pictures: which pictures get one, and what it gives access to."""

from dataclasses import replace

import pytest
from PIL import Image

from styletransfer.pictures import Pictures
from styletransfer.service.queue import Queue
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
from styletransfer.settings import Settings
from tests.support.finished import PHOTO, STYLE, finished, nothing, store_of_drafts


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return store_of_drafts()


@pytest.fixture
def shares(store):
    return Shares(store)


def test_a_share_has_a_name_of_its_own_always_the_same(store, shares):
    job = finished(store, seed=3)
    share = shares.share(job)
    assert shares.share(job) is share is shares.find(share.name)
    assert share.name != job.id
    assert (share.width, share.height, share.settings.seed) == (128, 96, 3)
    assert (share.style, share.paintings, share.steps) == (STYLE, 1, 0)
    with Image.open(share.file) as image:
        assert "styletransfer" not in str(image.info)
    store.queue.forget(job)
    assert shares.find(share.name) is None
    assert shares.share(job) is None


def test_nothing_is_shared_before_there_is_a_picture(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    store = Store(Queue(nothing, drafter=lambda *_: None))
    shares = Shares(store)
    job = store.runs.start(Pictures(PHOTO, [PHOTO]), Settings(size=128))
    assert job.wait(30)
    assert shares.share(job) is None


def test_a_look_is_shared_as_it_was_last_in_force(store, shares):
    job = finished(store)
    job.settings = replace(job.settings, style_weight=1)  # adjusted while it was painted
    job.recolour(True)
    shared = shares.share(job)
    assert (shared.settings.style_weight, shared.settings.colours) == (1, "photo")
