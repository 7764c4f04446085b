"""The files of each job, in a folder of its own that is deleted with the job."""

import contextlib
import hashlib
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from ..engine.step import Step
from ..errors import StyleTransferError
from ..images import fitted_size, resize, save_image
from ..recipe import recipe
from .job import Job
from .run import Run
from .timelapse import TimeLapse

PREVIEW = 768  # long side in pixels of the picture while it forms
THUMBNAIL = 180  # of a finished picture among others
PREVIEW_PREFIX = "so-far"  # of the names of previews

# A server's folder holds the number of its process, by which a later server knows that it is dead.
_PREFIX = "styletransfer-page-"
_PROCESS = "process"


class Files:
    """The folder of this server, and in it a folder for each job.

    Attributes:
        folder: is deleted when the process ends; the next server deletes it if the process was killed.
    """

    def __init__(self) -> None:
        _delete_folders_of_dead_servers()
        self._temporary = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        (self.folder / _PROCESS).write_text(str(os.getpid()))
        self._timelapses: dict[str, TimeLapse] = {}

    def folder_of(self, job: Job) -> Path:
        """Where the files of this job are, if there are any."""
        return self.folder / job.id

    def preview(self, run: Run) -> Image.Image:
        """The picture so far in the size of the finished one, as far as a screen needs it."""
        view = run.view or run.pictures.content
        image = view.image if isinstance(view, Step) else view
        return resize(image, min(run.settings.size, PREVIEW))

    def preview_name(self, job: Job) -> str:
        """The name of this job's preview, by which its copies are known; does not give away the id."""
        return f"{PREVIEW_PREFIX}-{hashlib.sha256(job.id.encode()).hexdigest()}.jpeg"

    def preview_file(self, run: Run) -> Path | None:
        """`preview` as a file, made anew; None once the run is deleted."""

        def make(file: Path) -> None:
            self.preview(run).convert("RGB").save(file, "JPEG", quality=85)

        return self._made(run, self.preview_name(run), make, anew=True)

    def mask(self, job: Job, name: str, mask: Image.Image) -> Path | None:
        """A mask that was painted on the page, as a file; None once the job is deleted."""
        return self._made(job, f"{name}.png", lambda file: save_image(mask.convert("RGB"), file))

    def photo(self, run: Run) -> Path | None:
        """The photo as it was painted from, to be compared with the result; None once deleted."""
        return self._made(run, "photo.jpg", lambda file: save_image(run.pictures.content, file))

    def result(self, run: Run, suffix: str = ".png") -> Path | None:
        """The finished picture, or as far as it came; None if there is none, or once it is deleted.

        Args:
            run: whose picture; with its recipe in the file.
            suffix: for its format, as `images.save_image` takes it.
        """
        view = run.view
        if view is None:
            return None
        if isinstance(view, Step):
            strength = (view.photo_colours or 1.0) if run.in_photo_colours else 0.0
            name = "painting-in-photo-colours" if run.in_photo_colours else "painting"
        else:
            strength, name = 0.0, "draft"

        def make(file: Path) -> None:
            if isinstance(view, Step):
                image, steps = view.coloured(strength), view.number
            else:
                image, steps = resize(view, run.settings.size), 0
            save_image(image, file, **recipe(run.painted_settings, run.inputs.files, steps))

        return self._made(run, f"{name}{suffix}", make)

    def thumbnail(self, run: Run) -> Path | None:
        """The result small; None if there is none."""
        return self._of_result(run, "{}-small.jpg", lambda image: resize(image, THUMBNAIL))

    def shared(self, run: Run) -> Path | None:
        """The result as it is shared: a JPEG without the recipe; None if there is none."""
        return self._of_result(run, "shared-{}.jpg", lambda image: image)

    def record(self, run: Run) -> None:
        """Keeps what the run shows on its way, in a thread of its own, for `timelapse`."""
        size = fitted_size(*run.pictures.content.size, run.settings.size)
        timelapse = TimeLapse(self.folder_of(run) / "time-lapse", *size)
        self._timelapses[run.id] = timelapse
        threading.Thread(target=timelapse.record, args=(run.steps_shown(),), daemon=True).start()

    def timelapse(self, run: Run) -> TimeLapse | None:
        """How the picture came about, if that was recorded."""
        return self._timelapses.get(run.id)

    def delete(self, job: Job) -> None:
        """Deletes all files of this job."""
        self._timelapses.pop(job.id, None)
        folder = self.folder_of(job)
        gone = folder.with_suffix(f".{secrets.token_hex(4)}.gone")
        # Renamed first: a thread that still writes into it, such as a recording, does not find it again.
        with contextlib.suppress(OSError):
            folder.rename(gone)
        for each in (gone, folder):
            shutil.rmtree(each, ignore_errors=True)

    def _of_result(
        self, run: Run, name: str, change: Callable[[Image.Image], Image.Image]
    ) -> Path | None:
        result = self.result(run)
        if result is None:
            return None

        def make(file: Path) -> None:
            with Image.open(result) as image:
                save_image(change(image.convert("RGB")), file)

        return self._made(run, name.format(result.stem), make)

    def _made(
        self, job: Job, name: str, make: Callable[[Path], None], anew: bool = False
    ) -> Path | None:
        """The file of this name, made unless it is there, complete or not at all.

        None if the job is deleted, before or meanwhile; then nothing of it is left on the disk.
        """
        file = self.folder_of(job) / name
        if not job.forgotten and (anew or not file.exists()):
            part = file.with_stem(f"{file.stem}.{threading.get_ident()}")  # two tabs may ask at once
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                make(part)
                part.replace(file)
            except (OSError, StyleTransferError):
                part.unlink(missing_ok=True)
                if not job.forgotten:
                    raise
        if job.forgotten:
            self.delete(job)
            return None
        return file


def _delete_folders_of_dead_servers() -> None:
    """Deletes what killed servers left behind: nobody can come back to those pictures."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            process = int((folder / _PROCESS).read_text())
        except (OSError, ValueError):  # not one of ours
            continue
        if process == os.getpid() or not _is_alive(process):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # alive, and somebody else's
        return True
    return True
