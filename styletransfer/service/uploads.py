"""Gradio's temporary folder: visitors' uploads, Gradio's copies of shown files, and their deletion.

Each upload lies in a folder of its own, so that deleting it deletes it for nobody else. Of each other
file that the page shows, Gradio puts a copy into a subfolder named by a hash, under the file's own name.
"""

import contextlib
import filecmp
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ..cutout import on_white
from ..errors import ImageError
from ..images import save_image
from ..pictures import NAMES
from . import decoding
from .clock import Clock
from .crops import Crops
from .inputs import NAMED, PAINTED, wanted
from .records import Records
from .run import Run

# Format -> suffixes by which Gradio tells browsers what a file is.
_SUFFIXES = {"JPEG": (".jpg", ".jpeg"), "PNG": (".png",), "WEBP": (".webp",), "BMP": (".bmp",)}
_EXACTLY = 4_000_000  # pixels up to which drawings and masks are shown as PNG, which takes a second then

# For how many seconds files are kept: previews that are sent to programs, up to three a second, for an
# hour, and files of which Gradio takes a copy at once for ten minutes.
_HOUR, _MOMENT = 3600, 600
_PREVIEW = "image.jpeg"  # as Gradio names them
_PLACE = "upload-"  # how the names of uploads' folders begin


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
        folder: of this server.
        keep: seconds for which uploads, and copies of results, are kept; `queue.Limits.keep_uploads`.
        records: where it is noted when each file was first seen, and what it was made from.
        clock: by which files age; not by the times in the file system, which depend on a clock that may
            be set anew.

    Attributes:
        folder: where Gradio puts uploads and copies.
        delete_cache: for `gr.Blocks`: how often Gradio deletes files and how old they are by then, in
            seconds; None where this class deletes them.
        crops: the crops of paintings.
    """

    def __init__(self, folder: Path, keep: float, records: Records, clock: Clock) -> None:
        self._keep = keep
        self._clock = clock
        self.records = records
        self._seen = records.notes("uploads")
        own = folder / "copies"
        self.folder = Path(os.environ.setdefault("GRADIO_TEMP_DIR", str(own)))
        self.delete_cache = None if self.folder == own else (_HOUR, round(keep))
        self.crops = Crops(folder / "parts", records.notes("crops"))
        self._originals = records.notes("originals")  # uploads by what is shown in their place
        self._cutouts = records.notes("cutouts")  # those of them that have transparent parts
        self._of_programs = records.notes("of programs")  # uploads by the id of the run made from them
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
        shown = self.place() / f"{path.stem[:100]}{'.png' if exactly and small else '.jpg'}"
        save_image(found.image, shown)
        if isinstance(file, str):
            self._originals[str(shown)] = file
            if found.transparent:
                self._cutouts[str(shown)] = file
        return Shown(str(shown), *told)

    def cutout_of(self, shown: Any) -> str | None:
        """The upload of which this file shows a copy on white; None if it has no transparent parts."""
        return self._cutouts.get(shown) if isinstance(shown, str) else None

    def place(self) -> Path:
        """A new folder for an upload. Nobody can guess its name, and no other upload gets into it."""
        place = self.folder / f"{_PLACE}{secrets.token_urlsafe(16)}"
        place.mkdir(parents=True)
        return place

    @property
    def shared(self) -> Path:
        """Where paintings lie that are shared with a look; named so that they age as uploads do."""
        return self.folder / f"{_PLACE}shared"

    def is_shared(self, file: Any) -> bool:
        """Whether this is the file of a painting that is shared, or Gradio's copy of it."""
        return isinstance(file, str) and (self.shared / Path(file).name).is_file()

    def renew(self, file: Path) -> None:
        """Counts the age of a file from now on."""
        self._seen[str(file)] = self._clock.now()

    def preview(self, run: Run, image: Image.Image) -> str | None:
        """A file of what a program is shown of its run, which goes with the run.

        Gradio's own copies of previews would be found by nobody who deletes the run.

        Returns:
            its path; None once the run is gone, or while the disk is full.
        """
        file = self._previews(run.id) / secrets.token_hex(8) / _PREVIEW
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True)
            on_white(image).save(file)
        if run.forgotten:  # meanwhile
            self.forget(run.id)
        return str(file) if file.exists() else None

    def note(self, run: Run, files: Iterable[Any]) -> None:
        """Notes what a program has handed in for a run; ignores values that are no paths."""
        paths = [file for file in files if isinstance(file, str)]
        # The same request may have come before, with uploads of its own.
        self._of_programs[run.id] = [*self.handed_in(run.id), *paths]

    def handed_in(self, id: str) -> list[str]:
        """What a program has handed in for the run with this id."""
        return list(self._of_programs.get(id, ()))

    def forget(self, id: str) -> None:
        """Deletes the previews of a run, and forgets what it was made from."""
        self._of_programs.pop(id, None)
        shutil.rmtree(self._previews(id), ignore_errors=True)

    def _previews(self, id: str) -> Path:
        return self.folder / f"{_PLACE}{id}"

    def gone(self, files: Mapping[str, Any]) -> dict[str, ImageError]:
        """Errors by name for the uploads that are no longer there, as after a restart.

        Args:
            files: values that may be paths of uploads, by a name in `inputs.NAMED`.
        """
        paths = {name: file for name, file in files.items() if isinstance(file, str)}
        return {
            name: ImageError("upload_gone", name=NAMED[name])
            for name, path in paths.items()
            if self._holds(Path(path)) and not Path(path).exists()
        }

    def _holds(self, path: Path) -> bool:
        return self.folder.resolve() in path.resolve().parents

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
        if not file.is_file() or not self._holds(file) or self.is_shared(str(file)):
            return  # a file of the catalogue, one of somebody else, or deleted already
        original = self._originals.pop(str(file), None)
        self._cutouts.pop(str(file), None)
        file.unlink(missing_ok=True)
        _delete_empty_folders(self.folder, file)
        (self.crops.folder / file.name).unlink(missing_ok=True)
        if original:
            self._delete(Path(original))

    def _named(self, name: str) -> Iterable[Path]:
        return self.folder.glob(f"*/{name}")

    def tidy(self) -> None:
        """Deletes the files that have been kept for long enough."""
        now, there = self._clock.now(), set()
        for path, keep in self._aging():
            name = str(path)
            if now - self._seen.setdefault(name, now) > keep:
                path.unlink(missing_ok=True)
                _delete_empty_folders(self.folder, path)
            else:
                there.add(name)
        for name in self._seen.keys() - there:
            del self._seen[name]
        for shown, original in list(self._originals.items()):
            if not Path(original).exists():
                del self._originals[shown]
                self._cutouts.pop(shown, None)

    def _aging(self) -> Iterator[tuple[Path, float]]:
        """The files that are deleted here, and for how many seconds each is kept."""
        for path in _files(self.crops.folder, "*"):
            yield path, _MOMENT
        own = self.delete_cache is None
        previews = set(_files(self.folder, _PREVIEW) if own else ())
        for path in _files(self.folder, "*" if own else f"{_PLACE}*/**/*"):
            yield path, _HOUR if path in previews else self._keep

    def _tidy_forever(self) -> None:
        while True:
            time.sleep(_MOMENT)
            with contextlib.suppress(OSError):  # it is tried again the next time
                self.tidy()


def _delete_empty_folders(root: Path, gone: Path) -> None:
    """Deletes the folders between the root and a deleted file that are left empty."""
    with contextlib.suppress(OSError):  # not empty
        for folder in gone.parents:
            if root not in folder.parents:
                return
            folder.rmdir()


def _files(folder: Path, pattern: str) -> list[Path]:
    """The files in a folder and below that match; none if the folder is being deleted meanwhile."""
    with contextlib.suppress(OSError):
        return [path for path in folder.rglob(pattern) if path.is_file()]
    return []


def _equal(one: Path, other: Path) -> bool:
    """Whether both hold the same; false if one has been deleted meanwhile, as other visitors may do."""
    with contextlib.suppress(OSError):
        return filecmp.cmp(one, other, shallow=False)
    return False
