"""Gradio's temporary folder: visitors' uploads, Gradio's copies of shown files, and their deletion.

Gradio puts each upload, and a copy of each file that the page shows, into that folder, in a subfolder
named by a hash, under the file's own name.
"""

import contextlib
import filecmp
import os
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..images import save_image
from ..pictures import NAMES
from . import decoding
from .crops import Crops
from .files import PREVIEW_PREFIX
from .inputs import PAINTED, wanted

# Format -> suffixes by which Gradio tells browsers what a file is.
_SUFFIXES = {"JPEG": (".jpg", ".jpeg"), "PNG": (".png",), "WEBP": (".webp",), "BMP": (".bmp",)}
_EXACTLY = 4_000_000  # pixels up to which drawings and masks are shown as PNG, which takes a second then

# For how many seconds files are kept: previews of a run (up to three a second) for an hour, and files of
# which Gradio takes a copy at once for ten minutes.
_HOUR, _MOMENT = 3600, 600
_PREVIEWS = (f"{PREVIEW_PREFIX}-*.jpeg", "image.jpeg")  # as this page and as Gradio name them


@dataclass(frozen=True)
class Shown:
    """What the page shows of an upload.

    Attributes:
        file: a copy of what is painted from; None where browsers show the upload itself just so.
        recipe: the text of a recipe in the upload, unchecked; None if there is none.
        on_grey, hdr: as `srgb.Plain`.
    """

    file: str | None
    recipe: str | None
    on_grey: bool
    hdr: bool


class Uploads:
    """The uploads of visitors, and the copies that the page and Gradio have made.

    Either this class or Gradio deletes old files, never both. In this server's own folder it is this
    class, which knows previews and misses no file. Where the operator has set GRADIO_TEMP_DIR it is
    Gradio, because that folder may hold files of other programs: Gradio deletes only the files on its
    own list, which is lost if the process is killed.

    Args:
        folder: of this server; deleted when the process ends.
        keep: seconds for which uploads, and copies of results, are kept; `queue.Limits.keep_uploads`.

    Attributes:
        folder: where Gradio puts uploads and copies.
        delete_cache: for `gr.Blocks`: how often Gradio deletes files and how old they are by then, in
            seconds; None where this class deletes them.
        crops: the crops of paintings.
    """

    def __init__(self, folder: Path, keep: float) -> None:
        self._keep = keep
        own = folder / "copies"
        self.folder = Path(os.environ.setdefault("GRADIO_TEMP_DIR", str(own)))
        self.delete_cache = None if self.folder == own else (_HOUR, round(keep))
        self.crops = Crops(folder / "parts")
        self._originals: dict[str, str] = {}  # uploads by the path of what is shown in their place
        threading.Thread(target=self._tidy_forever, daemon=True).start()

    def presentable(self, file: Any, name: str) -> Shown:
        """What the page shows of an upload: just what is painted from.

        Args:
            file: as `decoding.picture` takes it.
            name: which picture it is, in `pictures.NAMES`.

        Raises:
            ImageError: it is not a picture that can be painted from.
        """
        found = decoding.picture(file, NAMES[name], wanted(name))
        path = Path(file) if isinstance(file, str) else Path("photo")
        told = (found.recipe, found.on_grey, found.hdr)
        if found.shown_alike and path.suffix.lower() in _SUFFIXES[found.format]:
            return Shown(None, *told)
        exactly = found.drawn or name in PAINTED
        small = found.image.width * found.image.height <= _EXACTLY
        folder = self.folder / secrets.token_hex(16)
        folder.mkdir(parents=True)
        shown = folder / f"{path.stem[:100]}{'.png' if exactly and small else '.jpg'}"
        save_image(found.image, shown)
        if isinstance(file, str):
            self._originals[str(shown)] = file
        return Shown(str(shown), *told)

    def copies_of(self, folder: Path, others: Iterable[Path]) -> list[Path]:
        """Gradio's copies of all files in a job's folder.

        Args:
            folder: the job's.
            others: folders of other jobs. If one of them holds an identical file, such as the same
                example photo, the two jobs share Gradio's copy of it, and the copy is left out.
        """
        copies = []
        others = list(others)
        for file in _files(folder, "*.*"):
            elsewhere = (same for other in others for same in _files(other, file.name))
            if not any(_equal(file, same) for same in elsewhere):
                copies += [copy for copy in self._named(file.name) if _equal(file, copy)]
        return copies

    def delete_copies_named(self, name: str) -> None:
        """Deletes all of Gradio's copies with this file name, which only one job may use."""
        for copy in self._named(name):
            copy.unlink(missing_ok=True)

    def delete(self, files: Iterable[Any], needed: Iterable[str]) -> None:
        """Deletes uploads, and the paintings that uploaded crops were cut from; ignores other values.

        Args:
            files: values that may be paths of uploads.
            needed: the files of jobs that are kept, which are not deleted.
        """
        for file in self._with_sources(files) - self._with_sources(needed):
            self._delete(Path(file))

    def _with_sources(self, files: Iterable[Any]) -> set[str]:
        paths = {file for file in files if isinstance(file, str)}
        return paths | {self.crops.source_of(file).source for file in paths}

    def _delete(self, file: Path) -> None:
        if not file.is_file() or self.folder.resolve() not in file.resolve().parents:
            return  # a file of the catalogue, or deleted already
        original = self._originals.pop(str(file), None)
        file.unlink(missing_ok=True)
        (self.crops.folder / file.name).unlink(missing_ok=True)
        if original:
            self._delete(Path(original))

    def _named(self, name: str) -> Iterable[Path]:
        return self.folder.glob(f"*/{name}")

    def tidy(self) -> None:
        """Deletes the files that have been kept for long enough."""
        _delete_older(self.crops.folder, _MOMENT)
        if self.delete_cache is None:
            for previews in _PREVIEWS:
                _delete_older(self.folder, _HOUR, previews)
            _delete_older(self.folder, self._keep)

    def _tidy_forever(self) -> None:
        while True:
            time.sleep(_MOMENT)
            with contextlib.suppress(OSError):  # it is tried again the next time
                self.tidy()


def _delete_older(folder: Path, seconds: float, pattern: str = "*") -> None:
    """Deletes the files in the folder that are older than that, and subfolders that are left empty."""
    for path in sorted(folder.rglob(pattern), reverse=True):  # the files of a folder before the folder
        with contextlib.suppress(OSError):  # gone meanwhile, or not empty
            if time.time() - path.stat().st_mtime > seconds:
                path.rmdir() if path.is_dir() else path.unlink()


def _files(folder: Path, pattern: str) -> list[Path]:
    """The files in a folder and below that match; none if the folder is being deleted meanwhile."""
    with contextlib.suppress(OSError):
        return list(folder.rglob(pattern))
    return []


def _equal(one: Path, other: Path) -> bool:
    """Whether both hold the same; false if one has been deleted meanwhile, as other visitors may do."""
    with contextlib.suppress(OSError):
        return filecmp.cmp(one, other, shallow=False)
    return False
