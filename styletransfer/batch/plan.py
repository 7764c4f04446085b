"""What a batch is to paint: its photos and paintings, paired, and where each picture goes.

All that can be known before the first step is checked here; no file is written.
"""

import csv
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ImageError
from ..settings import Settings
from .names import Pattern
from .photos import inside, photos_in

_HEADER = ["photo", "painting"]  # of a table of pairs, which may have one


@dataclass(frozen=True)
class Item:
    """One picture to be painted.

    Attributes:
        photo: its file.
        paintings: the painting's file; of several, a blend.
        output: where the picture goes.
    """

    photo: Path
    paintings: tuple[Path, ...]
    output: Path

    def __str__(self) -> str:
        return f"{self.photo} by {' and '.join(map(str, self.paintings))}"


@dataclass(frozen=True)
class Plan:
    """All pictures of a batch, and how they are painted.

    Attributes:
        items: in the order in which they are painted: all photos by the first painting, then all by the
            second. So what is seen in a painting is computed once.
        settings: of all of them.
        folder: where they go.
        network: what sees the pictures, as `weights.known_as` has it.
    """

    items: Sequence[Item]
    settings: Settings
    folder: Path
    network: str = ""


def every_pair(
    sources: Sequence[Path], paintings: Sequence[Path], pattern: Pattern, folder: Path
) -> list[Item]:
    """Every photo by every painting.

    Args:
        sources: the photos: files, and folders whose own folders are kept in the results.
        paintings: their files.
        pattern: of the names.
        folder: for the results.

    Raises:
        ImageError: as `photos_in`; the results would lie among the photos; two pictures would have one
            name, or one of them that of a file that is read.
    """
    if (around := inside(folder, sources)) is not None:
        raise ImageError("batch_output_among_photos", folder=folder, photos=around)
    photos = photos_in(sources)
    items = [
        Item(photo, (painting,), folder / below / pattern.name(photo, [painting]))
        for painting in dict.fromkeys(paintings)
        for photo, below in photos
    ]
    return _checked(items)


def listed_pairs(table: Path, pattern: Pattern, folder: Path) -> list[Item]:
    """The pairs of a table: in each row a photo and its painting, or several to be blended.

    Args:
        table: a CSV file. Its paths are relative to its own folder; a first row "photo,painting" and
            empty rows are left out.
        pattern: of the names.
        folder: for the results.

    Raises:
        ImageError: the table cannot be read, a row has no painting, or it names no pair; as
            `every_pair` for the names.
    """
    items = {}
    for number, row in enumerate(_rows(table), 1):
        cells = [cell.strip() for cell in row if cell.strip()]
        if not cells or (number == 1 and [cell.lower() for cell in cells] == _HEADER):
            continue
        if len(cells) < 2:
            raise ImageError("batch_row_incomplete", table=table, number=number, row=cells[0])
        photo, *paintings = (table.parent / cell for cell in cells)
        output = folder / pattern.name(photo, paintings)
        items[photo, *paintings] = Item(photo, tuple(paintings), output)
    if not items:
        raise ImageError("batch_table_empty", table=table)
    in_order = sorted(items.values(), key=lambda item: list(map(str, item.paintings)))
    return _checked(in_order)


def _rows(table: Path) -> list[list[str]]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8 with commas"
        raise ImageError("batch_table_unreadable", table=table, why=why) from error


def _checked(items: list[Item]) -> list[Item]:
    """The items, of which no two have one output, and none the file of a picture that is read."""
    first: dict[str, Item] = {}
    for item in items:
        other = first.setdefault(_alike(item.output), item)
        if other is not item:
            raise ImageError("batch_names_collide", one=other, other=item, output=item.output)
    for item in items:
        for file in (item.photo, *item.paintings):
            if _alike(file) in first:
                raise ImageError("output_is_an_input", output=file)
    return items


def _alike(path: Path) -> str:
    """The same for all spellings of a path that some file system takes for one."""
    return unicodedata.normalize("NFC", os.path.realpath(path)).casefold()
