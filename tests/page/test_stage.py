"""The stage and the next step, in a real browser: what fits, what comes next, and what acts unseen."""

import io
import re

import pytest
from PIL import Image

from styletransfer.page.assets import STATIC
from styletransfer.page.i18n import english as texts
from tests.support.browser import PHONE, PHOTO, choose, fill, finish, reveal, visit
from tests.support.stores import eventually

SMALL = PHONE | {"viewport": {"width": 360, "height": 640}}
# A phone upright and on its side, a tablet, a large screen, a laptop enlarged to 200 %, and as it is.
WINDOWS = [(360, 640), (740, 360), (820, 1180), (2560, 1440), (683, 384), (1366, 768)]
SHAPES = {"upright": (90, 160), "square": (120, 120), "wide": (160, 50)}
# Whether each of these elements is wholly in the window and over all others in its middle.
IN_SIGHT = """(selector) => {
  const { left, top, right, bottom } = document.querySelector(selector).getBoundingClientRect();
  const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth
    && over !== null && over.closest(selector) !== null;
}"""
# Whether this element ends above the bar with the next step.
ABOVE_BAR = """(selector) => document.querySelector(selector).getBoundingClientRect().bottom
  <= document.querySelector("#go").getBoundingClientRect().top"""
LEFT = "(selector) => document.querySelector(selector).getBoundingClientRect().left"
# How far these elements reach beyond the stage, the window, or the bar where it lies over the page, in
# pixels, and the sizes that they are shown in; once the page has been drawn in this window.
FITS = """async (selector) => {
  window.scrollTo(0, 0);
  for (let drawn = 0; drawn < 2; drawn++) await new Promise(requestAnimationFrame);
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const [stage, bar] = [box("#stage"), box("#go")];
  const isOver = getComputedStyle(document.querySelector("#go")).position === "fixed";
  const end = Math.min(stage.bottom, innerHeight, isOver ? bar.top : innerHeight);
  const seen = [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
  return seen.map((each) => {
    const { left, top, right, bottom, width, height } = each.getBoundingClientRect();
    const beyond = Math.max(
      Math.max(stage.left, 0) - left, Math.max(stage.top, 0) - top,
      right - Math.min(stage.right, innerWidth), bottom - end);
    return [beyond, width, height];
  });
}"""


def fit(page, selector):
    """Whether the elements are there, as a whole in sight, and the page is no wider than the window."""
    page.wait_for_selector(selector)
    sizes = page.evaluate(FITS, selector)
    assert sizes
    for beyond, width, height in sizes:
        assert beyond <= 1, (selector, page.viewport_size, sizes)
        assert min(width, height) > 20, (selector, page.viewport_size, sizes)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def states(page, photo):
    """Brings the page into one state after the other, and gives what has to be seen in each."""
    page.set_input_files("#photo input[type=file]", photo)
    page.wait_for_selector("#studio[data-tried=photo]")
    yield "#tried"
    page.click("#style-row [data-index='0']")
    page.wait_for_selector("#studio[data-tried=draft]")
    fill(page, size=128, steps=3000, scales=1, seed=3)
    page.wait_for_selector("#chips li")  # which makes the bar higher
    yield "#tried"
    page.click("#part")
    yield ".part-frame, .part-actions button"
    page.click("#part-board [data-action=use]", trial=True)  # nothing lies over it
    page.click("#part-board [data-action=close]")
    page.click("#paint")
    page.wait_for_selector(".placard.painting")
    yield "#picture img"
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#download")
    yield "#picture img"
    page.click("#compare")
    yield "#viewer .both img, #viewer .compare .bar"
    page.click("#timelapse")
    page.wait_for_selector("#viewer .frame")
    yield "#viewer .frame, #viewer .timelapse .bar"
    page.click("#nine")
    page.wait_for_selector(".cells button >> nth=8")
    yield ".cells button, .cells img, .cells i"
    page.click("#stop")
    page.wait_for_selector(".placard.done")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_whole_picture_is_in_sight_above_the_bar_in_every_window_and_state(context, tmp_path, shape):
    photo = tmp_path / "photo.png"
    Image.effect_noise(SHAPES[shape], 90).convert("RGB").save(photo)
    page = visit(context)
    page.emulate_media(reduced_motion="reduce")
    for selector in states(page, photo):
        for width, height in WINDOWS:
            page.set_viewport_size({"width": width, "height": height})
            fit(page, selector)


def is_whole(page, width, height):
    """Whether all of the photo in this shape is seen in the editor; nothing else there is dark."""
    seen = Image.open(io.BytesIO(page.locator("#masks canvas").first.screenshot())).convert("L")
    left, top, right, bottom = seen.point(lambda level: 255 * (level < 80)).getbbox() or (0, 0, 0, 0)
    return abs((right - left) - (bottom - top) * width / height) < 4 and right - left > 20


@pytest.mark.parametrize("shape", SHAPES)
def test_the_photo_under_the_masks_is_seen_whole_in_every_window(context, tmp_path, shape):
    photo = tmp_path / "photo.png"
    Image.new("RGB", SHAPES[shape], "black").save(photo)
    page = visit(context)
    page.set_input_files("#photo input[type=file]", photo)
    page.wait_for_selector("#photo .image-frame img")
    page.click("#more > button")
    page.click("#masks-open")
    page.wait_for_selector("#masks canvas")
    page.wait_for_selector("#masks >> text=draw", state="hidden")
    eventually(lambda: is_whole(page, *SHAPES[shape]))
    narrowed = [(width, 800) for width in range(1366, 360, -60)]
    for width, height in [*narrowed, *WINDOWS]:
        page.set_viewport_size({"width": width, "height": height})
        if (width, height) in WINDOWS or (width, height) == narrowed[-1]:
            fit(page, "#masks canvas, #masks-close")
            eventually(lambda: is_whole(page, *SHAPES[shape]))


def test_the_first_picture_takes_three_touches_and_no_scrolling(visitor):
    page = visit(visitor(**SMALL))
    page.wait_for_selector("#choose")
    assert page.evaluate(IN_SIGHT, "#choose")
    with page.expect_file_chooser() as chooser:
        page.tap("#choose")
    chooser.value.set_files(PHOTO)
    page.wait_for_selector("#studio[data-tried=photo]")
    page.wait_for_selector("#pick")
    first = "#style-row [data-index][tabindex='0']"
    assert page.evaluate(IN_SIGHT, f"{first} img")
    page.tap(f"{first} img")
    page.wait_for_selector("#paint")
    assert page.evaluate(IN_SIGHT, "#paint")
    assert page.evaluate("scrollY") == 0
    page.wait_for_selector("#studio[data-tried=draft]")  # tried before it is painted
    assert page.is_visible("#tried")
    fill(page, size=128, steps=3000, scales=1)
    page.tap("#paint")
    page.wait_for_selector(".placard.painting")
    assert not page.is_visible("#tried")
    page.tap("#stop")
    page.wait_for_selector(".placard.done")


def test_paint_is_among_the_first_eight_tab_stops(context):
    page = visit(context)
    choose(page)
    page.wait_for_selector("#paint")
    page.evaluate("document.activeElement.blur()")
    page.mouse.click(2, 2)
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "paint":
            return
    raise AssertionError("Paint is farther away")


def test_what_acts_unseen_stands_beside_paint_and_can_be_taken_off(context, tmp_path):
    mask = tmp_path / "mask.png"
    Image.new("L", (64, 64), 255).save(mask)
    page = visit(context)
    choose(page)
    page.click("#more > button")
    page.click("#mix-row [data-index] >> nth=3")
    page.set_input_files("#mask input[type=file]", mask)
    page.wait_for_selector("#mask img")
    fill(page, seed=3)
    chips = page.locator("#chips li")
    page.click("#more > button")  # what is in the closed drawer still acts
    for said in (texts.CHIP_PAINTING, texts.CHIP_MASK, "Seed: 3"):
        chips.filter(has_text=said).wait_for()
    page.click('#photo button[aria-label="Remove Image"]')
    page.set_input_files("#photo input[type=file]", PHOTO)
    chips.filter(has_text=texts.CHIP_MASK).wait_for(state="detached")  # masks go with their photo
    chips.filter(has_text=texts.CHIP_PAINTING).locator("button").click()
    chips.filter(has_text=texts.CHIP_PAINTING).wait_for(state="detached")
    chips.filter(has_text="Seed: 3").locator("button").click()
    page.wait_for_selector("#chips li", state="detached")
    reveal(page, "seed")
    assert page.input_value("#knob-seed input[type=number]") == "0"
    page.click("#more > button")
    assert page.locator("#style_2 img, #mask img").count() == 0


@pytest.mark.parametrize("button", ["#nine", "#masks-open"])
def test_what_needs_a_photo_asks_for_one_and_says_nothing_in_red(context, button):
    page = visit(context)
    page.click("#more > button")
    with page.expect_file_chooser() as chooser:
        page.click(button)
    chooser.value.set_files(PHOTO)
    page.wait_for_selector("#studio[data-tried=photo]")
    assert page.locator(".note:not(:empty), .placard:is(.failed, .waiting)").count() == 0
    assert page.locator(".cells").count() == 0
    assert not page.is_visible("#mask-board")


def test_nine_strengths_need_a_painting_and_lead_to_them(context):
    page = visit(context)
    page.set_input_files("#photo input[type=file]", PHOTO)
    page.wait_for_selector("#photo .image-frame img")
    page.click(f"#nine-kind label:has-text('{texts.SHEET_BY_STRENGTH}')")
    page.click("#nine")
    page.wait_for_selector("#style-row [data-index]:focus")
    assert page.locator(".note:not(:empty), .placard:is(.failed, .waiting)").count() == 0


def test_an_error_goes_when_it_is_mended(context):
    page = visit(context)
    choose(page, size=128, content_weight=0, style_weight=0)
    page.click("#paint")
    page.wait_for_selector(".placard.failed")
    page.locator("#knob-style_weight input[type=number]").fill("5")
    page.wait_for_selector(".placard.failed", state="hidden")


def test_at_the_end_save_and_share_are_at_the_thumb_and_answers_in_sight(visitor):
    page = visit(visitor(**SMALL))
    page.evaluate("navigator.share = async (told) => { window.told = told; }")
    finish(page, steps=2)
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_selector("#share")
    for button in ("#download", "#share"):
        assert page.evaluate(IN_SIGHT, button)
    assert not page.is_visible("#paint")
    assert not page.is_visible("#outlook .forecast")  # it would be taken for what saving takes
    assert page.evaluate(LEFT, "#keep input") - page.evaluate(LEFT, "#keep") < 8  # it is not indented
    page.tap("#share")
    page.wait_for_function("window.told?.url.includes('/picture/')")
    page.wait_for_selector("#link .close")
    assert page.evaluate(IN_SIGHT, "#link .close")
    assert page.evaluate(ABOVE_BAR, "#link")
    page.tap("#link .close")
    page.wait_for_selector("#link .close", state="detached")
    page.locator("#delete").scroll_into_view_if_needed()
    page.tap("#delete")
    page.wait_for_selector("#delete-no")
    assert page.evaluate(IN_SIGHT, "#sure")
    page.tap("#delete-no")
    fill(page, style_weight=4)
    page.wait_for_selector("#paint")  # once something is changed, it is the next step again
    page.wait_for_selector("#outlook .forecast")


# What opens each board, what it shows, and the button that closes it.
BOARDS = [
    ("#share", "#link .line", "#link .close"),
    ("#copy-link", "#link .line", "#link .close"),
    ("#larger", "#larger-board .sizes", "#larger-board .close"),
    ("#delete", "#delete-no", "#delete-no"),
    ("#part", ".part-frame", ".part-actions [data-action=close]"),
]


def test_every_board_closes_by_button_and_escape_and_the_focus_goes_back(context):
    page = visit(context)
    finish(page, steps=1)
    for opener, shown, closer in BOARDS:
        for close in (lambda: page.keyboard.press("Escape"), lambda closer=closer: page.click(closer)):
            page.click(opener)
            page.wait_for_selector(shown)
            close()
            page.wait_for_selector(shown, state="hidden")
            page.wait_for_selector(f"{opener}:focus")
    page.click("#share")
    page.wait_for_selector("#link .line")
    page.click("#compare")  # a link makes way for whatever else is pressed
    page.wait_for_selector("#link .line", state="hidden")
    assert not page.locator("#share:focus").count()


@pytest.mark.parametrize("sheet", sorted(STATIC.glob("*.css")), ids=lambda file: file.name)
def test_layers_have_their_order_from_one_file(sheet):
    declared = re.findall(r"z-index:\s*([^;}]+)", sheet.read_text(encoding="utf-8"))
    known = set(re.findall(r"--layer-[\w-]+", (STATIC / "layers.css").read_text(encoding="utf-8")))
    assert {each.strip() for each in declared} <= {f"var({name})" for name in known}
