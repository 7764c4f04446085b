"""Files of jobs on disk: every job has a folder, which is deleted together with the job."""

import contextlib
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Container
from pathlib import Path

from PIL import Image

from ..cutout import cut_out, on_white
from ..engine.step import Step
from ..errors import StyleTransferError
from ..images import fitted_size, resize, save_image
from ..recipe import recipe
from .durable import check_free, is_full, sweep, whole
from .file_names import picture_name
from .job import Job
from .run import Run
from .timelapse import TimeLapse

PREVIEW = 768  # long side in pixels of the pictures shown during painting
THUMBNAIL = 180  # long side in pixels of a finished picture in the strip of earlier ones
_OF_A_JOB = re.compile(
    r"[\w-]{22}(\.[0-9a-f]{8}\.gone)?"
)  # folders' names: `Job.id`, and on their way out
_TIMELAPSE = "time-lapse"  # the folder of a run's time-lapse


class Files:
    """A folder for each job.

    Args:
        folder: where these folders are; what a killed server has left half-written in it is deleted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._timelapses: dict[str, TimeLapse] = {}
        sweep(folder)

    def folder_of(self, job: Job) -> Path:
        """Where the files of this job are, if there are any."""
        return self.folder_of_id(job.id)

    def folder_of_id(self, id: str) -> Path:
        """Where the files of the job with this id are, if there are any."""
        return self.folder / id

    def preview(self, run: Run) -> Image.Image:
        """The picture so far, enlarged to the finished size, but to no more than `PREVIEW` pixels."""
        view = run.view or run.pictures.content
        image = view.coloured(view.photo_colours) if isinstance(view, Step) else view
        return resize(cut_out(image, run.pictures.opacity), min(run.settings.size, PREVIEW))

    def mask(self, job: Job, name: str, mask: Image.Image) -> Path | None:
        """A mask that was painted on the page, as a file; None once the job is deleted."""
        return self._made(job, f"{name}.png", lambda file: save_image(mask.convert("RGB"), file))

    def photo(self, run: Run) -> Path | None:
        """The photo as it was used, to be compared with the result; None once the run is deleted."""
        opacity = run.pictures.opacity
        name = "photo.jpg" if opacity is None else "photo.png"
        photo = cut_out(run.pictures.content, opacity)
        return self._made(run, name, lambda file: save_image(photo, file))

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
            kind, size = "photo-colours" if run.in_photo_colours else "", (view.width, view.height)
        else:
            strength, kind, size = 0.0, "draft", fitted_size(*view.size, run.settings.size)

        def make(file: Path) -> None:
            if isinstance(view, Step):
                image, steps = view.coloured(strength), view.number
            else:
                image, steps = resize(view, run.settings.size), 0
            image = cut_out(image, run.pictures.opacity)
            image = on_white(image) if suffix == ".jpg" else image
            save_image(image, file, **recipe(run.painted_settings, run.inputs.files, steps))

        file = self._made(run, picture_name(run.inputs.files, *size, kind) + suffix, make)
        if file is None and not run.forgotten:
            run.error = run.error or StyleTransferError("picture_cannot_be_kept")
        elif run.error is not None and run.error.code == "picture_cannot_be_kept":
            run.error = None  # there is room again
        return file

    def thumbnail(self, run: Run) -> Path | None:
        """A small JPEG of the result; None if there is none."""
        return self._of_result(run, "{}-small.jpg", lambda image: resize(image, THUMBNAIL))

    def shared(self, run: Run) -> Path | None:
        """The result as it is shared: a JPEG without the recipe; None if there is none."""
        return self._of_result(run, "shared-{}.jpg", lambda image: image)

    def record(self, run: Run) -> None:
        """Starts a thread that saves the pictures which the run shows, for its time-lapse."""
        size = fitted_size(*run.pictures.content.size, run.settings.size)
        try:
            timelapse = TimeLapse(self.folder_of(run) / _TIMELAPSE, *size)
        except OSError:  # the disk is full: the picture is painted without
            return
        self._timelapses[run.id] = timelapse
        steps = run.steps_shown()
        threading.Thread(target=timelapse.record, args=(steps,), name="time-lapse", daemon=True).start()

    def record_again(self, run: Run) -> None:
        """Goes on with the time-lapse of a run that an earlier server has recorded."""
        if (self.folder_of(run) / _TIMELAPSE).exists():
            self.record(run)

    def timelapse(self, run: Run) -> TimeLapse | None:
        """The run's time-lapse; None if it was not recorded."""
        if run.id not in self._timelapses and run.finished and not run.forgotten:
            self.record_again(run)  # an earlier server has recorded it
        return self._timelapses.get(run.id)

    def delete_all_but(self, ids: Container[str]) -> None:
        """Deletes the files of all jobs but those with these ids."""
        for folder in self.folder.glob("*"):
            # Whoever lays a link to a folder of their own here does not lose what is in it.
            if folder.name not in ids and _OF_A_JOB.fullmatch(folder.name):
                shutil.rmtree(folder, ignore_errors=True)

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
                save_image(change(on_white(image)), file)

        return self._made(run, name.format(result.stem), make)

    def _made(self, job: Job, name: str, make: Callable[[Path], None]) -> Path | None:
        """The job's file of this name, written by `make` if it does not exist.

        An incomplete file is never found. None if the disk is too full for it and for the copy that
        Gradio makes to show it. None, too, with all files of the job deleted, if the job has been
        deleted before or meanwhile.
        """
        file = self.folder_of(job) / name
        if not job.forgotten and not file.exists():
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                with whole(file) as part:
                    make(part)
                    check_free(part, part.stat().st_size)
            except (OSError, StyleTransferError) as error:
                if is_full(error):
                    return None
                if not job.forgotten:
                    raise
        if job.forgotten:
            self.delete(job)
            return None
        return file
