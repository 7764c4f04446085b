import json

import pytest

from styletransfer.batch.manifest import NAME, Entry, Manifest
from styletransfer.errors import StyleTransferError

A = Entry("a.png", "a.jpg", ["w.jpg"], "painted", recipe={"x": 1}, seconds=2.5)
B = Entry("deep/b\u2028.png", "ä.jpg", ["w.jpg"], "failed", error={"code": "c", "sentence": "No."})


def lines(folder):
    return [json.loads(line) for line in (folder / NAME).read_text("utf-8").split("\n") if line]


def test_a_line_is_in_the_file_as_soon_as_it_is_added(tmp_path):
    with Manifest(tmp_path, [A.file, B.file]) as manifest:
        manifest.add(B)
        assert [line["file"] for line in lines(tmp_path)] == [B.file]
        manifest.add(A)
        assert len(lines(tmp_path)) == 2
    assert [line["file"] for line in lines(tmp_path)] == [A.file, B.file]  # in the batch's order


def test_entries_are_read_again(tmp_path):
    with Manifest(tmp_path, [A.file, B.file]) as manifest:
        manifest.add(A)
        manifest.add(B)
    with Manifest(tmp_path, [A.file, B.file]) as manifest:
        assert manifest.entries == [A, B]
        assert manifest.of(A.file) == A


def test_half_a_line_of_a_killed_machine_is_left_out(tmp_path):
    with Manifest(tmp_path, [A.file]) as manifest:
        manifest.add(A)
    with (tmp_path / NAME).open("a") as file:
        file.write('7\n{"file": "b.pn')
    with Manifest(tmp_path, [A.file, B.file]) as manifest:
        manifest.add(B)
        assert [line["file"] for line in lines(tmp_path)] == [A.file, B.file]


def test_of_earlier_batches_only_pictures_that_are_there_are_kept(tmp_path):
    (tmp_path / "a.png").touch()
    gone = Entry("gone.png", "a.jpg", ["w.jpg"], "painted")
    with Manifest(tmp_path, [A.file, B.file, gone.file]) as manifest:
        for entry in (A, B, gone):
            manifest.add(entry)
    with Manifest(tmp_path, ["new.png"]) as manifest:
        assert manifest.entries == [A]


def test_a_manifest_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / NAME).mkdir()
    with pytest.raises(StyleTransferError, match="cannot be saved"), Manifest(tmp_path, []):
        pass
