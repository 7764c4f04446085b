"""A photo on its way to the server, and the stage until there is a picture of it, in a real browser."""

import pytest
from PIL import Image

from styletransfer.page.i18n import english as texts
from tests.support.browser import PHONE, PHOTO, WIDE, choose, paint, visit

SCREENS = pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
FIELD = "#photo input[type=file]"
SHOWN = "getComputedStyle(document.querySelector('#tried')).backgroundImage"
SIDES = f"""() => {{
  const image = new Image();
  image.src = {SHOWN}.slice(5, -2);
  return image.decode().then(() => image.naturalWidth / image.naturalHeight);
}}"""


@pytest.fixture
def slow(visitor):
    """A function that opens the page where no photo arrives, and gives what lets them arrive."""

    def opened(**options):
        page, waiting, are_held = visit(visitor(**options)), [], [True]
        uploads = "**/gradio_api/upload?*"
        page.route(uploads, lambda each: waiting.append(each) if are_held else each.continue_())

        def let(answer=lambda each: each.continue_()):
            are_held.clear()
            for each in waiting:
                answer(each)

        return page, let

    return opened


@SCREENS
def test_a_photo_on_its_way_is_on_the_stage_and_what_is_pressed_is_done_when_it_is_there(slow, screen):
    page, let = slow(**screen)
    page.set_input_files(FIELD, PHOTO)
    page.wait_for_selector("#studio[data-tried=photo][data-coming]")
    assert page.is_visible("#tried")
    assert page.evaluate(SIDES) > 1.2  # the photo is wide
    assert page.get_by_text(texts.ON_ITS_WAY).is_visible()
    page.click("#pick")
    page.click("#style-row [data-index='0']")
    page.click("#paint")
    page.get_by_text(texts.ON_ITS_WAY_HELD).wait_for()
    assert page.locator(".placard:is(.waiting, .painting)").count() == 0
    let()
    page.wait_for_selector(".placard.painting")
    assert not page.is_visible(f"text={texts.ON_ITS_WAY_HELD}")
    page.click("#stop")


def test_paint_waits_until_the_server_has_looked_into_the_photo(visitor):
    page = visit(visitor())
    choose(page)
    page.click("#photo [aria-label='Remove Image']")
    page.wait_for_selector("#choose")
    held, are_held = [], [True]
    joins = "**/gradio_api/queue/join*"
    page.route(joins, lambda each: held.append(each) if are_held else each.continue_())
    page.set_input_files(FIELD, PHOTO)
    page.wait_for_selector("#photo .image-frame img")
    page.click("#paint")
    page.wait_for_selector("#studio[data-pressed]:not([data-coming])")
    page.wait_for_timeout(1000)
    assert page.locator("#studio[data-pressed]").count() == 1
    are_held.clear()
    for each in held:
        each.continue_()
    page.wait_for_selector(".placard.painting")
    page.click("#stop")


def test_what_needs_the_photo_asks_for_no_other_one_meanwhile(slow):
    page, let = slow()
    dialogues = []
    page.on("filechooser", lambda each: dialogues.append(each))
    page.click("#more > button")
    page.set_input_files(FIELD, PHOTO)
    page.wait_for_selector("#studio[data-coming]")
    page.click("#nine")
    page.click("#masks-open")
    assert page.locator("#studio:is([data-pressed], [data-tool])").count() == 0
    let()
    page.wait_for_selector("#studio:not([data-coming])")
    page.click("#masks-open")
    page.wait_for_selector("#studio[data-tool=masks]")
    assert dialogues == []


def test_what_was_pressed_can_be_taken_back(slow):
    page, let = slow()
    page.set_input_files(FIELD, PHOTO)
    page.click("#style-row [data-index='0']")
    for other in ("#paint", "#style-row [data-index='1']"):
        page.click("#paint")
        page.wait_for_selector("#studio[data-pressed]")
        page.click(other)
        page.wait_for_selector("#studio:not([data-pressed])")
    let()
    page.wait_for_selector("#studio[data-tried=draft]")
    page.wait_for_timeout(1000)
    assert page.locator(".placard.example").count() == 1


def test_of_several_photos_on_their_way_all_are_painted_by_one_press(slow, tmp_path):
    page, let = slow()
    files = [tmp_path / f"{name}.png" for name in ("cut", "hill", "lake")]
    for file in files:
        Image.effect_noise((96, 64), 60).convert("RGB").save(file)
    with page.expect_file_chooser() as dialogue:
        page.click("#choose")
    dialogue.value.set_files(files)
    page.click("#style-row [data-index='0']")
    page.click("#paint")
    page.get_by_text(texts.ON_ITS_WAY_HELD).wait_for()
    let()
    page.locator(".placard.painting", has_text="Photo 1 of 3").wait_for()
    page.click("#stop")


def test_a_file_that_browsers_cannot_show_takes_the_place_of_the_draft_before(slow, tmp_path):
    page, let = slow()
    let()
    choose(page)
    page.wait_for_selector("#studio[data-tried=draft]")
    page.click("#photo [aria-label='Remove Image']")
    page.unroute("**/gradio_api/upload?*")
    page.route("**/gradio_api/upload?*", lambda each: None)  # it never arrives
    unknown = tmp_path / "photo.heic"
    unknown.write_bytes(b"ftypheic")
    page.set_input_files(FIELD, unknown)
    page.wait_for_selector("#studio[data-coming]:not([data-tried])")
    assert page.get_by_text(texts.ON_ITS_WAY).is_visible()
    assert not page.get_by_text(texts.TRIED_DRAFT).is_visible()


def test_while_a_picture_is_painted_the_next_photo_hides_neither_it_nor_stop(slow):
    page, let = slow()
    let()
    paint(page, size=256, steps=3000, scales=1)
    page.unroute("**/gradio_api/upload?*")
    page.route("**/gradio_api/upload?*", lambda each: None)
    page.wait_for_selector("#studio:not([data-tried])")
    page.click("#photo [aria-label='Remove Image']")
    page.set_input_files(FIELD, PHOTO)
    page.wait_for_selector("#photo .uploading")
    page.wait_for_timeout(500)
    assert page.is_visible(".placard.painting")
    assert not page.is_visible("#choose, #pick")
    assert page.locator("#studio:is([data-tried], [data-coming])").count() == 0
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    assert page.is_visible(".placard.done")


def test_a_photo_that_is_refused_on_its_way_leaves_the_stage_and_is_not_painted(slow):
    page, let = slow()
    page.set_input_files(FIELD, PHOTO)
    page.wait_for_selector("#studio[data-tried=photo][data-coming]")
    page.click("#style-row [data-index='0']")
    page.click("#paint")
    page.wait_for_selector("#studio[data-pressed]")
    let(lambda each: each.fulfill(status=413, body="It is too large."))
    page.wait_for_selector("#studio:not([data-tried]):not([data-coming])")
    page.wait_for_selector("#choose")
    assert page.locator("#studio[data-pressed]").count() == 0
    assert page.locator(".placard.example").is_visible()


def test_a_photo_that_is_taken_away_leaves_the_stage(visitor):
    page = visit(visitor())
    page.set_input_files(FIELD, PHOTO)
    page.wait_for_selector("#studio[data-tried=photo]")
    page.wait_for_selector("#photo .image-frame img")
    page.click("#photo [aria-label='Remove Image']")
    page.wait_for_selector("#studio:not([data-tried])", state="attached")
    assert page.locator(".placard.example").is_visible()


def test_the_photo_stays_until_a_picture_of_it_has_arrived_and_not_one_of_another(visitor):
    page = visit(visitor())
    choose(page, size=256, steps=3000, scales=1)
    page.wait_for_selector("#studio[data-tried]")
    held, are_held = [], [True]
    page.route("**/watch/*/*.jpeg", lambda each: held.append(each) if are_held else each.continue_())
    page.click("#paint")
    page.wait_for_selector(".placard.painting")
    page.wait_for_timeout(1500)  # several steps
    assert held
    assert page.is_visible("#tried")
    assert page.is_visible(".placard.painting")
    are_held.clear()
    for each in held:
        each.continue_()
    page.wait_for_selector("#studio:not([data-tried])")
    assert "/watch/" in page.get_attribute("#picture img", "src")
    page.click("#stop")


def test_nine_looks_are_seen_while_they_are_painted(visitor):
    page = visit(visitor())
    choose(page, size=128, steps=3000, scales=1)
    page.wait_for_selector("#studio[data-tried]")
    page.click("#nine")
    page.wait_for_selector(".placard.painting")
    page.wait_for_selector(".cells img >> nth=0")
    assert page.is_visible(".placard.painting")
    page.click("#stop")


def test_on_a_slow_line_one_picture_after_the_other_arrives(visitor):
    page = visit(visitor())
    choose(page, size=128, steps=3000, scales=1)
    page.wait_for_selector("#studio[data-tried]")
    asked = []
    page.route("**/watch/*/*.jpeg", lambda each: asked.append(each))
    page.click("#paint")
    page.wait_for_selector(".placard.painting")
    for _ in range(3):
        page.wait_for_timeout(1500)  # many steps
        assert len({each.request.url for each in asked}) == 1
        while asked:
            asked.pop().continue_()
    page.wait_for_selector("#studio:not([data-tried])")
    page.click("#stop")
