"""More paintings out of the row: one press puts one into the first free box, another takes it out."""

from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.components import Component

from ..catalogue import catalogue
from ..pictures import REQUIRED, STYLES
from . import status as placard
from .assets import script
from .components import file_of
from .gallery import style_row
from .i18n.translate import Words

_MORE = [name for name in STYLES if name not in REQUIRED]


class Mixing:
    """The row, and what pressing one of its paintings does."""

    def __init__(self, texts: Words) -> None:
        self._texts = texts

    def row_here(self) -> None:
        self.row = gr.HTML(
            [],
            html_template=style_row(self._texts.catalogue(catalogue()), self._texts, self._texts.MIX),
            js_on_load=script("mark_several", "choose"),
            elem_id="mix-row",
            elem_classes="style-row",
        )

    def wire(self, boxes: Mapping[str, Component], note: Component, options: dict[str, Any]) -> None:
        """Makes it fill these boxes, and follow what else is put into them."""
        more = [boxes[name] for name in _MORE]
        self.row.select(self._pressed, more, [*more, self.row, note], **options)
        gr.on([box.change for box in more], self._marked, more, self.row, **options)

    def _pressed(self, second: Any, third: Any, fourth: Any, event: gr.EventData) -> list:
        files = [file_of(each) for each in (second, third, fourth)]
        chosen = str(catalogue().styles[event.index].file)
        changes = [gr.skip() for _ in files]
        note = placard.note()
        if chosen in map(str, files):
            place, value = list(map(str, files)).index(chosen), None
        elif None in files:
            place, value = files.index(None), chosen
        else:
            return [*changes, gr.skip(), placard.note(self._texts.MIX_FULL, told=True)]
        changes[place] = files[place] = value
        return [*changes, _indices(files), note]

    def _marked(self, *sent: Any) -> list[int]:
        return _indices([file_of(each) for each in sent])


def _indices(files: list[Any]) -> list[int]:
    """Which of the catalogue's paintings are among these files."""
    names = {str(file) for file in files}
    return [n for n, each in enumerate(catalogue().styles) if str(each.file) in names]
