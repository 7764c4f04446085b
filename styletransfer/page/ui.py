"""The components that several features of the page share, and how their values are read and set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from ..pictures import EXTRAS
from ..service.inputs import PAINTED
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
        boxes: where pictures are handed in, by their names in `pictures.NAMES`.
        notes: what is wrong with the picture in a box, by the same names; several boxes share a note.
        style_row: the catalogue's paintings; its value is the index of the chosen one, or -1.
        editor: where masks are painted over the photo.
        under_masks: the file of the photo in the editor; None until the editor has been opened.
        painted: the names of the masks in the editor, with spaces between them. To ask for the editor's
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
        """The components that a picture is made from: boxes, mask editor and settings."""
        return [*self.boxes.values(), self.editor, *self.knobs.controls.values()]

    @property
    def desk(self) -> list[Component]:
        """The components of `handed_in`, and those that show what is chosen and painted."""
        shown = [*self.knobs.outputs, self.style_row, self.painted, self.several]
        return [*self.boxes.values(), self.editor, *shown]

    @property
    def mask_editing(self) -> list[Component]:
        """The editor for masks, and what is known of its contents; `laid_under` sets all of them."""
        return [self.editor, self.under_masks, self.painted]

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
        """The names of the masks that are painted in the editor or uploaded."""
        painted = str(sent[self.painted] or "").split()
        return {name for name in PAINTED if name in painted or file_of(sent[self.boxes[name]])}

    def without_notes(self) -> View:
        """Empties all notes."""
        return dict.fromkeys(self.all_notes, placard.note())

    def without_extras(self) -> View:
        """Empties the boxes that few runs need."""
        return dict.fromkeys(self.extras)

    def laid_under(self, photo: Any) -> View:
        """Puts the photo into the editor for masks, with nothing painted over it."""
        return {
            self.editor: {"background": photo, "layers": [], "composite": None},
            self.under_masks: photo,
            self.painted: "",
        }

    def emptied(self) -> View:
        """Empties all boxes and notes and the editor for masks."""
        return {
            **dict.fromkeys(self.boxes.values()),
            **self.without_notes(),
            self.style_row: -1,
            self.editor: None,
            self.under_masks: None,
            self.painted: "",
            self.several: {"photos": []},
        }
