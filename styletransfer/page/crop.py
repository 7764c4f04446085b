"""The part of the painting that is used: a rectangle drawn over it, on the page."""

import asyncio
from typing import Any

import gradio as gr
from gradio.components import Component

from ..errors import ImageError
from ..images import load_image
from ..pictures import STYLES
from ..service.crops import Part, Parts
from . import status as placard
from .assets import render, script
from .components import file_of
from .data_url import data_url
from .i18n.translate import Words

_SHOWN = 720  # long side in pixels of the painting that one draws upon


class Cropping:
    """The button under the painting's box and the place where a part of it is drawn.

    Attributes:
        ask, board: the button, and what it opens.
    """

    def __init__(self, parts: Parts, texts: Words) -> None:
        self._parts = parts
        self._texts = texts

    def ask_here(self) -> None:
        self.ask = gr.Button(self._texts.PART, visible=False, elem_id="part", size="sm")

    def board_here(self) -> None:
        self.board = gr.HTML("", js_on_load=script("crop"), elem_id="part-board")

    def wire(self, style: Component, note: Component, options: dict[str, Any]) -> None:
        """Makes it work: the painting's box, and the note under it."""
        # Whatever is in the box, the board shows another picture's part no longer.
        style.change(self._changed, style, [self.ask, self.board, note], **options)
        self.ask.click(self._opened, style, [self.board, note], **options)
        self.board.select(self._drawn, style, [style, self.board, note], **options)

    async def _opened(self, sent: Any) -> tuple:
        part = self._parts.whole(file_of(sent))
        try:
            return await asyncio.to_thread(_board, part, self._texts), gr.skip()
        except ImageError as error:
            return "", placard.note(self._texts.error(error))

    async def _drawn(self, sent: Any, event: gr.EventData) -> tuple:
        part = self._parts.whole(file_of(sent))
        if event.action == "close" or part.whole is None:
            return gr.skip(), "", placard.note()
        if event.action == "whole":
            return part.whole, "", placard.note()
        try:
            file = await asyncio.to_thread(self._parts.cut, part.whole, event.box)
        except ImageError as error:
            return gr.skip(), gr.skip(), placard.note(self._texts.error(error))
        return file, "", placard.note(self._texts.PART_USED, told=True)

    def _changed(self, sent: Any) -> tuple:
        file = file_of(sent)
        used = placard.note(self._texts.PART_USED, told=True)
        is_part = isinstance(file, str) and self._parts.whole(file).whole != file
        return gr.Button(visible=isinstance(file, str)), "", used if is_part else gr.skip()


def _board(part: Part, texts: Words) -> str:
    """The whole painting with the part on it, to be drawn anew."""
    image = load_image(part.whole, STYLES["style"])
    image.thumbnail((_SHOWN, _SHOWN))
    return render(
        "crop",
        hint=texts.PART_HINT,
        picture=data_url(image, 88),
        alt=texts.PART_ALT,
        keys=texts.PART_KEYS,
        box=part.box if part.box != (0, 0, 1, 1) else (0.2, 0.2, 0.8, 0.8),
        actions={"use": texts.PART_USE, "whole": texts.PART_WHOLE, "close": texts.PART_CLOSE},
    )
