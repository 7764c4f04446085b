"""The finished examples: cards at the end of the page, which fill the page in when pressed."""

import gradio as gr

from ..catalogue import Catalogue, Example
from ..service.runs import Runs
from ..settings import Settings
from . import placard
from .assets import function, render, script
from .components import QUIET, Sent, View, painting_index, pressed
from .easel import Easel
from .gallery import example_cards
from .i18n.translate import Words
from .ui import Ui


class Examples:
    """The cards, and what happens when one of them is pressed.

    Args:
        art: the catalogue in the page's language.
        easel: where an example's picture is shown.
    """

    ui: Ui

    def __init__(self, art: Catalogue, runs: Runs, easel: Easel, texts: Words) -> None:
        self._art = art
        self._runs = runs
        self._easel = easel
        self._texts = texts

    def here(self) -> None:
        """Makes a card for each example."""
        texts = self._texts
        with gr.Column(elem_id="examples", visible=bool(self._easel.examples)):
            gr.HTML(render("heading", level=2, title=texts.EXAMPLES, sentence=texts.EXAMPLES_HINT))
            self.cards = gr.HTML(
                html_template=example_cards(self._art, texts), js_on_load=script("choose")
            )

    def listen(self, ui: Ui) -> None:
        """Registers what happens when somebody presses a card."""
        self.ui = ui
        self.cards.select(None, js=function("scroll_up"), queue=False)
        outputs = [*self._easel.outputs, *ui.desk, *ui.all_notes]
        self.cards.select(self._opened, {ui.job_id}, outputs, **QUIET)

    def _opened(self, sent: Sent, event: gr.EventData) -> View:
        """Shows the example and everything it was made from, unless a picture is being painted."""
        ui, job = self.ui, self._runs.find(sent[self.ui.job_id])
        if job is not None and not job.finished:
            gr.Info(self._texts.EXAMPLE_BUSY)
            return {ui.notes["style"]: gr.skip()}
        chosen = pressed(event, self._art.examples)
        return {
            **self._easel.showing(chosen, self._texts.EXAMPLE_OPENED),
            **ui.knobs.filled_in(Settings(**chosen.settings)),
            **ui.without_extras(),
            **self._filled_in(chosen),
        }

    def _filled_in(self, chosen: Example) -> View:
        """Puts the example's photo and painting into their boxes."""
        ui = self.ui
        return {
            ui.boxes["content"]: chosen.photo,
            ui.boxes["style"]: chosen.style,
            ui.style_row: painting_index(chosen.style),
            ui.notes["content"]: placard.note(),
            ui.notes["style"]: placard.note(),
        }
