"""Painting from the photo to the downloaded file, with real browser, server and network."""

import re

import numpy as np
from PIL import Image

from styletransfer.page.i18n import english as texts
from tests.support.browser import PHOTO, WATCH, choose, download, finish, paint, shows, step, visit


def test_a_photo_is_painted_before_your_eyes_and_downloaded(context, tmp_path):
    page = visit(context)
    page.evaluate(WATCH)
    # Hidden buttons stay in the document: one that is loaded anew may miss the update that shows it.
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


def test_by_keyboard_paint_stop_and_save_are_pressed_one_after_the_other(context):
    page = visit(context)
    choose(page, size=128, steps=3000, scales=1)
    page.focus("#paint")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'stop'")
    page.keyboard.press("Enter")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#download:focus")


def test_by_keyboard_what_goes_with_the_run_hands_the_focus_on(context):
    page = visit(context)
    paint(page, size=128, steps=100, scales=1)
    page.focus("#leave button")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#download:focus")


def test_a_second_visitor_waits_and_is_served_when_the_first_has_left(visitor, context):
    first = visit(visitor())
    paint(first, size=128, steps=3000, scales=1)
    second = visit(context)
    choose(second, size=128, steps=3, scales=1)
    second.click("#paint")
    second.wait_for_selector(f".placard.waiting >> text={texts.WAITING_ONE}")
    first.close()  # its run is stopped once nobody has watched it for a while
    second.wait_for_selector(".placard.done")
    assert texts.DONE in second.inner_text("#status")


def test_a_finished_picture_can_be_gone_on_with(context):
    page = visit(context)
    finish(page, size=256, steps=6)  # large enough that 100 steps are seen
    before = total_loss(page)
    page.click("#go-on")
    page.wait_for_selector(".placard.painting >> text=of 100")
    assert not page.is_visible("#go-on")
    page.wait_for_function(r"/step \d\d of/.test(document.querySelector('#status').innerText)")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    assert total_loss(page) < before
    page.reload()
    page.wait_for_selector(".placard.done")
    shows(page, steps=6)  # unchanged by the 100 steps


def total_loss(page) -> float:
    return float(re.search(r"total loss ([\d.]+)", page.inner_text("#status")).group(1))


def test_nothing_is_asked_of_anybody_else(context, server):
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = visit(context)
    choose(page, size=128, steps=2, scales=1)
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    assert asked
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []
