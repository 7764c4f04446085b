"""A photo on its way to the server, and the stage until there is a picture of it, in a real browser."""

import pytest

from styletransfer.page.i18n import english as texts
from tests.support.browser import PHONE, PHOTO, WIDE, choose, visit

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


@pytest.mark.parametrize("button", ["#nine", "#masks-open"])
def test_what_needs_the_photo_asks_for_no_other_one_and_opens_when_it_is_there(slow, button):
    page, let = slow()
    page.click("#more > button")
    page.set_input_files(FIELD, PHOTO)
    page.wait_for_selector("#studio[data-coming]")
    page.click(button)
    page.wait_for_selector("#studio[data-pressed]")
    let()
    page.wait_for_selector(".cells" if button == "#nine" else "#studio[data-tool=masks]")


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


def test_the_photo_stays_until_there_is_a_picture_of_it_and_not_one_of_another(visitor):
    page = visit(visitor())
    choose(page, size=256, steps=500)
    page.wait_for_selector("#studio[data-tried]")
    example = page.get_attribute("#picture img", "src")
    # Every picture that was ever seen on the stage while nothing lay over it.
    page.evaluate("""() => {
      window.bare = new Set();
      const look = () => {
        const isBare = !document.querySelector("#studio").dataset.tried;
        if (isBare) window.bare.add(document.querySelector("#picture img")?.src);
        requestAnimationFrame(look);
      };
      look();
    }""")
    page.click("#paint")
    page.wait_for_selector(".placard.painting")
    page.wait_for_selector("#studio:not([data-tried])")
    assert example not in page.evaluate("[...window.bare].join()")
    page.click("#stop")
