"""What the page keeps of each job beside the job itself: what was handed in, and the finished PNG."""

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from .handed import Pictures
from .images import load_image, resize, save_image
from .jobs import Job, Jobs
from .settings import Settings, knobs
from .stylize import Step, schedule

PREVIEW = 768  # long side in pixels of the picture while it forms

# What every browser shows as it should be; the rest is shown as a JPEG.
_SHOWN_AS_IS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}

_PREFIX = "styletransfer-"
_DAY = 86400  # seconds


class Shelf:
    """Starts jobs from what visitors hand in, and holds their files for as long as the jobs are kept.

    Args:
        jobs: the line that they join.

    Attributes:
        inputs: by job id, the files that it was started from, by name.
    """

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs
        jobs.forgotten = self._delete
        self.inputs: dict[str, Mapping[str, Any]] = {}
        self._kept: dict[str, bool] = {}
        _sweep()
        self._temporary = tempfile.TemporaryDirectory(prefix=_PREFIX)
        self._folder = Path(self._temporary.name)

    def start(self, pictures: Pictures, values: Sequence[Any], visitor: str = "") -> Job:
        """A job with these pictures and the values of all knobs, in their order.

        Whoever hands in a start image need not also choose to start from it.

        Raises:
            StyleTransferError: a value is not allowed, the pictures do not go together, or the line
                is full.
        """
        settings = Settings(**{knob.name: value for knob, value in zip(knobs(), values, strict=True)})
        if pictures.start is not None:
            settings = replace(settings, start="image")
        parts = (pictures.content, pictures.styles, settings, pictures.masks, pictures.start)
        schedule(*parts)  # says now what the job would say after its wait
        return self.jobs.start(*parts, visitor=visitor)

    def remember(self, job: Job, files: Mapping[str, Any], masks: Mapping[str, Image.Image]) -> None:
        """Keeps what the job was started from: uploaded files, and masks that were painted, by name."""
        kept = {name: file for name, file in files.items() if isinstance(file, str)}
        for name, mask in masks.items():
            kept[name] = str(self._folder / job.id / f"{name}.png")
            Path(kept[name]).parent.mkdir(exist_ok=True)
            save_image(mask.convert("RGB"), kept[name])
        self.inputs[job.id] = kept

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
            file.parent.mkdir(exist_ok=True)
            if isinstance(view, Step):
                save_image(view.coloured(strength), file)
            else:
                save_image(resize(view, job.settings.size), file)
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
        if Path(file).suffix.lower() in _SHOWN_AS_IS:
            return None
        # Gradio takes a copy at once; what is left here goes when a later one comes.
        upright = self._folder / "upright"
        upright.mkdir(exist_ok=True)
        for old in upright.iterdir():
            if time.time() - old.stat().st_mtime > 600:
                shutil.rmtree(old, ignore_errors=True)
        shown = Path(tempfile.mkdtemp(dir=upright)) / f"{Path(file).stem}.jpg"
        save_image(image, shown)
        return shown

    def _delete(self, id: str) -> None:
        self.inputs.pop(id, None)
        self._kept.pop(id, None)
        shutil.rmtree(self._folder / id, ignore_errors=True)


def _sweep() -> None:
    """Deletes what servers left behind that were killed: pictures are promised to go after a day."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime > _DAY:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # gone meanwhile, or somebody else's
            continue
