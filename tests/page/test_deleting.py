"""Deleting a job: nothing of it is left in memory or on the disk, and nothing of anybody else goes."""

import shutil
import threading
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from styletransfer.pictures import Pictures
from styletransfer.service.queue import Jobs
from styletransfer.service.shares import Links
from styletransfer.service.store import Shelf
from styletransfer.settings import Settings, knobs

VALUES = [getattr(Settings(size=128, steps=20, scales=1), knob.name) for knob in knobs()]
PICTURE = Image.new("RGB", (64, 48), "orange")


def nothing(*_):
    """A runner without a single step."""
    yield from ()


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def shelf(uploads):
    return Shelf(Jobs(nothing, drafter=lambda *_: PICTURE))


def uploaded(uploads, folder, colour="red") -> str:
    file = uploads / folder / "me.png"
    file.parent.mkdir(exist_ok=True)
    Image.new("RGB", (64, 48), colour).save(file)
    return str(file)


def finished(shelf, photo):
    job = shelf.start(Pictures(PICTURE, [PICTURE]), VALUES)
    shelf.remember(job, {"content": photo}, {"mask": Image.new("L", (4, 4), 255)})
    job.stop()
    assert job.wait(30)
    return job


def gradios_copy(uploads, file) -> Path:
    """What Gradio makes of a file that the page shows."""
    copy = uploads / f"hash-of-{file.stem}" / file.name
    copy.parent.mkdir(exist_ok=True)
    return Path(shutil.copy2(file, copy))


def test_nothing_of_a_job_is_left(shelf, uploads):
    photo = uploaded(uploads, "a")
    job = finished(shelf, photo)
    links = Links(shelf)
    shared = links.share(job)
    files = [shelf.result(job), shelf.so_far(job), Path(shelf.asked[job.id].files["mask"])]
    copies = [gradios_copy(uploads, file) for file in files]
    assert shelf.delete([job.id]) == 1
    assert [file for file in [*files, *copies, Path(photo), shared.file] if file.exists()] == []
    assert shelf.jobs.find(job.id) is None
    assert links.find(shared.name) is None
    assert job.id not in shelf.asked
    assert shelf.delete([job.id]) == 0


def test_who_still_watches_brings_nothing_back(shelf, uploads):
    job = finished(shelf, uploaded(uploads, "a"))
    folder = shelf.result(job).parent
    shelf.delete([job.id])
    assert shelf.gone(job)
    assert shelf.result(job) is None
    assert shelf.so_far(job) is None
    assert Links(shelf).share(job) is None
    assert not folder.exists()


def test_copies_go_where_gradio_keeps_them_with_the_pictures(shelf, uploads, monkeypatch):
    copies = shelf._copies  # where they are unless somebody wants them elsewhere
    copies.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(copies))
    job = finished(shelf, uploaded(uploads, "a"))
    copy = gradios_copy(copies, shelf.result(job))
    shelf.delete([job.id])
    assert not copy.exists()


def test_a_copy_that_serves_another_picture_too_stays(shelf, uploads):
    one, other = (finished(shelf, uploaded(uploads, name)) for name in "ab")
    results = [shelf.result(each) for each in (one, other)]
    assert results[0].read_bytes() == results[1].read_bytes()  # the same example, say
    copy = gradios_copy(uploads, results[0])
    shelf.delete([one.id])
    assert copy.exists()
    shelf.delete([other.id])
    assert not copy.exists()


def test_what_is_deleted_while_it_is_rendered_is_no_error(shelf, uploads, monkeypatch):
    job = finished(shelf, uploaded(uploads, "a"))
    preview = shelf.preview

    def deleted_meanwhile(job):
        picture = preview(job)
        shelf.delete([job.id])
        return picture

    monkeypatch.setattr(shelf, "preview", deleted_meanwhile)
    assert shelf.so_far(job) is None
    assert list((shelf._folder).glob(f"{job.id}*")) == []


def test_what_belongs_to_others_stays(shelf, uploads, tmp_path_factory):
    same, mine = uploaded(uploads, "same"), uploaded(uploads, "mine")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "catalogue.png"
    PICTURE.save(elsewhere)
    other = finished(shelf, same)  # the very same upload
    theirs = shelf.result(other)
    copy = gradios_copy(uploads, theirs)
    copy.write_bytes(b"another picture of the same name")
    shelf.delete([finished(shelf, same).id, "unknown"], [mine, str(elsewhere), str(uploads), None, "x"])
    assert [Path(file).exists() for file in (same, mine, elsewhere, theirs, copy)] == [
        True,
        False,
        True,
        True,
        True,
    ]
    shelf.delete([other.id])
    assert not Path(same).exists()


def test_with_the_upright_copy_goes_the_file_that_was_uploaded(shelf, uploads):
    phone = uploads / "b" / "phone.heic"
    phone.parent.mkdir()
    pillow_heif.from_pillow(PICTURE).save(phone)
    shown = shelf.presentable(str(phone), "photo")
    copy = gradios_copy(uploads, shown)
    shelf.delete([finished(shelf, str(copy)).id])
    assert not copy.exists()
    assert not phone.exists()


def test_a_running_job_ends_and_frees_its_place(uploads):
    painting = threading.Event()

    def endless(*_):
        painting.set()
        while True:
            yield _Step()

    shelf = Shelf(Jobs(endless, drafter=lambda *_: None, waiting=0))
    job = shelf.start(Pictures(PICTURE, [PICTURE]), VALUES)
    assert painting.wait(30)
    shelf.delete([job.id])
    assert shelf.jobs.find(job.id) is None
    assert job.wait(30)
    shelf.jobs.check_room()


class _Step:
    due, number = False, 1


def test_its_film_and_what_stands_in_the_strip_go_with_it(shelf, uploads):
    job = finished(shelf, uploaded(uploads, "a"))
    shelf.record(job)
    shelf.film(job).add(1, PICTURE)
    files = [shelf.photo(job), shelf.thumbnail(job), *shelf.film(job).frames().values()]
    assert len(files) == 3
    copies = [gradios_copy(uploads, file) for file in files]
    shelf.delete([job.id])
    assert shelf.film(job) is None
    assert [file for file in [*files, *copies] if file.exists()] == []
