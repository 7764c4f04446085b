"""The example photos, paintings and finished pairs, as `examples/catalogue.toml` lists them."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "examples"


@dataclass(frozen=True)
class Photo:
    file: Path
    title: str
    credit: str


@dataclass(frozen=True)
class Style:
    file: Path
    title: str
    artist: str
    year: str

    @property
    def caption(self) -> str:
        return f"{self.artist}, {self.title}, {self.year}"


@dataclass(frozen=True)
class Example:
    """A finished pair; `settings` holds what differs from the defaults."""

    photo: Path
    style: Path
    result: Path
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    photos: tuple[Photo, ...]
    styles: tuple[Style, ...]
    examples: tuple[Example, ...]


@cache
def catalogue() -> Catalogue:
    """What `examples/catalogue.toml` lists, with absolute paths."""
    data = tomllib.loads((FOLDER / "catalogue.toml").read_text(encoding="utf-8"))
    paths = {"file", "photo", "style", "result"}

    def read(kind: type, rows: list[dict]) -> tuple:
        return tuple(
            kind(**{key: FOLDER / value if key in paths else value for key, value in row.items()})
            for row in rows
        )

    return Catalogue(
        read(Photo, data["photo"]), read(Style, data["style"]), read(Example, data["example"])
    )


def style_at(file: Any) -> Style | None:
    """The catalogue's painting whose file this is, or None."""
    return next((style for style in catalogue().styles if str(style.file) == str(file)), None)
