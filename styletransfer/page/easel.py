"""The picture, its placard and its buttons, and how the page watches a job and updates them.

A page only watches a job. It may lose its connection at any moment, and finds the job again by the id
that the browser remembers.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Literal

import gradio as gr
from gradio.components import Component

from ..catalogue import Catalogue, Example
from ..engine.step import Step
from ..service.contact_sheet import ContactSheet
from ..service.job import Job
from ..service.run import Run
from ..service.store import Store
from ..service.watching import news
from . import placard
from .assets import script
from .components import View, quiet_button
from .contact_sheet import NineLooks
from .finished import Finished
from .i18n.translate import Words
from .remembered import REMEMBER_JS
from .ui import Ui

# `visible="hidden"` only hides a button, whereas `visible=False` removes it from the document. A removed
# button is loaded again when it comes back, and an update in the meantime may be lost.
_AWAY: Literal["hidden"] = "hidden"


class Easel:
    """The components around the picture, and the updates of them while a job is painted.

    Args:
        store: where the jobs are.
        finished: the components for a finished picture.
        looks: the components for nine looks, which replace the picture while they are shown.
        art: the catalogue in the page's language.
        texts: the texts in the page's language.

    Attributes:
        examples: the catalogue's examples that have a finished picture.
        picture, status: the picture, and the placard under it.
        paint, stop: the two buttons, of which one is shown at a time.
        go_on, keep: for a finished picture: more steps, and whether it keeps the photo's colours.
    """

    picture: gr.Image
    status: gr.HTML
    paint: gr.Button
    stop: gr.Button
    go_on: gr.Button
    keep: gr.Checkbox
    ui: Ui

    def __init__(
        self, store: Store, finished: Finished, looks: NineLooks, art: Catalogue, texts: Words
    ) -> None:
        self.examples = [example for example in art.examples if example.result.exists()]
        self._runs, self._files = store.runs, store.files
        self._finished = finished
        self._looks = looks
        self._art = art
        self._texts = texts

    def buttons_here(self) -> None:
        """Makes the buttons Paint and Stop; Stop is hidden at first."""
        self.paint = gr.Button(self._texts.PAINT, variant="primary", elem_id="paint")
        self.stop = gr.Button(self._texts.STOP, variant="primary", elem_id="stop", visible=_AWAY)

    def picture_here(self) -> None:
        """Makes the picture, which is an example at first."""
        texts = self._texts
        self.picture = gr.Image(
            self._first_picture,
            label=texts.PICTURE,
            show_label=False,
            alt_text=texts.PICTURE_ALT,
            format="jpeg",
            interactive=False,
            buttons=["fullscreen"],
            elem_id="picture",
        )

    def status_here(self) -> None:
        """Makes the placard, with the scripts that react to it."""
        said = ""
        if self.examples:
            said = placard.example(self._art, self.examples[0], self._texts.EXAMPLE_HINT, self._texts)
        self.status = gr.HTML(
            said,
            js_on_load=REMEMBER_JS + script("focus", "fade", "tab_title"),
            elem_id="status",
        )

    def keep_here(self) -> None:
        """Makes the checkbox with which a finished picture keeps the photo's colours."""
        self.keep = gr.Checkbox(
            label=self._texts.KEEP_COLOURS, visible=False, container=False, elem_id="keep"
        )

    def go_on_here(self) -> None:
        """Makes the button that paints more steps of a finished picture."""
        self.go_on = quiet_button(self._texts.GO_ON, "go-on", visible=False)

    def listen(self, ui: Ui) -> None:
        """Registers no event: other features call `watched` and `followed` in theirs."""
        self.ui = ui

    @property
    def outputs(self) -> list[Component]:
        """The components that change while a job is watched."""
        buttons = [self.paint, self.stop, self.go_on, self.keep]
        looks = [self._looks.grid, self._looks.switch]
        return [self.status, self.picture, *buttons, self.ui.job_id, *looks, *self._finished.outputs]

    def cleared(self) -> View:
        """Hides everything that is shown with a finished picture only."""
        return {
            **self._finished.cleared(),
            **self._looks.put_away(None),
            self.go_on: gr.Button(visible=False),
            self.keep: gr.Checkbox(visible=False),
        }

    def emptied(self) -> View:
        """The components as at first, with the message that the visitor's pictures are deleted."""
        return {
            **self.cleared(),
            **self._finished.emptied(),
            self.ui.job_id: None,
            self.picture: self._first_picture,
            self.status: placard.deleted(self._texts),
            **self._painting(False),
        }

    def showing(self, example: Example, hint: str) -> View:
        """Shows this example with a hint in place of the picture."""
        return {
            **self.cleared(),
            self.ui.job_id: None,
            self.picture: example.result,
            self.status: placard.example(self._art, example, hint, self._texts),
        }

    async def followed(self, id: str | None) -> AsyncGenerator[View]:
        """The updates of the page until the job of this id has ended; none if the job is gone."""
        job = self._runs.find(id)
        if job is None:
            yield {self.ui.job_id: None}
            return
        async with aclosing(self.watched(job)) as views:
            async for view in views:
                yield view

    async def watched(self, job: Job) -> AsyncGenerator[View]:
        """The updates of the page until the job has ended."""
        views = self._run_watched(job) if isinstance(job, Run) else self._sheet_watched(job)
        async with aclosing(views):
            async for view in views:
                yield view
        if job.forgotten:
            await asyncio.to_thread(self._runs.delete_files, job)
            yield self.emptied()

    async def _run_watched(self, job: Run) -> AsyncGenerator[View]:
        """The updates until a single picture has ended or has been forgotten."""
        # A finished picture is shown in a single update, because Gradio's page may lose the first of two
        # updates that follow each other closely. So the last update does not rely on earlier ones.
        view = self.cleared() | {self.ui.job_id: job.id}
        if not job.finished:
            yield view | await self._forming(job) | self._painting(True)
            view = {}
        shown = job.view
        async with aclosing(news(job)) as told:
            async for _ in told:
                if job.forgotten:
                    return
                if job.view is not shown and not job.finished:
                    shown = job.view
                    yield await self._forming(job)
                else:
                    yield {self.status: placard.progress(job, self._texts)}
        file = await asyncio.to_thread(self._files.result, job)
        last = file or await asyncio.to_thread(self._files.preview_file, job)
        if not job.forgotten:
            yield view | self._ended(job, kept=file is not None) | {self.picture: last}

    async def _sheet_watched(self, sheet: ContactSheet) -> AsyncGenerator[View]:
        """The updates until nine looks have ended."""
        first = self.cleared() | {self.ui.job_id: sheet.id}
        async with aclosing(self._looks.watched(sheet)) as views:
            async for view in views:
                over = sheet.finished
                # Other updates leave the buttons alone: Stop may be showing "Stopping …".
                yield first | (self._painting(not over) if first or over else {}) | view
                first = {}

    async def _forming(self, job: Run) -> View:
        """The placard, and the picture so far."""
        return {
            self.status: placard.progress(job, self._texts),
            self.picture: await asyncio.to_thread(self._files.preview_file, job),
        }

    def _ended(self, job: Run, kept: bool) -> View:
        """Everything but the picture, once the job has ended.

        Args:
            job: the job that has ended.
            kept: whether it has left a picture.
        """
        painted = kept and isinstance(job.view, Step)
        return {
            **self._looks.put_away(job),
            **self._painting(False),
            self.status: placard.progress(job, self._texts),
            self.ui.job_id: job.id,
            self.go_on: gr.Button(visible=kept),
            self.keep: gr.Checkbox(value=job.in_photo_colours, visible=painted),
        }

    def _painting(self, going_on: bool) -> View:
        """Shows Stop while a job is going on, else Paint."""
        return {
            self.paint: gr.Button(visible=_AWAY if going_on else True),
            self.stop: gr.Button(
                self._texts.STOP, visible=True if going_on else _AWAY, interactive=True
            ),
        }

    @property
    def _first_picture(self) -> Path | None:
        return self.examples[0].result if self.examples else None
