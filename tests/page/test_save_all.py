"""Several photos as the page hands them on, asked without a browser: their order, and the zip file."""

import zipfile
from io import BytesIO

import pytest

from styletransfer.errors import StyleTransferError
from styletransfer.page.photos import in_order, several
from styletransfer.page.save_all import _unlike, packed


def row(*files, shown=0):
    """The value of a row with these photos, of which one is in the box."""
    told = {"small": "data:image/jpeg;base64,", "name": "photo"}
    photos = [{"file": file, "shown": place == shown} | told for place, file in enumerate(files)]
    return {"photos": photos}


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    files = [tmp_path / f"{name}.png" for name in ("beach", "hill", "lake")]
    for file in files:
        file.write_bytes(file.stem.encode())
    return [str(file) for file in files]


def test_the_photo_in_the_box_is_painted_first_and_each_once(uploads):
    beach, hill, lake = uploads
    assert in_order(row(beach, hill, lake, shown=1), hill) == [hill, beach, lake]
    # The box may hold a copy of the photo that the row knows: it is the same photo.
    assert in_order(row(beach, hill, shown=0), lake) == [lake, hill]
    assert in_order(row(beach, hill, shown=0), b"from the camera") == ["", hill]
    assert in_order({"photos": []}, beach) == []


def test_only_uploads_are_taken_from_a_row(uploads):
    assert several(row(uploads[0], "/etc/passwd", "")) == [uploads[0]]
    assert several({"photos": [3, {}, {"file": uploads[0]}]}) == []
    for nonsense in (None, [], {"photos": 3}):
        with pytest.raises(StyleTransferError, match="photos in the request is missing"):
            several(nonsense)


def test_the_zip_file_holds_what_the_files_hold(uploads, tmp_path):
    files = {f"{number}.png": tmp_path / f"{name}.png" for number, name in enumerate(("beach", "lake"))}
    with zipfile.ZipFile(BytesIO(b"".join(packed(files)))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "0.png": b"beach",
            "1.png": b"lake",
        }


def test_pictures_that_are_called_alike_get_numbers():
    assert _unlike("a.png", []) == "a.png"
    assert _unlike("a.png", ["A.png", "b.png"]) == "a-2.png"
    assert _unlike("a.png", ["a.png", "a-2.png"]) == "a-3.png"
