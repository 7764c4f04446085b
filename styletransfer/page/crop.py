"""Using a part of the painting: the visitor draws a rectangle over it on the page."""

import hashlib
from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..errors import ImageError
from ..picture_files import Wanted
from ..pictures import STYLES
from ..service import crops, decoding
from . import placard
from .assets import render, script
from .components import QUIET, Sent, View, detail, file_of, told
from .data_url import data_url
from .i18n.translate import Words
from .ui import Ui

_SHOWN = 720  # long side in pixels of the painting on the board


class Cropping:
    """The button in the painting's box, and the board on which a part of the painting is drawn.

    Attributes:
        ask, board: the button, and the board that it opens.
    """

    ask: gr.Button
    board: gr.HTML
    _style: gr.Image
    _note: gr.HTML

    def __init__(self, kept: crops.Crops, texts: Words) -> None:
        self._crops = kept
        self._texts = texts

    def ask_here(self) -> None:
        """Makes the button."""
        self.ask = gr.Button(self._texts.PART, visible=False, elem_id="part", size="sm")

    def board_here(self) -> None:
        """Makes the board, which is empty until the button opens it."""
        self.board = gr.HTML("", js_on_load=script("crop"), elem_id="part-board", elem_classes="layer")

    def listen(self, ui: Ui) -> Dependency:
        """Connects button and board with the painting's box and the note under it.

        Returns the event after which a part, or all of the painting, is in its box.
        """
        self._style = style = ui.boxes["style"]
        self._note = note = ui.notes["style"]
        # Once the painting changes, the board with the previous one is closed.
        style.change(self._changed, {style, self.board}, [self.ask, self.board, note], **QUIET)
        self.ask.click(self._opened, style, [self.board, note], **QUIET)
        return self.board.select(self._drawn, style, [style, self.board, note], **QUIET)

    async def _opened(self, sent: Any) -> View:
        part = self._crops.source_of(file_of(sent))
        try:
            return {self.board: await decoding.aside(_board, part, self._texts)}
        except ImageError as error:
            return {self.board: "", self._note: placard.note(self._texts.error(error))}

    async def _drawn(self, sent: Any, event: gr.EventData) -> View:
        """Puts the part or the whole painting into the box, or only closes the board."""
        part = self._crops.source_of(file_of(sent))
        closed: View = {self.board: "", self._note: placard.note()}
        action = told(event, "action")
        if action == "close" or part.source is None:
            return closed
        if action == "whole":
            return {self._style: part.source, **closed}
        try:
            file = await decoding.aside(self._crops.cut, part.source, detail(event, "box"))
        except ImageError as error:
            return {self._note: placard.note(self._texts.error(error))}
        return {self._style: file, self.board: "", self._note: self._used}

    def _changed(self, sent: Sent) -> View:
        """Closes the board with another painting; Gradio may tell of a change twice, and late."""
        file, board = file_of(sent[self._style]), sent[self.board]
        view: View = {self.ask: gr.Button(visible=isinstance(file, str))}
        part = self._crops.source_of(file)
        if board and not (part.source and _mark(part) in str(board)):
            view[self.board] = ""
        is_part = isinstance(file, str) and part.source != file
        return view | ({self._note: self._used} if is_part else {})

    @property
    def _used(self) -> str:
        return placard.note(self._texts.PART_USED, told=True)


def _mark(part: crops.Crop) -> str:
    """What tells the boards of different paintings apart, without their paths."""
    return hashlib.sha256(str(part.source).encode()).hexdigest()[:16]


def _board(part: crops.Crop, texts: Words) -> str:
    """The board as HTML: the whole painting with a rectangle on it that can be redrawn."""
    image = decoding.picture(part.source, STYLES["style"], Wanted(largest=_SHOWN)).image
    return render(
        "crop",
        mark=_mark(part),
        hint=texts.PART_HINT,
        picture=data_url(image, 88),
        ratio=image.width / image.height,
        alt=texts.PART_ALT,
        keys=texts.PART_KEYS,
        box=part.box if part.box != (0, 0, 1, 1) else (0.2, 0.2, 0.8, 0.8),
        actions={"use": texts.PART_USE, "whole": texts.PART_WHOLE, "close": texts.PART_CLOSE},
    )
