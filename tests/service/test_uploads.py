"""Gradio's temporary folder: which files are deleted in it, and when."""

import os
import time
from pathlib import Path

import pytest

from styletransfer.service.clock import Clock
from styletransfer.service.folder import Folder
from styletransfer.service.records import Records
from styletransfer.service.uploads import Uploads

DAY, HOUR = 86400, 3600
NAMES = {"hash/image.jpeg", "hash2/photo.jpg", "hash3/part-1.jpg"}


class Time(Clock):
    """A clock that the test sets."""

    def __init__(self):
        self.seconds = 1000.0

    def now(self):
        return self.seconds


def fill(folder: Path, names=frozenset(NAMES)) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"private")


def files_in(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*.jp*g")}


@pytest.fixture
def clock():
    return Time()


@pytest.fixture
def own(tmp_path, monkeypatch, clock):
    """Uploads in this server's own folder, where GRADIO_TEMP_DIR is not set."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.delenv("GRADIO_TEMP_DIR")
    return uploads(tmp_path, clock)


def uploads(folder, clock):
    return Uploads(folder, DAY, Records(Folder(folder)), clock)


def test_in_a_folder_of_our_own_copies_are_deleted_after_their_time(own, clock):
    fill(own.folder)
    own.tidy()
    assert files_in(own.folder) == NAMES
    clock.seconds += HOUR + 1
    own.tidy()
    assert files_in(own.folder) == {"hash2/photo.jpg", "hash3/part-1.jpg"}
    clock.seconds += DAY
    fill(own.folder, {"hash4/new.jpg"})
    own.tidy()
    assert files_in(own.folder) == {"hash4/new.jpg"}
    assert [folder.name for folder in own.folder.iterdir()] == ["hash4"]
    assert own.delete_cache is None


def test_files_age_on_under_the_next_server(own, clock, tmp_path):
    fill(own.folder)
    own.tidy()
    own.records.close()
    clock.seconds += DAY + 1
    fill(own.folder, {"hash4/new.jpg"})
    uploads(tmp_path, clock).tidy()
    assert files_in(own.folder) == {"hash4/new.jpg"}


def test_no_file_ages_by_the_computers_clock_which_may_jump(own):
    fill(own.folder)
    for file in own.folder.rglob("*"):
        os.utime(file, (time.time() - 3 * DAY,) * 2)
    own.tidy()
    assert files_in(own.folder) == NAMES


def test_in_a_folder_of_the_operators_gradio_is_the_janitor(tmp_path, monkeypatch, clock):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "elsewhere"))
    kept = uploads(tmp_path / "data", clock)
    fill(kept.folder)
    kept.tidy()
    clock.seconds += 2 * DAY
    kept.tidy()
    assert files_in(tmp_path / "elsewhere") == NAMES
    assert kept.delete_cache == (3600, 86400)


def test_crops_are_deleted_once_gradio_has_its_copy(own, clock):
    fill(own.crops.folder)
    own.tidy()
    clock.seconds += 700
    fill(own.crops.folder, {"new.jpg"})
    own.tidy()
    assert files_in(own.crops.folder) == {"new.jpg"}


def test_what_is_no_longer_there_is_told_of_by_name(own):
    fill(own.folder, {"hash/there.jpg"})
    files = {
        "content": str(own.folder / "hash" / "gone.jpg"),
        "style": str(own.folder / "hash" / "there.jpg"),
        "mask": b"pasted",
        "start_image": "/elsewhere/gone.jpg",  # not an upload
    }
    gone = own.gone(files)
    assert list(gone) == ["content"]
    assert "has started anew and no longer has the photo" in str(gone["content"])
