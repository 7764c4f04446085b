"""The example photos, paintings and finished pairs, as `examples/catalogue.toml` lists them."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent
# An installed package holds the examples itself; in the repository they lie beside the package.
_INSTALLED, _BESIDE = _PACKAGE / "examples", _PACKAGE.parent / "examples"
FOLDER = _INSTALLED if (_INSTALLED / "catalogue.toml").is_file() else _BESIDE

# What paintings are like, in the order in which the wall shows them: what a visitor is in the mood for.
MOODS = ("calm", "bright", "restless", "dark", "geometric", "line")


@dataclass(frozen=True)
class Photo:
    """A photo to try the program with; the credit names its author and licence."""

    file: Path
    title: str
    credit: str


@dataclass(frozen=True)
class Source:
    """Where a painting's file comes from: the package, and the licence under which that has the file."""

    package: str
    licence: str


@dataclass(frozen=True)
class Style:
    """A painting to learn from. Its year and the place `where` it hangs are empty if not known."""

    file: Path
    title: str
    artist: str
    mood: str  # one of MOODS
    source: Source
    year: str = ""
    where: str = ""

    @property
    def caption(self) -> str:
        """Artist, title and year, as they stand under the painting."""
        return ", ".join(filter(None, (self.artist, self.title, self.year)))


@dataclass(frozen=True)
class Example:
    """A finished picture and what it was made from; `settings` are those unlike the defaults."""

    photo: Path
    style: Path
    result: Path
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    """The whole of `examples/catalogue.toml`, in its order."""

    photos: tuple[Photo, ...]
    styles: tuple[Style, ...]
    examples: tuple[Example, ...]


@cache
def catalogue() -> Catalogue:
    """What `examples/catalogue.toml` lists, with absolute paths."""
    data = tomllib.loads((FOLDER / "catalogue.toml").read_text(encoding="utf-8"))
    sources = {name: Source(**row) for name, row in data["source"].items()}
    styles = [row | {"source": sources[row["source"]]} for row in data["style"]]
    return Catalogue(
        tuple(Photo(**_with_paths(row)) for row in data["photo"]),
        tuple(Style(**_with_paths(row)) for row in styles),
        tuple(Example(**_with_paths(row)) for row in data["example"]),
    )


def style_at(file: Any) -> Style | None:
    """The painting of the catalogue that lies at this path, or None."""
    return next((style for style in catalogue().styles if str(style.file) == str(file)), None)


def _with_paths(row: dict[str, Any]) -> dict[str, Any]:
    """A table of the file with its file names as absolute paths."""
    return {
        key: FOLDER / value if key in ("file", "photo", "style", "result") else value
        for key, value in row.items()
    }
