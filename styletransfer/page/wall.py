"""The wall: the catalogue's paintings by mood and colour, with a search, filters and favourites.

The browser searches and filters (`static/wall.js`), as it has all names, moods and colours anyway, and
keeps the favourites (`remembered.py`). The wall hangs twice on the page: on the one a press chooses the
painting to learn from, on the other it adds a further one.
"""

from collections.abc import Collection
from typing import Any

import gradio as gr

from ..catalogue import MOODS, Catalogue, Style
from .assets import render, script
from .captions import painting_caption, whose
from .i18n.translate import Words
from .painting_colours import COLOURS, colours_of_file
from .thumbnails import address


def wall(catalogue: Catalogue, texts: Words, value: Any, elem_id: str, empty: str) -> gr.HTML:
    """The component; it triggers `select` with the index in the catalogue of a painting that is pressed.

    Args:
        catalogue: the catalogue in the page's language.
        texts: the texts in the page's language.
        value: the index of the chosen painting, -1 for none; or the list of those, of a wall of many.
        elem_id: the component's id in the page.
        empty: what the line below says while no painting is chosen.
    """
    mark = "mark_several" if isinstance(value, list) else "mark_one"
    return gr.HTML(
        value,
        html_template=wall_html(catalogue, texts, empty),
        js_on_load=script(mark, "choose", "wall"),
        elem_id=elem_id,
        elem_classes="wall",
    )


def wall_html(catalogue: Catalogue, texts: Words, empty: str, filled: Collection[str] = MOODS) -> str:
    """The wall as HTML: a room for each mood, and in it the paintings by their first colour.

    Args:
        catalogue: the catalogue in the page's language.
        texts: the texts in the page's language.
        empty: what the line below says while no painting is chosen.
        filled: the moods whose paintings hang there; the others are only named.
    """
    hung = [_hung(index, style, texts) for index, style in enumerate(catalogue.styles)]
    hung.sort(key=lambda each: COLOURS.index(each["colours"][0]))
    rooms = [
        {"mood": mood, "name": _mood(mood, texts), "paintings": paintings if mood in filled else []}
        for mood in MOODS
        if (paintings := [each for each in hung if each["mood"] == mood])
    ]
    used = {colour for each in hung for colour in each["colours"]}
    colours = [(colour, _colour(colour, texts)) for colour in COLOURS if colour in used]
    return render("wall", rooms=rooms, colours=colours, texts=texts, empty=empty)


def _hung(index: int, style: Style, texts: Words) -> dict[str, Any]:
    """What the template has to know of one painting."""
    colours = colours_of_file(style.file)
    said = [style.where, _mood(style.mood, texts), *(_colour(each, texts) for each in colours)]
    return {
        "index": index,
        "name": style.file.stem,
        "title": style.title,
        "whose": whose(style),
        "caption": painting_caption(style, texts),
        "mood": style.mood,
        "colours": colours,
        "words": " ".join(said),
        "thumbnail": address(style.file, "wall"),
    }


def _mood(mood: str, texts: Words) -> str:
    return getattr(texts, f"MOOD_{mood.upper()}")


def _colour(colour: str, texts: Words) -> str:
    return getattr(texts, f"COLOUR_{colour.upper()}")
