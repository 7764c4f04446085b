"""The texts of the page `/how-it-works`: for each language a file in `how_it_works/`, named by its tag.

They are apart from those of the page where one paints: they are long, and only that page has them.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("how_it_works")
Texts = Mapping[str, Any]


@cache
def how_texts(tag: str) -> Texts:
    """The texts in this language by their names, those of a section in a table; else in English.

    Args:
        tag: of one of the page's languages.
    """
    file = FOLDER / f"{tag}.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return told if tag == "en" else _filled(told, how_texts("en"))


def _filled(told: Texts, english: Texts) -> dict[str, Any]:
    """These texts, and the English ones of what is missing."""
    filled = dict(english)
    for name, text in told.items():
        filled[name] = {**english.get(name, {}), **text} if isinstance(text, dict) else text
    return filled
