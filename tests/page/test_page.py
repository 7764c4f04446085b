"""The page in a real browser, over a real server with the real network."""

import json
import re
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.images import resize
from styletransfer.page.i18n import english as texts
from styletransfer.presets import presets
from styletransfer.settings import knobs
from tests.support.browser import PHOTO, WAIT, WATCH, choose, download, paint, step, visit
from tests.support.server import ROOT


def test_a_photo_is_painted_before_your_eyes_and_downloaded(context, tmp_path):
    page = visit(context)
    page.evaluate(WATCH)
    # Hidden rather than not there: what has to be loaded first can miss the word that shows it.
    assert page.locator("#stop").count() == page.locator("#paint").count() == 1
    paint(page, size=256, steps=60, show_every=2, scales=2)
    assert page.is_visible("#stop")
    assert not page.is_visible("#paint")
    assert not page.is_visible("#download")
    status = page.inner_text("#status")
    for part in ("size 1 of 2", "of 60", "so far", "content loss", "style loss", "total loss"):
        assert part in status
    page.wait_for_selector(".placard.done")
    assert texts.DONE in page.inner_text("#status")
    page.wait_for_function("document.querySelector('#picture img').src.endsWith('.png')")
    shown = page.evaluate("window.shown")
    assert len([each for each in shown if each.endswith(".jpeg")]) >= 3  # the photo, then at least two
    assert page.is_visible("#paint")
    result = download(page, tmp_path)
    with Image.open(PHOTO) as photo:
        expected = photo.convert("RGB").resize(result.size)
    assert max(result.size) == 256
    assert np.abs(np.asarray(result, float) - np.asarray(expected, float)).mean() > 10


def chroma_from_photo(image: Image.Image) -> float:
    """How far the mean Cb and Cr are from the photo's, in 8-bit levels."""
    with Image.open(PHOTO) as photo:
        means = [np.asarray(each.convert("YCbCr"), float).mean((0, 1))[1:] for each in (image, photo)]
    return float(np.abs(means[0] - means[1]).max())


def test_the_photos_colours_can_be_kept_afterwards_and_given_up_again(context, tmp_path):
    page = visit(context)
    choose(page, size=128, steps=12, scales=1)
    page.click("#knob-colours label:has(input[value=painting])")
    assert not page.is_visible("#keep")
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#keep")
    keep = page.locator("#keep input")
    seen = []
    for wanted in (None, True, False):
        if wanted is not None:
            before = page.get_attribute("#picture img", "src")
            keep.set_checked(wanted)
            page.wait_for_function(
                "before => { const src = document.querySelector('#picture img')?.src;"
                " return src && src !== before; }",
                arg=before,
            )
        assert keep.is_checked() == bool(wanted)
        seen.append(download(page, tmp_path))
        shown = httpx.get(page.get_attribute("#picture img", "src")).content
        assert Image.open(BytesIO(shown)).convert("RGB") == seen[-1]
    painted, kept, again = seen
    assert painted == again
    assert kept.size == painted.size
    assert chroma_from_photo(kept) < 2 < chroma_from_photo(painted)
    difference = np.asarray(kept.convert("L"), float) - np.asarray(painted.convert("L"), float)
    assert np.abs(difference).mean() < 8  # as light and as dark as before


def test_a_picture_painted_in_the_photos_colours_can_have_the_paintings(context, tmp_path):
    page = visit(context)
    choose(page, size=128, steps=12, scales=1)
    page.click("#knob-colours label:has(input[value=photo])")
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#keep input:checked")
    kept = download(page, tmp_path)
    before = page.get_attribute("#picture img", "src")
    page.uncheck("#keep input")
    page.wait_for_function("src => document.querySelector('#picture img').src !== src", arg=before)
    assert chroma_from_photo(kept) < 2 < chroma_from_photo(download(page, tmp_path))
    page.click("#paint")  # what is under a picture goes with it
    page.wait_for_selector("#keep", state="hidden")
    page.wait_for_selector(".placard.done")


def test_stop_keeps_the_picture_so_far(context, tmp_path):
    page = visit(context)
    paint(page, size=128, steps=3000, scales=1)
    page.wait_for_function("/step \\d\\d/.test(document.querySelector('#status').innerText)")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    assert texts.STOPPED in page.inner_text("#status")
    assert 10 <= step(page) < 3000
    assert max(download(page, tmp_path).size) == 128


def test_stop_while_the_draft_is_shown_keeps_the_draft(context, tmp_path):
    page = visit(context)
    paint(page, size=640, steps=3000, scales=1)
    assert texts.DRAFTED in page.inner_text("#status")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    assert texts.STOPPED_AT_DRAFT in page.inner_text("#status")
    assert max(download(page, tmp_path).size) == 640


def test_by_keyboard_stop_and_paint_can_be_pressed_one_after_the_other(context):
    page = visit(context)
    choose(page, size=128, steps=3000, scales=1)
    page.focus("#paint")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'stop'")
    page.keyboard.press("Enter")
    page.wait_for_selector(".placard.done")
    page.wait_for_function("document.activeElement.id === 'paint'")


def test_a_second_visitor_waits_and_is_served_when_the_first_has_left(browser, server, context):
    with browser.new_context(base_url=server) as other:
        other.set_default_timeout(WAIT)
        first = visit(other)
        paint(first, size=128, steps=3000, scales=1)
        second = visit(context)
        choose(second, size=128, steps=3, scales=1)
        second.click("#paint")
        second.wait_for_selector(f".placard.waiting >> text={texts.WAITING_ONE}")
        # The first one's run goes on until nobody has been watching it for a while.
        first.close()
        second.wait_for_selector(".placard.done")
        assert texts.DONE in second.inner_text("#status")


def test_a_reload_comes_back_to_the_run_and_another_tab_does_not(context, tmp_path):
    page = visit(context)
    paint(page, size=160, steps=150, scales=1, style=2)
    before = page.get_attribute(".placard", "data-job")
    other = visit(context)
    page.reload()
    page.wait_for_selector(f".placard.painting[data-job='{before}']")
    assert page.is_visible("#stop")
    page.wait_for_selector("#photo .image-frame img")
    page.wait_for_selector("#style .image-frame img")
    page.wait_for_selector("#style-row button[aria-pressed=true] >> nth=0")
    assert page.get_attribute("#style-row button[aria-pressed=true]", "data-index") == "2"
    page.wait_for_function("document.querySelector('#knob-size input').value === '160'")
    assert other.locator(".placard.painting").count() == 0
    assert other.is_visible("#paint")
    page.wait_for_selector(".placard.done")
    assert texts.DONE in page.inner_text("#status")
    page.reload()  # and to the finished picture as well
    page.wait_for_selector(f".placard.done[data-job='{before}']")
    page.wait_for_selector("#download")
    assert max(download(page, tmp_path).size) == 160


def test_after_a_reload_the_same_can_be_painted_again(context):
    page = visit(context)
    choose(page, size=128, steps=24, scales=1)
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    page.reload()
    page.wait_for_selector(".placard.done")
    page.click("#paint")
    page.wait_for_selector(".placard.painting, .placard.waiting")
    page.wait_for_selector(".placard.done")


def test_a_finished_png_gives_its_settings_back(context, tmp_path):
    page = visit(context)
    choose(page, size=128, steps=7, seed=42, scales=1)
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    with page.expect_download() as started:
        page.click("#download")
    started.value.save_as(tmp_path / "mine.png")
    fresh = context.browser.new_context(base_url=page.url)
    fresh.set_default_timeout(WAIT)
    page = visit(fresh)
    page.set_input_files("#photo input[type=file]", tmp_path / "mine.png")
    page.locator(".note.told", has_text=texts.RECIPE).wait_for()
    page.click("#advanced > button")
    for knob, value in (("size", "128"), ("steps", "7"), ("seed", "42")):
        page.wait_for_function(
            f"document.querySelector('#knob-{knob} input[type=number]')?.value === '{value}'"
        )
    fresh.close()


def test_no_preset_stays_marked_whose_settings_have_been_changed(context):
    page = visit(context)
    size = page.locator("#knob-size input[type=number]")
    assert page.locator("#presets input:checked").count() == 1
    size.fill("256")
    size.press("Tab")
    page.wait_for_function("!document.querySelector('#presets input:checked')")
    size.fill("512")
    size.press("Tab")
    page.wait_for_function("document.querySelector('#presets input:checked')?.value === 'Standard'")


def test_what_is_wrong_with_a_setting_is_said_in_the_pages_words(context):
    page = visit(context)
    choose(page, size=128, content_weight=0, style_weight=0)
    page.click("#paint")
    words = "Keep the photo (content weight) or Follow the style (style weight) must be above 0"
    page.locator(".placard.failed", has_text=words).wait_for()
    page.locator("#knob-style_weight input[type=number]").fill("5")
    page.locator("#knob-blend textarea, #knob-blend input").fill("1 2")
    page.click("#paint")
    page.locator(
        ".placard.failed", has_text="Share of each painting must have no more numbers"
    ).wait_for()


def test_another_photo_is_laid_under_the_masks_in_the_place_of_the_first(context, tmp_path):
    page = visit(context)
    page.set_input_files("#photo input[type=file]", PHOTO)
    page.wait_for_selector("#photo .image-frame img")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.click("#more > button")
    page.wait_for_selector("#masks canvas")
    page.wait_for_timeout(1500)
    page.click('#photo button[aria-label="Remove Image"]')
    page.wait_for_selector("#photo input[type=file]", state="attached")
    page.wait_for_timeout(1500)
    other = tmp_path / "other.png"
    Image.new("RGB", (90, 120), "teal").save(other)
    asked.clear()
    page.set_input_files("#photo input[type=file]", other)
    page.wait_for_selector("#photo .image-frame img")
    page.wait_for_timeout(2500)
    # Once for its own box, and once more for the editor.
    assert sum(url.endswith("/other.png") for url in asked) >= 2


def test_a_finished_picture_can_be_gone_on_with(context):
    page = visit(context)
    choose(page, size=128, steps=12, scales=1)
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    before = float(re.search(r"total loss ([\d.]+)", page.inner_text("#status")).group(1))
    page.click("#go-on")
    page.wait_for_selector(".placard.painting")
    assert "of 100" in page.inner_text("#status")
    assert not page.is_visible("#go-on")
    page.wait_for_selector(".placard.done")
    after = float(re.search(r"total loss ([\d.]+)", page.inner_text("#status")).group(1))
    assert after < before
    page.reload()
    page.wait_for_selector(".placard.done")
    page.click("#advanced > button")
    assert page.input_value("#knob-steps input[type=number]") == "12"


def test_a_second_painting_and_a_painted_mask(context, tmp_path):
    page = visit(context)
    choose(page, size=128, steps=12, scales=1, mask_softness=0)
    page.click("#more > button")
    page.wait_for_selector("#masks canvas")
    page.wait_for_selector("#masks >> text=draw", state="hidden")  # the photo is there
    page.wait_for_timeout(1000)  # and has been laid out: nothing in the page tells when
    page.locator("#masks canvas").first.scroll_into_view_if_needed()
    box = page.locator("#masks canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 30, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=8)
    page.mouse.up()
    page.wait_for_timeout(1000)  # the stroke is sent
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    result = download(page, tmp_path)
    with Image.open(PHOTO) as photo:
        expected = resize(photo.convert("RGB"), 128)
    changed = np.abs(np.asarray(result, float) - np.asarray(expected, float)).max(2) > 0
    assert 0.01 < changed.mean() < 0.6  # painted under the stroke; beyond it, exactly the photo
    assert changed[42, 64]
    page.reload()
    page.wait_for_selector(".placard.done")
    page.click("#more > button")
    page.wait_for_selector("#mask img[src*='mask']")  # the stroke, as a mask that can be used again
    page.set_input_files("#style_2 input[type=file]", catalogue().styles[1].file)
    page.wait_for_selector("#style_2 img")
    page.click("#paint")
    page.wait_for_selector(".placard.painting, .placard.waiting")
    page.wait_for_selector(".placard.done")
    both = download(page, tmp_path)
    changed = np.abs(np.asarray(both, float) - np.asarray(expected, float)).max(2) > 0
    assert changed.mean() > 0.9  # the second one has no mask: it goes everywhere else


def test_a_job_that_is_no_longer_known_gives_a_fresh_page(context):
    context.add_init_script("sessionStorage.setItem('styletransfer-job', 'gone')")
    page = visit(context)
    choose(page, size=128, steps=1, scales=1)  # and it works
    page.click("#paint")
    page.wait_for_selector(".placard.done")


def _jpeg(path: Path, size=(60, 40)) -> bytes:
    Image.effect_noise(size, 80).convert("RGB").save(path)
    return path.read_bytes()


BAD_FILES = {
    "text": ("photo.jpg", lambda path: b"Dear diary", "is not a picture that can be read"),
    "truncated": ("photo.jpg", lambda path: _jpeg(path)[:900], "damaged"),
    "empty": ("photo.jpg", lambda path: b"", "is empty (0 bytes)"),
    "svg": ("photo.svg", lambda path: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing"),
}


@pytest.fixture(scope="class")
def neighbour(browser, server):
    """Somebody else, whose picture is being painted all the while."""
    with browser.new_context(base_url=server) as context:
        context.set_default_timeout(WAIT)
        page = visit(context)
        paint(page, size=128, steps=3000, scales=1)
        yield page
        page.click("#stop")
        page.wait_for_selector(".placard.done")


@pytest.fixture
def undisturbed(neighbour):
    before = step(neighbour)
    yield
    neighbour.wait_for_function(
        "before => Number(document.querySelector('#status').innerText.match(/step (\\d+) of/)[1])"
        " > before",
        arg=before,
    )


@pytest.mark.usefixtures("undisturbed")
class TestBadInput:
    """None of it disturbs the run of somebody else."""

    @pytest.mark.parametrize("kind", BAD_FILES)
    def test_a_file_that_is_no_picture(self, context, tmp_path, kind):
        name, contents, sentence = BAD_FILES[kind]
        file = tmp_path / name
        file.write_bytes(contents(tmp_path / "whole.jpg"))
        page = visit(context)
        for box in ("photo", "style"):
            field = page.locator(f"#{box} input[type=file]")
            note = page.locator(f".column:has(> #{box}) .note")
            field.set_input_files(file)
            note.filter(has_text=sentence).wait_for()
            assert name in note.inner_text()
            assert "/" not in note.inner_text()
            page.wait_for_selector(f"#{box} .image-frame", state="detached")
            field.set_input_files(PHOTO)  # and the box can be used again
            page.wait_for_selector(f"#{box} .image-frame img")
            note.and_(page.locator(":empty")).wait_for(state="attached")

    def test_missing_pictures(self, context):
        page = visit(context)
        page.click("#paint")
        for name in ("photo", "painting"):
            page.locator(".note", has_text=f"Add a {name}: ").wait_for()
        assert page.is_visible("#paint")

    def test_a_picture_that_is_too_narrow(self, context, tmp_path):
        file = tmp_path / "line.png"
        Image.new("RGB", (1, 5000), "red").save(file)
        page = visit(context)
        choose(page, photo=file, size=128)
        page.click("#paint")
        page.locator(".placard.failed", has_text="1 x 5000 pixels, too narrow").wait_for()
        assert page.is_visible("#paint")


def test_a_phone_photo_is_shown_upright(context, tmp_path):
    heic, turned = tmp_path / "phone.heic", tmp_path / "turned.jpg"
    pillow_heif.from_pillow(Image.new("RGB", (64, 96), "teal")).save(heic)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (96, 64), "teal").save(turned, exif=exif)
    page = visit(context)
    for file in (heic, turned):
        page.set_input_files("#photo input[type=file]", file)
        page.wait_for_function(
            "stem => { const image = document.querySelector('#photo .image-frame img');"
            " return image && image.src.includes(stem) && image.naturalHeight > image.naturalWidth; }",
            arg=file.stem,
        )


def test_every_knob_has_its_control(context):
    page = visit(context)
    for knob in knobs():
        box = page.locator(f"#knob-{knob.name}")
        assert box.is_visible() == knob.front, knob.name
    page.click("#advanced > button")
    for knob in knobs():
        box = page.locator(f"#knob-{knob.name}")
        box.wait_for(state="visible")
        assert knob.label in box.inner_text()
        assert knob.help in box.inner_text()


NEW_KNOBS = """
import dataclasses, json
from styletransfer.page import api
from styletransfer.page import knobs as shown
from styletransfer.page import page
from styletransfer.service.queue import Queue
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
from styletransfer.settings import Knob, knobs
grain = Knob("Grain", "How much.", 0, 1, 0.1, front=True, name="grain", default=0.5)
words = dataclasses.replace(grain, label="Words", name="words", kind=str, default="none")
shown.knobs = api.knobs = lambda: (*knobs(), grain, words)
demo = page.build(store := Store(Queue(runner=None)), Shares(store))
labels = [each["props"].get("label") for each in demo.config["components"]]
parameters = demo.get_api_info()["named_endpoints"]["/stylize"]["parameters"]
print(json.dumps([labels, [each["parameter_name"] for each in parameters]]))
"""


def test_a_new_knob_needs_no_change_of_the_page():
    # In a process of its own: what Gradio leaves open would be warned of in this one.
    run = [sys.executable, "-c", NEW_KNOBS]
    labels, parameters = json.loads(subprocess.check_output(run, cwd=ROOT))
    assert {"Grain", "Words"} <= set(labels)
    assert {"grain", "words"} <= set(parameters)


def test_nothing_is_asked_of_anybody_else(context, server):
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = visit(context)
    choose(page, size=128, steps=2, scales=1)
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    assert asked
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []


@pytest.mark.skipif(
    not all(each.result.exists() for each in catalogue().examples),
    reason="examples/results is not complete: run 'python -m examples.make'",
)
def test_an_example_shows_everything_at_one_click(context):
    page = visit(context)
    page.evaluate(WATCH)
    assert page.locator(".card").count() == len(catalogue().examples)
    page.click(".card >> nth=2")
    chosen = catalogue().examples[2]
    for box, file in (("photo", chosen.photo), ("style", chosen.style), ("picture", chosen.result)):
        page.wait_for_selector(f"#{box} img[src*='{file.name}']")
    page.locator(".placard.example", has_text=texts.EXAMPLE_OPENED).wait_for()
    assert page.is_visible("#paint")


def test_the_keyboard_suffices_to_choose_a_painting(context):
    page = visit(context)
    page.focus("#style-row button >> nth=0")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#style-row button[data-index='1'][aria-pressed=true]")
    assert page.inner_text("#style-row .chosen") == catalogue().styles[1].caption


def test_a_phone_shows_the_picture_first_and_keeps_the_button_in_reach(browser, server):
    size = {"width": 390, "height": 844}
    with browser.new_context(viewport=size, is_mobile=True, has_touch=True, base_url=server) as phone:
        phone.set_default_timeout(WAIT)
        page = visit(phone)
        picture, photo = (page.locator(id).bounding_box() for id in ("#picture", "#photo"))
        assert picture["y"] + picture["height"] <= photo["y"]
        for y in (0, 600):
            page.evaluate("y => window.scrollTo(0, y)", y)
            bar, button = (
                page.evaluate(f"document.querySelector('{id}').getBoundingClientRect().toJSON()")
                for id in ("#go", "#paint")
            )
            assert bar["bottom"] == size["height"]
            assert bar["height"] < 130  # the button, and two lines of what it will take
            assert bar["top"] < button["top"] < bar["top"] + 20
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_dark_mode(browser, server):
    with browser.new_context(color_scheme="dark", base_url=server) as dark:
        dark.set_default_timeout(WAIT)
        page = visit(dark)
        page.wait_for_selector("body.dark")
        colours = page.evaluate(
            "[...document.querySelectorAll('.gradio-container, #front, #photo')]"
            ".map(each => getComputedStyle(each).backgroundColor)"
        )
        for colour in colours:
            assert max(map(int, re.findall(r"\d+", colour)[:3])) < 80, colours


def test_app_listens_where_it_is_told_and_leaves_cleanly(serve):
    process, url, log = serve("app.py", "--device", "cpu")
    assert texts.TITLE in httpx.get(url).text
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert "Traceback" not in log.read_text()


def test_the_button_is_in_sight_without_scrolling(context):
    page = visit(context)
    box = page.locator("#paint").bounding_box()
    assert box["y"] + box["height"] <= 900


def test_a_preset_fills_in_its_settings_and_another_one_takes_them_back(context):
    page = visit(context)
    for name, weight, size in [("Texture", "0", "512"), ("Quick", "5", "320"), ("Standard", "5", "512")]:
        page.click(f"#presets label >> text={name}")
        for knob, value in [("content_weight", weight), ("size", size)]:
            page.wait_for_function(
                f"document.querySelector('#knob-{knob} input[type=number]').value === '{value}'"
            )
        page.wait_for_selector(f"#preset-help >> text={presets()[name].help}")
