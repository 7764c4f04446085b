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


@dataclass(frozen=True)
class Photo:
    """A photo to try the program with; the credit names its author and licence."""

    file: Path
    title: str
    credit: str


@dataclass(frozen=True)
class Style:
    """A painting to learn from."""

    file: Path
    title: str
    artist: str
    year: str

    @property
    def caption(self) -> str:
        """Artist, title and year, as they stand under the painting."""
        return f"{self.artist}, {self.title}, {self.year}"


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
    return Catalogue(
        tuple(Photo(**_with_paths(row)) for row in data["photo"]),
        tuple(Style(**_with_paths(row)) for row in data["style"]),
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
