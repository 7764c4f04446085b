"""The wall of further paintings: a press puts a painting into the first free box or takes it out."""

from collections.abc import Iterable
from typing import Any

import gradio as gr

from ..catalogue import catalogue
from ..pictures import REQUIRED, STYLES
from . import placard
from .components import QUIET, Sent, View, file_of, painting_index, pressed
from .i18n.translate import Words
from .ui import Ui
from .wall import wall

_MORE = [name for name in STYLES if name not in REQUIRED]


class Blend:
    """The wall of paintings that can be added to the first one.

    Attributes:
        row: the component, whose value is the indices of the catalogue's paintings in the boxes.
    """

    row: gr.HTML
    ui: Ui

    def __init__(self, texts: Words) -> None:
        self._texts = texts

    def row_here(self) -> None:
        """Makes the wall."""
        texts = self._texts
        self.row = wall(texts.catalogue(catalogue()), texts, [], "mix-row", texts.MIX)

    def listen(self, ui: Ui) -> None:
        """Connects the wall with the boxes of the further paintings, in both directions."""
        self.ui = ui
        boxes = [ui.boxes[name] for name in _MORE]
        self.row.select(self._pressed, set(boxes), [*boxes, self.row, self._note], **QUIET)
        gr.on([box.change for box in boxes], self._marked, set(boxes), self.row, **QUIET)

    def _pressed(self, sent: Sent, event: gr.EventData) -> View:
        """Puts the painting into the first free box, or takes it out of the box that it is in."""
        files = self._files(sent)
        chosen = str(pressed(event, catalogue().styles).file)
        if chosen in files:
            place, value = files.index(chosen), None
        elif None in files:
            place, value = files.index(None), chosen
        else:
            return {self._note: placard.note(self._texts.MIX_FULL, told=True)}
        files[place] = value
        return {
            self.ui.boxes[_MORE[place]]: value,
            self.row: _indices(files),
            self._note: placard.note(),
        }

    def _marked(self, sent: Sent) -> View:
        return {self.row: _indices(self._files(sent))}

    def _files(self, sent: Sent) -> list[str | bytes | None]:
        """The pictures in the boxes of the further paintings, in order."""
        return [file_of(sent[self.ui.boxes[name]]) for name in _MORE]

    @property
    def _note(self) -> gr.HTML:
        return self.ui.notes[_MORE[0]]


def _indices(files: Iterable[Any]) -> list[int]:
    """The sorted indices of the catalogue's paintings among these files."""
    return sorted({painting_index(file) for file in files} - {-1})
