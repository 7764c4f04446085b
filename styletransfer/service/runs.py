"""What is done with visitors' jobs: they are started, continued, paired, found and deleted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from PIL import Image

from ..engine.enlarging import larger
from ..engine.schedule import schedule
from ..errors import StyleTransferError
from ..pictures import STYLES, Pictures, named
from ..settings import Settings
from .contact_sheet import Cell, ContactSheet
from .files import Files
from .inputs import PAINTED, STROKES, Inputs
from .job import Job
from .queue import Queue
from .room import Room, expected
from .run import Run
from .uploads import Uploads
from .visitor import NOBODY, Visitor

MORE_STEPS = 100  # that are added when a finished picture is continued


class Runs:
    """Starts jobs and finds them again.

    Args:
        queue: the queue that the jobs join.
        files: the files of the jobs.
        uploads: the uploaded files that jobs are made from.
        room: is asked before a job is started.
    """

    def __init__(self, queue: Queue, files: Files, uploads: Uploads, room: Room) -> None:
        self._room = room
        self._queue = queue
        self._files = files
        self._uploads = uploads
        self._counterparts: dict[str, str] = {}
        self._begun: WeakValueDictionary[str, Job] = WeakValueDictionary()  # by tickets

    def start(
        self,
        pictures: Pictures,
        settings: Settings,
        visitor: Visitor = NOBODY,
        brief: bool = False,
    ) -> Run:
        """A new run in the queue. A start image is used whatever the setting `start` says.

        Args:
            pictures: what it is made from.
            settings: as handed in.
            visitor: who asks.
            brief: whether it belongs to a program, as `Job.brief`.

        Raises:
            StyleTransferError: the pictures cannot be painted with these settings, or the queue or the
                disk is full.
        """
        inputs = Inputs(settings)
        if pictures.start is not None:
            settings = replace(settings, start="image")
        return self._enter(pictures, settings, visitor, inputs, brief)

    def go_on(self, run: Run, settings: Settings, visitor: Visitor = NOBODY) -> Run:
        """A new run that paints `MORE_STEPS` more steps from where the given run has ended.

        Args:
            run: the run to continue.
            settings: the current ones, but for the size: the photo is kept in the run's size only.
            visitor: who asks.

        Raises:
            StyleTransferError: as `start`; or there is nothing to go on from.
        """
        canvas = run.canvas
        if canvas is None or run.forgotten:
            raise StyleTransferError("nothing_to_go_on_from")
        further = replace(settings, start="image", steps=MORE_STEPS, scales=1, size=run.settings.size)
        pictures = replace(run.pictures, start=canvas)
        more = self._enter(pictures, further, visitor, Inputs(settings))
        self._remember_as(run, more)
        return more

    def enlarge(self, run: Run, pictures: Pictures, size: int, visitor: Visitor = NOBODY) -> Run:
        """A new run that paints the same picture larger, from where the given run has ended.

        Args:
            run: which has painted the small picture.
            pictures: what it was painted from, in full size.
            size: the long side of the large picture.
            visitor: who asks.

        Raises:
            StyleTransferError: as `start`; or there is nothing to go on from.
        """
        canvas = run.canvas
        if canvas is None or run.forgotten:
            raise StyleTransferError("nothing_to_go_on_from")
        painted = run.painted_settings
        paintings = [style.size for style in pictures.styles]
        further = larger(painted, size, pictures.content.size, paintings)
        inputs = Inputs(replace(painted, size=size))
        more = self._enter(replace(pictures, start=canvas), further, visitor, inputs)
        more.recoloured = run.recoloured
        self._remember_as(run, more)
        return more

    def succeed(self, run: Run, photo: Image.Image, place: int) -> Run:
        """A new run that paints the photo at this place of the given run's series in the same way.

        Masks and a start belong to the photo that they were made for, and are left out.

        Args:
            run: of a series; the settings are those that it has now.
            photo: the picture.
            place: of the photo in the series, from 0.

        Raises:
            StyleTransferError: as `start`.
        """
        series, asked = run.series, run.current_settings
        if series is None:
            raise ValueError("the run has no series")
        settings = replace(asked, start="content") if asked.start == "image" else asked
        files = {name: file for name, file in run.inputs.files.items() if name in STYLES}
        inputs = Inputs(settings, {**files, "content": series.photos[place]})
        more = self._made(Pictures(photo, run.pictures.styles), settings, run.visitor, inputs)
        more.series = series
        more.take_place_of(run)
        series.runs[place] = more.id  # before it is first written to the disk
        try:
            return self._queue.enter(more)
        except StyleTransferError:
            del series.runs[place]
            raise

    def _remember_as(self, run: Run, more: Run) -> None:
        """Remembers the files of the first run for a further one; masks become its own, strokes stay."""
        files, masks = run.inputs.files, {}
        if STROKES not in files:
            masks = named(None, (), run.pictures.masks, keep=run.pictures.keep)
            files = {name: file for name, file in files.items() if name not in PAINTED}
        self.remember(more, files, masks)

    def start_contact_sheet(
        self, pictures: Pictures, settings: Settings, cells: Sequence[Cell], visitor: Visitor = NOBODY
    ) -> ContactSheet:
        """A new contact sheet with these cells, in the queue.

        Raises:
            StyleTransferError: the queue or the disk is full.
        """
        sheet = ContactSheet(pictures, cells, visitor, Inputs(settings))
        self._room.check(expected(sheet))
        return self._queue.enter(sheet)

    def remember(self, job: Job, files: Mapping[str, Any], masks: Mapping[str, Image.Image]) -> None:
        """Remembers the files that the job was started from, to fill them in again after a reload.

        Args:
            job: the job that has just been started.
            files: uploads by name; values other than paths are ignored.
            masks: masks that are no files yet, by name; an uploaded one of the same name is preferred.
        """
        kept = {name: file for name, file in files.items() if isinstance(file, str)}
        for name, mask in masks.items():
            if name not in kept and (file := self._files.mask(job, name, mask)):
                kept[name] = str(file)
        job.inputs = replace(job.inputs, files=kept)

    def pair(self, job: Job, previous: str | None) -> None:
        """Links a picture and a contact sheet, so that the page can switch between them.

        Args:
            job: the new job.
            previous: the id of the job that the page showed before. If that is of the same kind, the new
                job takes over its counterpart.
        """
        before = self.find(previous)
        while before is not None and type(before) is type(job):
            before = self.counterpart(before)
        if before is not None:
            self._counterparts[job.id] = before.id
            self._counterparts[before.id] = job.id

    def note(self, ticket: str, job: Job) -> None:
        """Notes that this job was started for whoever has the ticket, who may not have heard of it."""
        self._begun[ticket] = job

    def begun(self, ticket: str) -> Job | None:
        """The job that was started for this ticket, while it is kept."""
        job = self._begun.get(ticket)
        return job and self.find(job.id)

    def counterpart(self, job: Job) -> Job | None:
        """The picture of a contact sheet, or the contact sheet of a picture, while it is kept."""
        return self.find(self.counterpart_id(job))

    def counterpart_id(self, job: Job) -> str | None:
        """The id of the job's counterpart, whether that is still kept or not."""
        return self._counterparts.get(job.id)

    def pair_again(self, id: str, counterpart: str | None) -> None:
        """Links a job with its counterpart as an earlier server has."""
        if counterpart is not None:
            self._counterparts[id] = counterpart

    def find(self, id: str | None) -> Job | None:
        """The job with this id, while it is kept."""
        return self._queue.find(id)

    def find_run(self, id: str | None) -> Run | None:
        """The picture with this id, while it is kept."""
        job = self.find(id)
        return job if isinstance(job, Run) else None

    def find_contact_sheet(self, id: str | None) -> ContactSheet | None:
        """The contact sheet with this id, while it is kept."""
        job = self.find(id)
        return job if isinstance(job, ContactSheet) else None

    def find_again(self, ids: Mapping[str, Any]) -> Job | None:
        """The job that a page shows after a reload.

        Args:
            ids: `own` is the id of the tab's job. If that is gone, `newest`, the id of the browser's
                newest job, is used, unless another tab watches that job.
        """
        own, newest = (self._at_work(self.find(str(ids.get(key)))) for key in ("own", "newest"))
        return own or (newest if newest and newest.unwatched() else None)

    def _at_work(self, job: Job | None) -> Job | None:
        """The job, or of a series that is not over the newest run."""
        series = job.series if isinstance(job, Run) else None
        return job if series is None or series.over else self.find(series.newest) or job

    def with_series(self, ids: Iterable[str]) -> list[str]:
        """These ids, and in place of one of a series all of it, the newest first."""
        all_ids: dict[str, None] = {}
        for id in ids:
            run = self.find_run(id)
            all_ids |= dict.fromkeys(run.series.ids if run and run.series else [id])
        return list(all_ids)

    def delete(self, ids: Iterable[str], files: Iterable[Any] = ()) -> int:
        """Deletes jobs at once with all their files, and returns how many there were.

        An uploaded file stays if a job that is kept was made from the same file. With a run goes the
        series of which it is a part.

        Args:
            ids: of the jobs; unknown ids are ignored.
            files: uploads that no job has been made from yet; other values are ignored.
        """
        jobs = [job for id in self.with_series(ids) if (job := self.find(id))]
        theirs = [file for job in jobs for file in self._handed_in(job)]
        for job in jobs:
            others = [self._files.folder_of(each) for each in self._queue.jobs() if each is not job]
            copies = self._uploads.copies_of(self._files.folder_of(job), others)
            self._queue.delete(job)
            for copy in copies:
                copy.unlink(missing_ok=True)
        needed = [file for job in self._queue.jobs() for file in self._handed_in(job)]
        self._uploads.delete([*files, *theirs], needed)
        return len(jobs)

    def delete_files(self, job: Job) -> None:
        """Deletes the files of a job that the queue has dropped."""
        self._counterparts.pop(job.id, None)
        self._files.delete(job)
        self._uploads.forget(job.id)

    def _handed_in(self, job: Job) -> list[str]:
        series = job.series.photos if isinstance(job, Run) and job.series else ()
        return [*job.inputs.files.values(), *series, *self._uploads.handed_in(job.id)]

    def _enter(
        self,
        pictures: Pictures,
        settings: Settings,
        visitor: Visitor,
        inputs: Inputs,
        brief: bool = False,
    ) -> Run:
        run = self._made(pictures, settings, visitor, inputs)
        run.brief = brief  # before it is first written to the disk
        return self._queue.enter(run)

    def _made(self, pictures: Pictures, settings: Settings, visitor: Visitor, inputs: Inputs) -> Run:
        """A new run for which there is room; it is not in the queue yet."""
        schedule(pictures, settings)  # raises the errors that would else come only after the wait
        run = Run(pictures, settings, visitor, inputs)
        self._room.check(expected(run))
        return run
