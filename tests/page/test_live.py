"""Steering and seeing while it paints, in a real browser: weights, forecast, chart, a calm page."""

import json
import re

import numpy as np
import pytest
import torch
from PIL import Image

from styletransfer.engine import memory
from styletransfer.network.kernels import half_precision_pays
from styletransfer.page.i18n import english as texts
from styletransfer.recipe import KEY
from tests.support.browser import choose, paint, visit

LINE = "#outlook .forecast"


def turn(page, name, value):
    field = page.locator(f"#knob-{name} input[type=number]")
    field.fill(str(value))
    field.press("Tab")


def finished(page, folder, name="picture.png"):
    """The downloaded picture and the settings in its recipe."""
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#download")
    with page.expect_download() as started:
        page.click("#download")
    started.value.save_as(folder / name)
    with Image.open(folder / name) as image:
        settings = json.loads(image.text[KEY])["settings"]
        return np.asarray(image.convert("RGB"), float), settings


def points(page, name="total") -> int:
    return len(page.get_attribute(f"#status polyline.{name}", "points").split())


def wait_for_points(page, more_than):
    page.wait_for_function(
        "n => document.querySelector('#status polyline.total').getAttribute('points').split(' ').length"
        " > n",
        arg=more_than,
    )


def test_weights_turned_while_it_paints_change_the_picture_and_its_recipe(context, tmp_path):
    page = visit(context)
    choose(page, size=128, steps=150, scales=1)
    page.click("#paint")
    alone, settings = finished(page, tmp_path, "alone.png")
    assert settings["style_weight"] == settings["content_weight"] == 5
    page.click("#paint")
    page.wait_for_selector(".placard.painting")
    assert page.is_visible("#outlook .steering")
    job = page.get_attribute(".placard", "data-job")
    turn(page, "style_weight", 0.3)
    turn(page, "smoothness", 6)
    turn(page, "size", 160)  # for the next one
    page.locator(LINE, has_text="160").wait_for()  # by now all have arrived
    assert page.is_visible(LINE)
    assert not page.is_visible("#outlook .steering")
    assert page.locator(".placard.painting").count() == 1, "too quick for this test"
    page.reload()
    page.wait_for_selector(f".placard[data-job='{job}']")
    steered, settings = finished(page, tmp_path, "steered.png")
    assert page.get_attribute(".placard", "data-job") == job
    wanted = {"style_weight": 0.3, "smoothness": 6, "content_weight": 5, "size": 128}
    assert {name: settings[name] for name in wanted} == wanted
    assert steered.shape == alone.shape
    assert np.abs(steered - alone).mean() > 3
    page.wait_for_function("document.querySelector('#knob-style_weight input').value === '0.3'")
    page.click("#go-on")  # with what was last in force
    page.wait_for_selector(".placard.painting")
    page.click("#stop")
    _, settings = finished(page, tmp_path, "more.png")
    assert (settings["style_weight"], settings["smoothness"]) == (0.3, 6)


def test_two_weights_of_nothing_are_not_taken_over(context):
    page = visit(context)
    paint(page, size=128, steps=3000, scales=1)
    turn(page, "style_weight", 0)
    turn(page, "content_weight", 0)
    page.locator(LINE, has_text=texts.STEERING_FAILED).wait_for()
    turn(page, "content_weight", 3)
    page.wait_for_selector("#outlook .steering")
    page.click("#stop")
    page.wait_for_selector(".placard.done")


def seconds(page) -> int:
    minutes, rest = re.search(r"(?:(\d+) min ?)?(?:(\d+) s)? and", page.inner_text(LINE)).groups()
    return 60 * int(minutes or 0) + int(rest or 0)


def test_the_forecast_follows_the_settings_and_the_photo(context, tmp_path):
    page = visit(context)
    page.locator(LINE, has_text="512 × 341 pixels").wait_for()  # noqa: RUF001
    before = seconds(page)
    turn(page, "size", 1024)
    page.locator(LINE, has_text="1024 × 683 pixels").wait_for()  # noqa: RUF001
    assert seconds(page) > 2 * before
    precision = torch.bfloat16 if half_precision_pays(torch.device("cpu")) else torch.float32
    needed = memory.needed((1024, 683), [(1024, 683)], precision=precision)
    assert f"{needed / 1e9:.1f} GB" in page.inner_text(LINE)
    Image.new("RGB", (300, 600), "teal").save(tmp_path / "tall.png")
    page.set_input_files("#photo input[type=file]", tmp_path / "tall.png")
    page.locator(LINE, has_text="512 × 1024 pixels").wait_for()  # noqa: RUF001
    page.click("#presets label >> text=Quick")
    page.locator(LINE, has_text="160 × 320 pixels").wait_for()  # noqa: RUF001
    quick = seconds(page)
    assert quick < before
    if not page.is_visible("#knob-steps"):
        page.click("#advanced > button")
    said = page.inner_text(LINE)
    turn(page, "steps", 3000)
    page.wait_for_function(
        "said => document.querySelector('#outlook .forecast').innerText !== said", arg=said
    )
    assert seconds(page) > 4 * quick


def test_the_forecast_tells_of_pictures_that_come_first(browser, server, context):
    with browser.new_context(base_url=server) as other:
        other.set_default_timeout(60_000)
        first = visit(other)
        paint(first, size=128, steps=3000, scales=1)
        page = visit(context)
        page.locator(LINE, has_text=texts.FORECAST_LINE_ONE).wait_for()
        first.click("#stop")
        first.wait_for_selector(".placard.done")
        turn(page, "size", 256)
        page.locator(LINE, has_text="256 ×").wait_for()  # noqa: RUF001
        assert texts.FORECAST_LINE_ONE not in page.inner_text(LINE)


def test_the_chart_grows_and_is_there_again_after_a_reload(context):
    page = visit(context)
    paint(page, size=256, steps=60, scales=2)
    chart = page.locator("#status svg.chart[role=img]")
    chart.wait_for()
    wait_for_points(page, 2)
    seen = points(page)
    wait_for_points(page, seen)
    assert "of 60" in chart.get_attribute("aria-label")
    page.reload()
    page.wait_for_selector(".placard.painting, .placard.done")
    wait_for_points(page, seen)
    page.wait_for_selector(".placard.done")
    for name in ("content", "style", "total"):
        assert points(page, name) == 60
    assert page.locator("#status svg.chart .scale").count() == 1
    page.reload()
    page.wait_for_selector(".placard.done")
    assert points(page) == 60


BOXES = """() => {
  window.boxes = [];
  const ids = ["picture", "stop", "paint", "status", "outlook"];
  const look = () => {
    const at = {};
    for (const id of ids) {
      const box = document.getElementById(id)?.getBoundingClientRect();
      if (box && box.width) {
        const there = [box.x, box.y + scrollY, box.width, box.height].map(Math.round).join();
        at[id === "stop" ? "paint" : id] = there;
      }
    }
    window.boxes.push(at);
    window.looking = requestAnimationFrame(look);
  };
  look();
}"""


@pytest.mark.parametrize("size", [(1360, 900), (390, 844)])
def test_nothing_moves_while_it_paints_and_the_picture_never_goes_away(browser, server, size):
    viewport = {"width": size[0], "height": size[1]}
    with browser.new_context(viewport=viewport, base_url=server) as context:
        context.set_default_timeout(60_000)
        page = visit(context)
        choose(page, size=160, steps=90, scales=1, show_every=2)
        page.evaluate("window.scrollTo(0, 0)")
        page.click("#paint")
        page.wait_for_selector(".placard.painting")
        page.wait_for_function("scrollY === 0")
        page.evaluate(BOXES)
        page.evaluate(
            """() => {
              window.blank = 0;
              const frame = () => document.querySelector("#picture .image-frame");
              const look = () => {
                const image = frame()?.querySelector("img");
                const there = image?.complete && image.naturalWidth;
                const behind = frame() && getComputedStyle(frame()).backgroundImage !== "none";
                if (!there && !behind) window.blank += 1;
                requestAnimationFrame(look);
              };
              look();
            }"""
        )
        # What moves all the time takes time from the painting where both are on one machine.
        assert (
            page.evaluate(
                "document.getAnimations().filter(each => each.effect.getTiming().iterations > 1).length"
            )
            == 0
        )
        page.wait_for_function("/step [3-9][0-9] of/.test(document.querySelector('#status').innerText)")
        boxes = page.evaluate("() => { cancelAnimationFrame(window.looking); return window.boxes; }")
        assert len(boxes) > 10
        for id in ("picture", "paint", "status", "outlook"):
            assert len({each[id] for each in boxes}) == 1, id
        page.wait_for_selector(".placard.done")
        assert page.evaluate("window.blank") == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
