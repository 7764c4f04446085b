"""A photo's transparency and a tile on the page, in a real browser."""

from io import BytesIO

import httpx
from PIL import Image, ImageDraw

from tests.support.browser import PHOTO, again, choose, finish, saved, shows, visit


def cut_out(folder):
    """A PNG of a disc out of a photo, transparent around it."""
    with Image.open(PHOTO) as photo:
        image = photo.convert("RGBA").resize((192, 128))
    opacity = Image.new("L", image.size, 0)
    ImageDraw.Draw(opacity).ellipse((40, 8, 152, 120), fill=255)
    image.putalpha(opacity)
    image.save(folder / "disc.png")
    return folder / "disc.png"


def test_transparency_is_offered_where_there_is_some_and_kept_to_the_end(context, tmp_path):
    page = visit(context)
    choose(page)
    page.wait_for_selector("#knob-alpha", state="hidden")
    page.set_input_files("#photo input[type=file]", cut_out(tmp_path))
    page.check("#knob-alpha input")
    finish(page, photo=tmp_path / "disc.png", steps=2)
    shown = httpx.get(page.get_attribute("#picture img", "src")).content
    for file in (BytesIO(shown), saved(page, "#download", tmp_path)):
        with Image.open(file) as image:
            assert image.getpixel((0, 0))[3] == 0
            assert image.getpixel((image.width // 2, image.height // 2))[3] == 255
    page.reload()
    page.wait_for_selector("#download")
    page.wait_for_selector("#knob-alpha input:checked")
    page.click("#photo [aria-label='Remove Image']")
    page.wait_for_selector("#knob-alpha", state="hidden")


def test_a_tile_is_shown_three_by_three_and_once_again(context):
    page = context.new_page()
    with page.expect_response("**/queue/join*"):
        page.goto("/?tile=true&size=128&steps=2&scales=1")
    shows(page, size=128)  # the link is followed
    choose(page)
    again(page)
    page.click("#repeated")
    page.wait_for_selector("#repeated[aria-pressed=true]")
    box = page.locator("#viewer .tiles").bounding_box()
    with Image.open(BytesIO(httpx.get(page.get_attribute("#picture img", "src")).content)) as tile:
        assert abs(box["width"] / box["height"] - tile.width / tile.height) < 0.05
    assert box["width"] % 3 == box["height"] % 3 == 0
    url = page.evaluate("getComputedStyle(document.querySelector('#viewer .tiles')).backgroundImage")
    assert page.get_attribute("#picture img", "src") in url  # no further file
    assert page.is_hidden("#picture")
    page.focus("#repeated")
    page.keyboard.press("Enter")
    page.wait_for_selector("#picture")
    page.wait_for_selector("#viewer .tiles", state="hidden")
