"""Painting on without the visitor: a run goes on that nobody watches, and a link leads back to it."""

import gradio as gr

from ..errors import StyleTransferError
from ..service.store import Store
from . import placard
from .assets import render, script
from .components import QUIET, View
from .i18n.translate import Words
from .ui import Ui


class Leaving:
    """The button beside the placard while a job waits or is painted, and what it tells.

    Attributes:
        ask: the button, and when a job ends without it.
        board: the link back, and the offer of a notification and a sound.
    """

    ask: gr.HTML
    board: gr.HTML
    ui: Ui

    def __init__(self, store: Store, texts: Words) -> None:
        self._queue, self._runs = store.queue, store.runs
        self._texts = texts

    def ask_here(self) -> None:
        """Makes the button, unless whoever runs the server allows no such runs."""
        limits, texts = self._queue.limits, self._texts
        hint = texts.LEAVE_HINT.format(time=placard.roughly(limits.grace, texts))
        html = render("leave", texts=texts, hint=hint) if limits.unattended else ""
        self.ask = gr.HTML(html, js_on_load=script("choose"), elem_id="leave")

    def board_here(self) -> None:
        """Makes the place on the stage for the link, empty at first."""
        self.board = gr.HTML(
            "", js_on_load=script("chime", "leave", "closing"), elem_id="left", elem_classes="answer"
        )

    def listen(self, ui: Ui) -> None:
        """Registers what happens when the button is pressed."""
        self.ui = ui
        self.ask.select(self._left, ui.job_id, self.board, **QUIET)

    def _left(self, id: str | None) -> View:
        texts, job = self._texts, self._runs.find(id)
        try:
            if job is None:
                raise StyleTransferError("picture_gone")
            self._queue.leave(job)
        except StyleTransferError as error:
            return {self.board: render("answer_not", error=texts.error(error), texts=texts)}
        return {self.board: render("left", job=job, texts=texts)}
