"""How long each preset takes on this server, under the buttons of the presets."""

from collections.abc import Iterable, Mapping
from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..engine.forecast import forecast
from ..errors import StyleTransferError
from ..pictures import STYLES
from ..presets import changed_by_any, presets
from ..service import decoding
from ..service.queue import Queue
from ..settings import Settings
from .assets import render
from .components import QUIET, Sent, file_of
from .i18n.translate import Words
from .placard import roughly
from .ui import Ui

_LOOKED_AT = ("content", *STYLES)


class PresetTimes:
    """The line with the times, one below each preset.

    Attributes:
        line: as HTML; before the first forecast its places are empty.
    """

    line: gr.HTML
    ui: Ui

    def __init__(self, queue: Queue, texts: Words) -> None:
        self._queue = queue
        self._texts = texts

    def here(self) -> None:
        """Makes the line."""
        self.line = gr.HTML(self._line({}), elem_id="preset-times")

    def listen(self, ui: Ui, ends: Iterable[Dependency]) -> None:
        """Updates the times when the pictures change, and when more is known of the server's pace.

        Args:
            ui: the shared components.
            ends: the events after which no picture of this tab is being painted.
        """
        self.ui = ui
        sent = {ui.knobs.controls["brush_scale"], *(ui.boxes[name] for name in _LOOKED_AT)}
        changes = [ui.boxes[name].change for name in _LOOKED_AT]
        once = {"trigger_mode": "always_last"} | QUIET
        brush = ui.knobs.controls["brush_scale"].change  # type: ignore[attr-defined]  # Gradio adds it
        gr.on([*changes, brush], self._told, sent, self.line, **once)
        for end in ends:
            end.then(self._told, sent, self.line, **QUIET)

    async def _told(self, sent: Sent) -> str:
        files = {name: file_of(sent[self.ui.boxes[name]]) for name in _LOOKED_AT}
        brush = sent[self.ui.knobs.controls["brush_scale"]]
        return self._line(await decoding.aside(self._times, files, brush))

    def _times(self, files: Mapping[str, Any], brush: Any) -> dict[str, str]:
        """The times in words, by preset; none where nothing can be foretold."""
        sizes = {name: file and decoding.size(file) for name, file in files.items()}
        paintings = [size for name in STYLES if (size := sizes[name])]
        times = {}
        for preset in presets().values():
            try:
                wanted = changed_by_any() | preset.settings | {"brush_scale": brush}
                coming = forecast(self._queue.pace, Settings(**wanted), sizes["content"], paintings)
            except StyleTransferError:
                continue
            times[preset.name] = roughly(coming.seconds, self._texts)
        return times

    def _line(self, times: Mapping[str, str]) -> str:
        front = [preset for preset in presets().values() if preset.front]
        told = [(self._texts.preset_name(each), times.get(each.name, "")) for each in front]
        return render("preset_times", times=told, about=self._texts.PRESET_TIME)
