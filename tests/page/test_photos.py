"""Several photos at once, in a real browser: chosen, painted one after the other, and saved together."""

import zipfile
from io import BytesIO

import httpx
import pytest
from PIL import Image

from styletransfer.recipe import settings_in
from tests.support.browser import PHONE, WIDE, fill, job_of, saved, visit

# One is called as Gradio's editor calls a copy, of which nothing but a point is sent (uploaded_once.js).
SHAPES = {"beach": (96, 64), "hill": (64, 96), "background": (96, 80)}


@pytest.fixture
def photos(tmp_path):
    """Three photos of different shapes, with a file among them that is none."""
    files = [tmp_path / f"{name}.png" for name in SHAPES]
    for size, file in zip(SHAPES.values(), files, strict=True):
        Image.effect_noise(size, 60).convert("RGB").save(file)
    diary = tmp_path / "diary.png"
    diary.write_text("Dear diary")
    return [files[0], diary, *files[1:]]


def hand_in(page, photos, button="#choose"):
    """Chooses these files in the dialogue for photos."""
    with page.expect_file_chooser() as chooser:
        page.click(button)
    assert chooser.value.is_multiple()
    chooser.value.set_files(photos)


def rows(page, count):
    page.wait_for_function(
        "count => document.querySelectorAll('#photos .one').length === count", arg=count
    )


def ready(page, photos, **values):
    """Chooses the photos and a painting, and sets how small they are painted."""
    hand_in(page, photos)
    rows(page, 3)
    page.click("#style-row [data-index='0']")
    page.wait_for_selector("#style .image-frame img")
    fill(page, size=128, scales=1, **values)


def test_several_photos_become_several_pictures_and_one_zip(context, server, photos, tmp_path):
    page = visit(context)
    ready(page, photos, steps=2)
    assert "photo (diary.png) is not a picture that can be read" in page.inner_text("#photos-note")
    assert page.get_attribute("#photos .one >> nth=0", "aria-current") == "true"
    page.click("#paint")
    page.wait_for_selector("#save-all a")
    page.wait_for_selector("#strip li >> nth=2")
    assert "Painted: 3 of 3 photos." in page.inner_text("#status")
    file = saved(page, "#save-all a", tmp_path)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
    assert [name.split("-")[0] for name in found] == list(SHAPES)
    for data, (width, height) in zip(found.values(), SHAPES.values(), strict=True):
        with Image.open(BytesIO(data)) as image:
            assert image.width * height == pytest.approx(image.height * width, rel=0.02)
            assert settings_in(BytesIO(data)).steps == 2
    address = f"{server}/series/{job_of(page)}.zip"
    assert httpx.get(address).status_code == 200
    page.click("#delete")
    page.click("#delete-yes")
    page.wait_for_selector(".placard.deleted")
    assert httpx.get(address).status_code == 404
    assert page.locator("#photos .one").count() == 0


def test_the_photos_that_are_painted_are_found_after_a_reload_and_stop_ends_all(context, photos):
    page = visit(context)
    ready(page, photos, steps=3000)
    page.click("#paint")
    page.wait_for_selector(".placard.painting")
    assert "Photo 1 of 3" in page.inner_text("#status")
    page.reload()
    page.wait_for_selector(".placard.painting")
    rows(page, 3)
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#strip li")
    assert "Painted: 1 of 3 photos." in page.inner_text("#status")
    assert page.locator("#strip li").count() == 1


def test_photos_of_the_row_are_shown_taken_off_and_added(context, photos):
    page = visit(context)
    hand_in(page, photos)
    rows(page, 3)
    first = page.get_attribute("#photo .image-frame img", "src")
    page.click("#photos .one >> nth=1")
    page.wait_for_selector("#photos .one[data-place='1'][aria-current=true]")
    page.wait_for_function(
        "first => document.querySelector('#photo .image-frame img')?.src !== first", arg=first
    )
    page.set_viewport_size(PHONE["viewport"])
    stage, row, status = (page.locator(name).bounding_box() for name in ("#stage", "#photos", "#below"))
    assert stage["y"] + stage["height"] <= row["y"] < status["y"]  # right under the stage
    page.set_viewport_size(WIDE["viewport"])
    page.click("#photos .off >> nth=1")
    rows(page, 2)
    page.wait_for_selector("#photos .one[data-place='1'][aria-current=true]")  # the next one is shown
    page.click("#photos .off >> nth=0")
    rows(page, 0)  # of one photo there is no row
    assert page.is_visible("#photo .image-frame img")
    hand_in(page, [photos[0], photos[2]], "#photos .add")
    rows(page, 3)
