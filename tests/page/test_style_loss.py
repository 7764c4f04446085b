"""The choice of the style loss on the page, in a real browser: its pictures, and all that sets it."""

from dataclasses import asdict

import pytest

from styletransfer.page.i18n import english as texts
from styletransfer.page.i18n.translate import languages
from styletransfer.recipe import settings_in
from styletransfer.settings import knobs
from tests.support.browser import PHONE, WIDE, fill, finish, paint, saved, shows, visit
from tests.support.server import ROOT

KNOB = next(knob for knob in knobs() if knob.name == "style_loss")
# Width and height of the picture behind a choice, once it is decoded; an error if there is none.
PICTURE = """async (label) => {
  const image = new Image();
  image.src = getComputedStyle(label, "::before").backgroundImage.match(/url\\("(.*)"\\)/)[1];
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
}"""


def press(page, choice):
    page.click(f"#knob-style_loss label:has(input[value={choice}])")


def wait_for(page, choice):
    page.wait_for_selector(f"#knob-style_loss input[value={choice}]:checked", state="attached")


def painted_with(page, folder) -> str:
    return asdict(settings_in(saved(page, "#download", folder)))["style_loss"]


def test_what_is_chosen_is_painted_and_presets_take_it_back(context, tmp_path):
    page = visit(context)
    wait_for(page, "neighbours")
    press(page, "gram")
    page.wait_for_function("!document.querySelector('#presets input:checked')")
    press(page, "neighbours")
    page.wait_for_function("document.querySelector('#presets input:checked')?.value === 'Standard'")
    page.click("#advanced > button")
    for row, preset, choice in [("#other-", "Texture", "gram"), ("#", "Quick", "neighbours")]:
        page.click(f"{row}presets label >> text={preset}")
        wait_for(page, choice)
    press(page, "gram")
    finish(page, steps=2)
    assert painted_with(page, tmp_path) == "gram"
    press(page, "neighbours")
    page.reload()  # comes back as the picture was painted
    wait_for(page, "gram")


def test_arrow_keys_go_from_one_to_the_other(context):
    page = visit(context)
    page.focus("#knob-style_weight .reset-button")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "neighbours"  # one tab stop for both
    page.keyboard.press("ArrowRight")
    wait_for(page, "gram")
    assert page.evaluate("document.activeElement.value") == "gram"


@pytest.mark.parametrize("locale", ["en", "de", "zh-CN"])
@pytest.mark.parametrize("window", [WIDE, PHONE], ids=["wide", "phone"])
def test_each_has_a_picture_and_its_name_in_one_line(visitor, window, locale):
    page = visit(visitor(**window, locale=locale))
    labels = page.locator("#knob-style_loss label")
    assert labels.all_inner_texts() == [name for name, _ in languages()[locale].choices(KNOB)]
    boxes = [label.bounding_box() for label in labels.all()]
    assert len({(box["y"], box["height"], box["width"]) for box in boxes}) == 1
    assert boxes[1]["x"] + boxes[1]["width"] <= window["viewport"]["width"]
    for label in labels.all():
        width, height = label.evaluate(PICTURE)
        box = label.bounding_box()
        assert width >= box["width"]  # not enlarged
        assert 16 < box["height"] - box["width"] * height / width < 30  # the name, in one line


def test_a_link_and_a_recipe_fill_it_in(visitor):
    page = visitor(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto("/?style_loss=gram&seed=3")
    wait_for(page, "gram")
    page.click("#copy-link")
    page.locator("#link .said", has_text=texts.COPIED).wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("?style_loss=gram&seed=3")
    page.goto("/?seed=3")
    page.locator("#status", has_text=texts.FROM_LINK).wait_for()
    wait_for(page, "neighbours")
    # Painted before there was the choice: by Gram matrices.
    page.set_input_files("#photo input[type=file]", ROOT / "tests/data/painted.png")
    page.locator(".note.told", has_text=texts.RECIPE).wait_for()
    wait_for(page, "gram")
    shows(page, style_weight=7.5)


def test_chosen_while_it_paints_it_is_for_the_next_picture(context, tmp_path):
    page = visit(context)
    paint(page, size=128, steps=3000, scales=1)
    page.wait_for_selector("#outlook .steering")
    press(page, "gram")
    page.wait_for_selector("#outlook .forecast.next")
    fill(page, smoothness=6)  # goes to the same run, and does not take the choice along
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    assert painted_with(page, tmp_path) == "neighbours"
    wait_for(page, "gram")
