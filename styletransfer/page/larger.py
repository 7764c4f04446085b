"""Paint it larger: a finished picture becomes the start of a larger one, with the same look and seed."""

import asyncio
from dataclasses import replace

import gradio as gr

from ..engine.enlarging import larger
from ..engine.forecast import Forecast, forecast
from ..errors import StyleTransferError
from ..pictures import Pictures
from ..service import decoding
from ..service.inputs import combine, read
from ..service.run import Run
from ..service.store import Store
from . import placard
from .assets import render, script
from .components import QUIET, Sent, View, pressed, visitor_of
from .easel import Easel
from .i18n.translate import Words
from .sizes import USES, offers, tiles
from .ui import Ui


class Larger:
    """The button with a finished picture, and the sizes that it offers on the stage.

    Args:
        store: the jobs and their files.
        easel: the components around the picture.
        texts: the texts in the page's language.

    Attributes:
        ask: the button.
        board: the sizes as HTML; empty while they are not asked for.
    """

    ask: gr.Button
    board: gr.HTML
    _question: gr.Column
    _link: gr.HTML
    ui: Ui

    def __init__(self, store: Store, easel: Easel, texts: Words) -> None:
        self._queue, self._runs, self._files = store.queue, store.runs, store.files
        self._uploads = store.uploads
        self._easel = easel
        self._texts = texts

    def button_here(self) -> None:
        """Makes the button."""
        self.ask = gr.Button(self._texts.LARGER, elem_id="larger", elem_classes=["quiet"], size="md")

    def board_here(self) -> None:
        """Makes the board, which is empty until the button opens it."""
        self.board = gr.HTML(
            "",
            js_on_load=script("choose", "closing"),
            elem_id="larger-board",
            elem_classes="answer",
        )

    def listen(self, ui: Ui, question: gr.Column, link: gr.HTML) -> None:
        """Registers what happens when the button or a size is pressed.

        Args:
            ui: the shared components.
            question: whether to delete everything, in whose place the sizes stand.
            link: in whose place they stand, too.
        """
        self.ui = ui
        self._question, self._link = question, link
        answers = [self.board, question, link]
        self.ask.click(self._opened, {ui.job_id, self.board}, answers, **QUIET)
        changed = [*self._easel.outputs, self.board]
        self.board.select(self._begun, {ui.job_id}, changed, **QUIET)

    async def _opened(self, sent: Sent) -> View:
        """Shows the larger sizes with their times, or puts them away if they are open already."""
        view: View = {self.board: "", self._question: gr.Column(visible=False), self._link: ""}
        run = self._runs.find_run(sent[self.ui.job_id])
        if run is None or run.canvas is None or sent[self.board]:
            return view
        return view | {self.board: await decoding.aside(self._html, run)}

    def _html(self, run: Run) -> str:
        # Those of the run are rounded, as it has them in its own size.
        photo = decoding.size(run.inputs.files.get("content", "")) or run.pictures.content.size
        paintings = [style.size for style in run.pictures.styles]
        masks = len(list(filter(None, (*run.pictures.masks, run.pictures.keep))))

        def foretold(size: int) -> Forecast:
            wanted = larger(run.painted_settings, size, photo, paintings)
            return forecast(self._queue.pace, wanted, photo, paintings, masks)

        texts = self._texts
        offered = offers(foretold, self._queue.free_memory(), above=run.settings.size)
        said = texts.LARGER_HINT if offered else texts.LARGER_NONE
        sizes = tiles(offered, 0, texts, texts.FOR_LABEL) if offered else ""
        return render("larger", said=said, sizes=sizes, close=texts.PART_CLOSE)

    async def _begun(self, sent: Sent, request: gr.Request, event: gr.EventData) -> View:
        """Starts the larger picture from the files that the small one was painted from."""
        run, visitor = self._runs.find_run(sent[self.ui.job_id]), visitor_of(request)
        size = pressed(event, USES).size
        try:
            if run is None:
                raise StyleTransferError("picture_gone")
            self._queue.check_limits(visitor)
            pictures = await decoding.aside(self._pictures, run)
            more = await asyncio.to_thread(self._runs.enlarge, run, pictures, size, visitor)
        except StyleTransferError as error:
            return {self.ui.status: placard.failed(error, self._texts), self.board: ""}
        self._runs.pair(more, run.id)
        self._files.record(more)
        return self._easel.begun(more) | {self.board: ""}

    def _pictures(self, run: Run) -> Pictures:
        """What the run was painted from, as it was handed in: in full size.

        Raises:
            ImageError: a file is no longer there.
        """
        photo = run.painted_settings.alpha and self._uploads.cutout_of(run.inputs.files.get("content"))
        images, wrong = read(run.inputs.files, photo or None)
        wrong |= self._uploads.gone(run.inputs.files)
        if wrong:
            raise next(iter(wrong.values()))
        return replace(combine(images), start=None)
