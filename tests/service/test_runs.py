"""Jobs of visitors: starting, continuing, pairing and finding them again."""

import os

import pytest
from PIL import Image

from styletransfer.errors import StyleTransferError
from styletransfer.pictures import Pictures
from styletransfer.service.contact_sheet import by_strength
from styletransfer.service.queue import Queue
from styletransfer.service.runs import MORE_STEPS
from styletransfer.service.store import Store
from styletransfer.settings import Settings
from tests.support.steps import picture

SETTINGS = Settings(size=128, steps=20, scales=1)


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The `Runs` of a store whose runner paints nothing."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return Store(Queue(lambda *_: iter(()), drafter=lambda content, styles: None)).runs


def test_whoever_hands_in_a_start_image_starts_from_it(runs):
    assert (
        runs.start(Pictures(picture(), [picture()], start=picture()), SETTINGS).settings.start == "image"
    )
    assert runs.start(Pictures(picture(), [picture()]), SETTINGS).settings.start == "content"


def test_painted_masks_are_kept_with_the_uploads_and_go_with_the_job(runs):
    job = runs.start(Pictures(picture(), [picture()]), SETTINGS)
    runs.remember(job, {"content": "cat.jpg", "style": None}, {"mask": Image.new("L", (4, 4), 255)})
    kept = job.inputs.files
    assert list(kept) == ["content", "mask"]
    with Image.open(kept["mask"]) as mask:
        assert mask.getpixel((0, 0)) == (255, 255, 255)
    runs.delete([job.id])
    assert not os.path.exists(kept["mask"])
    assert job.forgotten


def test_a_picture_can_be_gone_on_with_at_full_size_with_the_values_of_now(runs):
    white = Image.new("L", (8, 8), 255)
    pictures = Pictures(picture(), [picture(), picture()], [None, white], keep=white)
    job = runs.start(pictures, SETTINGS)
    runs.remember(job, {"content": "cat.jpg"}, {})
    with pytest.raises(StyleTransferError, match="no picture to go on from"):
        runs.go_on(job, SETTINGS)
    job.shown = job.draft = Image.new("RGB", (64, 48), "blue")
    now = Settings(size=160, steps=20, style_weight=9)
    more = runs.go_on(job, now)
    settings = more.settings
    assert (settings.start, settings.steps, settings.scales) == ("image", MORE_STEPS, 1)
    assert (settings.size, settings.style_weight) == (128, 9)  # the photo is not kept in a larger size
    assert more.pictures.start.getpixel((5, 5)) == (0, 0, 255)
    assert len(more.pictures.styles) == len(more.pictures.masks) == 2
    asked = more.inputs  # what the page fills in again, without the changes made to continue
    assert (asked.settings.start, asked.settings.steps) == ("content", 20)
    assert set(asked.files) == {"content", "mask_2", "keep"}
    for name in ("mask_2", "keep"):
        with Image.open(asked.files[name]) as mask:
            assert mask.getextrema() == ((255, 255),) * 3


def test_a_picture_and_a_contact_sheet_are_each_others_counterpart(runs):
    pictures = Pictures(picture(), [picture()])
    first = runs.start(pictures, SETTINGS)
    sheet = runs.start_contact_sheet(pictures, SETTINGS, by_strength(pictures, SETTINGS))
    runs.pair(sheet, first.id)
    assert runs.counterpart(sheet) is first
    assert runs.counterpart(first) is sheet
    second = runs.start(pictures, SETTINGS)
    runs.pair(second, first.id)  # after another picture the contact sheet stays the counterpart
    assert runs.counterpart(second) is sheet
    assert runs.counterpart(sheet) is second
    runs.delete([sheet.id])
    assert runs.counterpart(second) is None


def test_each_kind_is_found_as_what_it_is(runs):
    pictures = Pictures(picture(), [picture()])
    run = runs.start(pictures, SETTINGS)
    sheet = runs.start_contact_sheet(pictures, SETTINGS, by_strength(pictures, SETTINGS))
    assert (runs.find(run.id), runs.find(sheet.id)) == (run, sheet)
    assert (runs.find_run(run.id), runs.find_run(sheet.id)) == (run, None)
    assert (runs.find_contact_sheet(run.id), runs.find_contact_sheet(sheet.id)) == (None, sheet)


def test_after_a_reload_the_tabs_own_picture_comes_before_the_newest(runs):
    own, newest = (runs.start(Pictures(picture(), [picture()]), SETTINGS) for _ in range(2))
    assert runs.find_again({"own": own.id, "newest": newest.id}) is own
    assert runs.find_again({"own": "gone", "newest": newest.id}) is newest
    with newest.watched():  # by another tab
        assert runs.find_again({"newest": newest.id}) is None


def test_a_picture_is_painted_larger_from_itself_and_from_the_files_in_full_size(runs):
    white = Image.new("L", (8, 8), 255)
    large = Pictures(picture(640, 480), [picture(640, 480)] * 2, [None, white])
    job = runs.start(large, Settings(size=128, steps=20, scales=1, seed=4))
    runs.remember(job, {"content": "cat.jpg"}, {"mask_2": white})
    with pytest.raises(StyleTransferError, match="no picture to go on from"):
        runs.enlarge(job, large, 256)
    job.shown = job.draft = Image.new("RGB", (128, 96), "blue")
    job.recolour(True)
    more = runs.enlarge(job, large, 480)
    assert more.pictures.content.size == (480, 360)
    red, _, blue = more.pictures.start.resize((1, 1)).getpixel((0, 0))
    assert blue > 200 > red
    assert (more.settings.start, more.settings.size, more.settings.scales) == ("image", 480, 2)
    assert (more.settings.steps, more.settings.seed) == (40, 4)
    assert more.in_photo_colours
    # What the page fills in again is the small picture's, but for the size.
    assert more.inputs.settings == Settings(size=480, steps=20, scales=1, seed=4)
    assert set(more.inputs.files) == {"content", "mask_2"}
    runs.delete([job.id])
    assert os.path.exists(more.inputs.files["mask_2"])  # its own
