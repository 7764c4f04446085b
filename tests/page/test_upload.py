"""Uploads: each in its own folder, and refused with a sentence where there is no room."""

import gc
import os
import subprocess
from functools import partial
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from styletransfer.catalogue import catalogue
from styletransfer.errors import StyleTransferError
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
def sent(store):
    """A function that sends an upload with these arguments of httpx."""
    with TestClient(Starlette(routes=[route(store, ENGLISH)])) as client:
        yield partial(client.post, "/gradio_api/upload")


@pytest.fixture
def post(sent):
    """A function that uploads files, given as (name, bytes)."""
    return lambda *files: sent(files=[("files", each) for each in files])


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
    "name", ["100%.png", "a#b.png", "wh?t.png", "a%22b.png", '"><img src=x>.png', "a\\b.png", "a\nb.png"]
)
def test_a_file_has_a_name_that_an_address_can_hold(post, name):
    (path,) = post((name, PHOTO.read_bytes())).json()
    address = httpx.URL(f"http://localhost/file={path}")  # as the page writes it into its HTML
    assert address.path == f"/file={path}"
    assert (address.query, address.fragment) == (b"", "")
    assert Path(path).read_bytes() == PHOTO.read_bytes()
    assert path.endswith(".png")


def test_other_names_stay(post):
    for name in ("Tom & Jerry's (1).png", "Grün 日本 😀.jpeg"):
        assert post((name, b"x")).json()[0].endswith(f"/{name}")


PART = b'--x\r\nContent-Disposition: form-data; name="files"'


@pytest.mark.parametrize(
    "body",
    [
        b"--x--\r\n",
        PART + b"\r\n\r\nhello\r\n--x--\r\n",
        PART + b'; filename=".."\r\n\r\nhello\r\n--x--\r\n',
        PART.replace(b"files", b"other") + b'; filename="a"\r\n\r\nhello\r\n--x--\r\n',
        PART.replace(b"name=", b"eman=") + b"\r\n\r\nhello\r\n--x--\r\n",
        PART + b'; filename="a"\r\n\0\r\n\r\nhello\r\n--x--\r\n',
        b"hello",
    ],
)
@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "multipart/form-data", "text/plain"]
)
def test_a_malformed_form_is_answered_with_a_sentence(sent, store, kind, body):
    answer = sent(content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.text) == (400, str(StyleTransferError("upload_malformed")))
    assert list(store.uploads.folder.iterdir()) == []


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
