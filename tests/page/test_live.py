"""During painting, in a real browser: adjusting weights, forecast, chart, and no moving elements."""

import re
from dataclasses import asdict

import pytest
import torch
from PIL import Image

from styletransfer.engine import memory
from styletransfer.network.arithmetic import fastest_precision
from styletransfer.page.i18n import english as texts
from styletransfer.recipe import settings_in
from tests.support.browser import PHONE, WIDE, choose, fill, paint, saved, shows, visit

LINE = "#outlook .forecast"


def points(page, name="total") -> int:
    return len(page.get_attribute(f"#status polyline.{name}", "points").split())


def wait_for_points(page, more_than):
    page.wait_for_function(
        "n => document.querySelector('#status polyline.total').getAttribute('points').split(' ').length"
        " > n",
        arg=more_than,
    )


def stopped(page, folder) -> dict:
    """Stops the run, and returns the settings in its picture's recipe."""
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    return asdict(settings_in(saved(page, "#download", folder)))


def test_weights_turned_while_it_paints_are_in_its_recipe_and_the_size_is_not(context, tmp_path):
    page = visit(context)
    paint(page, size=128, steps=3000, scales=1)
    page.wait_for_selector("#outlook .steering")
    job = page.get_attribute(".placard", "data-job")
    fill(page, style_weight=0.3, smoothness=6, size=160)  # the size applies to the next picture only
    page.locator(LINE, has_text="160").wait_for()  # then all changes have arrived
    assert page.is_visible(LINE)
    assert not page.is_visible("#outlook .steering")
    page.reload()
    page.wait_for_selector(f".placard.painting[data-job='{job}']")
    settings = stopped(page, tmp_path)
    wanted = {"style_weight": 0.3, "smoothness": 6, "content_weight": 5, "size": 128}
    assert {name: settings[name] for name in wanted} == wanted
    shows(page, style_weight=0.3)
    page.click("#go-on")  # continues with the adjusted weights
    page.wait_for_selector(".placard.painting")
    settings = stopped(page, tmp_path)
    assert (settings["style_weight"], settings["smoothness"]) == (0.3, 6)


def test_two_weights_of_nothing_are_not_taken_over(context):
    page = visit(context)
    paint(page, size=128, steps=3000, scales=1)
    fill(page, style_weight=0, content_weight=0)
    page.locator(LINE, has_text=texts.STEERING_FAILED).wait_for()
    fill(page, content_weight=3)
    page.wait_for_selector("#outlook .steering")
    page.click("#stop")
    page.wait_for_selector(".placard.done")


def seconds(page) -> int:
    minutes, rest = re.search(r"(?:(\d+) min ?)?(?:(\d+) s)? and", page.inner_text(LINE)).groups()
    return 60 * int(minutes or 0) + int(rest or 0)


def test_the_forecast_follows_the_settings_and_the_photo(context, tmp_path):
    page = visit(context)
    page.locator(LINE, has_text="512 × 341 pixels").wait_for()
    before = seconds(page)
    fill(page, size=1024)
    page.locator(LINE, has_text="1024 × 683 pixels").wait_for()
    assert seconds(page) > 2 * before
    precision, _ = fastest_precision(torch.device("cpu"))
    painting = (1024, 683)
    needed = memory.needed((1024, 683), [painting], precision=precision, style_loss="neighbours")
    assert f"{needed / 1e9:.1f} GB" in page.inner_text(LINE)
    Image.new("RGB", (300, 600), "teal").save(tmp_path / "tall.png")
    page.set_input_files("#photo input[type=file]", tmp_path / "tall.png")
    page.locator(LINE, has_text="512 × 1024 pixels").wait_for()
    page.click("#presets label >> text=Quick")
    page.locator(LINE, has_text="160 × 320 pixels").wait_for()
    quick = seconds(page)
    assert quick < before
    said = page.inner_text(LINE)
    fill(page, steps=3000)
    page.wait_for_function(
        "said => document.querySelector('#outlook .forecast').innerText !== said", arg=said
    )
    assert seconds(page) > 4 * quick


def test_the_forecast_tells_of_pictures_that_come_first(visitor, context):
    first = visit(visitor())
    paint(first, size=128, steps=3000, scales=1)
    page = visit(context)
    page.locator(LINE, has_text=texts.FORECAST_LINE_ONE).wait_for()
    first.click("#stop")
    first.wait_for_selector(".placard.done")
    fill(page, size=256)
    page.locator(LINE, has_text="256 ×").wait_for()
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


# Records in every frame where these elements are, and whether a picture is visible.
WATCHED = """() => {
  window.boxes = [];
  window.blank = 0;
  const parts = ["picture", "stop", "paint", "status", "outlook"];
  const look = () => {
    const at = {};
    for (const part of parts) {
      const box = document.getElementById(part)?.getBoundingClientRect();
      if (box && box.width) {
        const there = [box.x, box.y + scrollY, box.width, box.height].map(Math.round).join();
        at[part === "stop" ? "paint" : part] = there;
      }
    }
    if (document.querySelector(".placard.painting")) window.boxes.push(at);
    const frame = document.querySelector("#picture .image-frame");
    const image = frame?.querySelector("img");
    const behind = frame && getComputedStyle(frame).backgroundImage !== "none";
    if (!(image?.complete && image.naturalWidth) && !behind) window.blank += 1;
    requestAnimationFrame(look);
  };
  look();
}"""
ANIMATIONS = "document.getAnimations().filter(each => each.effect.getTiming().iterations > 1).length"


@pytest.mark.parametrize("window", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_moves_while_it_paints_and_the_picture_never_goes_away(visitor, window):
    page = visit(visitor(viewport=window["viewport"]))
    choose(page, size=160, steps=60, scales=1, show_every=2)
    page.evaluate("window.scrollTo(0, 0)")
    page.click("#paint")
    page.wait_for_selector(".placard.painting")
    page.wait_for_function("scrollY === 0")
    page.evaluate(WATCHED)
    # A running animation would slow down painting if browser and server share a machine.
    assert page.evaluate(ANIMATIONS) == 0
    page.wait_for_function("/step [3-9][0-9] of/.test(document.querySelector('#status').innerText)")
    boxes = page.evaluate("window.boxes")
    assert len(boxes) > 10
    for part in ("picture", "paint", "status", "outlook"):
        assert len({each[part] for each in boxes}) == 1, part
    page.wait_for_selector(".placard.done")
    assert page.evaluate("window.blank") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= window["viewport"]["width"]
