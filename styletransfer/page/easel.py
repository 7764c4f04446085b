"""The picture, what stands under it, and the buttons that come and go with it: how a job is watched.

A page only watches. It may lose its connection at any moment, and finds its job again by the id that
the browser keeps.
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
from . import status as placard
from .assets import script
from .components import View, quiet_button
from .contact_sheet import NineLooks
from .finished import Finished
from .i18n.translate import Words
from .remembered import REMEMBER_JS
from .ui import Ui

# A button that is only hidden stays in the page: one that is taken out and comes back is loaded anew,
# and an update that falls into that time may be lost.
_AWAY: Literal["hidden"] = "hidden"


class Easel:
    """The picture's side of the page.

    Args:
        store: where the jobs are.
        finished: what is offered with a finished picture.
        looks: what takes the picture's place while nine looks are shown.
        art: in the page's language.
        texts: what is said.

    Attributes:
        examples: those of the catalogue that have a picture.
        picture, status: the picture, and the placard under it.
        paint, stop: of which one is in the other's place.
        go_on, keep: for a finished picture: paint on, and keep the photo's colours.
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
        """Paint, and Stop, which is not there at first."""
        self.paint = gr.Button(self._texts.PAINT, variant="primary", elem_id="paint")
        self.stop = gr.Button(self._texts.STOP, variant="primary", elem_id="stop", visible=_AWAY)

    def picture_here(self) -> None:
        """The picture; at first an example."""
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
        """The placard, and the scripts that follow what it says."""
        said = ""
        if self.examples:
            said = placard.example(self._art, self.examples[0], self._texts.EXAMPLE_HINT, self._texts)
        self.status = gr.HTML(
            said,
            js_on_load=REMEMBER_JS + script("focus", "fade", "tab_title"),
            elem_id="status",
        )

    def keep_here(self) -> None:
        """Whether a finished picture keeps the photo's colours."""
        self.keep = gr.Checkbox(
            label=self._texts.KEEP_COLOURS, visible=False, container=False, elem_id="keep"
        )

    def go_on_here(self) -> None:
        """The button that paints on from a finished picture."""
        self.go_on = quiet_button(self._texts.GO_ON, "go-on", visible=False)

    def listen(self, ui: Ui) -> None:
        """Nothing to register: others call `watched` in their events."""
        self.ui = ui

    @property
    def outputs(self) -> list[Component]:
        """All that changes while a job is watched."""
        buttons = [self.paint, self.stop, self.go_on, self.keep]
        looks = [self._looks.grid, self._looks.switch]
        return [self.status, self.picture, *buttons, self.ui.mine, *looks, *self._finished.outputs]

    def cleared(self) -> View:
        """Nothing below the picture that concerns a finished one."""
        return {
            **self._finished.cleared(),
            **self._looks.put_away(None),
            self.go_on: gr.Button(visible=False),
            self.keep: gr.Checkbox(visible=False),
        }

    def emptied(self) -> View:
        """As at first, with word that everything of the visitor's has been deleted."""
        return {
            **self.cleared(),
            **self._finished.emptied(),
            self.ui.mine: None,
            self.picture: self._first_picture,
            self.status: placard.deleted(self._texts),
            **self._painting(False),
        }

    def showing(self, example: Example, hint: str) -> View:
        """This example in place of what is there."""
        return {
            **self.cleared(),
            self.ui.mine: None,
            self.picture: example.result,
            self.status: placard.example(self._art, example, hint, self._texts),
        }

    async def followed(self, id: str | None) -> AsyncGenerator[View]:
        """What changes on the page while the job of this id goes on; nothing where it is gone."""
        job = self._runs.find(id)
        if job is None:
            yield {self.ui.mine: None}
            return
        async with aclosing(self.watched(job)) as views:
            async for view in views:
                yield view

    async def watched(self, job: Job) -> AsyncGenerator[View]:
        """What changes on the page while the job goes on, to its end."""
        views = self._run_watched(job) if isinstance(job, Run) else self._sheet_watched(job)
        async with aclosing(views):
            async for view in views:
                yield view
        if job.forgotten:
            yield self.emptied()

    async def _run_watched(self, job: Run) -> AsyncGenerator[View]:
        """What changes while a picture is painted, to its end or until it is forgotten."""
        # What is finished is shown at once, and the end relies on nothing said before: of two updates
        # that follow each other closely Gradio's page may lose the first.
        view = self.cleared() | {self.ui.mine: job.id}
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
        """What changes while nine looks are painted."""
        first = self.cleared() | {self.ui.mine: sheet.id}
        async with aclosing(self._looks.watched(sheet)) as views:
            async for view in views:
                over = sheet.finished
                # In between Stop may say that it is stopping.
                yield first | (self._painting(not over) if first or over else {}) | view
                first = {}

    async def _forming(self, job: Run) -> View:
        """How the job stands, and the picture so far."""
        return {
            self.status: placard.progress(job, self._texts),
            self.picture: await asyncio.to_thread(self._files.preview_file, job),
        }

    def _ended(self, job: Run, kept: bool) -> View:
        """All but the picture, at its end.

        Args:
            job: the one that has ended.
            kept: whether there is a picture of it.
        """
        painted = kept and isinstance(job.view, Step)
        return {
            **self._looks.put_away(job),
            **self._painting(False),
            self.status: placard.progress(job, self._texts),
            self.ui.mine: job.id,
            self.go_on: gr.Button(visible=kept),
            self.keep: gr.Checkbox(value=job.in_photo_colours, visible=painted),
        }

    def _painting(self, going_on: bool) -> View:
        """Paint and Stop, of which one is in the other's place."""
        return {
            self.paint: gr.Button(visible=_AWAY if going_on else True),
            self.stop: gr.Button(
                self._texts.STOP, visible=True if going_on else _AWAY, interactive=True
            ),
        }

    @property
    def _first_picture(self) -> Path | None:
        return self.examples[0].result if self.examples else None
