"""Finding a look, in a real browser: nine small pictures, a part of the painting, hints, the row."""

import re

from test_page import PHOTO, choose, context, visit  # noqa: F401

from styletransfer import texts
from styletransfer.catalogue import catalogue
from styletransfer.sheet import BRUSHES, CELLS, STRENGTHS

BY_STYLE, BY_STRENGTH = texts.SHEET_KINDS


def ask(page, kind):
    page.click(f"#nine-kind label:has-text('{kind}')")
    page.click("#nine")
    page.wait_for_selector(".cells button >> nth=8")


def value(page, knob):
    return page.input_value(f"#knob-{knob} input[type=number]")


def test_nine_paintings_come_as_drafts_are_painted_and_one_is_taken_over(context):  # noqa: F811
    page = visit(context)
    page.set_input_files("#photo input[type=file]", PHOTO)
    page.wait_for_selector("#photo .image-frame img")
    ask(page, BY_STYLE)
    page.wait_for_selector(".cells .forming img >> nth=4")  # drafts, before most are painted
    assert not page.is_visible("#picture")
    assert page.is_visible("#stop")
    page.wait_for_selector(".cells .done >> nth=8")
    page.wait_for_selector("#paint", state="visible")
    captions = page.locator(".cells span").all_inner_texts()
    for style, caption in zip(catalogue().styles, captions, strict=False):
        for part in (style.title, style.artist, style.year):
            assert part in caption
    pictures = page.locator(".cells img").evaluate_all("all => all.map(each => each.src)")
    assert len(set(pictures)) == CELLS
    for alt in page.locator(".cells img").evaluate_all("all => all.map(each => each.alt)"):
        assert alt.startswith(texts.SHEET_ALT.format(caption=""))
    page.focus(".cells button >> nth=3")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cells button[aria-pressed=true] >> nth=0")
    title = catalogue().styles[3].title
    page.locator("#status", has_text=f"“{title}").wait_for()
    page.wait_for_selector(f"#style img[src*='{catalogue().styles[3].file.name}']")
    assert page.get_attribute("#style-row button[aria-pressed=true]", "data-index") == "3"
    # And painted large, from where one comes back to the nine.
    for knob, number in (("steps", 2), ("scales", 1), ("size", 128)):
        if not page.is_visible(f"#knob-{knob}"):
            page.click("#advanced > button")
        field = page.locator(f"#knob-{knob} input[type=number]")
        field.fill(str(number))
        field.press("Tab")
    page.click("#paint")
    page.wait_for_selector(".placard.done >> text=128")
    page.wait_for_selector("#picture", state="visible")
    page.click("#turn")
    page.wait_for_selector(".cells .done >> nth=8")
    assert page.locator(".cells button[aria-pressed=true]").count() == 1
    page.click("#turn")
    page.wait_for_selector("#download", state="visible")
    assert page.locator(".cells").count() == 0


def test_strength_by_brush_is_stopped_found_again_and_taken_over(context):  # noqa: F811
    page = visit(context)
    choose(page, style=1)
    ask(page, BY_STRENGTH)
    page.wait_for_selector(".cells .done >> nth=1")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    assert texts.SHEET_STOPPED in page.inner_text("#status")
    done = page.locator(".cells .done").count()
    assert 2 <= done < CELLS
    page.reload()
    page.wait_for_selector(".cells .done >> nth=1")
    assert page.locator(".cells .done").count() == done
    page.wait_for_selector("#style-row button[aria-pressed=true] >> nth=0")
    page.click(".cells button >> nth=2")
    page.wait_for_function(
        f"document.querySelector('#knob-style_weight input[type=number]').value === '{STRENGTHS[0]}'"
    )
    page.locator("#status", has_text=re.compile("is taken over")).wait_for()
    page.wait_for_function("!document.querySelector('#presets input:checked')")
    page.click("#advanced > button")
    page.wait_for_function(
        "Number(document.querySelector('#knob-brush_scale input[type=number]')?.value)"
        f" === {BRUSHES[2]}"
    )
    assert page.is_visible("#paint")
    page.reload()  # what was chosen is still chosen
    page.wait_for_selector(".cells button[aria-pressed=true][data-index='2']")
    page.wait_for_function(
        f"document.querySelector('#knob-style_weight input[type=number]').value === '{STRENGTHS[0]}'"
    )


def test_nine_looks_need_a_photo(context):  # noqa: F811
    page = visit(context)
    page.click("#nine")
    page.locator(".note", has_text="Add a photo").wait_for()
    assert page.locator(".note:not(:empty)").count() == 1
    assert page.locator(".cells").count() == 0
