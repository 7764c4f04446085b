"""Several photos, painted one after the other: each is a run, and the next comes when one has ended."""

import threading

import pytest
from PIL import Image

from styletransfer.errors import StyleTransferError
from styletransfer.service.queue import Busy
from styletransfer.service.run import Run
from styletransfer.service.visitor import Visitor
from tests.support.coroutines import run as await_
from tests.support.runner import PATIENCE, Runner
from tests.support.stores import STYLE, VISITOR, begin, eventually, kept

STEPS = 5


@pytest.fixture(autouse=True)
def _series_have_ended():
    """Waits for the threads of series: one that outlives its test would read files of the next."""
    yield
    for thread in threading.enumerate():
        if thread.name == "series":
            thread.join(2)


@pytest.fixture
def photos(tmp_path):
    """Three photos, and the one in the middle is none."""
    files = [tmp_path / f"{name}.png" for name in ("beach", "diary", "lake")]
    for width, file in zip((64, 0, 80), files, strict=True):
        if width:
            Image.new("RGB", (width, 48), "orange").save(file)
        else:
            file.write_text("Dear diary")
    return [str(file) for file in files]


def begun(store, photos) -> Run:
    """The first run of a series."""
    store.successors.check(len(photos), VISITOR)
    run = begin(store)
    store.successors.begin(run, photos)
    return run


def second(store, run) -> Run:
    """The run that comes after this one, once it is there."""
    eventually(lambda: 2 in run.series.runs and store.runs.find_run(run.series.runs[2]))
    return store.runs.find_run(run.series.runs[2])


def test_the_photos_are_painted_one_after_the_other_and_a_bad_one_is_passed_over(serve, photos):
    runner = Runner()
    store = serve(runner)
    run = begun(store, photos)
    assert store.queue.unfinished == 1
    run.adjust(style_weight=7)
    runner.release(STEPS)
    assert run.wait(PATIENCE)
    more = second(store, run)
    assert more.pictures.content.size == (80, 48)
    assert more.inputs.files == {"content": photos[2], "style": STYLE}
    assert more.settings.style_weight == 7  # as it was set meanwhile
    assert (more.visitor, more.unattended) == (VISITOR, True)
    runner.release(STEPS)
    assert more.wait(PATIENCE)
    eventually(lambda: run.series.over)
    assert runner.most_at_once == 1
    assert run.series.ids == [more.id, run.id]
    assert [str(error) for error in run.series.wrong.values()] == [
        "The photo (diary.png) is not a picture that can be read; use a JPEG, PNG, WebP, HEIC, AVIF, "
        "GIF, TIFF or BMP picture"
    ]


def test_who_has_come_meanwhile_is_before_the_next_photo(serve, photos):
    runner = Runner()
    store = serve(runner)
    run = begun(store, photos)
    other = begin(store, seed=2)
    runner.release(STEPS)
    more = second(store, run)
    assert more.predecessors == (other,)
    runner.release(3 * STEPS)
    assert more.wait(PATIENCE)


def test_a_photo_waits_until_there_is_a_place_for_it(serve, photos):
    runner = Runner()
    store = serve(runner, waiting=1, unattended=0)
    run = begun(store, photos)
    assert not run.unattended
    begin(store, seed=2)
    runner.release(1)
    eventually(lambda: run.step)
    runner.release(STEPS - 1)
    assert run.wait(PATIENCE)
    late = begin(store, seed=3)  # has taken the place
    eventually(lambda: run.series.next_place == 2)
    runner.release(STEPS)
    assert second(store, run).predecessors in ((late,), ())
    runner.release(2 * STEPS)


def test_stop_ends_the_series_and_keeps_what_was_painted(serve, photos):
    runner = Runner()
    store = serve(runner)
    run = begun(store, photos)
    runner.release(2)
    eventually(lambda: run.step and run.step.number == 2)
    run.stop()
    runner.release()
    assert run.wait(PATIENCE)
    eventually(lambda: run.series.over)
    assert run.series.ids == [run.id]
    assert store.queue.unfinished == 0
    assert await_(store.successors.following(run)) is run


def test_deleting_one_picture_deletes_the_series_and_the_photos_that_are_left(serve, photos, tmp_path):
    runner = Runner()
    store = serve(runner)
    uploads = []
    for photo in photos:
        place = store.uploads.place()
        uploads.append(str(place / "me.png"))
        with open(photo, "rb") as file, open(uploads[-1], "wb") as copy:
            copy.write(file.read())
    run = begun(store, uploads)
    runner.release(STEPS)
    more = second(store, run)
    assert store.runs.delete([run.id]) == 2
    assert more.forgotten
    runner.release(STEPS)
    eventually(lambda: run.series.over)
    assert not list(store.uploads.folder.rglob("me.png"))
    assert store.queue.jobs() == []


def test_a_page_finds_the_photo_that_is_painted(serve, photos):
    runner = Runner()
    store = serve(runner)
    run = begun(store, photos)
    assert await_(store.successors.following(run)) is run
    runner.release(STEPS)
    assert run.wait(PATIENCE)
    more = await_(store.successors.following(run))
    assert more is second(store, run)
    assert store.runs.find_again({"own": run.id}) is more
    runner.release(STEPS)
    assert more.wait(PATIENCE)
    eventually(lambda: run.series.over)
    assert store.runs.find_again({"own": run.id}) is run  # what the tab shows stays
    assert store.runs.with_series([more.id, "else"]) == [more.id, run.id, "else"]


def test_a_visitor_has_one_series_at_a_time_of_so_many_photos(serve, photos):
    runner = Runner()
    store = serve(runner, photos=3, per_address=2)
    with pytest.raises(StyleTransferError, match="4 photos are too many at once: at most 3"):
        store.successors.check(4, VISITOR)
    run = begun(store, photos)
    with pytest.raises(StyleTransferError, match="still being painted, and 3 are left"):
        store.successors.check(2, VISITOR)
    neighbour = Visitor(VISITOR.address, "another")
    store.successors.check(2, neighbour)
    run.stop()
    runner.release()
    eventually(lambda: run.series.over)
    store.successors.check(2, VISITOR)


def test_the_visitors_at_one_address_share_how_many_series_they_may_have(serve, photos):
    runner = Runner()
    store = serve(runner, per_address=1)
    run = begun(store, photos)
    with pytest.raises(Busy):
        store.successors.check(2, Visitor(VISITOR.address, "another"))
    store.successors.check(2, Visitor("203.0.113.2", "another"))
    run.stop()
    runner.release()
    eventually(lambda: run.series.over)
    store.successors.check(2, Visitor(VISITOR.address, "another"))


def test_a_restart_goes_on_with_the_photos_that_are_left(serve, photos):
    runner = Runner()
    before = serve(runner)
    run = begun(before, photos)
    runner.release(1)
    eventually(lambda: kept(before, run.id).detail["series"])
    runner = Runner()
    after = serve(runner, killed=before)
    again = after.runs.find_run(run.id)
    assert again.series.photos == photos
    runner.release(STEPS)
    more = second(after, again)
    runner.release(STEPS)
    assert more.wait(PATIENCE)
    eventually(lambda: more.id in {record.id for record in after.records.jobs()})
    eventually(lambda: kept(after, more.id).ended and kept(after, more.id).detail["series"]["over"])
    last = serve(killed=after)
    found = [last.runs.find_run(each.id).series for each in (run, more)]
    assert found[0] is found[1]
    assert found[0].over
    assert found[0].ids == [more.id, run.id]
    assert str(found[0].wrong[1]).startswith("The photo (diary.png) is not a picture")


def test_whose_series_is_not_watched_has_no_longer_grace_for_each_photo(serve, photos):
    runner = Runner()
    store = serve(runner, unattended=0)
    run = begun(store, photos)
    left = run.unwatched()
    runner.release(STEPS)
    more = second(store, run)
    assert more.unwatched() > run.unwatched() - left > 0
    runner.release(STEPS)
