"""Paintings shared with a look: who sees them, for how long, and how they are taken back."""

import pytest
from PIL import Image

from styletransfer.errors import ImageError, StyleTransferError
from styletransfer.service.clock import Clock
from styletransfer.service.queue import Queue
from styletransfer.service.room import Room
from styletransfer.service.shared_paintings import SharedPaintings
from styletransfer.service.store import Store
from tests.support.finished import nothing

DAY = 86400


@pytest.fixture
def now(monkeypatch):
    """The seconds of the clock by which files age; a list, so that a test can set them."""
    seconds = [1000.0]
    monkeypatch.setattr(Clock, "now", lambda _: seconds[0])
    return seconds


@pytest.fixture
def store(tmp_path, monkeypatch, now):
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.delenv("GRADIO_TEMP_DIR")
    store = Store(Queue(nothing), tmp_path)
    yield store
    store.close()


@pytest.fixture
def upload(store):
    """A function that makes an upload of this colour, and gives its path."""

    def made(colour="teal", size=(300, 200)):
        file = store.uploads.place() / "mine.png"
        Image.new("RGB", size, colour).save(file)
        return str(file)

    return made


def test_what_is_shared_is_a_jpeg_made_anew_by_a_name_that_tells_nothing(store, upload):
    file = upload(size=(3000, 2000))
    shared = store.paintings.share(file)
    found = store.paintings.find(shared.name)
    with Image.open(found) as image:
        assert (image.format, image.size) == ("JPEG", (2048, 1365))
        assert not image.getexif()
    assert len({shared.name, shared.key, found.stem}) == 3
    assert min(len(shared.name), len(shared.key)) >= 20
    assert store.paintings.share(file) == shared  # the same link at every press
    for other in ("x" * 22, shared.key, found.stem, "", None, 7, ["x"], "../" * 6):
        assert store.paintings.find(other) is None


def test_the_same_painting_is_stored_once_and_stays_for_whoever_else_has_shared_it(store, upload):
    mine, theirs = store.paintings.share(upload()), store.paintings.share(upload())
    file = store.paintings.find(mine.name)
    assert mine.name != theirs.name
    assert store.paintings.find(theirs.name) == file
    store.paintings.take_back([mine.name, theirs.name, None, {}])  # names are no keys
    assert store.paintings.find(mine.name)
    store.paintings.take_back([mine.key])
    assert store.paintings.find(mine.name) is None
    assert store.paintings.find(theirs.name) == file
    store.paintings.take_back([theirs.key])
    assert not file.exists()


def test_it_goes_with_its_upload_and_with_all_copies(store, upload):
    file = upload()
    shared = store.paintings.find(store.paintings.share(file).name)
    copy = store.uploads.folder / "hash" / shared.name
    copy.parent.mkdir()
    copy.write_bytes(shared.read_bytes())
    store.paintings.take_back([], [file])
    assert not shared.exists()
    assert not copy.exists()


def test_who_has_it_by_a_link_passes_on_the_same_link_and_cannot_delete_it(store, upload):
    shared = store.paintings.share(upload())
    file = store.paintings.find(shared.name)
    assert store.paintings.name_of(str(file)) == shared.name
    assert store.paintings.name_of(upload()) is None
    assert store.paintings.name_of(None) is None
    store.runs.delete([], [str(file)])
    assert store.paintings.find(shared.name) == file


def test_it_ages_as_uploads_do_from_when_it_was_last_shared(store, upload, now):
    file = upload()
    shared = store.paintings.share(file)
    store.uploads.tidy()
    now[0] += DAY - 10
    store.uploads.tidy()
    assert store.paintings.find(shared.name)
    file = upload()  # the same painting again, by now as another upload
    again = store.paintings.share(file)
    now[0] += DAY - 10
    store.uploads.tidy()
    assert store.paintings.find(again.name)
    now[0] += 20
    store.uploads.tidy()
    assert store.paintings.find(again.name) is None


def test_it_outlives_the_server(store, upload, tmp_path):
    shared = store.paintings.share(upload())
    store.close()
    after = Store(Queue(nothing), tmp_path)
    assert after.paintings.find(shared.name)
    after.paintings.take_back([shared.key])
    assert after.paintings.find(shared.name) is None
    after.close()


def test_what_is_no_picture_or_does_not_fit_is_refused(store, upload, tmp_path):
    wrong = store.uploads.place() / "wrong.png"
    wrong.write_bytes(b"no picture")
    with pytest.raises(ImageError, match="not a picture"):
        store.paintings.share(str(wrong))
    room = Room(store.folder.path, store.queue, store.files, most=10)
    full = SharedPaintings(store.uploads, room, {})
    with pytest.raises(StyleTransferError, match=r"disk|room"):
        full.share(upload())
    assert not store.uploads.shared.exists()
