"""Gradio's temporary folder: which files are deleted in it, and when."""

import os
import time
from pathlib import Path

import pytest

from styletransfer.service.uploads import Uploads

AGES = {  # of the files, in seconds
    "hash/image.jpeg": 4000,
    "hash2/photo.jpg": 4000,
    "hash3/old.jpg": 90_000,
    "new.jpg": 5,
}


def fill(folder: Path) -> None:
    now = time.time()
    for name, age in AGES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"private")
        os.utime(file, (now - age,) * 2)
        if file.parent != folder:
            os.utime(file.parent, (now - age,) * 2)


def files_in(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*.jp*g")}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Uploads in this server's own folder, where GRADIO_TEMP_DIR is not set."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.delenv("GRADIO_TEMP_DIR")
    return Uploads(tmp_path, keep=86400)


def test_in_a_folder_of_our_own_copies_are_deleted_after_their_time(own):
    fill(own.folder)
    own.tidy()
    assert files_in(own.folder) == {"hash2/photo.jpg", "new.jpg"}
    assert own.delete_cache is None


def test_in_a_folder_of_the_operators_gradio_is_the_janitor(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "elsewhere"))
    uploads = Uploads(tmp_path, keep=86400)
    fill(uploads.folder)
    uploads.tidy()
    assert files_in(tmp_path / "elsewhere") == set(AGES)
    assert uploads.delete_cache == (3600, 86400)


def test_crops_are_deleted_once_gradio_has_its_copy(own):
    fill(own.crops.folder)
    own.tidy()
    assert files_in(own.crops.folder) == {"new.jpg"}
