"""The drawer "Size and steps": sizes by what a picture is for, above the sliders."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..engine.forecast import Forecast, forecast
from ..errors import SettingsError, StyleTransferError
from ..pictures import STYLES
from ..service import decoding
from ..service.queue import Queue
from ..settings import Settings
from .advice import OF_SIZE, hints
from .assets import render, script
from .components import QUIET, Sent, View, file_of, pressed
from .i18n.translate import Words
from .knobs import Knobs
from .sizes import USES, advised, offers, tiles
from .ui import Ui

_LOOKED_AT = ("content", *STYLES)


class SizeChoice:
    """The sizes in the drawer, and what happens when one is pressed.

    Attributes:
        line: the sizes as HTML.
    """

    line: gr.HTML
    _drawer: gr.Accordion
    ui: Ui

    def __init__(self, queue: Queue, texts: Words) -> None:
        self._queue = queue
        self._texts = texts

    def here(self, knobs: Knobs) -> None:
        """Makes the drawer; its times come once it is opened.

        Args:
            knobs: whose sliders stand in it, too.
        """
        drawer = gr.Accordion(self._texts.SIZE_DRAWER, open=False, elem_id="size", elem_classes="drawer")
        with drawer as self._drawer:
            self.line = gr.HTML(js_on_load=script("choose"), elem_id="sizes")
            knobs.size_here()

    def listen(self, ui: Ui) -> Dependency:
        """Keeps times and sizes up to date, and returns the event after which a size is set."""
        self.ui = ui
        boxes, controls = [ui.boxes[name] for name in _LOOKED_AT], ui.knobs.controls
        changing: list[Any] = [*boxes, *(controls[name] for name in ("size", "steps", "brush_scale"))]
        events = [self._drawer.expand, ui.knobs.preset_help.change, *(each.change for each in changing)]
        sent = {*boxes, *ui.knobs.inputs}
        gr.on(events, self._told, sent, self.line, trigger_mode="always_last", **QUIET)
        changed = [controls["size"], *ui.knobs.preset_outputs, self.line]
        return self.line.select(self._chosen, sent, changed, **QUIET)

    async def _told(self, sent: Sent) -> Any:
        try:
            settings = self.ui.settings(sent)
        except SettingsError:  # the error is shown when the visitor presses Paint
            return gr.skip()
        files = {name: file_of(sent[self.ui.boxes[name]]) for name in _LOOKED_AT}
        return await decoding.aside(self._html, settings, files)

    async def _chosen(self, sent: Sent, event: gr.EventData) -> View:
        """Sets the size that was pressed; the steps stay, as the presets have them for any size."""
        size, control = pressed(event, USES).size, self.ui.knobs.controls["size"]
        sent = dict(sent) | {control: size}
        view = {control: size} | self.ui.knobs.preset_marked(sent)
        return view | {self.line: await self._told(sent)}

    def _html(self, settings: Settings, files: Mapping[str, Any]) -> str:
        sizes = {name: file and decoding.size(file) for name, file in files.items()}
        paintings = [size for name in STYLES if (size := sizes.get(name))]

        def foretold(size: int) -> Forecast:
            wanted = replace(settings, size=size)
            return forecast(self._queue.pace, wanted, sizes.get("content"), paintings)

        texts = self._texts
        free, precision = self._queue.free_memory(), self._queue.pace.precision
        hint = render("sentence", kind="hint", role="", sentence=texts.FOR_HINT)
        choice = tiles(offers(foretold, free), settings.size, texts, texts.FOR_LABEL)
        every = hints(settings, sizes.get("content"), sizes.get("style"), free, texts, precision)
        said = [sentence for about, sentence in every.items() if about in OF_SIZE]
        return hint + choice + advised(_seconds(foretold, settings.size), said, texts)


def _seconds(foretold: Callable[[int], Forecast], size: int) -> float:
    try:
        return foretold(size).seconds
    except StyleTransferError:  # it is shown when the visitor presses Paint
        return 0
