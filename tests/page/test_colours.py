"""Switching a finished picture between the photo's and the painting's colours, in a browser."""

from io import BytesIO

import httpx
import numpy as np
from PIL import Image

from tests.support.browser import PHOTO, choose, download, visit


def chroma_from_photo(image: Image.Image) -> float:
    """How far the mean Cb and Cr are from the photo's, in 8-bit levels."""
    with Image.open(PHOTO) as photo:
        means = [np.asarray(each.convert("YCbCr"), float).mean((0, 1))[1:] for each in (image, photo)]
    return float(np.abs(means[0] - means[1]).max())


def test_the_photos_colours_can_be_kept_afterwards_and_given_up_again(context, tmp_path):
    page = visit(context)
    choose(page, size=128, steps=12, scales=1)
    page.click("#knob-colours label:has(input[value=painting])")
    assert not page.is_visible("#keep")
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#keep")
    keep = page.locator("#keep input")
    seen = []
    for wanted in (None, True, False):
        if wanted is not None:
            before = page.get_attribute("#picture img", "src")
            keep.set_checked(wanted)
            page.wait_for_function(
                "before => { const src = document.querySelector('#picture img')?.src;"
                " return src && src !== before; }",
                arg=before,
            )
        assert keep.is_checked() == bool(wanted)
        seen.append(download(page, tmp_path))
        shown = httpx.get(page.get_attribute("#picture img", "src")).content
        assert Image.open(BytesIO(shown)).convert("RGB") == seen[-1]
    painted, kept, again = seen
    assert painted == again
    assert kept.size == painted.size
    assert chroma_from_photo(kept) < 2 < chroma_from_photo(painted)
    difference = np.asarray(kept.convert("L"), float) - np.asarray(painted.convert("L"), float)
    assert np.abs(difference).mean() < 8  # the lightness stays


def test_a_picture_painted_in_the_photos_colours_can_have_the_paintings(context, tmp_path):
    page = visit(context)
    choose(page, size=128, steps=12, scales=1)
    page.click("#knob-colours label:has(input[value=photo])")
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#keep input:checked")
    kept = download(page, tmp_path)
    before = page.get_attribute("#picture img", "src")
    page.uncheck("#keep input")
    page.wait_for_function("src => document.querySelector('#picture img').src !== src", arg=before)
    assert chroma_from_photo(kept) < 2 < chroma_from_photo(download(page, tmp_path))
    page.click("#paint")  # the checkbox disappears together with its picture
    page.wait_for_selector("#keep", state="hidden")
    page.wait_for_selector(".placard.done")
