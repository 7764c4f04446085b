"""The page /how-it-works in a browser: what is moved there moves what it says."""

import pytest

from styletransfer.page.how_it_works import numbers


@pytest.fixture
def lesson(visitor):
    page = visitor(viewport={"width": 360, "height": 740}, has_touch=True).new_page()
    page.goto("/how-it-works")
    return page


def variable(page, section, name):
    script = "([section, name]) => document.getElementById(section).style.getPropertyValue('--' + name)"
    return float(page.evaluate(script, [section, name]))


def test_sliders_choices_and_a_touch_show_what_was_computed(lesson):
    lesson.locator("#content input[type=range]").fill("0")
    (said,) = lesson.locator("#content output").all_inner_texts()
    assert said.startswith("step 1 of ")
    first = numbers()["content"]["differences"][0][0]
    assert f"{first:.1f} levels" in lesson.locator("#content figcaption").first.inner_text()
    assert variable(lesson, "content", "at") == 0

    told = numbers()["neighbours"]["sizes"]
    for size, each in enumerate(told):
        lesson.locator("#neighbours .choice span").nth(size).click()
        board = lesson.locator("#neighbours .board.here")
        box = board.bounding_box()
        board.tap(position={"x": 0.7 * box["width"], "y": 0.6 * box["height"]})
        x, y = int(0.7 * each["columns"]), int(0.6 * each["rows"])
        shown = [variable(lesson, "neighbours", name) for name in "xyuv"]
        assert abs(shown[0] - x) <= 1
        assert abs(shown[1] - y) <= 1
        place = each["places"][int(shown[1]) * each["columns"] + int(shown[0])]
        assert shown[2:] == [place % each["across"], place // each["across"]]
        frame = lesson.locator("#neighbours .board.here .place").bounding_box()
        assert frame["width"] == pytest.approx(3 * each["shares"][0] * box["width"], abs=2)
    assert f"{100 * told[-1]['used']:.0f} %" in lesson.locator("#neighbours").inner_text()


def test_every_picture_comes_and_nothing_is_wider_than_the_phone(lesson):
    wrong = []
    lesson.on("pageerror", lambda error: wrong.append(str(error)))
    lesson.on("response", lambda answer: answer.ok or wrong.append(answer.url))
    for image in lesson.locator("img").all():
        image.scroll_into_view_if_needed()
    loaded = "[...document.images].every((image) => image.complete && image.naturalWidth > 0)"
    lesson.wait_for_function(loaded)
    assert lesson.evaluate("document.documentElement.scrollWidth") == 360
    assert wrong == []


def test_it_prints_on_four_sheets(browser, server):
    page = browser.new_page()
    page.goto(f"{server}/how-it-works")
    for image in page.locator("img").all():
        image.scroll_into_view_if_needed()
    sheets = page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
    page.close()
    assert sheets == 4
