"""The components that several features of the page share, and how their values are read and set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from ..pictures import EXTRAS
from ..service.inputs import PAINTED, STROKES
from ..settings import Settings
from . import placard
from .components import Sent, View, file_of
from .knobs import Knobs


@dataclass(frozen=True, eq=False)
class Ui:
    """The shared components of one page. Features get them in `listen`, once all have been made.

    Attributes:
        job_id: the id of the job that this tab shows; None while it shows an example.
        status: the placard under the picture.
        picture: the large picture.
        boxes: where pictures are handed in, by their names in `pictures.NAMES`, and a hidden one for the
            strokes of the masks, by `inputs.STROKES`.
        notes: what is wrong with the picture in a box, by the same names; several boxes share a note.
        style_row: the catalogue's paintings; its value is the index of the chosen one, or -1.
        editor: where masks are painted over the photo.
        under_masks: what is laid into the editor, as `laid` says it; None until it has been opened.
        painted: the names of the masks in the strokes, with spaces between them. To ask for the editor's
            own value would upload three pictures each time.
        several: the row of photos that are painted one after the other.
        knobs: the controls of the settings.
    """

    job_id: gr.Textbox
    status: gr.HTML
    picture: gr.Image
    boxes: Mapping[str, gr.Image]
    notes: Mapping[str, gr.HTML]
    style_row: gr.HTML
    editor: gr.ImageEditor
    under_masks: gr.Textbox
    painted: gr.Textbox
    several: gr.HTML
    knobs: Knobs

    @property
    def extras(self) -> list[Component]:
        """The boxes that few runs need, in the order of `pictures.EXTRAS`."""
        return [self.boxes[name] for name in EXTRAS]

    @property
    def handed_in(self) -> list[Component]:
        """The components that a picture is made from: boxes and settings."""
        return [*self.boxes.values(), *self.knobs.controls.values()]

    @property
    def desk(self) -> list[Component]:
        """The components of `handed_in`, those that show what is chosen, and the editor for masks."""
        shown = [*self.knobs.outputs, self.style_row, self.several]
        return [*self.boxes.values(), *shown, *self.mask_editing]

    @property
    def mask_editing(self) -> list[Component]:
        """The editor for masks, and what is known of its contents; `laid_under` sets both."""
        return [self.editor, self.under_masks]

    @property
    def all_notes(self) -> list[Component]:
        """Every note once."""
        return list(dict.fromkeys(self.notes.values()))

    def files(self, sent: Sent) -> dict[str, str | bytes | None]:
        """The pictures in all boxes, by name, as `images.load_image` takes them."""
        return {name: file_of(sent[box]) for name, box in self.boxes.items()}

    def settings(self, sent: Sent) -> Settings:
        """The settings to which the controls are set.

        Raises:
            SettingsError: a value is not allowed.
        """
        return self.knobs.settings(sent)

    def masks(self, sent: Sent) -> set[str]:
        """The names of the masks that are painted or uploaded."""
        painted = str(sent[self.painted] or "").split()
        return {name for name in PAINTED if name in painted or file_of(sent[self.boxes[name]])}

    def without_notes(self) -> View:
        """Empties all notes."""
        return dict.fromkeys(self.all_notes, placard.note())

    def without_extras(self) -> View:
        """Empties the boxes that few runs need, and the editor for masks."""
        return dict.fromkeys([*self.extras, self.boxes[STROKES]]) | self.nothing_laid()

    def laid_under(self, photo: Any, strokes: Any = None) -> View:
        """Puts the photo into the editor for masks, with these strokes over it.

        Gradio's editor keeps the strokes that it has where it gets none and the photo stays the same.
        """
        layers = [strokes] if strokes else []
        return {
            self.editor: {"background": photo, "layers": layers, "composite": None},
            self.under_masks: laid(photo, strokes),
        }

    def emptied(self) -> View:
        """Empties all boxes and notes and the editor for masks."""
        return {
            **dict.fromkeys(self.boxes.values()),
            **self.without_notes(),
            self.style_row: -1,
            self.several: {"photos": []},
            **self.nothing_laid(),
        }

    def nothing_laid(self) -> View:
        """Empties the editor for masks, which is filled when it is opened again."""
        return {self.editor: None, self.under_masks: None}


def laid(photo: Any, strokes: Any) -> str:
    """What lies in the editor for masks: the files of the photo and of the strokes over it."""
    return f"{photo or ''}\n{strokes or ''}"
