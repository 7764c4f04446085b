"""Comparison, time-lapse, strip and download of a finished picture, in a real browser."""

from io import BytesIO

import httpx
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.images import resize
from styletransfer.page.i18n import english as texts
from styletransfer.recipe import settings_in
from tests.support.browser import PHONE, PHOTO, again, fill, finish, saved, shows, visit

OTHER = catalogue().photos[0].file


def job(page) -> str:
    return page.get_attribute(".placard", "data-job")


def fetched(url) -> Image.Image:
    return Image.open(BytesIO(httpx.get(url).content)).convert("RGB")


def distance(one, other) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


def shot(page, selector) -> Image.Image:
    return Image.open(BytesIO(page.locator(selector).screenshot())).convert("RGB")


def at(page, value, selector="#viewer .compare input"):
    page.locator(selector).evaluate(
        "(range, value) => { range.value = value;"
        " range.dispatchEvent(new Event('input', { bubbles: true })); }",
        value,
    )


def test_photo_and_painting_are_compared_in_the_pictures_box_and_back(context):
    page = visit(context)
    assert not page.is_visible("#compare")
    finish(page)
    page.reload()  # so that it is tested with a picture that was finished before
    page.wait_for_selector("#download")
    box = page.locator("#picture").bounding_box()
    page.click("#compare")
    page.wait_for_selector("#viewer .both img")
    assert not page.is_visible("#picture")
    assert page.get_attribute("#compare", "aria-pressed") == "true"
    shown = page.locator("#viewer").bounding_box()
    assert (shown["y"], shown["height"]) == pytest.approx((box["y"], box["height"]), abs=1)

    painting, photo = (
        fetched(image.get_attribute("src")) for image in page.locator("#viewer .both img").all()
    )
    with Image.open(PHOTO) as source:
        assert distance(photo, resize(source.convert("RGB"), 128)) < 4
    page.wait_for_function(
        "[...document.querySelectorAll('#viewer .both img')].every(each => each.naturalWidth)"
    )
    seen = {}
    for value in (0, 100):
        at(page, value)
        seen[value] = shot(page, "#viewer .both")
    size = seen[0].size
    assert distance(seen[0], painting.resize(size)) < distance(seen[0], photo.resize(size)) / 2
    assert distance(seen[100], photo.resize(size)) < distance(seen[100], painting.resize(size)) / 2

    page.focus("#viewer .compare input")  # by keyboard
    before = page.input_value("#viewer .compare input")
    page.keyboard.press("ArrowLeft")
    assert int(page.input_value("#viewer .compare input")) == int(before) - 1
    both = page.locator("#viewer .both").bounding_box()  # by dragging on the picture
    page.mouse.move(both["x"] + both["width"] / 2, both["y"] + 20)
    page.mouse.down()
    page.mouse.move(both["x"] + both["width"] / 4, both["y"] + 20)
    page.mouse.up()
    assert abs(int(page.input_value("#viewer .compare input")) - 25) <= 1

    width = both["width"]
    page.click("#viewer .zoom")
    assert page.locator("#viewer .both").bounding_box()["width"] == pytest.approx(2.5 * width, rel=0.02)
    page.click("#viewer .zoom")
    page.click("#viewer .fill")
    page.wait_for_function("document.fullscreenElement")
    page.click("#viewer .fill")
    page.wait_for_function("!document.fullscreenElement")

    page.click("#compare")
    page.wait_for_selector("#picture")
    assert not page.is_visible("#viewer")


def test_a_new_run_takes_the_place_of_the_comparison(context):
    page = visit(context)
    finish(page)
    page.click("#compare")
    page.wait_for_selector("#viewer .both")
    page.click("#paint")
    page.wait_for_selector("#picture")
    page.wait_for_selector("#viewer", state="hidden")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#compare[aria-pressed=true]", state="detached")


def test_earlier_pictures_come_back_with_all_that_belongs_to_them(context, tmp_path):
    page = visit(context)
    finish(page, style=1, seed=1)
    first = job(page)
    before = saved(page, "#download", tmp_path).read_bytes()
    finish(page, photo=OTHER, style=2, size=160, steps=8)
    second = job(page)
    page.wait_for_selector("#strip li >> nth=1")
    pictures = page.locator("#strip button")
    assert [each.get_attribute("data-picture") for each in pictures.all()] == [second, first]
    assert pictures.nth(1).get_attribute("aria-label") == texts.STRIP_PICTURE.format(
        place=2, count=2, steps=12
    )
    assert pictures.first.get_attribute("aria-current") == "true"

    # A run that ends without a picture leaves the earlier pictures in the strip.
    fill(page, steps=900, size=1024)
    page.click("#paint")
    page.wait_for_selector("#stop")
    page.wait_for_selector("#download", state="hidden")
    pictures.nth(1).click()  # not possible during painting
    page.wait_for_selector(f"text={texts.STRIP_BUSY}")
    page.click("#stop")
    page.wait_for_selector(".placard.done, .placard.failed")
    page.reload()
    page.wait_for_selector(f"#strip [data-picture='{first}']")
    page.click(f"#strip [data-picture='{first}']")
    page.wait_for_selector(f".placard.done[data-job='{first}']")
    page.wait_for_selector(f"#strip [data-picture='{first}'][aria-current=true]")
    page.click("#photo [aria-label='Remove Image']")
    page.click("#use")
    page.wait_for_selector(f"#photo img[src*='{PHOTO.name}']")
    page.wait_for_selector(f"#style img[src*='{catalogue().styles[1].file.name}']")
    shows(page, size=128, steps=12, seed=1)
    assert page.get_attribute("#studio", "data-tried") is None  # the photo that came back hides nothing
    assert saved(page, "#download", tmp_path).read_bytes() == before
    page.click("#go-on")
    page.wait_for_selector(".placard.painting >> text=of 100")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#download")
    with Image.open(saved(page, "#download", tmp_path)) as more:
        assert max(more.size) == 128
    page.wait_for_selector("#strip li >> nth=2")
    page.reload()
    page.wait_for_selector("#strip li >> nth=2")


def test_pictures_that_are_no_longer_kept_vanish_from_the_strip(context):
    page = visit(context)
    finish(page, steps=2)
    kept = job(page)
    page.evaluate(
        "kept => localStorage.setItem('styletransfer-pictures', JSON.stringify(['gone', kept, 3]))", kept
    )
    page.reload()
    page.wait_for_selector("#strip li")
    assert page.locator("#strip li").count() == 1
    page.wait_for_function(
        "kept => localStorage.getItem('styletransfer-pictures') === JSON.stringify([kept])", arg=kept
    )


def test_other_formats_can_be_downloaded_and_hold_the_recipe(context, tmp_path):
    page = visit(context)
    finish(page, seed=42)
    assert page.inner_text("#download") == texts.DOWNLOAD.format(kind="PNG")
    with Image.open(saved(page, "#download", tmp_path)) as png:
        expected = png.convert("RGB")
    for kind, suffix in (("JPEG", ".jpg"), ("WebP", ".webp")):
        page.click(f"#format label >> text={kind}")
        page.wait_for_selector(f"#download >> text={kind}")
        file = saved(page, "#download", tmp_path)
        assert file.suffix == suffix
        with Image.open(file) as image:
            assert image.format == kind.upper()
            assert distance(image.convert("RGB"), expected) < 6
        assert settings_in(file).seed == 42
    again(page)  # the next picture is offered in the same format
    page.wait_for_selector("#download >> text=WebP")
    assert saved(page, "#download", tmp_path).suffix == ".webp"


def test_how_the_picture_came_about_is_a_film_whose_frames_can_be_kept(context, tmp_path):
    page = visit(context)
    finish(page, show_every=2)
    with Image.open(saved(page, "#download", tmp_path)) as png:
        result = png.convert("RGB")
    page.reload()
    page.wait_for_selector("#timelapse")
    page.emulate_media(reduced_motion="reduce")
    box = page.locator("#picture").bounding_box()
    page.click("#timelapse")
    page.wait_for_selector("#viewer .timelapse input")
    shown = page.locator("#viewer").bounding_box()
    assert (shown["y"], shown["height"]) == pytest.approx((box["y"], box["height"]), abs=1)
    assert page.locator("#viewer .playing").count() == 0
    video = page.locator("#viewer video")
    assert video.evaluate("video => video.muted && video.playsInline")

    frames = page.locator("#viewer .timelapse input")
    last = int(frames.get_attribute("max"))
    assert last >= 3  # on a busy machine a few frames are left out
    kept = []
    for place in (0, last):
        at(page, place, "#viewer .timelapse input")
        page.wait_for_function("document.querySelector('#viewer .frame').naturalWidth")
        kept.append(saved(page, "#viewer .keep-frame", tmp_path))
    assert [file.name for file in kept] == ["painting-step-0001.jpg", "painting-step-0012.jpg"]
    first, final = (Image.open(file).convert("RGB") for file in kept)
    even = tuple(side // 2 * 2 for side in result.size)
    assert first.size == final.size == even
    assert distance(final, result.resize(even)) < 8 < distance(first, result.resize(even))
    assert page.inner_text("#viewer .when") == texts.FRAME.format(number=12, last=12)
    frames.focus()
    page.keyboard.press("ArrowLeft")
    assert int(page.input_value("#viewer .timelapse input")) == last - 1

    film = saved(page, "#viewer .keep-film", tmp_path)
    assert film.suffix == ".mp4"
    count, _ = imageio_ffmpeg.count_frames_and_secs(str(film))
    assert count > last + 1
    page.click("#timelapse")
    page.wait_for_selector("#picture")


def test_the_film_is_played_where_the_browser_can(context):
    page = visit(context)
    if not page.evaluate("document.createElement('video').canPlayType('video/mp4; codecs=avc1.64001e')"):
        pytest.skip("this browser has no H.264")
    finish(page)
    page.click("#timelapse")
    page.wait_for_function("document.querySelector('#viewer video')?.ended")
    page.click("#viewer .play")
    page.wait_for_selector("#viewer .play[aria-pressed=true]")


def test_on_a_phone_nothing_is_wider_than_the_screen(visitor):
    page = visit(visitor(**PHONE))
    finish(page)
    for button in ("#compare", "#timelapse"):
        page.click(button)
        page.wait_for_selector("#viewer .bar:visible")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
        bar = page.locator("#viewer .bar:visible").bounding_box()
        below = page.locator("#status").bounding_box()
        assert bar["y"] + bar["height"] <= below["y"]
