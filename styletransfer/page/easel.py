"""The picture, its placard and its buttons, and what they show of a job.

A page only watches a job. It may lose its connection at any moment, and finds the job again by the id
that the browser remembers. A handler starts a job or finds it, and answers at once: a placard with the
job's id. From there on `static/watch.js` follows the job, and asks for everything else at its end.
"""

import asyncio
from typing import Any, Literal

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from ..catalogue import Catalogue, Example
from ..engine.step import Step
from ..errors import StyleTransferError
from ..service.contact_sheet import ContactSheet
from ..service.job import Job
from ..service.run import Run
from ..service.store import Store
from . import placard
from .assets import function, script
from .components import QUIET, View, quiet_button, told
from .contact_sheet import NineLooks
from .finished import Finished, example_compared
from .i18n.translate import Words
from .remembered import REMEMBER_JS
from .ui import Ui

# `visible="hidden"` only hides a button, whereas `visible=False` removes it from the document. A removed
# button is loaded again when it comes back, and an update in the meantime may be lost.
_AWAY: Literal["hidden"] = "hidden"


class Easel:
    """The components around the picture, and what is in them before, during and after a job.

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
        self._successors = store.successors
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
            self.first and self.first.result,
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
            js_on_load=REMEMBER_JS
            + script("focus", "fade", "tab_title", "boards")
            + script("watch", LOST=self._texts.CONNECTION_LOST)
            + script("next_step", "made_with"),
            elem_id="status",
        )

    def keep_here(self) -> None:
        """Makes the checkbox with which a finished picture keeps the photo's colours."""
        self.keep = gr.Checkbox(
            label=self._texts.KEEP_COLOURS,
            visible=False,
            container=False,
            elem_id="keep",
            elem_classes="of-picture",
        )

    def go_on_here(self) -> None:
        """Makes the button that paints more steps of a finished picture."""
        self.go_on = quiet_button(self._texts.GO_ON, "go-on", of_picture=True)

    def listen(self, ui: Ui) -> list[Dependency]:
        """Registers what happens with news of the job, and returns the event after its end.

        "news" is an event in the browser alone, by which Gradio's components take over what watch.js was
        told. "settle" asks the server once for everything that is shown with a job that has ended.
        """
        self.ui = ui
        seen = [self.status, self.picture, self._looks.grid]
        every: dict[str, Any] = {"trigger_mode": "multiple"}
        self.status.news(None, None, seen, js=function("news"), queue=False, **every)
        return [self.status.settle(self._settled, None, self.outputs, **every, **QUIET)]

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
            self.picture: self.first and self.first.result,
            self._finished.viewer: self.first and example_compared(self.first),
            self.status: placard.deleted(self._texts),
            **self._painting(False),
        }

    def showing(self, example: Example, hint: str) -> View:
        """Shows this example with a hint in place of the picture."""
        return {
            **self.cleared(),
            self.ui.job_id: None,
            self.picture: example.result,
            self._finished.viewer: example_compared(example),
            self.status: placard.example(self._art, example, hint, self._texts),
        }

    async def followed(self, id: str | None) -> View:
        """The components for the job of this id; only the id is cleared if the job is gone."""
        job = self._runs.find(id)
        return {self.ui.job_id: None} if job is None else await self.shown(job)

    async def shown(self, job: Job) -> View:
        """The components for a job that has ended; as `begun` if it, or a series, has not."""
        job = await self._successors.following(job)
        if not job.finished or self._successors.goes_on(job):
            return self.begun(job)
        return await self._run_shown(job) if isinstance(job, Run) else self._sheet_shown(job)

    def begun(self, job: Job) -> View:
        """The components for a job that is waiting or being painted.

        The placard's script then watches the job, and puts everything new into the components.
        """
        view = self.cleared() | self._painting(True) | {self.ui.job_id: job.id}
        sheet = self._looks.shown(job) if isinstance(job, ContactSheet) else {}
        return view | sheet | {self.status: placard.waiting(job, self._texts)}

    async def _run_shown(self, job: Run) -> View:
        """The components for a picture that has ended; for one without a result the photo."""
        # One update, because Gradio's page may lose the first of two that follow each other closely.
        file = await asyncio.to_thread(self._files.result, job)
        picture = file or await asyncio.to_thread(self._files.photo, job)
        if job.forgotten:
            return self.emptied()
        return self.cleared() | self._ended(job, kept=file is not None) | {self.picture: picture}

    def _sheet_shown(self, job: Job) -> View:
        """The components for nine looks that have ended."""
        looks = self._looks.shown(job) if isinstance(job, ContactSheet) else {}
        return self.cleared() | self._painting(False) | looks | {self.ui.job_id: job.id}

    async def _settled(self, event: gr.EventData) -> View:
        """The components once a job that was watched has ended, or is no longer kept."""
        id = told(event, "job")
        job = self._runs.find(id) or self._runs.begun(id)
        if job is not None:
            return await self.shown(job)
        if told(event, "how") == "deleted":
            return self.emptied()
        if told(event, "how") == "shown":
            return {self.status: gr.skip()}  # the browser still has what it shows
        lost = told(event, "how") == "unanswered"
        error = StyleTransferError("answer_lost" if lost else "picture_gone")
        gone = placard.failed(error, self._texts)
        return self.cleared() | self._painting(False) | {self.ui.job_id: None, self.status: gone}

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
    def first(self) -> Example | None:
        """The example that is shown at first, if there is one."""
        return self.examples[0] if self.examples else None
