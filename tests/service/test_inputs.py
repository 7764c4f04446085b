"""Inputs of visitors: reading pictures by name, and combining them."""

import io

import pytest
from PIL import Image, ImageDraw

from styletransfer.errors import ImageError
from styletransfer.pictures import KEEP, MASKS, NAMES, STYLES, Pictures
from styletransfer.service.inputs import (
    MASK_COLOURS,
    MASK_OPACITY,
    PAINTED,
    STROKES,
    combine,
    no_larger_than_painted,
    painted_masks,
    read,
)
from styletransfer.settings import Settings


def picture(colour="orange", size=(8, 6)):
    return Image.new("RGB", size, colour)


def test_every_style_has_a_mask_and_all_that_can_be_painted_a_colour():
    assert list(MASKS) == ["mask", "mask_2", "mask_3", "mask_4"]
    assert len(STYLES) == len(MASKS)
    assert (*MASKS, KEEP) == PAINTED
    assert len(set(MASK_COLOURS)) == len(PAINTED)


def test_only_photo_and_painting_must_be_there():
    images, wrong = read({})
    assert images == {}
    assert list(wrong) == ["content", "style"]
    assert str(wrong["content"]).startswith("Add a photo: ")
    assert str(wrong["style"]).startswith("Add a painting: ")
    images, wrong = read({"content": picture(), "style": picture(), "mask_2": None})
    assert list(images) == ["content", "style"]
    assert wrong == {}


def test_each_that_cannot_be_read_is_told_by_its_name():
    images, wrong = read(dict.fromkeys(NAMES, b"Dear diary"))
    assert images == {}
    assert list(wrong) == list(NAMES)
    assert str(wrong["mask_3"]).startswith("The mask of the third painting is not a picture")


def test_where_a_mask_is_transparent_nothing_was_painted():
    strokes = Image.new("RGBA", (2, 1), (255, 255, 255, 0))
    strokes.putpixel((0, 0), (255, 255, 255, 255))
    images, _ = read({"content": picture(), "style": strokes, "mask": strokes})
    assert images["mask"].getpixel((0, 0)) == (255, 255, 255)
    assert images["mask"].getpixel((1, 0)) == (0, 0, 0)
    assert images["style"].getpixel((1, 0)) == (105, 105, 105)  # on white nothing would be seen


def test_styles_keep_their_masks_whichever_are_given():
    images = {name: picture() for name in ("content", "style", "style_3", "mask_3", "start_image")}
    pictures = combine(images)
    assert pictures.content is images["content"]
    assert list(pictures.styles) == [images["style"], images["style_3"]]
    assert list(pictures.masks) == [None, images["mask_3"]]
    assert pictures.start is images["start_image"]
    del images["mask_3"]
    assert combine(images).masks == ()


def test_a_mask_without_its_style_is_refused():
    with pytest.raises(ImageError, match="a mask of the second painting, but no second painting"):
        combine({name: picture() for name in ("content", "style", "mask_2")})


def test_each_colour_paints_the_mask_of_its_style():
    layer = Image.new("RGBA", (40, 10))
    draw = ImageDraw.Draw(layer)
    draw.rectangle((0, 0, 9, 9), fill=MASK_COLOURS[1])
    draw.rectangle((20, 0, 29, 9), fill=MASK_COLOURS[3])
    edge = round(128 * MASK_OPACITY)  # the soft edge of a stroke through which the photo is seen
    layer.putpixel((20, 0), (*layer.getpixel((20, 0))[:3], edge))
    masks = painted_masks(layer)
    assert list(masks) == ["mask_2", "mask_4"]
    assert masks["mask_2"].getbbox() == (0, 0, 10, 10)
    assert masks["mask_4"].getbbox() == (20, 0, 30, 10)
    assert [masks["mask_4"].getpixel(each) for each in ((20, 0), (21, 0), (0, 0))] == [128, 255, 0]


def drawn(colour, box, size=(40, 10)):
    """A file of strokes: a rectangle of this colour, and nothing elsewhere."""
    layer = Image.new("RGBA", size)
    ImageDraw.Draw(layer).rectangle(box, fill=colour)
    file = io.BytesIO()
    layer.save(file, "PNG")
    return file.getvalue()


def test_a_mask_that_was_uploaded_and_painted_is_both():
    left = Image.new("RGB", (8, 8))
    left.paste("white", (0, 0, 4, 8))
    files = {"content": picture(), "style": picture(), "mask": left}
    files[STROKES] = drawn(MASK_COLOURS[0], (4, 0, 7, 7), (8, 8))
    images, wrong = read(files)
    assert wrong == {}
    assert combine(images).masks[0].getextrema() == (255, 255)
    del files["mask"]
    painted = read(files)[0]["mask"]
    assert painted.getbbox() == (4, 0, 8, 8)
    assert combine(read(files)[0]).masks[0].getbbox() == (4, 0, 8, 8)


def test_strokes_that_are_no_picture_are_wrong_like_any_other():
    images, wrong = read({"content": picture(), "style": picture(), STROKES: b"Dear diary"})
    assert set(images) == {"content", "style"}
    assert list(wrong) == [STROKES]


def test_the_last_colour_paints_what_to_keep_which_an_upload_adds_to():
    strokes = drawn(MASK_COLOURS[-1], (0, 0, 9, 9))
    uploaded = Image.new("RGB", (40, 10))
    uploaded.paste("white", (30, 0, 40, 10))
    files = {"content": picture(), "style": picture()}
    assert combine(files).keep is None
    assert combine({**files, KEEP: uploaded}).keep is uploaded
    assert combine(read({**files, STROKES: strokes})[0]).keep.getbbox() == (0, 0, 10, 10)
    both = combine(read({**files, KEEP: uploaded, STROKES: strokes})[0]).keep
    assert [both.getpixel((x, 5)) for x in (5, 20, 35)] == [255, 0, 255]


def test_where_the_mask_of_what_to_keep_is_transparent_nothing_is_kept():
    strokes = Image.new("RGBA", (2, 1), (255, 255, 255, 0))
    images, _ = read({"content": picture(), "style": picture(), KEEP: strokes})
    assert images[KEEP].getpixel((0, 0)) == (0, 0, 0)


def test_the_mask_of_what_to_keep_is_shrunk_like_the_other_masks():
    pictures = Pictures(picture(), [picture()], keep=picture(size=(400, 200)))
    kept = no_larger_than_painted(pictures, Settings(size=128)).keep
    assert (kept.size, kept.mode) == ((128, 64), "L")


def test_no_picture_is_kept_larger_than_it_can_be_used():
    images, _ = read({"content": picture(size=(8000, 4000)), "style": picture()})
    assert images["content"].size == (4096, 2048)
    assert images["style"].size == (8, 6)
    line, _ = read({"content": picture(size=(1, 5000)), "style": picture()})
    assert line["content"].size == (1, 5000)  # kept, because a later error names it


def test_nothing_painted_makes_no_mask():
    assert painted_masks(Image.new("RGBA", (4, 4))) == {}


@pytest.mark.parametrize("below", [MASK_OPACITY, 0.84, 1.0])  # one stroke, two, or many on each other
def test_a_stroke_over_another_one_belongs_to_the_upper_one_however_much_shows_through(below):
    colours = [[int(each[i : i + 2], 16) for i in (1, 3, 5)] for each in MASK_COLOURS]
    share = MASK_OPACITY / (MASK_OPACITY + (1 - MASK_OPACITY) * below)
    for name, upper in zip(PAINTED, colours, strict=True):
        for lower in colours:
            mixed = (round(share * u + (1 - share) * v) for u, v in zip(upper, lower, strict=True))
            assert list(painted_masks(Image.new("RGBA", (3, 1), (*mixed, 255)))) == [name]
