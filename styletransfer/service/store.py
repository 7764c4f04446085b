"""What the page keeps of each job beside the job itself: what was handed in and what came of it."""

import contextlib
import filecmp
import hashlib
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from ..engine.stylize import Step, schedule
from ..errors import StyleTransferError
from ..images import fitted_size, load_image, resize, save_image, to_image
from ..pictures import MASKS, Pictures
from ..recipe import recipe
from ..settings import Settings, knobs
from .contact_sheet import Cell, Sheet
from .crops import Parts
from .queue import Job, Jobs
from .timelapse import Film

MORE_STEPS = 100  # when a finished picture is gone on with
PREVIEW = 768  # long side in pixels of the picture while it forms
THUMBNAIL = 180  # of a finished one among others

# What every browser shows as it should be; the rest is shown as a JPEG.
_SHOWN_AS_IS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}

# A server's folder holds the number of its process, by which the next one knows that it is dead.
_PREFIX = "styletransfer-page-"
_OWNER = "process"

# Of the pictures on the page while they form.
_SO_FAR = "so-far"

# Seconds that files are kept: uploads and results, previews of a run, pictures for the photo's box.
_DAY, _HOUR, _MOMENT = 86400, 3600, 600


@dataclass(frozen=True)
class Asked:
    """What a visitor asked for, to be filled in again after a reload."""

    settings: Settings
    files: Mapping[str, str] = field(default_factory=dict)  # by a name out of `handed.NAMES`


class Shelf:
    """Starts jobs from what visitors hand in, and holds their files for as long as the jobs are kept.

    Args:
        jobs: the line that they join.

    Attributes:
        asked: by job id.
        parts: of paintings, for the page.
    """

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs
        jobs.forgotten = self._delete
        self.asked: dict[str, Asked] = {}
        self._kept: dict[str, bool] = {}
        self._films: dict[str, Film] = {}
        self._originals: dict[str, str] = {}  # uploads by the hash of what is shown in their place
        self._beside: dict[str, str] = {}
        _sweep()
        self._temporary = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        self._folder = Path(self._temporary.name)
        (self._folder / _OWNER).write_text(str(os.getpid()))
        self._upright = self._folder / "upright"
        self.parts = Parts(self._folder / "parts")
        # What Gradio copies goes there, too, unless somebody wants it elsewhere: it deletes by a list
        # that it forgets when it ends.
        self._copies = self._folder / "copies"
        os.environ.setdefault("GRADIO_TEMP_DIR", str(self._copies))
        threading.Thread(target=self._tidy, daemon=True).start()

    def start(self, pictures: Pictures, values: Sequence[Any], visitor: str = "") -> Job:
        """A job with these pictures and the values of all knobs, in their order.

        Whoever hands in a start image need not also choose to start from it.

        Raises:
            StyleTransferError: a value is not allowed, the pictures do not go together, or the line
                is full.
        """
        asked = settings_of(values)
        settings = asked if pictures.start is None else replace(asked, start="image")
        return self._start(pictures, settings, Asked(asked), visitor)

    def go_on(self, job: Job, values: Sequence[Any], visitor: str = "") -> Job:
        """A job that paints `MORE_STEPS` more from where that one has ended, with the values of now.

        Raises:
            StyleTransferError: as `start`; or there is nothing to go on from.
        """
        view, before = job.view, self.asked.get(job.id)
        if view is None or before is None:
            raise StyleTransferError("nothing_to_go_on_from")
        canvas = to_image(view.pixels) if isinstance(view, Step) else view
        asked = settings_of(values)
        # The size stays: of the photo no more is kept than it took.
        changed = {"start": "image", "steps": MORE_STEPS, "scales": 1, "size": job.settings.size}
        pictures = replace(job.pictures, start=canvas)
        more = self._start(pictures, replace(asked, **changed), Asked(asked), visitor)
        masks = {name: mask for name, mask in zip(MASKS, job.pictures.masks, strict=False) if mask}
        self.remember(
            more, {name: file for name, file in before.files.items() if name not in MASKS}, masks
        )
        return more

    def _start(self, pictures: Pictures, settings: Settings, asked: Asked, visitor: str) -> Job:
        schedule(pictures, settings)  # says now what the job would say after its wait
        job = self.jobs.start(pictures, settings, visitor)
        self.asked[job.id] = asked
        return job

    def start_sheet(
        self,
        pictures: Pictures,
        values: Sequence[Any],
        visitor: str,
        cells: Callable[[Pictures, Settings], Sequence[Cell]],
    ) -> Sheet:
        """A sheet with these cells, by which a look for these pictures is found.

        Raises:
            StyleTransferError: as `start`.
        """
        asked = settings_of(values)
        sheet = Sheet(pictures, cells(pictures, asked), visitor)
        self.jobs.enter(sheet)
        self.asked[sheet.id] = Asked(asked)
        return sheet

    def lay_beside(self, job: Job, id: str | None) -> None:
        """From now on one comes from the job to what was on the page before it, and back.

        That is a sheet beside pictures, and a picture beside sheets.
        """
        before = self.jobs.find(id)
        while before is not None and isinstance(before, Sheet) == isinstance(job, Sheet):
            before = self.beside(before)
        if before is not None:
            self._beside[job.id] = before.id
            self._beside[before.id] = job.id

    def beside(self, job: Job) -> Job | None:
        """The picture beside a sheet, or the sheet beside a picture, if there is one still."""
        return self.jobs.find(self._beside.get(job.id))

    def remember(self, job: Job, files: Mapping[str, Any], masks: Mapping[str, Image.Image]) -> None:
        """Keeps what the job was started from: uploaded files, and masks that were painted, by name."""
        kept = {name: file for name, file in files.items() if isinstance(file, str)}
        for name, mask in masks.items():
            if name not in kept:  # an uploaded one goes before
                kept[name] = str(self._folder / job.id / f"{name}.png")
                Path(kept[name]).parent.mkdir(parents=True, exist_ok=True)
                save_image(mask.convert("RGB"), kept[name])
        self.asked[job.id] = replace(self.asked[job.id], files=kept)

    def preview(self, job: Job) -> Image.Image:
        """The picture so far in the size of the finished one, as far as a screen needs it."""
        view = job.view or job.pictures.content
        image = view.image if isinstance(view, Step) else view
        return resize(image, min(job.settings.size, PREVIEW))

    def so_far(self, job: Job) -> Path | None:
        """`preview` as a file under a name of this job's own, by which every copy of it can be deleted.

        None where the job is no longer kept.
        """
        if job.id not in self.asked:
            return None
        # The hash, since whoever has the id may do anything with the job.
        file = self._folder / job.id / f"{_SO_FAR}-{_digest(job.id.encode())}.jpeg"
        picture = self.preview(job).convert("RGB")
        part = file.with_suffix(f".{threading.get_ident()}")  # two tabs may ask at once
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            picture.save(part, "JPEG", quality=85)
            part.replace(file)
        except OSError:  # deleted meanwhile
            if not self.gone(job):
                raise
        return None if self.gone(job) else file

    def gone(self, job: Job) -> bool:
        """Whether it is no longer kept; then what somebody who was still watching has left goes, too."""
        if job.id in self.asked:
            return False
        self._delete(job.id)
        return True

    def keeps(self, job: Job) -> bool:
        """Whether the picture on the page has the photo's colours: as chosen since, or as set."""
        return self._kept.get(job.id, bool(job.settings.keep))

    def recolour(self, job: Job, kept: bool) -> None:
        """From now on `result` has the photo's colours, or has not."""
        self._kept[job.id] = kept

    def record(self, job: Job) -> None:
        """Keeps what the job shows on its way, in a thread of its own, for `film`."""
        film = Film(
            self._folder / job.id / "film", *fitted_size(*job.pictures.content.size, job.settings.size)
        )
        self._films[job.id] = film
        threading.Thread(target=film.record, args=(job.steps_shown(),), daemon=True).start()

    def film(self, job: Job) -> Film | None:
        """How the picture came about, if that was recorded."""
        return self._films.get(job.id)

    def photo(self, job: Job) -> Path:
        """The photo as it was painted from, to be laid beside the result."""
        file = self._folder / job.id / "photo.jpg"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            save_image(job.pictures.content, file)
        return file

    def thumbnail(self, job: Job) -> Path | None:
        """The finished picture small, if there is one."""
        result = self.result(job)
        if result is None:
            return None
        file = result.with_name(f"{result.stem}-small.jpg")
        if not file.exists():
            with Image.open(result) as image:
                save_image(resize(image.convert("RGB"), THUMBNAIL), file)
        return file

    def result(self, job: Job, suffix: str = ".png") -> Path | None:
        """The finished picture in a file, if there is one: at its end, or as far as it came.

        Args:
            suffix: for its format, as `images.save_image` takes it.
        """
        view = job.view
        if view is None or job.id not in self.asked:
            return None
        if not isinstance(view, Step):
            strength, name = 0.0, "draft"
        elif self.keeps(job):
            strength, name = view.keep or 1.0, "painting-in-photo-colours"
        else:
            strength, name = 0.0, "painting"
        file = self._folder / job.id / f"{name}{suffix}"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(view, Step):
                image, steps = view.coloured(strength), view.number
            else:
                image, steps = resize(view, job.settings.size), 0
            asked = self.asked.get(job.id)
            if asked is None:  # deleted meanwhile
                return None
            # As they were turned while it was painted.
            settings = asked.settings.with_live(job.settings)
            try:
                save_image(image, file, **recipe(settings, asked.files, steps))
            except StyleTransferError:  # deleted meanwhile
                if self.gone(job):
                    return None
                raise
        return file

    def find_again(self, ids: Mapping[str, Any]) -> Job | None:
        """The tab's own job, else the newest one of this browser unless another tab watches it."""
        own, newest = (self.jobs.find(str(ids.get(key))) for key in ("own", "newest"))
        return own or (newest if newest and newest.unwatched() else None)

    def presentable(self, file: Any, name: str) -> Path | None:
        """A copy of an upload that a browser can show, or None where it can show the file itself.

        Raises:
            ImageError: it is not a picture that can be painted from.
        """
        image = load_image(file, name)
        path = Path(file) if isinstance(file, str) else Path("photo")
        if path.suffix.lower() in _SHOWN_AS_IS:
            return None
        self._upright.mkdir(parents=True, exist_ok=True)
        shown = Path(tempfile.mkdtemp(dir=self._upright)) / f"{path.stem}.jpg"
        save_image(image, shown)
        if isinstance(file, str):
            self._originals[_digest(shown.read_bytes())] = file
        return shown

    def delete(self, ids: Iterable[str], files: Iterable[Any] = ()) -> int:
        """Deletes these jobs and all that is on the disk of them, at once: how many there were.

        Uploads that somebody else's job was made from as well, the very same file, stay for that one.

        Args:
            files: uploads that no job has been made from yet; whatever is no upload is passed over.
        """
        theirs = {file for file in files if isinstance(file, str)}
        jobs = [job for id in ids if (job := self.jobs.find(id))]
        for job in jobs:
            folder = self._folder / job.id
            asked = self.asked.get(job.id)
            theirs.update(asked.files.values() if asked else ())
            copies = [copy for own in folder.rglob("*.*") for copy in self._copies_of(own)]
            self.jobs.delete(job)  # and with it the folder
            for copy in copies:
                copy.unlink(missing_ok=True)
        theirs |= {self.parts.whole(file).whole for file in theirs}
        others = {file for asked in list(self.asked.values()) for file in asked.files.values()}
        others |= {self.parts.whole(file).whole for file in others}
        for file in map(Path, theirs - others):
            self._delete_upload(file)
        return len(jobs)

    def _copies_of(self, own: Path) -> list[Path]:
        """What Gradio has made of a file of ours: the same under the same name, in a folder each.

        None where another job has the very same file, as of an example: the copy serves both.
        """

        def same(found: Iterable[Path]) -> list[Path]:
            return [each for each in found if filecmp.cmp(each, own, shallow=False)]

        job = own.relative_to(self._folder).parts[0]
        others = [self._folder / id for id in list(self.asked) if id != job]
        theirs = (each for folder in others for each in folder.rglob(own.name))
        return [] if same(theirs) else same(_uploads().glob(f"*/{own.name}"))

    def _delete_upload(self, file: Path) -> None:
        if not file.is_file() or _uploads().resolve() not in file.resolve().parents:
            return  # the catalogue's, or gone already
        original = self._originals.pop(_digest(file.read_bytes()), None)
        file.unlink(missing_ok=True)
        (self.parts.folder / file.name).unlink(missing_ok=True)
        if original:
            self._delete_upload(Path(original))

    def _tidy(self) -> None:
        while True:
            with contextlib.suppress(OSError):  # next time, then
                for folder in (self._upright, self.parts.folder):
                    clear(folder, _MOMENT)  # Gradio has taken its copy at once
                for previews in ("image.jpeg", f"{_SO_FAR}-*.jpeg"):  # three a second at most
                    clear(self._copies, _HOUR, previews)
                clear(self._copies, _DAY)
            time.sleep(_MOMENT)

    def _delete(self, id: str) -> None:
        self.asked.pop(id, None)
        self._kept.pop(id, None)
        self._films.pop(id, None)
        self._beside.pop(id, None)
        folder = self._folder / id
        gone = folder.with_suffix(f".{secrets.token_hex(4)}.gone")
        # Whoever still writes into it, such as the thread with the film, finds it no more.
        with contextlib.suppress(OSError):
            folder.rename(gone)
        for each in (gone, folder):
            shutil.rmtree(each, ignore_errors=True)
        for copy in _uploads().glob(f"*/{_SO_FAR}-{_digest(id.encode())}.jpeg"):
            copy.unlink(missing_ok=True)


def settings_of(values: Sequence[Any]) -> Settings:
    """The settings of which these are the values, one for each knob in their order."""
    return Settings(**{knob.name: value for knob, value in zip(knobs(), values, strict=True)})


def _uploads() -> Path:
    """Where Gradio puts uploads and its copies of what is shown, in a folder each."""
    return Path(os.environ["GRADIO_TEMP_DIR"])


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sweep() -> None:
    """Deletes what servers left behind that were killed: nobody can come back to those pictures."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            owner = int((folder / _OWNER).read_text())
        except (OSError, ValueError):  # none of ours
            continue
        if owner == os.getpid() or not _lives(owner):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def clear(folder: Path, seconds: float, pattern: str = "*") -> None:
    """Deletes the files in it that are older, and folders that are left empty."""
    for file in sorted(folder.rglob(pattern), reverse=True):  # what is in a folder before the folder
        with contextlib.suppress(OSError):  # gone meanwhile, or not empty
            if time.time() - file.stat().st_mtime > seconds:
                file.rmdir() if file.is_dir() else file.unlink()
