"""Nine looks on the page: asking for them, the grid in the picture's place, taking one over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import gradio as gr

from ..catalogue import catalogue
from ..images import load_image
from ..pictures import Pictures
from ..service.contact_sheet import Cell, Sheet, by_strength, by_style
from ..service.queue import Job
from ..service.store import Shelf
from ..service.watching import news
from ..settings import Settings
from . import contact_grid as grid
from .assets import script
from .i18n.translate import Words

_BY_STYLE, _BY_STRENGTH = "paintings", "strength"


class Looks:
    """The parts of the page that a sheet needs, made where they stand.

    Attributes:
        ask, kind: the button, and what is to differ between the nine.
        grid: while it holds a sheet it takes the picture's place.
        turn: goes from the sheet to the picture before it, and back.
    """

    def __init__(self, shelf: Shelf, texts: Words) -> None:
        self._shelf = shelf
        self._texts = texts

    def ask_here(self) -> None:
        texts = self._texts
        with gr.Row(elem_id="look"):
            self.ask = gr.Button(texts.SHEET, elem_id="nine", size="md", min_width=120)
            self.kind = gr.Radio(
                [(texts.SHEET_BY_STYLE, _BY_STYLE), (texts.SHEET_BY_STRENGTH, _BY_STRENGTH)],
                value=_BY_STYLE,
                label=texts.SHEET_KIND,
                show_label=False,
                container=False,
                min_width=120,
                elem_id="nine-kind",
            )

    def grid_here(self) -> None:
        self.grid = gr.HTML("", js_on_load=script("choose"), elem_id="sheet")

    def turn_here(self) -> None:
        self.turn = gr.Button(visible=False, elem_id="turn", elem_classes="quiet", size="md")

    def files(self, files: dict[str, Any], values: list[Any]) -> dict[str, Any]:
        """The files of a sheet; for nine paintings nobody needs to have chosen one."""
        if files.get("style") is None and values[-1] == _BY_STYLE:
            return files | {"style": str(catalogue().styles[0].file)}
        return files

    def start(self, files: dict[str, Any], pictures: Pictures, values: list[Any], visitor: str) -> Sheet:
        """A sheet of the kind that is the last of the values.

        Raises:
            StyleTransferError: as `Shelf.start`.
        """
        *values, kind = values

        def cells(pictures: Pictures, settings: Settings) -> list[Cell]:
            if kind == _BY_STRENGTH:
                return by_strength(pictures, settings)
            return by_style(pictures, settings, files["style"], catalogue().styles, load_image)

        return self._shelf.start_sheet(pictures, values, visitor, cells)

    def put_away(self, job: Job | None) -> dict:
        """What changes when a picture takes the place of the grid: the job's, or an example."""
        return {self.grid: "", self.turn: self._turn_of(job)}

    async def watched(self, sheet: Sheet) -> AsyncIterator[dict]:
        """The grid as it fills, to its end; and how it stands, by the name "status"."""
        if not sheet.finished:  # else the end follows at once
            yield await asyncio.to_thread(self.seen, sheet) | {self.turn: self._turn_of(sheet)}
        async with aclosing(news(sheet)) as told:
            async for _ in told:
                if self._shelf.gone(sheet):
                    return
                yield await asyncio.to_thread(self.seen, sheet)
        yield await asyncio.to_thread(self.seen, sheet) | {self.turn: self._turn_of(sheet)}

    def seen(self, sheet: Sheet) -> dict:
        return {
            self.grid: grid.grid(sheet, self._texts),
            "status": grid.progress(sheet, self._texts),
        }

    def _turn_of(self, job: Job | None) -> gr.Button:
        other = job and job.finished and self._shelf.beside(job)
        leave, back = self._texts.SHEET_LEAVE, self._texts.SHEET_BACK
        label = leave if isinstance(job, Sheet) else back
        return gr.Button(label, visible=bool(other))
