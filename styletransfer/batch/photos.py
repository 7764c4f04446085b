"""The photos of a batch: picture files that are named, and those in folders, however deep."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path, PurePath
from typing import NoReturn

from PIL import Image

from .. import picture_limits
from ..errors import ImageError


def photos_in(sources: Sequence[Path]) -> list[tuple[Path, PurePath]]:
    """Each photo, and the folder in which it lay below the source that it was found in.

    A file that is named counts whatever it is. In a folder those count whose suffix is that of a
    picture; hidden files and folders, and links to folders, are left out.

    Args:
        sources: files and folders.

    Raises:
        ImageError: one does not exist, or is a folder without pictures, or one that cannot be read.
    """
    found: dict[Path, PurePath] = {}
    for source in sources:
        if source.is_dir():
            inside = list(_walked(source))
            if not inside:
                raise ImageError("batch_folder_without_pictures", folder=source)
            for file in inside:
                found.setdefault(file, file.parent.relative_to(source))
        elif os.path.lexists(source):
            found.setdefault(source, PurePath())
        else:
            raise ImageError("batch_photo_not_there", file=source)
    return list(found.items())


def inside(folder: Path, sources: Iterable[Path]) -> Path | None:
    """The source in which, or below which, this folder lies, also by links; None if it is in none.

    Args:
        folder: need not exist.
        sources: files and folders.
    """
    real = Path(os.path.realpath(folder))
    return next(
        (each for each in sources if each.is_dir() and real.is_relative_to(os.path.realpath(each))), None
    )


def _walked(folder: Path) -> Iterator[Path]:
    """The pictures in a folder and those below it, in the order of their names."""

    def refuse(error: OSError) -> NoReturn:
        raise ImageError("batch_folder_unreadable", folder=error.filename, why=error.strerror) from error

    for path, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and PurePath(name).suffix.lower() in _suffixes():
                yield Path(path, name)


@cache
def _suffixes() -> frozenset[str]:
    """The suffixes of the formats that can be opened."""
    opened = picture_limits.formats()
    return frozenset(
        suffix for suffix, format in Image.registered_extensions().items() if format in opened
    )
