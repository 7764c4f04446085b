"""Finding a look, in a real browser: contact sheet, crop, hints, and rows of paintings."""

import re

from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.page.i18n import english as texts
from styletransfer.service.contact_sheet import BRUSHES, CELLS, ROWS
from tests.support.browser import PHONE, PHOTO, choose, fill, shows, visit

BY_STYLE, BY_STRENGTH = texts.SHEET_BY_STYLE, texts.SHEET_BY_STRENGTH


def ask(page, kind):
    page.click(f"#nine-kind label:has-text('{kind}')")
    page.click("#nine")
    page.wait_for_selector(".cells button >> nth=8")


def test_nine_paintings_come_as_drafts_are_painted_and_one_is_taken_over(context):
    page = visit(context)
    page.set_input_files("#photo input[type=file]", PHOTO)
    page.wait_for_selector("#photo .image-frame img")
    fill(page, steps=3, size=128, scales=1)
    ask(page, BY_STYLE)
    page.wait_for_selector(".cells .forming img >> nth=0")  # a draft or an unfinished picture
    assert not page.is_visible("#picture")
    assert page.is_visible("#stop")
    page.wait_for_selector(".cells .done >> nth=8")
    page.wait_for_selector("#stop", state="hidden")
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
    assert page.get_attribute("#style-row [data-index][aria-pressed=true]", "data-index") == "3"
    # The chosen look is painted large, and a button leads back to the nine.
    page.click("#paint")
    page.wait_for_selector(".placard.done >> text=128")
    page.wait_for_selector("#picture", state="visible")
    page.click("#turn")
    page.wait_for_selector(".cells .done >> nth=8")
    assert page.locator(".cells button[aria-pressed=true]").count() == 1
    page.reload()  # the choice is kept, with its painting
    page.wait_for_selector(".cells button[aria-pressed=true][data-index='3']")
    page.wait_for_selector(f"#style img[src*='{catalogue().styles[3].file.name}']")
    page.click("#turn")
    page.wait_for_selector("#download", state="visible")
    assert page.locator(".cells").count() == 0


def test_strength_by_brush_is_stopped_found_again_and_taken_over(context):
    page = visit(context)
    choose(page, style=1, steps=7)
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
    page.wait_for_selector("#style-row [data-index][aria-pressed=true]")
    page.click(".cells button >> nth=8")  # painted by the other style loss, or a draft of that so far
    page.wait_for_selector("#knob-style_loss input[value=gram]:checked", state="attached")
    assert "Patterned" in page.inner_text(".cells button >> nth=8")
    page.click(".cells button >> nth=2")
    page.wait_for_selector("#knob-style_loss input[value=neighbours]:checked", state="attached")
    shows(page, style_weight=ROWS[0][0])
    page.locator("#status", has_text=re.compile("is taken over")).wait_for()
    page.wait_for_function("!document.querySelector('#presets input:checked')")
    shows(page, brush_scale=BRUSHES[2])
    assert page.is_visible("#paint")
    page.reload()  # the choice is kept
    page.wait_for_selector(".cells button[aria-pressed=true][data-index='2']")
    shows(page, style_weight=ROWS[0][0])


def draw(page, left, top, right, bottom):
    """Draws a rectangle, given in shares of the painting's width and height."""
    page.wait_for_selector(".part-frame img")
    page.locator(".part-frame").scroll_into_view_if_needed()
    area = page.locator(".part-frame").bounding_box()
    page.mouse.move(area["x"] + left * area["width"], area["y"] + top * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + right * area["width"], area["y"] + bottom * area["height"], steps=4)
    page.mouse.up()


def wait_for_style(page, width, height):
    page.wait_for_function(
        "([width, height]) => { const image = document.querySelector('#style .image-frame img');"
        " return image && Math.abs(image.naturalWidth - width) < 5"
        " && Math.abs(image.naturalHeight - height) < 5; }",
        arg=[width, height],
    )


def test_a_part_of_the_painting_is_used_kept_over_a_reload_and_given_up(context):
    page = visit(context)
    choose(page, style=0, size=128, steps=1, scales=1)
    with Image.open(catalogue().styles[0].file) as painting:
        width, height = painting.size
    page.click("#part")
    draw(page, 0.5, 0.5, 0.52, 0.52)
    page.click(".part-actions [data-action=use]")
    page.locator(".note", has_text="too small to show how it is painted").wait_for()
    draw(page, 0.25, 0.2, 0.75, 0.8)
    page.click(".part-actions [data-action=use]")
    wait_for_style(page, width / 2, height * 0.6)
    page.wait_for_selector(".part-frame", state="detached")
    page.locator(".note.told", has_text=texts.PART_USED).wait_for()
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    page.reload()
    wait_for_style(page, width / 2, height * 0.6)
    page.wait_for_selector("#style-row button[aria-pressed=true][data-index='0']")
    page.click("#part")
    page.wait_for_function(  # the rectangle is shown where it was drawn
        "Math.abs(parseFloat(document.querySelector('.part-box')?.style.left) - 25) < 1"
    )
    page.click(".part-actions [data-action=whole]")
    wait_for_style(page, width, height)


def test_by_keyboard_the_part_is_moved_and_made_smaller(context):
    page = visit(context)
    choose(page, style=2)
    with Image.open(catalogue().styles[2].file) as painting:
        width, height = painting.size
    page.focus("#part")
    page.keyboard.press("Enter")
    page.focus(".part-box")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")  # the part begins at 0.2, is 0.6 wide
        page.keyboard.press("Shift+ArrowUp")
    page.wait_for_function("parseFloat(document.querySelector('.part-box').style.left) === 10")
    page.focus(".part-actions [data-action=use]")
    page.keyboard.press("Enter")
    wait_for_style(page, width * 0.6, height * 0.5)


def test_hints_come_and_go_with_what_they_are_about(context, tmp_path):
    page = visit(context)
    hint = page.locator("#hints p")
    assert hint.inner_text() == ""
    small = tmp_path / "small.png"
    Image.effect_noise((120, 90), 60).convert("RGB").save(small)
    page.set_input_files("#style input[type=file]", small)
    hint.filter(has_text="120 × 90").wait_for()
    page.click("#style-row [data-index='0']")
    hint.and_(page.locator(":empty")).wait_for(state="attached")
    fill(page, style_weight=0.2)
    hint.filter(has_text=texts.HINT_FAINT).wait_for()
    page.click("#presets label >> text=Quick")  # a preset removes the hints on settings that it changes
    fill(page, style_weight=5)
    hint.and_(page.locator(":empty")).wait_for(state="attached")
    assert page.is_visible("#choose")


def test_more_paintings_are_added_from_the_row_and_taken_out_again(context):
    page = visit(context)
    choose(page, style=0)
    page.click("#more > button")
    names = [each.file.name for each in catalogue().styles]
    for number, index in ((2, 4), (3, 2), (4, 1)):
        page.click(f"#mix-row [data-index='{index}']")
        page.wait_for_selector(f"#style_{number} img[src*='{names[index]}']")
        page.wait_for_selector(f"#mix-row [data-index='{index}'][aria-pressed=true]")
    page.evaluate("document.querySelector('#studio').dataset.tried = 'draft'")
    page.locator("#tried-caption p:visible", has_text=texts.TRIED_DRAFT_FIRST).wait_for()
    page.click("#mix-row [data-index='5']")
    page.locator(".note.told", has_text=texts.MIX_FULL).wait_for()
    page.click("#mix-row [data-index='2']")
    page.wait_for_selector("#style_3 img", state="detached")
    page.wait_for_selector("#mix-row [data-index='2'][aria-pressed=false]")
    page.click("#mix-row [data-index='5']")  # goes into the box that is free now
    page.wait_for_selector(f"#style_3 img[src*='{names[5]}']")
    page.click('#style_2 button[aria-label="Remove Image"]')
    page.wait_for_selector("#mix-row [data-index='4'][aria-pressed=false]")


def test_every_painting_tells_its_name_on_a_phone_too(visitor):
    page = visit(visitor(**PHONE))
    for index, style in enumerate(catalogue().styles):
        button = page.locator(f"#style-row [data-index='{index}']")
        for part in (style.title, style.artist, style.year):
            assert part in button.inner_text()


def test_a_painting_under_the_mouse_tells_its_name(context):
    page = visit(context)
    line = page.locator("#style-row .chosen")
    page.hover("#style-row [data-index='6']")
    line.filter(has_text=catalogue().styles[6].caption).wait_for()
    page.hover("#title")
    line.filter(has_text=texts.STYLES).wait_for()
