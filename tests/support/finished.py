"""A store whose drafts are its finished pictures, so that no network is needed."""

from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.pictures import Pictures
from styletransfer.service.queue import Queue
from styletransfer.service.store import Store
from styletransfer.settings import Settings

PHOTO = Image.new("RGB", (64, 48), "red")
STYLE = catalogue().styles[0]


def nothing(*_):
    """A runner that paints no step."""
    yield from ()


def store_of_drafts():
    return Store(Queue(nothing, drafter=lambda *_: Image.new("RGB", (64, 48), "blue")))


def finished(store, style=str(STYLE.file), **changes):
    settings = Settings(**{"size": 128, "scales": 1, "steps": 20} | changes)
    job = store.runs.start(Pictures(PHOTO, [PHOTO]), settings)
    store.runs.remember(job, {"content": "/somewhere/me-on-holiday.jpg", "style": style}, {})
    job.stop()
    assert job.wait(30)
    return job
