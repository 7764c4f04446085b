"""Servers' stores with pictures that are painted in them, for tests of what is kept."""

import time

from styletransfer.catalogue import catalogue
from styletransfer.pictures import Pictures
from styletransfer.service.visitor import Visitor
from styletransfer.settings import Settings
from tests.support.runner import PATIENCE
from tests.support.steps import picture

STYLE = str(catalogue().styles[0].file)
VISITOR = Visitor("203.0.113.1", "a-browser")
SETTINGS = Settings(size=128, steps=5, scales=1, seed=1)


def begin(store, **settings):
    pictures = Pictures(picture(), [picture()], start=settings.pop("start", None))
    job = store.runs.start(pictures, Settings(**{**vars(SETTINGS), **settings}), VISITOR)
    store.runs.remember(job, {"content": "/uploads/me.jpg", "style": STYLE}, {})
    return job


def eventually(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kept(store, id):
    return {record.id: record for record in store.records.jobs()}[id]


def told(store, job):
    """Waits until all that is known about a job is on the disk."""
    eventually(lambda: kept(store, job.id).inputs["files"] == job.inputs.files)
    if job.finished:
        eventually(lambda: kept(store, job.id).ended is not None)


def finished(store, runner, **settings):
    job = begin(store, **settings)
    runner.release(job.settings.steps)
    assert job.wait(PATIENCE)
    told(store, job)
    return job
