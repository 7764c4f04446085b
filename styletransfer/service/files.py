"""Files of jobs on disk: every job has a folder, which is deleted together with the job."""

import contextlib
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

PREVIEW = 768  # long side in pixels of the pictures shown during painting
THUMBNAIL = 180  # long side in pixels of a finished picture in the strip of earlier ones

# A server writes its process id into its folder, so that a later one can tell whether it still runs.
_PREFIX = "styletransfer-page-"
_PROCESS = "process"


class Files:
    """The folder of this server, and in it a folder for each job.

    Attributes:
        folder: is deleted when the process ends, or by the next server if the process was killed.
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
        """The picture so far, enlarged to the finished size, but to no more than `PREVIEW` pixels."""
        view = run.view or run.pictures.content
        image = view.image if isinstance(view, Step) else view
        return resize(image, min(run.settings.size, PREVIEW))

    def mask(self, job: Job, name: str, mask: Image.Image) -> Path | None:
        """A mask that was painted on the page, as a file; None once the job is deleted."""
        return self._made(job, f"{name}.png", lambda file: save_image(mask.convert("RGB"), file))

    def photo(self, run: Run) -> Path | None:
        """The photo as it was used, to be compared with the result; None once the run is deleted."""
        return self._made(run, "photo.jpg", lambda file: save_image(run.pictures.content, file))

    def result(self, run: Run, suffix: str = ".png") -> Path | None:
        """The result with its recipe in the file; None if there is none, or once the run is deleted.

        Args:
            run: a finished run, or one that was stopped early.
            suffix: of the file, which decides its format, as in `images.save_image`.
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
        """A small JPEG of the result; None if there is none."""
        return self._of_result(run, "{}-small.jpg", lambda image: resize(image, THUMBNAIL))

    def shared(self, run: Run) -> Path | None:
        """The result as it is shared: a JPEG without the recipe; None if there is none."""
        return self._of_result(run, "shared-{}.jpg", lambda image: image)

    def record(self, run: Run) -> None:
        """Starts a thread that saves the pictures which the run shows, for its time-lapse."""
        size = fitted_size(*run.pictures.content.size, run.settings.size)
        timelapse = TimeLapse(self.folder_of(run) / "time-lapse", *size)
        self._timelapses[run.id] = timelapse
        steps = run.steps_shown()
        threading.Thread(target=timelapse.record, args=(steps,), name="time-lapse", daemon=True).start()

    def timelapse(self, run: Run) -> TimeLapse | None:
        """The run's time-lapse; None if it was not recorded."""
        return self._timelapses.get(run.id)

    def delete(self, job: Job) -> None:
        """Deletes all files of this job."""
        self._timelapses.pop(job.id, None)
        folder = self.folder_of(job)
        gone = folder.with_suffix(f".{secrets.token_hex(4)}.gone")
        # Renamed first, so that a thread that still writes into it, such as a recording, cannot find it.
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

    def _made(self, job: Job, name: str, make: Callable[[Path], None]) -> Path | None:
        """The job's file of this name, written by `make` if it does not exist.

        It is written under another name and then renamed, so that an incomplete file is never found.
        None, with all files of the job deleted, if the job has been deleted before or meanwhile.
        """
        file = self.folder_of(job) / name
        if not job.forgotten and not file.exists():
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
    """Deletes the folders of killed servers, to whose pictures no visitor can come back."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            process = int((folder / _PROCESS).read_text())
        except (OSError, ValueError):  # not a server's folder
            continue
        if process == os.getpid() or not _is_alive(process):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # the process runs, but belongs to another user
        return True
    return True
