"""Events that fill the page in: a job after a reload, an earlier picture, the look in a link."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..errors import StyleTransferError
from ..look_link import Look, look_in
from ..service.contact_sheet import ContactSheet
from ..service.job import Job
from ..service.store import Store
from . import placard
from .components import QUIET, View, painting_index, told
from .contact_sheet import NineLooks
from .easel import Easel
from .finished import Finished, example_compared
from .i18n.translate import Words
from .remembered import RECALL_JS
from .ui import Ui


class Restore:
    """The events that fill the page in with an earlier job or with the look in a link.

    Attributes:
        looked: register what follows the search for the job of the tab, one for each way to end it.
    """

    looked: list[Callable[..., Dependency]]
    ui: Ui

    def __init__(
        self, store: Store, easel: Easel, finished: Finished, looks: NineLooks, texts: Words
    ) -> None:
        self._runs, self._crops = store.runs, store.uploads.crops
        self._paintings = store.paintings
        self._easel = easel
        self._finished = finished
        self._looks = looks
        self._texts = texts

    def listen(self, ui: Ui, demo: gr.Blocks) -> list[Dependency]:
        """Registers the events, and returns those after which another picture is shown."""
        self.ui = ui
        easel, strip = self._easel, self._finished.strip
        # The script replaces the strip, the only input, by the ids that the browser remembers.
        shown = [ui.status, ui.picture, self._finished.viewer]
        seen = [ui.job_id, *shown, *ui.desk, *ui.all_notes]
        found = demo.load(self._found_again, strip, seen, js=RECALL_JS, **QUIET)
        following = found.then(easel.followed, ui.job_id, easel.outputs, **QUIET)
        # Gradio's page runs what comes with `then` after a success only.
        self.looked = [following.success, following.failure, found.failure]
        recalling = strip.select(self._recalled, None, ui.job_id, **QUIET)
        showing = recalling.then(easel.followed, ui.job_id, easel.outputs, **QUIET)
        return [following, showing]

    def _found_again(self, ids: Any, request: gr.Request) -> View:
        """Fills in the look in a link, or everything that the job before a reload was started with.

        The link takes precedence, except over a picture that is still being painted.
        """
        ids = ids if isinstance(ids, dict) else {}
        job = self._runs.find_again(ids)
        look = look_in(dict(request.query_params).items())
        if look and job and not job.finished:
            gr.Info(self._texts.LINK_BUSY)
        elif look and (look.followed or job is None):
            return self._followed(look)
        if job is None and ids.get("asked"):
            gone = StyleTransferError("picture_gone")
            return {self.ui.job_id: None, self.ui.status: placard.failed(gone, self._texts)}
        return self._restored(job) if job else {self.ui.job_id: None}

    def _followed(self, look: Look) -> View:
        """Fills in the look in a link."""
        ui = self.ui
        shared = self._paintings.find(look.painting)
        said = placard.from_link(look, self._texts, shared is not None)
        view: View = {ui.job_id: None, ui.status: said} | ui.knobs.filled_in(look.settings)
        if shared:
            style = {ui.boxes["style"]: shared, ui.style_row: -1}
            return view | style | {ui.picture: shared, self._finished.viewer: None}
        if look.style is None:
            return view
        file = look.style.file
        like = next((each for each in self._easel.examples if each.style == file), None)
        view |= {ui.boxes["style"]: file, ui.style_row: painting_index(file)}
        # Never another painting's example: where there is none of this painting, it is shown itself.
        shown = like.result if like else file
        return view | {ui.picture: shown, self._finished.viewer: like and example_compared(like)}

    def _restored(self, job: Job) -> View:
        """Fills in everything that a job was started with."""
        ui = self.ui
        view: View = {ui.job_id: job.id} | ui.knobs.filled_in(job.current_settings)
        for name, file in job.inputs.files.items():
            if Path(file).exists():
                view[ui.boxes[name]] = file
                if name == "style":
                    view[ui.style_row] = painting_index(self._crops.source_of(file).source)
        if isinstance(job, ContactSheet) and job.chosen:
            view |= self._looks.taken_over(job.chosen)
        return view

    def _recalled(self, event: gr.EventData) -> View:
        """Shows an earlier picture of this browser; what is chosen for the next one stays."""
        job = self._runs.find(told(event, "picture"))
        # If it has been dropped meanwhile, the strip is updated by the next event.
        return {self.ui.job_id: job.id if job else gr.skip()}
