"""What comes back: a job after a reload, an earlier picture, the look that a link asks for."""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..look_link import Look, look_in
from ..service.contact_sheet import ContactSheet
from ..service.job import Job
from ..service.store import Store
from . import status as placard
from .components import QUIET, View, painting_index
from .contact_sheet import NineLooks
from .easel import Easel
from .finished import Finished
from .i18n.translate import Words
from .remembered import RECALL_JS
from .ui import Ui


class Restore:
    """The events at which the page is filled in with what was there before."""

    ui: Ui

    def __init__(
        self, store: Store, easel: Easel, finished: Finished, looks: NineLooks, texts: Words
    ) -> None:
        self._runs, self._crops = store.runs, store.uploads.crops
        self._easel = easel
        self._finished = finished
        self._looks = looks
        self._texts = texts

    def listen(self, ui: Ui, demo: gr.Blocks) -> list[Dependency]:
        """Registers the events; those at whose end there is another picture."""
        self.ui = ui
        easel, strip = self._easel, self._finished.strip
        # In two events: a generator's later yields, which leave the inputs alone, would make Gradio's
        # page forget the files in them.
        # What there is to find the browser tells; the strip only carries it here.
        seen = [ui.mine, ui.status, ui.picture, *ui.desk]
        found = demo.load(self._found_again, strip, seen, js=RECALL_JS, **QUIET)
        following = found.then(easel.followed, ui.mine, easel.outputs, **QUIET)
        recalled = [ui.mine, ui.status, *ui.desk, ui.under_masks, *ui.all_notes]
        recalling = strip.select(self._recalled, ui.under_masks, recalled, **QUIET)
        showing = recalling.then(easel.followed, ui.mine, easel.outputs, **QUIET)
        return [following, showing]

    def _found_again(self, ids: Any, request: gr.Request) -> View:
        """What a link asks for, or everything that a job was started with, as before a reload.

        The link goes before, but not before a picture that is still being painted.
        """
        job = self._runs.find_again(ids if isinstance(ids, dict) else {})
        look = look_in(dict(request.query_params).items())
        if look and job and not job.finished:
            gr.Info(self._texts.LINK_BUSY)
        elif look and (look.followed or job is None):
            return self._followed(look)
        return self._restored(job) if job else {self.ui.mine: None}

    def _followed(self, look: Look) -> View:
        """What a link asks for, filled in."""
        ui = self.ui
        view: View = {ui.mine: None, ui.status: placard.from_link(look, self._texts)}
        view |= ui.knobs.filled_in(look.settings)
        if look.style is None:
            return view
        file = look.style.file
        like = [example.result for example in self._easel.examples if example.style == file]
        view |= {ui.boxes["style"]: file, ui.style_row: painting_index(file)}
        return view | ({ui.picture: like[0]} if like else {})

    def _restored(self, job: Job) -> View:
        """Everything that a job was started with, where it had been."""
        ui = self.ui
        view: View = {ui.mine: job.id} | ui.knobs.filled_in(job.current_settings)
        for name, file in job.inputs.files.items():
            if Path(file).exists():
                view[ui.boxes[name]] = file
                if name == "style":
                    view[ui.style_row] = painting_index(self._crops.source_of(file).source)
        if isinstance(job, ContactSheet) and job.chosen:
            view |= self._looks.taken_over(job.chosen)
        return view

    def _recalled(self, under_masks: Any, event: gr.EventData) -> View:
        """An earlier picture of this browser, with all that it was started with."""
        ui, job = self.ui, self._runs.find(str(event.picture))
        if job is None:  # forgotten meanwhile: the strip will do without
            return {ui.status: gr.skip()}
        view = self._restored(job)
        laid = ui.laid_under(view.get(ui.boxes["content"])) if under_masks else {}
        return ui.without_extras() | {ui.style_row: -1} | ui.without_notes() | laid | view
