"""The page's texts in each language: English from `english.py`, other languages from `locales/`.

Of English, `locales/` has only what the page words otherwise than `settings.py` does for programs.
To add a language, add a file to `locales/`. It is named by the language's tag, such as `fr.toml`, and
holds the names of `english.py` and the codes of `messages.toml`.
"""

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from ...catalogue import Catalogue, Style
from ...errors import StyleTransferError, in_english
from ...presets import Preset
from ...settings import Knob, knobs
from . import english as texts

_FOLDER = Path(__file__).with_name("locales")
_SETTINGS = {"setting", "other_setting"}  # fields of errors whose value is the name of a setting


@dataclass(frozen=True)
class Words:
    """Every text of the page in one language: `words.PAINT` is the translation of `english.PAINT`.

    A text that has not been translated yet is English.
    """

    language: str = "en"
    told: Mapping[str, Any] = field(default_factory=dict)  # the contents of the language's file

    def __getattr__(self, name: str) -> str:
        if not name.isupper():
            raise AttributeError(name)
        return self.told.get(name, getattr(texts, name))

    def knob(self, knob: Knob) -> Knob:
        """The knob with its label and help in this language."""
        told = self._of("knobs", knob.name)
        return replace(knob, label=told.get("label", knob.label), help=told.get("help", knob.help))

    def choices(self, knob: Knob) -> list[tuple[str, str]]:
        """The knob's choices as pairs of name in this language and value."""
        names = self._of("knobs", knob.name).get("choices", {})
        return [(names.get(value, value), value) for value in knob.choices or ()]

    def choice(self, knob: str, value: str) -> str:
        """The name in this language of one of the choices of the knob of this name."""
        return self._of("knobs", knob).get("choices", {}).get(value, value)

    def preset(self, preset: Preset) -> Preset:
        """The preset with its help in this language; the name that programs use stays English."""
        return replace(preset, help=self._of("presets", preset.name).get("help", preset.help))

    def preset_name(self, preset: Preset) -> str:
        """The name of the preset in this language."""
        return self._of("presets", preset.name).get("name", preset.name)

    def catalogue(self, art: Catalogue) -> Catalogue:
        """The catalogue with titles, artists and years in this language."""
        return replace(
            art,
            photos=tuple(self._said(each, "title", "credit") for each in art.photos),
            styles=tuple(map(self.style, art.styles)),
        )

    def style(self, style: Style) -> Style:
        """The painting with its title, artist and year in this language."""
        return self._said(style, "title", "artist", "year")

    def error(self, error: StyleTransferError) -> str:
        """The error's sentence in this language, with the labels of settings in place of their names."""
        labels = {knob.name: self.knob(knob).label for knob in knobs()}
        fields = error.fields | {
            field: labels.get(error.fields[field], error.fields[field])
            for field in _SETTINGS & error.fields.keys()
        }
        form = self._messages.get(error.code)
        if form is None:
            return in_english(error.code, **fields)
        named = {field: self._named(value) for field, value in fields.items()}
        return _Sentence(self).vformat(form, (), named)

    def note(self, code: str) -> str:
        """The sentence of a step's note in this language; empty if there is no note."""
        return code and (self._messages.get(code) or in_english(code))

    def number(self, number: str) -> str:
        """A number such as 1,234.5 with this language's thousands separator and decimal point."""
        return number.translate({ord(","): self.THOUSANDS, ord("."): self.POINT})

    @property
    def _messages(self) -> Mapping[str, str]:
        return self.told.get("messages", {})

    def _named(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        name, bracket, file = value.partition(" (")  # "photo (cat.jpg)"
        return self.told.get("names", {}).get(name, name) + bracket + file

    def _said(self, each: Any, *fields: str) -> Any:
        names = self.told.get("names", {})
        old = {name: getattr(each, name) for name in fields}
        return replace(each, **{name: names.get(text, text) for name, text in old.items()})

    def _of(self, kind: str, name: str) -> Mapping[str, Any]:
        return self.told.get(kind, {}).get(name, {})


class _Sentence(string.Formatter):
    """Fills in the fields of a sentence, and writes fractions as its language does."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def format_field(self, value: Any, format_spec: str) -> str:
        """The text of one field."""
        text: str = super().format_field(value, format_spec)
        return self._words.number(text) if isinstance(value, float) else text


def _read(tag: str) -> Words:
    return Words(tag, tomllib.loads((_FOLDER / f"{tag}.toml").read_text(encoding="utf-8")))


ENGLISH = _read("en")


@cache
def languages() -> dict[str, Words]:
    """The texts of every language by its tag, English first."""
    others = sorted({file.stem for file in _FOLDER.glob("*.toml")} - {ENGLISH.language})
    return {ENGLISH.language: ENGLISH} | {tag: _read(tag) for tag in others}


def preferred(accepted: str) -> str:
    """The tag of the page's language for a browser that sends this `Accept-Language` header.

    It is the most preferred language that the page has, whatever the country; else English.
    """
    ranked = []
    for part in accepted.split(","):
        tag, _, rank = part.strip().lower().partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d*)?)\s*", rank)
        if not rank or (weight and float(weight[1])):
            ranked.append((-float(weight[1]) if weight else -1.0, tag))
    for _, tag in sorted(ranked, key=lambda each: each[0]):
        for ours in languages():
            if tag == ours.lower() or tag.partition("-")[0] == ours.lower().partition("-")[0]:
                return ours
    return "en"
