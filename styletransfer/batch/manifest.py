"""The manifest of a batch: one line of JSON for each picture, with all that is known of it.

A line is in the file as soon as its picture is, so that a killed machine loses none. At the end the file
is written anew with one line for each picture.
"""

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from ..errors import StyleTransferError
from ..service.durable import whole

NAME = "manifest.jsonl"


@dataclass(frozen=True)
class Entry:
    """What is known of one picture.

    Attributes:
        file: of the picture, relative to the folder for results, with / between its parts.
        photo: its file, as it was named.
        paintings: the same of its painting, or of those that were blended.
        state: painted; copied, where another photo has the same contents; or failed.
        copy_of: whose copy it is, a `file`; empty if it is none.
        recipe: as in the picture's own file; empty where it failed.
        seconds: that painting it took; None where that is not known.
        losses: of the last step, by name; None where they are not known.
        error: why it failed: its code and its sentence.
    """

    file: str
    photo: str
    paintings: list[str]
    state: str
    copy_of: str = ""
    recipe: dict[str, Any] | None = None
    seconds: float | None = None
    losses: dict[str, float] | None = None
    error: dict[str, str] | None = None


class Manifest:
    """The entries of a folder, of this batch and of earlier ones; a context that ends with the batch.

    Args:
        folder: for the results; it exists.
        planned: the files of this batch, in their order. Of others only pictures that are still there
            are kept.

    Raises:
        StyleTransferError: by entering, if it cannot be written.
    """

    def __init__(self, folder: Path, planned: Iterable[str]) -> None:
        self._file = folder / NAME
        self._planned = list(planned)
        known = _read(self._file)
        others = [name for name in known if name not in set(self._planned) and (folder / name).exists()]
        # Nobody will ask why a picture failed that has been asked for with other words since.
        self._order = [*(name for name in others if known[name].state != "failed"), *self._planned]
        self._entries = {name: known[name] for name in self._order if name in known}
        self._open: TextIO  # once it is entered

    @property
    def entries(self) -> list[Entry]:
        """In their order: those of earlier batches first."""
        return [self._entries[name] for name in self._order if name in self._entries]

    def of(self, file: str) -> Entry | None:
        """The entry of a picture, if it has one."""
        return self._entries.get(file)

    def add(self, entry: Entry) -> None:
        """Adds an entry, or replaces that of the same picture; it is on the disk after that.

        Raises:
            StyleTransferError: it cannot be written.
        """
        if self._entries.get(entry.file) == entry:
            return
        self._entries[entry.file] = entry
        with _explained(self._file):
            self._open.write(_line(entry))
            self._open.flush()
            os.fsync(self._open.fileno())

    def __enter__(self) -> Self:
        with _explained(self._file):
            self._write_anew()  # without the half of a line that a killed machine may have left
            self._open = self._file.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # as where the disk is full: each line is in the file already
            self._open.close()
        with contextlib.suppress(OSError):
            self._write_anew()

    def _write_anew(self) -> None:
        with whole(self._file) as part:
            part.write_text("".join(map(_line, self.entries)), encoding="utf-8")


@contextlib.contextmanager
def _explained(file: Path) -> Any:
    try:
        yield
    except OSError as error:
        raise StyleTransferError("cannot_be_saved", file=file, why=error.strerror) from error


def _line(entry: Entry) -> str:
    return json.dumps(asdict(entry), ensure_ascii=False) + "\n"


def _read(file: Path) -> dict[str, Entry]:
    """File -> its last entry; lines that are none are left out, as the last of a killed machine's."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StyleTransferError("cannot_be_saved", file=file, why=error.strerror) from error
    entries = {}
    names = {field.name for field in fields(Entry)}
    for line in lines:
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            known = {name: value for name, value in json.loads(line).items() if name in names}
            entry = Entry(**known)
            entries[entry.file] = entry
    return entries
