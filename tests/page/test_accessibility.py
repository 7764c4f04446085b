"""Accessibility: screen readers, keyboards, enlargement, and reduced motion."""

import pytest

from styletransfer.catalogue import catalogue
from tests.support.browser import PHONE, PHOTO, WIDE, choose, fill, job_of, paint, reveal, shows, visit

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

WINDOWS = {
    "wide": WIDE,
    "dark": WIDE | {"color_scheme": "dark"},
    "enlarged": {"viewport": {"width": 680, "height": 450}, "device_scale_factor": 2},
    "german phone": PHONE | {"locale": "de"},  # German words are the longest
    "chinese phone": PHONE | {"locale": "zh-CN"},
}

# The focused element, and whether its focus is visible, on itself or on the label of a hidden input.
FOCUS = """() => {
  const at = document.activeElement;
  const ring = (each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && style.opacity > 0.5;
  };
  const label = at.closest("label");
  return {
    end: at === document.body,
    name: at.ariaLabel || at.title || at.innerText || at.id || at.outerHTML.slice(0, 120),
    seen: ring(at) || (label !== null && ring(label)),
  };
}"""


# Waits until no colour is on its way to another, between which there may be too little contrast.
SETTLED = """async () => {
  const changing = document.getAnimations().filter((each) => each instanceof CSSTransition);
  await Promise.allSettled(changing.map((each) => each.finished));
}"""


def look(page) -> None:
    """Fails with the violations that axe finds on the page in its present state."""
    page.evaluate(SETTLED)
    wrong = axe.Axe().run(page).response["violations"]
    assert [(each["id"], each["impact"], each["nodes"][0]["html"]) for each in wrong] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def tab_to(page, selector: str, key: str = "Tab") -> None:
    """Presses Tab until this element has the focus."""
    for _ in range(150):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {key}")


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_objects_to_nothing_in_any_state(visitor, window):
    page = visit(visitor(**WINDOWS[window]))
    page.wait_for_selector("#viewer img")
    look(page)
    with page.expect_file_chooser() as chooser:
        page.click("#choose")
    chooser.value.set_files([photo.file for photo in catalogue().photos[:2]])
    page.wait_for_selector("#photos .one >> nth=1")
    look(page)
    page.click("#photos .off >> nth=1")
    page.wait_for_selector("#photos .one", state="detached")
    choose(page, size=128, steps=3000, scales=1, content_weight=0, style_weight=0)  # opens the drawers
    look(page)
    page.click("#paint")
    page.wait_for_selector(".placard.failed")
    look(page)
    fill(page, style_weight=5)
    page.click("#paint")
    page.wait_for_selector(".placard.painting")
    page.click("#leave button")
    page.wait_for_selector("#left [readonly]")
    look(page)
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    page.click("#share")
    page.wait_for_selector("#link .line")
    look(page)
    page.click("#timelapse")  # the link makes way
    page.wait_for_selector("#viewer .frame")
    look(page)
    page.click("#compare")
    page.wait_for_selector("#viewer .compare")
    page.click("#more > button")
    page.click("#how > button")
    page.click("#delete")
    page.wait_for_selector("#delete-no")
    look(page)
    page.click("#delete-no")
    page.click("#part")
    page.wait_for_selector(".part-frame")
    look(page)
    page.click(".part-actions [data-action=close]")
    page.click("#masks-open")
    page.wait_for_selector("#masks canvas")
    look(page)
    page.click("#masks-close")
    page.wait_for_selector("#nine:enabled")
    page.click("#nine")
    page.wait_for_selector(".cells img >> nth=0")
    look(page)
    page.click("#stop")
    page.wait_for_selector(".placard.done")


def test_by_keyboard_alone_from_an_example_to_the_file(context):
    page = visit(context)
    page.wait_for_selector("#viewer img")
    tab_to(page, ".card")
    page.keyboard.press("Enter")
    page.wait_for_selector("#photo .image-frame img")
    tab_to(page, "#size > button", "Shift+Tab")
    page.keyboard.press("Space")
    page.wait_for_selector("#size > button[aria-expanded=true]")
    tab_to(page, "#knob-size input[type=range]")
    page.keyboard.press("Home")
    page.wait_for_function("document.querySelector('#knob-size input[type=number]').value === '128'")
    tab_to(page, "#knob-steps input[type=number]")
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    tab_to(page, "#paint", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#download:focus")
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    assert started.value.suggested_filename.endswith(".png")
    first = job_of(page)
    page.focus("#knob-steps input[type=number]")
    hint = "getComputedStyle(document.querySelector('#paint'), '::after').content"
    assert "Ctrl" in page.evaluate(hint)  # the way back is said where it is needed
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(f".placard.done:not([data-job='{first}'])")
    page.wait_for_selector("#paint[aria-keyshortcuts='Control+Enter']")
    page.wait_for_selector("#download:focus")


def test_arrow_keys_go_from_one_preset_to_the_next(context):
    page = visit(context)
    tab_to(page, "#presets input")
    assert page.evaluate("document.activeElement.value") == "Standard"  # one tab stop for all presets
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('#presets input:checked').value === 'Quick'")
    shows(page, size=320)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_can_be_seen_wherever_it_is(visitor, scheme):
    page = visit(visitor(color_scheme=scheme))
    reveal(page, "optimiser", "steps")
    page.evaluate("document.activeElement.blur()")
    page.focus("#photo button")
    page.keyboard.press("Tab")  # focus rings are shown for keyboard use only
    stops = []
    while not (stop := page.evaluate(FOCUS))["end"] and len(stops) < 200:
        stops.append(stop)
        page.keyboard.press("Tab")
    assert len(stops) > 40
    assert [stop["name"] for stop in stops if not stop["seen"]] == []


def test_every_part_has_a_name_of_its_own_and_says_how_it_stands(context):
    page = visit(context)
    assert page.get_by_role("button", name="Your photo: ").count() == 1
    assert page.get_by_role("button", name="A painting: ").count() == 1
    page.get_by_role("slider", name="Brush", exact=True).wait_for()
    page.get_by_role("spinbutton", name="Brush", exact=True).wait_for()
    advanced = page.get_by_role("button", name="Laboratory", exact=True)
    assert advanced.get_attribute("aria-expanded") == "false"
    advanced.click()
    page.wait_for_selector("#advanced > button[aria-expanded=true]")
    page.set_input_files("#photo input[type=file]", PHOTO)
    page.get_by_role("img", name="The photo to be painted").wait_for()
    page.locator("[role=status]", has_text="An example").wait_for(state="attached")


@pytest.mark.parametrize("wanted", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_want_it_still(visitor, wanted):
    page = visit(visitor(reduced_motion=wanted))
    paint(page, size=128, steps=3000, scales=1)
    knob = "getComputedStyle(document.querySelector('.knob.live'))"
    still = page.evaluate(f"{knob}.transitionDuration === '0s'")
    assert still == (wanted == "reduce")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
