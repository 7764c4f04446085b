"""Batches with a small network: what is painted, skipped, copied and failed, and what is interrupted."""

import json
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from itertools import count, islice

import pytest
from PIL import Image

from styletransfer.batch.manifest import NAME
from styletransfer.batch.names import Pattern
from styletransfer.batch.plan import Plan, every_pair
from styletransfer.batch.run import Ended, Stepped, paint_all
from styletransfer.engine.stylize import stylize
from styletransfer.errors import ImageError, StyleTransferError
from styletransfer.recipe import settings_in
from styletransfer.settings import Settings
from tests.support.samples import PAINTING, PHOTO, ROOT, small_network

STREET = ROOT / "examples/styles/van-gogh-village-street-auvers.jpg"
CAT = ROOT / "examples/photos/cat.jpg"
PATIENCE = 60  # seconds until a test that hangs has failed
SETTINGS = Settings(size=128, steps=3, scales=1, keep_faces=False)


class Painter:
    """A runner that remembers what it was given."""

    def __init__(self):
        self.network = small_network()
        self.photos = []

    def __call__(self, pictures, settings):
        self.photos.append(pictures.content.size)
        yield from stylize(pictures, settings, self.network)


@pytest.fixture
def painter():
    return Painter()


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "in"
    (folder / "trip").mkdir(parents=True)
    shutil.copy(PHOTO, folder / "pagoda.jpg")
    shutil.copy(CAT, folder / "trip/cat.jpg")
    return folder


def planned(photos, *paintings, settings=SETTINGS):
    out = photos.parent / "out"
    return Plan(every_pair([photos], paintings or [PAINTING], Pattern(), out), settings, out)


def ended(plan, painter):
    return [news for news in paint_all(plan, painter) if isinstance(news, Ended)]


def entries(plan):
    lines = (plan.folder / NAME).read_text("utf-8").splitlines()
    return {entry["file"]: entry for entry in map(json.loads, lines)}


def size_of(file):
    with Image.open(file) as image:
        image.load()
        return image.size


def test_every_picture_is_painted_with_its_recipe_and_told(photos, painter):
    plan = planned(photos, PAINTING, STREET)
    news = list(paint_all(plan, painter))
    assert sum(isinstance(each, Stepped) for each in news) == 4 * 3
    assert [each.entry.state for each in news if isinstance(each, Ended)] == ["painted"] * 4
    told = entries(plan)
    assert list(told) == [item.output.relative_to(plan.folder).as_posix() for item in plan.items]
    for item in plan.items:
        assert size_of(item.output)[0] == 128
        assert settings_in(item.output) == SETTINGS
    cat = told["trip/cat-hokusai-great-wave.png"]
    assert cat["photo"] == str(photos / "trip/cat.jpg")
    assert cat["paintings"] == [str(PAINTING)]
    assert cat["recipe"]["steps made"] == 3
    assert cat["seconds"] > 0
    assert set(cat["losses"]) == {"content", "style", "smoothness", "total"}


def test_what_is_finished_is_not_painted_again(photos, painter):
    plan = planned(photos)
    ended(plan, painter)
    before, told = {file: file.read_bytes() for file in plan.folder.rglob("*.png")}, entries(plan)
    assert len(before) == 2
    assert [each.skipped for each in ended(plan, painter)] == [True, True]
    assert len(painter.photos) == 2
    assert {file: file.read_bytes() for file in before} == before
    assert entries(plan) == told


def test_what_is_missing_or_was_made_otherwise_is_painted(photos, painter):
    ended(planned(photos), painter)
    plan = planned(photos, settings=replace(SETTINGS, seed=7))
    assert not any(each.skipped for each in ended(plan, painter))
    plan.items[0].output.unlink()
    assert [each.skipped for each in ended(plan, painter)] == [False, True]
    shutil.copy(ROOT / "examples/photos/bee.jpg", photos / "trip/cat.jpg")  # another photo of its name
    assert [each.skipped for each in ended(plan, painter)] == [True, False]


def test_what_another_network_has_seen_is_painted_again(photos, painter):
    ended(planned(photos), painter)
    plan = replace(planned(photos), network="vgg16.tv_in1k")
    assert not any(each.skipped for each in ended(plan, painter))
    assert all(each.skipped for each in ended(plan, painter))
    assert {entry["recipe"]["network"] for entry in entries(plan).values()} == {"vgg16.tv_in1k"}


def test_a_lost_manifest_is_made_again_from_the_recipes(photos, painter):
    plan = planned(photos)
    ended(plan, painter)
    told = entries(plan)
    (plan.folder / NAME).unlink()
    ended(plan, painter)
    for file, entry in entries(plan).items():
        assert entry == told[file] | {"seconds": None, "losses": None}
    assert len(painter.photos) == 2


def test_photos_with_the_same_contents_are_painted_once(photos, painter):
    shutil.copy(photos / "pagoda.jpg", photos / "trip/tower.jpg")
    plan = planned(photos)
    states = {each.item.photo.name: each.entry for each in ended(plan, painter)}
    assert states["tower.jpg"].state == "copied"
    assert states["tower.jpg"].copy_of == "pagoda-hokusai-great-wave.png"
    assert len(painter.photos) == 2
    one, other = (
        plan.folder / name
        for name in ("pagoda-hokusai-great-wave.png", "trip/tower-hokusai-great-wave.png")
    )
    assert one.read_bytes() == other.read_bytes()
    other.unlink()
    assert [each.entry.state for each in ended(plan, painter) if not each.skipped] == ["copied"]


class Together(Painter):
    """A runner of two places, which begins to paint when both are taken."""

    places = 2

    def __init__(self):
        super().__init__()
        self.both = threading.Barrier(2)

    def __call__(self, pictures, settings):
        self.both.wait(PATIENCE)
        yield from super().__call__(pictures, settings)


def alike(entries):
    """The entries without the seconds, which are never the same."""
    return {file: entry | {"seconds": None} for file, entry in entries.items()}


def test_several_at_a_time_make_the_same_pictures_and_the_same_manifest(photos, painter):
    (photos / "notes.jpg").write_text("no picture")
    plan = planned(photos, PAINTING, STREET)
    ended(plan, painter)
    before, told = {file: file.read_bytes() for file in plan.folder.rglob("*.png")}, entries(plan)
    assert len(before) == 4
    shutil.rmtree(plan.folder)
    together = Together()
    states = [each.entry.state for each in ended(plan, together)]
    assert sorted(states) == ["failed"] * 2 + ["painted"] * 4
    assert len(together.photos) == 4
    assert {file: file.read_bytes() for file in plan.folder.rglob("*.png")} == before
    assert alike(entries(plan)) == alike(told)
    assert list(entries(plan)) == list(told)  # in the order that was planned
    assert all(each.skipped for each in ended(plan, together) if not each.entry.error)


def test_the_same_photo_twice_is_painted_once_also_by_several_at_a_time(photos):
    for name in ("tower.jpg", "trip/temple.jpg", "trip/pagoda.jpg"):
        shutil.copy(photos / "pagoda.jpg", photos / name)
    together = Together()
    plan = planned(photos)
    states = [each.entry.state for each in ended(plan, together)]
    assert sorted(states) == ["copied"] * 3 + ["painted"] * 2
    assert len(together.photos) == 2


def test_an_interruption_of_several_loses_those_in_work_and_no_other(photos, painter):
    calls = count()

    class Endless(Painter):
        """A runner of two places, whose third picture and those after it never end."""

        places = 2

        def __call__(self, pictures, settings):
            endless = next(calls) >= 2
            for step in super().__call__(pictures, settings):
                yield step
                while endless:
                    yield step

    for name in ("bee", "bridge"):
        shutil.copy(ROOT / f"examples/photos/{name}.jpg", photos)
    plan = planned(photos)
    with closing(paint_all(plan, Endless())) as news:
        finished = list(islice((each for each in news if isinstance(each, Ended)), 2))
    told = entries(plan)
    assert set(told) == {each.entry.file for each in finished}
    assert {file.relative_to(plan.folder).as_posix() for file in plan.folder.rglob("*.png")} == set(told)
    assert "2 pictures" in (plan.folder / "overview.html").read_text()
    assert sum(each.skipped for each in ended(plan, painter)) == 2


def test_one_that_fails_does_not_stop_the_rest(photos, painter):
    (photos / "notes.jpg").write_text("no picture")
    Image.new("RGB", (4000, 3)).save(photos / "rope.png")
    plan = planned(photos)
    failed = {each.item.photo.name: each.entry for each in ended(plan, painter) if each.entry.error}
    assert {name: entry.error["code"] for name, entry in failed.items()} == {
        "notes.jpg": "picture_unreadable",
        "rope.png": "too_narrow_even_at_largest",
    }
    assert failed["notes.jpg"].error["sentence"].startswith("The photo (notes.jpg) is not a picture")
    assert len(list(plan.folder.rglob("*.png"))) == 2
    assert entries(plan)["notes-hokusai-great-wave.png"]["state"] == "failed"


def test_what_nobody_has_foreseen_does_not_stop_the_rest(photos, painter, caplog):
    def runner(pictures, settings):
        if pictures.content.size == size_of(PHOTO):
            raise ZeroDivisionError("by chance")
        yield from painter(pictures, settings)

    plan = planned(photos)
    states = [each.entry for each in ended(plan, runner)]
    assert [entry.state for entry in states] == ["failed", "painted"]
    assert "ZeroDivisionError: by chance" in states[0].error["sentence"]
    assert "Traceback" in caplog.text  # for whoever has to mend it


def test_a_picture_of_somebody_else_is_left_alone(photos, painter):
    plan = planned(photos)
    mine = plan.items[0].output
    mine.parent.mkdir()
    Image.new("RGB", (9, 9), "red").save(mine)
    before = mine.read_bytes()
    first, second = ended(plan, painter)
    assert first.entry.error["code"] == "batch_file_in_the_way"
    assert second.entry.state == "painted"
    assert mine.read_bytes() == before


def test_transparency_is_kept_where_asked_for_and_its_absence_is_noticed(photos, painter):
    with Image.open(photos / "pagoda.jpg") as image:
        cut_out = image.convert("RGBA").resize((192, 128))
    cut_out.paste((0, 0, 0, 0), (96, 0, 192, 128))
    cut_out.save(photos / "cut.png")
    plan = planned(photos)
    ended(plan, painter)
    plan = replace(plan, settings=replace(plan.settings, alpha=True))
    file = plan.folder / "cut-hokusai-great-wave.png"
    assert [each.item.output for each in ended(plan, painter) if not each.skipped] == [file]
    with Image.open(file) as image:
        assert image.getchannel("A").getextrema() == (0, 255)
    assert all(each.skipped for each in ended(plan, painter))


def test_an_interruption_loses_the_picture_in_work_and_no_other(photos, painter):
    plan = planned(photos, PAINTING, STREET)
    with closing(paint_all(plan, painter)) as news:
        for each in news:
            if isinstance(each, Stepped) and len(painter.photos) == 3:
                break
    assert len(list(plan.folder.rglob("*.png"))) == 2
    assert len(entries(plan)) == 2
    assert "2 pictures" in (plan.folder / "overview.html").read_text()
    assert [each.skipped for each in ended(plan, painter)] == [True, True, False, False]


def test_half_written_files_are_swept_and_nothing_else(photos, painter):
    plan = planned(photos)
    plan.folder.mkdir()
    ours = [f".{'0' * 32}.part", f"unfinished-{'0' * 16}-{NAME}"]
    mine = ["unfinished-symphony.png", ".mine.part", "notes.txt"]
    for name in ours + mine:
        (plan.folder / name).touch()
    ended(plan, painter)
    assert [name for name in ours + mine if (plan.folder / name).exists()] == mine


def test_a_disk_that_is_nearly_full_is_told_before_the_next_picture(photos, painter, monkeypatch):
    plan = planned(photos, PAINTING, STREET)
    full = iter([False, True])

    def usage(_):
        return shutil._ntuple_diskusage(10**9, 10**9, 0 if next(full) else 10**9)

    monkeypatch.setattr(shutil, "disk_usage", usage)  # the system's answer
    with pytest.raises(
        StyleTransferError, match="The disk is full, or nearly so, and 3 pictures are left"
    ):
        ended(plan, painter)
    assert len(painter.photos) == 1
    assert len(entries(plan)) == len(list(plan.folder.rglob("*.png"))) == 1


def test_a_folder_that_cannot_be_made_is_refused_before_the_first_step(photos, painter):
    plan = planned(photos)
    plan.folder.write_text("a file")
    with pytest.raises(ImageError, match="cannot be saved"):
        ended(plan, painter)
    long = Plan(
        [replace(plan.items[0], output=photos.parent / "new" / ("x" * 300 + ".png"))],
        SETTINGS,
        photos.parent / "new",
    )
    with pytest.raises(ImageError, match="cannot be saved"):
        ended(long, painter)
    assert painter.photos == []


PROGRAM = """
import sys
from pathlib import Path
from styletransfer.batch.names import Pattern
from styletransfer.batch.plan import Plan, every_pair
from styletransfer.batch.run import Ended, Stepped, paint_all
from styletransfer.engine.stylize import stylize
from styletransfer.settings import Settings
from tests.support.samples import small_network
{before}
photos, painting, out = map(Path, sys.argv[1:])
network = small_network()
settings = Settings(size=128, steps=3, scales=1, keep_faces=False)
plan = Plan(every_pair([photos], [painting], Pattern(), out), settings, out)
for news in paint_all(plan, lambda pictures, settings: stylize(pictures, settings, network)):
    print(type(news).__name__, flush=True)
"""


def started(photos, before=""):
    command = [
        sys.executable,
        "-c",
        PROGRAM.format(before=before),
        photos,
        PAINTING,
        photos.parent / "out",
    ]
    return subprocess.Popen(
        command, cwd=ROOT, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_a_killed_machine_loses_the_picture_in_work_and_no_other(photos, painter):
    plan = planned(photos)
    with started(photos) as process:
        while "Ended" not in process.stdout.readline():
            pass
        assert "Step" in process.stdout.readline()  # of the second picture
        process.kill()
    assert len(entries(plan)) == 1
    assert [size_of(file)[0] for file in plan.folder.rglob("*.png")] == [128]
    assert [each.skipped for each in ended(plan, painter)] == [True, False]


@pytest.mark.skipif(sys.platform == "win32", reason="needs the limits of Unix")
def test_a_picture_that_no_longer_fits_ends_the_batch_and_leaves_whole_files(photos, painter):
    plan = planned(photos)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))"
    with started(photos, limit) as process:
        _, said = process.communicate(timeout=240)
    assert "The disk is full, or nearly so, and 2 pictures are left." in said
    names = {file.name for file in plan.folder.rglob("*") if file.is_file()}
    assert names == {NAME, "overview.html"}
    assert [each.skipped for each in ended(plan, painter)] == [False, False]
