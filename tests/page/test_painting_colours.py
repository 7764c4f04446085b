"""The colours by which paintings are found."""

import pytest
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.page.painting_colours import COLOURS, colours_of, colours_of_file


def halves(left: str, right: str) -> Image.Image:
    image = Image.new("RGB", (40, 30), left)
    image.paste(right, (20, 0, 40, 30))
    return image


@pytest.mark.parametrize("name", ["red", "orange", "yellow", "green", "blue", "violet", "brown", "grey"])
def test_a_plain_picture_has_the_colour_that_it_is_called(name):
    shown = {"violet": "purple", "brown": "#7a5c2e"}.get(name, name)
    assert colours_of(Image.new("RGB", (30, 20), shown)) == (name,)


@pytest.mark.parametrize("shown", ["white", "black"])
def test_what_has_no_colour_is_grey(shown):
    assert colours_of(Image.new("RGB", (30, 20), shown)) == ("grey",)


def test_old_paper_names_a_drawing_only_if_there_is_nothing_else():
    assert colours_of(Image.new("RGB", (30, 20), "#e8d8b8")) == ("brown",)
    assert colours_of(halves("#e8d8b8", "#2f5fa0")) == ("blue",)


def test_a_picture_has_each_of_its_strong_colours():
    assert set(colours_of(halves("blue", "yellow"))) == {"blue", "yellow"}


def test_the_catalogues_paintings_have_the_colours_that_one_sees():
    seen = {style.file.stem: colours_of_file(style.file) for style in catalogue().styles}
    assert seen["hokusai-great-wave"][0] == "blue"
    assert seen["van-gogh-entrance-hall"][0] == "yellow"
    assert seen["morisot-hollyhocks"][0] == "green"
    assert seen["wood-doctor-nikola"] == ("grey",)
    assert {"violet", "yellow"} <= set(seen["van-gogh-cafe-terrace"])
    assert {colour for colours in seen.values() for colour in colours} == set(COLOURS)
