"""Uploads: each in its own folder, and refused with a sentence where there is no room."""

import gc
import os
import subprocess

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from styletransfer.catalogue import catalogue
from styletransfer.page.i18n.translate import ENGLISH
from styletransfer.page.upload import LARGEST, route
from styletransfer.service.queue import Queue
from styletransfer.service.store import Store
from tests.support.finished import nothing

PHOTO = catalogue().photos[0].file


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "copies"))
    store = Store(Queue(nothing), tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def post(store):
    """A function that uploads files, given as (name, bytes)."""
    with TestClient(Starlette(routes=[route(store, ENGLISH)])) as client:
        yield lambda *files: client.post("/gradio_api/upload", files=[("files", each) for each in files])


def test_equal_files_of_two_visitors_are_two_files(post, store):
    one, other = (post((PHOTO.name, PHOTO.read_bytes())).json()[0] for _ in range(2))
    assert one != other
    store.uploads.delete([one], [])
    assert not os.path.exists(one)
    assert os.path.exists(other)
    assert len(list(store.uploads.folder.iterdir())) == 1


def test_several_files_come_at_once_under_their_names(post):
    paths = post(("a.png", b"one"), ("b.png", b"two")).json()
    assert [os.path.basename(path) for path in paths] == ["a.png", "b.png"]


@pytest.mark.parametrize(
    ("name", "data", "status"), [("large.png", bytes(LARGEST + 1), 413), ("", b"", 400)]
)
def test_what_is_refused_leaves_nothing(post, store, name, data, status):
    answer = post((name, data)) if name else post()
    assert answer.status_code == status
    assert list(store.uploads.folder.iterdir()) == []


# Gradio's parser leaves files that could not be written to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_on_a_full_disk_a_sentence_says_so(tmp_path, monkeypatch):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        monkeypatch.setenv("GRADIO_TEMP_DIR", str(disk / "data" / "copies"))
        store = Store(Queue(nothing), disk / "data")
        part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        announced = part + bytes(2_000_000) + b"\r\n--x--\r\n"
        unannounced = (announced[start : start + 1000] for start in range(0, len(announced), 1000))
        with TestClient(Starlette(routes=[route(store, ENGLISH)])) as client:
            for body in (announced, unannounced):
                answer = client.post("/gradio_api/upload", content=body, headers=kind)
                assert (answer.status_code, "disk is full" in answer.text) == (507, True)
                assert list((disk / "data" / "copies").glob("*")) == []
        store.close()
        gc.collect()
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
