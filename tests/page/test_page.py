"""The page in a real browser: layout, presets, controls, examples, phone and dark mode."""

import json
import re
import signal
import subprocess
import sys

import httpx
import pytest

from styletransfer.catalogue import catalogue
from styletransfer.page.i18n import english as texts
from styletransfer.presets import presets
from tests.support.browser import PHONE, choose, reveal, shows, visit
from tests.support.server import ROOT


def test_the_button_is_in_sight_without_scrolling(context):
    page = visit(context)
    box = page.locator("#choose").bounding_box()
    assert box["y"] + box["height"] <= 900


def test_nothing_shines_through_the_bar_where_it_lies_over_settings(visitor):
    page = visit(visitor(**PHONE))
    over = """() => {
      const { left, right, top, bottom } = document.querySelector("#choose").getBoundingClientRect();
      const found = [];
      for (let x = left + 8; x < right - 8; x += 8)
        for (let y = top + 2; y < bottom - 2; y += 4)
          if (!document.elementFromPoint(x, y).closest("#go")) found.push([x, y]);
      return found;
    }"""
    for scrolled in range(0, 1600, 100):
        page.evaluate("y => window.scrollTo(0, y)", scrolled)
        assert page.evaluate(over) == []


def test_a_preset_fills_in_its_settings_and_another_one_takes_them_back(context):
    page = visit(context)
    page.click("#advanced > button")
    for name, weight, size in [("Texture", "0", "512"), ("Quick", "5", "320"), ("Standard", "5", "512")]:
        row = "#presets" if presets()[name].front else "#other-presets"
        page.click(f"{row} label >> text={name}")
        shows(page, content_weight=weight, size=size)
        page.wait_for_selector(f"#preset-help >> text={presets()[name].help}")


def test_no_preset_stays_marked_whose_settings_have_been_changed(context):
    page = visit(context)
    reveal(page, "size")
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
    reveal(page, "blend")
    page.locator("#knob-blend textarea, #knob-blend input").fill("1 2")
    page.click("#paint")
    page.locator(
        ".placard.failed", has_text="Share of each painting must have no more numbers"
    ).wait_for()


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
    # Run in another process, because Gradio leaves sockets open, which would warn in this one.
    run = [sys.executable, "-c", NEW_KNOBS]
    labels, parameters = json.loads(subprocess.check_output(run, cwd=ROOT))
    assert {"Grain", "Words"} <= set(labels)
    assert {"grain", "words"} <= set(parameters)


@pytest.mark.skipif(
    not all(each.result.exists() for each in catalogue().examples),
    reason="examples/results is not complete: run 'python -m examples.make'",
)
def test_an_example_shows_everything_at_one_click(context):
    page = visit(context)
    assert page.locator(".card").count() == len(catalogue().examples)
    page.click(".card >> nth=2")
    chosen = catalogue().examples[2]
    for box, file in (("photo", chosen.photo), ("style", chosen.style), ("viewer", chosen.result)):
        page.wait_for_selector(f"#{box} img[src*='{file.name}']")
    page.locator(".placard.example", has_text=texts.EXAMPLE_OPENED).wait_for()
    page.wait_for_selector("#paint")


def test_the_keyboard_suffices_to_choose_a_painting(context):
    page = visit(context)
    page.focus("#style-row [data-index][tabindex='0']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    second = page.locator("#style-row [data-index] >> nth=1")
    second.and_(page.locator("[aria-pressed=true]")).wait_for()
    index = int(second.get_attribute("data-index"))
    assert page.inner_text("#style-row .chosen") == catalogue().styles[index].caption


def test_a_phone_shows_the_picture_first_and_keeps_the_button_in_reach(visitor):
    page = visit(visitor(**PHONE))
    stage, row = (page.locator(id).bounding_box() for id in ("#stage", "#style-row"))
    assert stage["y"] + stage["height"] <= row["y"]
    for y in (0, 600):
        page.evaluate("y => window.scrollTo(0, y)", y)
        bar, button = (
            page.evaluate(f"document.querySelector('{id}').getBoundingClientRect().toJSON()")
            for id in ("#go", "#choose")
        )
        assert bar["bottom"] == PHONE["viewport"]["height"]
        assert bar["height"] < 130  # the button, and a forecast of two lines
        assert bar["top"] < button["top"] < bar["top"] + 20
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


def test_the_page_is_dark_where_the_browser_is(visitor):
    page = visit(visitor(color_scheme="dark"))
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
