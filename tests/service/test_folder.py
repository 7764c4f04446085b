"""The data folder of a server, and the lock on it."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from styletransfer.errors import StyleTransferError
from styletransfer.service.folder import Folder
from styletransfer.service.records import Records
from tests.support.server import ROOT

HOLD = """
import sys
from pathlib import Path
from styletransfer.service.folder import Folder
folder = Folder(Path(sys.argv[1]) if sys.argv[1:] else None)
(folder.path / "picture.png").write_bytes(b"private")
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def hold():
    """A function that starts a process which holds a folder; the process can be killed by the test."""
    processes = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_second_server_is_told_that_the_folder_is_in_use(tmp_path, hold):
    process, _ = hold(tmp_path / "data")
    with pytest.raises(StyleTransferError, match=r"data folder of another server"):
        Folder(tmp_path / "data")
    process.kill()
    process.wait()
    folder = Folder(tmp_path / "data")
    assert (folder.path / "picture.png").exists()
    folder.close()
    assert (folder.path / "picture.png").exists()


def test_a_folder_that_cannot_be_one_is_told_of(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StyleTransferError, match="cannot be the data folder"):
        Folder(tmp_path / "file" / "data")


@pytest.mark.parametrize("name", ["jobs", "copies", "parts"])
def test_a_folder_of_somebodys_own_is_refused_and_nothing_in_it_is_lost(tmp_path, name):
    own = tmp_path / "home" / name / "letters" / "dear.txt"
    own.parent.mkdir(parents=True)
    own.touch()
    with pytest.raises(
        StyleTransferError, match=f"holds a folder {name} that this program has not made"
    ):
        Folder(tmp_path / "home")
    assert own.exists()
    assert [path.name for path in (tmp_path / "home").iterdir()] == [name]


def test_the_folder_of_an_earlier_server_is_taken_again(tmp_path):
    Folder(tmp_path).close()
    (tmp_path / "jobs").mkdir()
    Folder(tmp_path).close()


def test_temporary_folders_of_killed_servers_go_and_no_others(temporary, hold):
    _, alive = hold()
    dead, left = hold()
    dead.kill()
    dead.wait()
    other = temporary / "styletransfer-page-of-somebody"
    other.mkdir()
    mine = Folder()
    assert (alive / "picture.png").exists()
    assert not (left / "picture.png").exists()
    assert other.exists()
    assert mine.path != alive
    mine.close()
    assert not mine.path.exists()
    assert alive.exists()


def test_a_restarted_server_gets_the_folder_that_it_had(temporary, hold):
    dead, left = hold()
    dead.kill()
    dead.wait()
    assert Folder().path == left


def test_a_link_that_lies_in_the_place_of_a_temporary_folder_is_not_followed(temporary):
    (temporary / "elsewhere").mkdir()
    (temporary / "styletransfer-page-0").symlink_to(temporary / "elsewhere")
    assert Folder().path.name == "styletransfer-page-1"
    assert list((temporary / "elsewhere").iterdir()) == []


def test_records_that_are_no_file_are_told_of(tmp_path):
    (tmp_path / "records.sqlite3").mkdir()
    with pytest.raises(StyleTransferError, match=r"records\.sqlite3 cannot be read"):
        Records(Folder(tmp_path))
