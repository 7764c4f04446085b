"""Deleting a job: nothing of it stays in memory or on disk, and no file of other jobs is deleted."""

import os
import shutil
import threading
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from styletransfer.pictures import Pictures
from styletransfer.service import uploads as module
from styletransfer.service.queue import Limits, Queue
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
from styletransfer.settings import Settings
from tests.support.steps import step

SETTINGS = Settings(size=128, steps=20, scales=1)
PICTURE = Image.new("RGB", (64, 48), "orange")


def nothing(*_):
    """A runner that paints no step."""
    yield from ()


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def store(uploads):
    return Store(Queue(nothing, drafter=lambda *_: PICTURE))


def uploaded(uploads, folder, colour="red") -> str:
    file = uploads / folder / "me.png"
    file.parent.mkdir(exist_ok=True)
    Image.new("RGB", (64, 48), colour).save(file)
    return str(file)


def finished(store, photo):
    job = store.runs.start(Pictures(PICTURE, [PICTURE]), SETTINGS)
    store.runs.remember(job, {"content": photo}, {"mask": Image.new("L", (4, 4), 255)})
    job.stop()
    assert job.wait(30)
    return job


def gradios_copy(uploads, file) -> Path:
    """The copy that Gradio makes of a file that the page shows."""
    copy = uploads / f"hash-of-{file.stem}" / file.name
    copy.parent.mkdir(exist_ok=True)
    return Path(shutil.copy2(file, copy))


def test_nothing_of_a_job_is_left(store, uploads):
    photo = uploaded(uploads, "a")
    job = finished(store, photo)
    shares = Shares(store)
    shared = shares.share(job)
    files = [store.files.result(job), store.files.photo(job), Path(job.inputs.files["mask"])]
    copies = [gradios_copy(uploads, file) for file in files]
    assert store.runs.delete([job.id]) == 1
    assert [file for file in [*files, *copies, Path(photo), shared.file] if file.exists()] == []
    assert store.queue.find(job.id) is None
    assert shares.find(shared.name) is None
    assert store.runs.delete([job.id]) == 0


def test_with_a_programs_run_go_its_previews_and_what_it_was_made_from(store, uploads):
    photo, painting = uploaded(uploads, "a"), uploaded(uploads, "b")
    job, other = (store.runs.start(Pictures(PICTURE, [PICTURE]), SETTINGS) for _ in range(2))
    store.uploads.note(job, [photo, painting, b"bytes", None])
    store.uploads.note(other, [painting])
    previews = [Path(store.uploads.preview(job, PICTURE)) for _ in range(2)]
    kept = Path(store.uploads.preview(other, PICTURE))
    store.runs.delete([job.id])
    assert [file for file in [*previews, Path(photo)] if file.exists()] == []
    assert kept.exists()
    assert Path(painting).exists()
    assert store.uploads.preview(job, PICTURE) is None  # a stream that has not heard of it yet
    assert [path.name for path in uploads.rglob("*.jpeg")] == [kept.name]
    store.runs.delete([other.id])
    assert not kept.exists()
    assert not Path(painting).exists()


def test_who_still_watches_brings_nothing_back(store, uploads):
    job = finished(store, uploaded(uploads, "a"))
    folder = store.files.result(job).parent
    store.runs.delete([job.id])
    assert job.forgotten
    assert store.files.result(job) is None
    assert store.files.photo(job) is None
    assert Shares(store).share(job) is None
    assert not folder.exists()


def test_copies_go_where_gradio_keeps_them_with_the_pictures(uploads, monkeypatch):
    monkeypatch.delenv("GRADIO_TEMP_DIR")
    store = Store(Queue(nothing, drafter=lambda *_: PICTURE))
    copies = Path(os.environ["GRADIO_TEMP_DIR"])  # set by `Store`, because nobody else has set it
    assert store.folder.path in copies.parents
    copies.mkdir()
    job = finished(store, uploaded(uploads, "a"))
    copy = gradios_copy(copies, store.files.result(job))
    store.runs.delete([job.id])
    assert not copy.exists()


def test_a_copy_that_serves_another_picture_too_stays(store, uploads):
    one, other = (finished(store, uploaded(uploads, name)) for name in "ab")
    results = [store.files.result(each) for each in (one, other)]
    assert results[0].read_bytes() == results[1].read_bytes()  # for instance from the same example
    copy = gradios_copy(uploads, results[0])
    store.runs.delete([one.id])
    assert copy.exists()
    store.runs.delete([other.id])
    assert not copy.exists()


def test_a_file_that_vanishes_meanwhile_does_not_stop_the_deletion(store, uploads, monkeypatch):
    """Other visitors delete, too, and frames of a film that is being painted are thinned out."""
    job, other = (finished(store, uploaded(uploads, name)) for name in "ab")
    for each in (job, other):
        store.files.result(each)
    equal = module._equal

    def vanishing(one, another):
        another.unlink()
        return equal(one, another)

    monkeypatch.setattr(module, "_equal", vanishing)
    store.runs.delete([job.id])
    assert job.stopped
    assert job.forgotten
    assert store.runs.find(job.id) is None


def test_what_is_deleted_while_it_is_rendered_is_no_error(store, uploads):
    job = finished(store, uploaded(uploads, "a"))

    class Slow:
        """A mask that is deleted with its job while it is being written."""

        def convert(self, mode):
            store.runs.delete([job.id])
            return PICTURE.convert(mode)

    assert store.files.mask(job, "late", Slow()) is None
    assert list(store.files.folder.glob(f"{job.id}*")) == []


def test_what_belongs_to_others_stays(store, uploads, tmp_path_factory):
    same, mine = uploaded(uploads, "same"), uploaded(uploads, "mine")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "catalogue.png"
    PICTURE.save(elsewhere)
    other = finished(store, same)  # from the same uploaded file
    theirs = store.files.result(other)
    copy = gradios_copy(uploads, theirs)
    copy.write_bytes(b"another picture of the same name")
    store.runs.delete(
        [finished(store, same).id, "unknown"], [mine, str(elsewhere), str(uploads), None, "x"]
    )
    assert [Path(file).exists() for file in (same, mine, elsewhere, theirs, copy)] == [
        True,
        False,
        True,
        True,
        True,
    ]
    store.runs.delete([other.id])
    assert not Path(same).exists()


def test_with_the_upright_copy_goes_the_file_that_was_uploaded(store, uploads):
    phone = uploads / "b" / "phone.heic"
    phone.parent.mkdir()
    pillow_heif.from_pillow(PICTURE).save(phone)
    shown = Path(store.uploads.presentable(str(phone), "content").file)
    theirs = Path(store.uploads.presentable(str(phone), "content").file)  # another visitor's
    assert uploads in shown.parents  # so that Gradio makes no copy of it
    assert shown.read_bytes() == theirs.read_bytes()
    store.runs.delete([finished(store, str(shown)).id])
    assert not shown.parent.exists()
    assert not phone.exists()
    assert theirs.exists()


def test_a_running_job_ends_and_frees_its_place(uploads):
    painting = threading.Event()

    def endless(*_):
        painting.set()
        while True:
            yield step(1, SETTINGS)

    store = Store(Queue(endless, drafter=lambda *_: None, limits=Limits(waiting=0)))
    job = store.runs.start(Pictures(PICTURE, [PICTURE]), SETTINGS)
    assert painting.wait(30)
    store.runs.delete([job.id])
    assert store.queue.find(job.id) is None
    assert job.wait(30)
    store.queue.check_limits()


def test_its_time_lapse_and_what_stands_in_the_strip_go_with_it(store, uploads):
    job = finished(store, uploaded(uploads, "a"))
    store.files.record(job)
    store.files.timelapse(job).add(1, PICTURE)
    files = [
        store.files.photo(job),
        store.files.thumbnail(job),
        *store.files.timelapse(job).frames().values(),
    ]
    assert len(files) == 3
    copies = [gradios_copy(uploads, file) for file in files]
    store.runs.delete([job.id])
    assert store.files.timelapse(job) is None
    assert [file for file in [*files, *copies] if file.exists()] == []
