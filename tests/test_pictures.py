"""`Pictures`, the pictures of a run as one value, and reading them from files by name."""

import dataclasses

import pytest
from PIL import Image

from styletransfer.pictures import NAMES, Pictures, named

IMAGE = Image.new("RGB", (4, 3))


def test_a_list_that_changes_later_changes_no_pictures():
    styles, masks = [IMAGE], [None]
    pictures = Pictures(IMAGE, styles, masks)
    styles.append(IMAGE)
    masks.clear()
    assert pictures.styles == (IMAGE,)
    assert pictures.masks == (None,)
    with pytest.raises(dataclasses.FrozenInstanceError):
        pictures.start = IMAGE


def test_pictures_replaced_are_frozen_too():
    pictures = dataclasses.replace(Pictures(IMAGE, [IMAGE]), styles=[IMAGE, IMAGE])
    assert pictures.styles == (IMAGE, IMAGE)
    assert pictures.masks == ()


def test_files_are_named_as_the_api_names_them_and_those_that_are_missing_left_out():
    styles, masks = ["one.jpg", "two.jpg", None, "four.jpg"], [None, "mask.png"]
    files = named("photo.jpg", styles, masks, "start.png", "keep.png")
    assert files == {
        "content": "photo.jpg",
        "start_image": "start.png",
        "keep": "keep.png",
        "style": "one.jpg",
        "style_2": "two.jpg",
        "style_4": "four.jpg",
        "mask_2": "mask.png",
    }
    assert files.keys() <= NAMES.keys()
