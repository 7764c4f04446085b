"""The cards of finished examples as HTML."""

from ..catalogue import Catalogue
from .assets import render
from .captions import example_caption
from .i18n.translate import Words
from .thumbnails import address


def example_cards(catalogue: Catalogue, texts: Words) -> str:
    """A card for each finished example: the result large, with photo and painting beside it."""
    cards = [
        {
            "index": index,
            "caption": example_caption(catalogue, example, texts),
            "result": address(example.result, "card"),
            "photo": address(example.photo, "corner"),
            "style": address(example.style, "corner"),
        }
        for index, example in enumerate(catalogue.examples)
        if example.result.exists()
    ]
    return render("example_cards", cards=cards, word=texts.EXAMPLE)
