"""The catalogue as HTML: the row of paintings to choose from, and the cards of finished examples."""

from functools import cache
from pathlib import Path

from PIL import Image, ImageOps

from ..catalogue import Catalogue
from .assets import render
from .captions import example_caption, painting_caption
from .data_url import data_url
from .i18n.translate import Words


def style_row(catalogue: Catalogue, texts: Words, empty: str) -> str:
    """A button for each painting, and a line for the name of the chosen one, or the text `empty`."""
    styles = [
        {
            "title": style.title,
            "artist": style.artist,
            "year": style.year,
            "caption": painting_caption(style, texts),
            "thumbnail": _thumbnail(style.file, 144, square=True),
        }
        for style in catalogue.styles
    ]
    return render("style_row", styles=styles, empty=empty)


def example_cards(catalogue: Catalogue, texts: Words) -> str:
    """A card for each finished example: the result large, with photo and painting beside it."""
    cards = [
        {
            "index": index,
            "caption": example_caption(catalogue, example, texts),
            "result": _thumbnail(example.result, 360),
            "photo": _thumbnail(example.photo, 96, square=True),
            "style": _thumbnail(example.style, 96, square=True),
        }
        for index, example in enumerate(catalogue.examples)
        if example.result.exists()
    ]
    return render("example_cards", cards=cards, word=texts.EXAMPLE)


@cache
def _thumbnail(file: Path, size: int, square: bool = False) -> str:
    """A small copy as a data URL, with a long side of `size` pixels."""
    with Image.open(file) as image:
        image.draft("RGB", (2 * size, 2 * size))
        small = image.convert("RGB")
    if square:
        small = ImageOps.fit(small, (size, size))
    else:
        small.thumbnail((size, size))
    return data_url(small, 80, "WEBP")
