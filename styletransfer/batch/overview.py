"""The overview of a batch: `overview.html`, a page with every picture beside its photo.

It needs no server and asks for nothing outside of its folder. Its small pictures lie beside it in
`overview_files`, as browsers save pages, so that a page of a thousand pictures opens at once.
"""

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from PIL import Image

from ..cutout import on_white
from ..errors import ImageError
from ..images import load_image
from ..pictures import STYLES, Pictures
from ..service.durable import whole
from .manifest import NAME, Entry

PAGE, FILES = "overview.html", "overview_files"
_LONG = 480  # pixels: twice what the page shows, for screens of high resolution


@dataclass(frozen=True)
class Small:
    """A small picture on the page.

    Attributes:
        source: its address, relative to the page.
        width, height: in pixels.
    """

    source: str
    width: int
    height: int


class Overview:
    """The overview of the pictures in a folder.

    Args:
        folder: for results; it exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = folder / FILES

    def keep(self, file: str, image: Image.Image, hashes: Mapping[str, str], pictures: Pictures) -> None:
        """Keeps small copies of a picture that has just been painted, and of what it was made from.

        Args:
            file: the picture's, as the manifest calls it.
            image: the picture.
            hashes: of the files that it was made from, by the API's names.
            pictures: what they hold.
        """
        self._save(_hashed(file), image)
        sources = [pictures.content, *pictures.styles]
        for name, source in zip(("content", *STYLES), sources, strict=False):
            if name in hashes and not self._path(hashes[name]).exists():
                self._save(hashes[name], source)

    def write(self, entries: Sequence[Entry]) -> None:
        """Writes the page; where that is impossible, as on a full disk, it is left out.

        Args:
            entries: of the manifest.
        """
        page = _template().render(
            groups=self._groups([each for each in entries if each.state != "failed"]),
            failures=[each for each in entries if each.error],
            pictures=sum(each.state != "failed" for each in entries),
            paintings=self._paintings(entries),
            manifest=NAME,
        )
        with contextlib.suppress(OSError), whole(self._folder / PAGE) as part:
            part.write_text(page, encoding="utf-8")

    def _groups(self, entries: Sequence[Entry]) -> list[dict[str, Any]]:
        """For each photo its name and its pictures."""
        by_photo: dict[str, list[Entry]] = {}
        for entry in entries:
            by_photo.setdefault(entry.photo, []).append(entry)
        return [
            {
                "name": PurePath(photo).name,
                "small": self._small(_hash_of(group[0], "content"), Path(photo), "photo"),
                "pictures": [self._picture(entry) for entry in group],
            }
            for photo, group in by_photo.items()
        ]

    def _picture(self, entry: Entry) -> dict[str, Any]:
        return {
            "address": quote(entry.file),
            "paintings": " and ".join(PurePath(painting).stem for painting in entry.paintings),
            "small": self._small(_hashed(entry.file), self._folder / entry.file, "picture"),
            "seconds": entry.seconds,
            "copied": entry.state == "copied",
        }

    def _paintings(self, entries: Sequence[Entry]) -> list[dict[str, Any]]:
        """Every painting once, with its name."""
        found: dict[str, str] = {}
        for entry in entries:
            for name, painting in zip(STYLES, entry.paintings, strict=False):
                found[painting] = _hash_of(entry, name) or found.get(painting, "")
        return [
            {"name": PurePath(painting).stem, "small": self._small(digest, Path(painting), "painting")}
            for painting, digest in found.items()
        ]

    def _small(self, name: str, file: Path, what: str) -> Small | None:
        """The small copy of this name, made from the file if it is not there; None if it cannot be."""
        path = self._path(name)
        with contextlib.suppress(ImageError, OSError):
            if name and not path.exists():
                self._save(name, load_image(file, what))
            with Image.open(path) as image:
                return Small(f"{FILES}/{path.name}", *image.size)
        return None

    def _save(self, name: str, image: Image.Image) -> None:
        small = image.copy()
        small.thumbnail((_LONG, _LONG), Image.Resampling.LANCZOS)
        with contextlib.suppress(OSError):  # the page does without it, and makes it the next time
            self._files.mkdir(exist_ok=True)
            with whole(self._path(name), lasting=False) as part:
                on_white(small).save(part, format="JPEG", quality=85)

    def _path(self, name: str) -> Path:
        return self._files / f"{name[:24]}.jpg"


def _hashed(file: str) -> str:
    return hashlib.sha256(file.encode(errors="surrogateescape")).hexdigest()


def _hash_of(entry: Entry, name: str) -> str:
    digest: str = ((entry.recipe or {}).get("sha256") or {}).get(name, "")
    return digest


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(autoescape=True, loader=loader, undefined=StrictUndefined).get_template(
        "overview.jinja"
    )
