"""The events of the buttons that start, stop or change a job, such as Paint and Stop."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from ..errors import ImageError, StyleTransferError
from ..pictures import Pictures
from ..service import decoding
from ..service.contact_sheet import ContactSheet
from ..service.inputs import combine, read
from ..service.run import Run
from ..service.store import Store
from ..service.visitor import Visitor
from . import placard
from .assets import function
from .components import QUIET, Sent, View, file_of, visitor_of
from .contact_sheet import NineLooks
from .easel import Easel
from .finished import Finished
from .i18n.translate import Words
from .photos import in_order
from .ui import Ui

Files = Mapping[str, str | bytes | None]
# Starts a job, given the values that were sent, the pictures read from them, and the visitor.
Start = Callable[[Sent, Pictures, str], Run | ContactSheet]


class Paint:
    """The events of these buttons; other features make the buttons themselves."""

    ui: Ui

    def __init__(
        self, store: Store, easel: Easel, finished: Finished, looks: NineLooks, texts: Words
    ) -> None:
        self._queue, self._runs, self._files = store.queue, store.runs, store.files
        self._uploads, self._successors = store.uploads, store.successors
        self._easel = easel
        self._finished = finished
        self._looks = looks
        self._texts = texts

    def listen(self, ui: Ui) -> list[Dependency]:
        """Registers the events, and returns those after which another finished picture is shown."""
        self.ui = ui
        easel, looks = self._easel, self._looks
        given, changed = {ui.job_id, ui.several, *ui.handed_in}, [*easel.outputs, *ui.all_notes]
        easel.paint.click(None, js=function("scroll_up"), queue=False)
        easel.paint.click(self._starter(self._start, ui.files), given, changed, **QUIET)
        looks.ask.click(None, js=function("scroll_up"), queue=False)
        nine = self._starter(looks.start, looks.files)
        looks.ask.click(nine, given | {looks.kind}, changed, **QUIET)
        easel.go_on.click(self._gone_on, {ui.job_id, *ui.knobs.inputs}, easel.outputs, **QUIET)
        switching = looks.switch.click(self._switched, ui.job_id, easel.outputs, **QUIET)
        easel.stop.click(self._stopped, ui.job_id, easel.stop, queue=False, **QUIET)
        recolouring = easel.keep.input(
            self._recoloured,
            {ui.job_id, easel.keep, self._finished.format},
            [ui.picture, self._finished.download],
            trigger_mode="always_last",
            **QUIET,
        )
        return [switching, recolouring]

    def _starter(
        self, start: Start, files_of: Callable[[Sent], Files]
    ) -> Callable[[Sent, gr.Request], AsyncGenerator[View]]:
        """An event handler that starts a job from all inputs.

        Args:
            start: starts the job.
            files_of: gives the files of its pictures, by name.
        """

        async def started(sent: Sent, request: gr.Request) -> AsyncGenerator[View]:
            ui, visitor = self.ui, visitor_of(request)
            files, ticket = files_of(sent), secrets.token_urlsafe(16)
            yield {ui.status: placard.preparing(self._texts, ticket)}
            noted = ui.without_notes()
            try:
                self._queue.check_limits(visitor)
                cutout = sent[ui.knobs.of_photo] and self._uploads.cutout_of(files["content"])
                images, wrong = await decoding.aside(read, files, cutout or None)
                wrong |= self._uploads.gone(files)
                noted = self._noted(wrong)
                if wrong:
                    raise next(iter(wrong.values()))
                pictures = combine(images)
                job = await asyncio.to_thread(start, sent, pictures, visitor)
            except StyleTransferError as error:
                yield noted | {ui.status: placard.failed(error, self._texts)}
                return
            try:
                self._runs.note(ticket, job)
                self._runs.pair(job, sent[ui.job_id])
                await asyncio.to_thread(self._runs.remember, job, files, {})
                if isinstance(job, Run):
                    self._files.record(job)
                    self._begin_series(job, sent)
            except Exception:  # whatever it is, nobody would see this job's picture
                self._queue.delete(job)
                raise
            yield noted | self._easel.begun(job)

        return started

    def _noted(self, wrong: Mapping[str, ImageError]) -> View:
        """Notes that say under the boxes what is wrong with these pictures."""
        sentences: dict[Block, list[str]] = {note: [] for note in self.ui.all_notes}
        for name, error in wrong.items():
            sentences[self.ui.notes[name]].append(self._texts.error(error))
        return {note: placard.note(" ".join(said)) for note, said in sentences.items()}

    def _start(self, sent: Sent, pictures: Pictures, visitor: Visitor) -> Run:
        if photos := self._several(sent):
            self._successors.check(len(photos), visitor)
        return self._runs.start(pictures, self.ui.settings(sent), visitor)

    def _begin_series(self, run: Run, sent: Sent) -> None:
        """Has the photos of the row painted after this one, if there are any."""
        if photos := self._several(sent):
            self._successors.begin(run, photos)

    def _several(self, sent: Sent) -> list[str]:
        return in_order(sent[self.ui.several], file_of(sent[self.ui.boxes["content"]]))

    async def _gone_on(self, sent: Sent, request: gr.Request) -> View:
        """Paints more steps of the picture that is shown."""
        ui, run = self.ui, self._runs.find_run(sent[self.ui.job_id])
        try:
            if run is None:
                raise StyleTransferError("picture_gone")
            settings = ui.settings(sent)
            more = await asyncio.to_thread(self._runs.go_on, run, settings, visitor_of(request))
        except StyleTransferError as error:
            return {ui.status: placard.failed(error, self._texts)}
        self._runs.pair(more, run.id)
        self._files.record(more)
        return self._easel.begun(more)

    async def _switched(self, id: str | None) -> View:
        """Shows the job's counterpart: the contact sheet of a picture, or the picture of a sheet."""
        job = self._runs.find(id)
        other = (job and self._runs.counterpart(job)) or job
        return await self._easel.shown(other) if other else {self.ui.job_id: None}

    def _stopped(self, id: str | None) -> gr.Button:
        job = self._runs.find(id)
        if job is not None:
            job.stop()
        return gr.Button(self._texts.STOPPING, interactive=False)

    async def _recoloured(self, sent: Sent) -> View:
        """Shows the picture in the photo's colours or in the painting's, and updates its download."""
        run = self._runs.find_run(sent[self.ui.job_id])
        if run is None:
            return {self.ui.picture: gr.skip()}
        run.recolour(sent[self._easel.keep] is True)
        file = await asyncio.to_thread(self._files.result, run)
        kind = sent[self._finished.format]
        button = await asyncio.to_thread(self._finished.downloaded, run, kind)
        return {self.ui.picture: file, self._finished.download: button}
