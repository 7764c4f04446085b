"""Sizes in the words of people: what they are on paper, what is offered, and how they are chosen."""

import re

import pytest

from styletransfer.engine.forecast import Forecast
from styletransfer.errors import ImageError
from styletransfer.page.i18n.translate import ENGLISH, languages
from styletransfer.page.placard import roughly
from styletransfer.page.sizes import LONG, USES, advised, name_of, offers, tiles
from styletransfer.settings import Settings
from tests.support.browser import choose, fill, finish, job_of, visit

LONG_SIDES = {"FOR_POSTCARD": 148, "FOR_A4": 297, "FOR_A3": 420}  # millimetres


def test_each_size_is_enough_for_its_paper_and_hardly_more():
    for use in USES:
        assert Settings(size=use.size).size == use.size
        assert use.size % 32 == 0  # what the slider shows is what is painted
        if use.dpi:
            wanted = LONG_SIDES[use.text] / 25.4 * use.dpi
            assert wanted <= use.size < wanted + 32
    assert {use.dpi for use in USES} == {None, 150, 200}


def foretold(size: int) -> Forecast:
    return Forecast(size / 10, 9e9, size, size * 2 // 3, least=size * 1e6)


def test_what_the_memory_does_not_allow_cannot_be_pressed_and_says_why():
    offered = offers(foretold, free=1.8e9)
    html = tiles(offered, 1632, ENGLISH, "Sizes")
    buttons = re.findall(r"<button.*?</button>", html, re.DOTALL)
    assert len(buttons) == len(USES)
    for button, offer in zip(buttons, offered, strict=True):
        use = USES[offer.place]
        assert name_of(use, ENGLISH) in button
        assert ("disabled" in button) == (use.size > 1800) == (not offer.fits)
        assert ('aria-pressed="true"' in button) == (use.size == 1632)
    assert "1632 × 1088 pixels" in html
    assert "about 2 min 40 s" in html
    assert "needs 3.3 GB of memory, 1.8 GB are free" in html


def test_what_takes_long_is_said_where_the_size_is_chosen():
    quick, slow = (advised(seconds, [], ENGLISH) for seconds in (LONG - 1, LONG))
    assert ENGLISH.FOR_LARGE in quick
    assert "warned" not in quick
    assert f"about {roughly(LONG, ENGLISH)} here" in slow
    assert "warned" in slow
    assert "warned" in advised(1, ["It is soft."], ENGLISH)


def test_only_larger_ones_are_offered_and_none_that_cannot_be_painted():
    def narrow(size: int) -> Forecast:
        if size > 3000:
            raise ImageError("no_painting")
        return foretold(size)

    sizes = [USES[offer.place].size for offer in offers(narrow, float("inf"), above=1760)]
    assert sizes == [use.size for use in USES if 1760 < use.size <= 3000]


@pytest.mark.parametrize(("seconds", "said"), [(5300, "88 min"), (5400, "1.5 h"), (18200, "5 h")])
def test_what_takes_hours_is_said_in_hours(seconds, said):
    assert roughly(seconds, ENGLISH) == said
    assert "1,5 h" in roughly(5400, languages()["de"])


def test_a_size_is_chosen_by_its_use_and_a_finished_picture_is_painted_larger(context):
    page = visit(context)
    choose(page, steps=4, scales=1)
    page.locator("#sizes button", has_text="Screen").click()
    page.wait_for_function("document.querySelector('#knob-size input[type=number]').value === '1920'")
    page.locator("#sizes button[aria-pressed=true]", has_text="Screen").wait_for()
    page.locator("#chips", has_text="3 settings").wait_for()
    page.locator("#outlook", has_text="1920 ×").wait_for()
    assert "about" in page.inner_text("#sizes")
    assert not page.is_visible("#larger")
    fill(page, size=128, steps=1)
    finish(page, steps=1)
    small, photo = job_of(page), page.get_attribute("#photo img", "src")
    page.click("#delete")
    page.wait_for_selector("#delete-no")
    page.click("#larger")
    page.locator("#larger-board button", has_text="Postcard, 150 dpi").wait_for()
    page.wait_for_selector("#delete-no", state="hidden")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    assert axe.Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    page.wait_for_selector("#larger-board button", state="detached")
    page.click("#larger")
    page.locator("#larger-board button", has_text="Postcard, 150 dpi").click()
    page.wait_for_selector(f".placard.painting:not([data-job='{small}'])")
    page.wait_for_selector("#larger-board button", state="detached")
    assert not page.is_visible("#larger")
    assert "size 1 of 3" in page.inner_text("#status")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    page.reload()
    page.wait_for_selector(f".placard.done:not([data-job='{small}'])")
    assert page.get_attribute("#photo img", "src") == photo
