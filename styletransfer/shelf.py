"""What the page keeps of each job beside the job itself: what was handed in, and the finished PNG."""

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from .errors import StyleTransferError
from .handed import MASKS, Pictures
from .images import load_image, resize, save_image, to_image
from .jobs import Job, Jobs
from .recipe import recipe
from .settings import Settings, knobs
from .stylize import Step, schedule

MORE_STEPS = 100  # when a finished picture is gone on with
PREVIEW = 768  # long side in pixels of the picture while it forms

# What every browser shows as it should be; the rest is shown as a JPEG.
_SHOWN_AS_IS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}

# A server's folder holds the number of its process, by which the next one knows that it is dead.
_PREFIX = "styletransfer-page-"
_OWNER = "process"

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
    """

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs
        jobs.forgotten = self._delete
        self.asked: dict[str, Asked] = {}
        self._kept: dict[str, bool] = {}
        _sweep()
        self._temporary = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        self._folder = Path(self._temporary.name)
        (self._folder / _OWNER).write_text(str(os.getpid()))
        self._upright = self._folder / "upright"
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
            raise StyleTransferError("There is no picture to go on from. Press Paint to begin.")
        canvas = to_image(view.pixels) if isinstance(view, Step) else view
        asked = settings_of(values)
        # The size stays: of the photo no more is kept than it took.
        changed = {"start": "image", "steps": MORE_STEPS, "scales": 1, "size": job.settings.size}
        pictures = Pictures(job.content, job.styles, job.masks, canvas)
        more = self._start(pictures, replace(asked, **changed), Asked(asked), visitor)
        masks = {name: mask for name, mask in zip(MASKS, job.masks, strict=False) if mask}
        self.remember(
            more, {name: file for name, file in before.files.items() if name not in MASKS}, masks
        )
        return more

    def _start(self, pictures: Pictures, settings: Settings, asked: Asked, visitor: str) -> Job:
        parts = (pictures.content, pictures.styles, settings, pictures.masks, pictures.start)
        schedule(*parts)  # says now what the job would say after its wait
        job = self.jobs.start(*parts, visitor=visitor)
        self.asked[job.id] = asked
        return job

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
        view = job.view or job.content
        image = view.image if isinstance(view, Step) else view
        return resize(image, min(job.settings.size, PREVIEW))

    def keeps(self, job: Job) -> bool:
        """Whether the picture on the page has the photo's colours: as chosen since, or as set."""
        return self._kept.get(job.id, bool(job.settings.keep))

    def recolour(self, job: Job, kept: bool) -> None:
        """From now on `result` has the photo's colours, or has not."""
        self._kept[job.id] = kept

    def result(self, job: Job) -> Path | None:
        """The finished picture as a PNG, if there is one: at its end, or as far as it came."""
        view = job.view
        if view is None:
            return None
        if not isinstance(view, Step):
            strength, name = 0.0, "draft.png"
        elif self.keeps(job):
            strength, name = view.keep or 1.0, "painting-in-photo-colours.png"
        else:
            strength, name = 0.0, "painting.png"
        file = self._folder / job.id / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(view, Step):
                image, steps = view.coloured(strength), view.number
            else:
                image, steps = resize(view, job.settings.size), 0
            asked = self.asked[job.id]
            # As they were turned while it was painted.
            settings = asked.settings.turned(job.settings)
            save_image(image, file, **recipe(settings, asked.files, steps))
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
        return shown

    def _tidy(self) -> None:
        while True:
            clear(self._upright, _MOMENT)  # Gradio has taken its copy at once
            clear(self._copies, _HOUR, "image.jpeg")  # previews, three a second at most
            clear(self._copies, _DAY)
            time.sleep(_MOMENT)

    def _delete(self, id: str) -> None:
        self.asked.pop(id, None)
        self._kept.pop(id, None)
        shutil.rmtree(self._folder / id, ignore_errors=True)


def settings_of(values: Sequence[Any]) -> Settings:
    """The settings of which these are the values, one for each knob in their order."""
    return Settings(**{knob.name: value for knob, value in zip(knobs(), values, strict=True)})


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
