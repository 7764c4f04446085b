"""What is seen and can be used before Gradio's scripts have come, in a real browser and without one."""

import gzip

import httpx
import pytest
from PIL import Image

from styletransfer.page.i18n import english as texts
from tests.support.browser import PHONE, PHOTO, WIDE, choose, visit

# Adds up by how much things move, from the very first picture on.
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifts += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
SCREENS = pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
# The parts that both pages have: of the early view, and of Gradio's page.
SAME = {
    ".stage": "#stage",
    ".both": "#viewer .both",
    ".next": "#choose",
    "h1": "#title h1",
    ".styles": "#style-row .styles",
    "[data-index]": "#style-row [data-index]",
}


@pytest.fixture
def held(visitor):
    """A function that opens the page without Gradio's scripts, and gives what lets them through."""

    def opened(**options):
        page, waiting, are_held = visitor(**options).new_page(), [], [True]
        scripts = "**/assets/*.js"
        page.route(scripts, lambda each: waiting.append(each) if are_held else each.continue_())

        def let():
            are_held.clear()
            for each in waiting:
                each.continue_()

        page.goto("/", wait_until="commit")
        page.wait_for_selector("#early .next")
        return page, let

    return opened


def chosen(page, file=PHOTO):
    with page.expect_file_chooser() as dialogue:
        page.click("#early .next")
    dialogue.value.set_files(file)
    page.wait_for_selector("#early .own:not([hidden])", state="attached")


def stopped(page):
    """Ends the run, which would go on for a while."""
    page.click("#stop")
    page.wait_for_selector(".placard.done")


def places(page, selectors) -> list[float]:
    """Left, top, width and height of all of them, in pixels."""
    found = "each => each.map((one) => document.querySelector(one).getBoundingClientRect().toJSON())"
    boxes = page.evaluate(found, list(selectors))
    return [box[side] for box in boxes for side in ("x", "y", "width", "height")]


@SCREENS
def test_photo_and_painting_are_chosen_before_gradios_scripts_have_come(held, screen):
    page, let = held(**screen)
    chosen(page)
    painting = page.locator("#early [data-index]").nth(1)
    index = painting.get_attribute("data-index")
    painting.click()
    assert page.is_visible("#early .own")
    assert not page.is_visible("#early .example")
    assert page.locator("#choose").count() == 0  # Gradio's page is not there yet
    let()
    page.wait_for_selector("#early", state="detached")
    assert page.evaluate("getComputedStyle(document.querySelector('#tried')).display") == "block"
    page.wait_for_selector("#photo .image-frame img")
    page.wait_for_selector(f"#style-row [data-index='{index}'][aria-pressed=true]")
    page.wait_for_selector("#style .image-frame img")
    page.wait_for_selector("#paint")
    assert not page.is_visible("#choose")


@SCREENS
def test_the_main_button_says_the_next_step_and_paint_begins_when_the_page_is_there(held, screen):
    page, let = held(**screen)
    button = page.locator("#early .next")
    chosen(page)
    assert button.inner_text() == texts.CHOOSE_PAINTING
    button.click()
    assert page.evaluate("document.activeElement.matches('#early [data-index]')")
    page.keyboard.press("Enter")
    assert button.inner_text() == texts.PAINT
    button.click()
    assert page.get_by_text(texts.PAINTS_SOON).is_visible()
    let()
    page.wait_for_selector("#early", state="detached")
    page.wait_for_selector(".placard.painting")
    stopped(page)


def test_of_several_photos_all_are_painted_and_one_with_a_message_too(held, tmp_path):
    page, let = held()
    files = [tmp_path / f"{name}.png" for name in ("cut", "hill", "lake")]
    for file in files:
        Image.effect_noise((96, 64), 60).convert("RGB").save(file)
    Image.new("RGBA", (96, 64), (9, 99, 9, 128)).save(files[0])  # which the page has a message about
    chosen(page, files)
    page.locator("#early [data-index]").first.click()
    page.click("#early .next")
    let()
    page.locator(".placard.painting", has_text="Photo 1 of 3").wait_for()
    stopped(page)


def test_gradios_page_does_not_come_before_it_hears_what_is_pressed(held):
    page, let = held()
    page.focus("#early .next")
    let()
    page.wait_for_selector("#early", state="detached")
    page.wait_for_function("document.activeElement.id === 'choose'", timeout=10_000)
    with page.expect_file_chooser(timeout=10_000):
        page.keyboard.press("Enter")


def test_a_photo_that_is_refused_is_not_painted_later(held, tmp_path):
    page, let = held()
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    chosen(page, broken)
    page.locator("#early [data-index]").first.click()
    page.click("#early .next")
    let()
    page.wait_for_selector(".column:has(> #photo) .note:not(:empty)")
    choose(page, photo=PHOTO)
    page.wait_for_selector("#paint")
    page.wait_for_timeout(1000)
    assert page.locator(".placard[data-job]").count() == 0


@pytest.mark.parametrize("screen", [WIDE, PHONE | {"color_scheme": "dark"}], ids=["wide", "dark phone"])
def test_axe_objects_to_nothing_before_gradios_scripts_have_come(held, screen):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page, _ = held(**screen)

    def wrong():
        found = axe.run(page).response["violations"]
        return [(each["id"], each["nodes"][0]["html"]) for each in found]

    assert wrong() == []
    chosen(page)
    page.locator("#early [data-index]").first.click()
    page.click("#early .next")
    assert wrong() == []


@SCREENS
def test_gradios_page_takes_the_same_places_and_nothing_moves(held, screen):
    page, let = held(**screen)
    before = places(page, [f"#early {part}" for part in SAME])
    let()
    page.wait_for_selector("#early", state="detached")
    page.wait_for_selector("#choose")
    assert places(page, SAME.values()) == pytest.approx(before, rel=0, abs=0.9)  # less than a pixel


@SCREENS
def test_nothing_moves_while_the_page_is_loaded(visitor, screen):
    context = visitor(**screen)
    context.add_init_script(SHIFTS)
    for _ in range(2):  # the second time the browser has kept what it may
        page = visit(context)
        page.wait_for_selector("#examples img")
        assert page.evaluate("shifts") < 0.05
        page.close()


def test_the_early_view_comes_first_and_is_small(server):
    html = httpx.get(server).content
    early, data = html.index(b'id="early"'), html.index(b"window.gradio_config")
    assert early < data
    assert b'rel="stylesheet"' not in html[:data]
    assert b' src="./assets' not in html[:data]
    assert len(gzip.compress(html[:data])) < 12_000
    assert texts.NEEDS_SCRIPT.encode() in html[:data]
    for other in ("how-it-works", "shared/none"):
        assert b'id="early"' not in httpx.get(f"{server}/{other}").content


def test_who_comes_back_to_a_picture_is_not_shown_the_example(context):
    context.add_init_script("sessionStorage.setItem('styletransfer-job', 'gone')")
    page = context.new_page()
    page.route("**/assets/*.js", lambda each: each.abort())
    page.goto("/")
    page.wait_for_selector("#early", state="detached")
