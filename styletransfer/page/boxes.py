"""The boxes for the photo and the painting, the wall of paintings, and the notes under the boxes."""

from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..catalogue import Catalogue
from ..errors import ImageError
from ..pictures import EXTRAS
from ..recipe import settings_from
from ..service import decoding
from ..service.uploads import Shown, Uploads
from . import placard
from .assets import function
from .components import QUIET, Sent, View, file_of, photo_input, pressed
from .i18n.translate import Words
from .ui import Ui
from .wall import wall


class Boxes:
    """The boxes for photo and painting, with the notes that say what is wrong with a picture.

    Attributes:
        boxes: the two boxes, by the names "content" and "style".
        notes: the notes under the boxes, by the same names.
        style_row: the wall of the catalogue's paintings, from which one can be chosen.
    """

    style_row: gr.HTML
    ui: Ui

    def __init__(self, uploads: Uploads, art: Catalogue, texts: Words) -> None:
        self.boxes: dict[str, gr.Image] = {}
        self.notes: dict[str, gr.HTML] = {}
        self._uploads = uploads
        self._art = art
        self._texts = texts

    def photo_here(self) -> None:
        """Makes the box for the photo."""
        texts = self._texts
        self.boxes["content"] = photo_input(
            label=texts.PHOTO,
            placeholder=texts.PHOTO_EMPTY,
            alt_text=texts.PHOTO_ALT,
            elem_id="photo",
        )
        self.notes["content"] = gr.HTML(placard.note(), elem_classes="noted")

    def painting_here(self) -> None:
        """Makes the box for the painting."""
        texts = self._texts
        self.boxes["style"] = photo_input(
            label=texts.STYLE,
            placeholder=texts.STYLE_EMPTY,
            alt_text=texts.STYLE_ALT,
            elem_id="style",
        )
        self.notes["style"] = gr.HTML(placard.note(), elem_classes="noted")

    def row_here(self) -> None:
        """Makes the wall of paintings."""
        texts = self._texts
        self.style_row = wall(self._art, texts, -1, "style-row", texts.STYLES)

    def listen(self, ui: Ui) -> list[Dependency]:
        """Registers what happens when a picture is put into any box of the page.

        Returns the events after which photo and painting are in their boxes as they are painted from.
        """
        self.ui = ui
        boxes, notes = ui.boxes, ui.notes
        shown = boxes["content"].input(
            self._photo_checked,
            {boxes["content"], ui.under_masks},
            [boxes["content"], notes["content"], *ui.mask_editing, *ui.knobs.outputs],
            **QUIET,
        )
        shown.then(None, None, None, js=function("checked"), queue=False, **QUIET)
        handed_in = boxes["style"].input(
            self._painting_checked,
            boxes["style"],
            [boxes["style"], notes["style"], ui.style_row],
            **QUIET,
        )
        photo, kept = boxes["content"], ui.knobs.of_photo
        photo.change(self._transparency_offered, photo, kept, trigger_mode="always_last", **QUIET)
        for name in EXTRAS:
            self._check(name)
        chosen = self.style_row.select(
            self._painting_chosen, None, [boxes["style"], notes["style"], ui.style_row], **QUIET
        )
        return [shown, handed_in, chosen]

    def _check(self, name: str) -> None:
        """Has every picture checked that is put into this box for a further picture."""

        async def checked(sent: Any) -> View:
            return (await self._checked(name, sent))[0]

        box, note = self.ui.boxes[name], self.ui.notes[name]
        box.input(checked, box, [box, note], **QUIET)

    async def _photo_checked(self, sent: Sent) -> View:
        ui, photo = self.ui, sent[self.ui.boxes["content"]]
        view, shown = await self._checked("content", photo)
        if shown is None:  # refused, or taken away
            return view
        if sent[ui.under_masks]:  # the masks were painted over the photo before
            view |= ui.laid_under(shown.file or file_of(photo))
        if settings := settings_from(shown.recipe):
            note = placard.note(self._texts.RECIPE, told=True)
            view |= ui.knobs.filled_in(settings) | {ui.notes["content"]: note}
        return view

    def _transparency_offered(self, photo: Any) -> gr.Checkbox:
        """Shows the control for transparency if this photo has any, whatever has put it into its box."""
        return gr.Checkbox(visible=bool(self._uploads.cutout_of(file_of(photo))) or "hidden")

    async def _painting_checked(self, painting: Any) -> View:
        return (await self._checked("style", painting))[0] | {self.ui.style_row: -1}

    async def _checked(self, name: str, sent: Any) -> tuple[View, Shown | None]:
        """Updates of a box and its note: the picture as it is painted from, or what is wrong with it."""
        box, note, file = self.ui.boxes[name], self.ui.notes[name], file_of(sent)
        if file is None:
            return {box: gr.skip(), note: placard.note()}, None
        try:
            shown = await decoding.aside(self._uploads.presentable, file, name)
        except ImageError as error:
            return {box: None, note: placard.note(self._texts.error(error))}, None
        said = [self._texts.ON_GREY] * shown.on_grey + [self._texts.HDR] * shown.hdr
        return {box: shown.file or gr.skip(), note: placard.note(" ".join(said), bool(said))}, shown

    def _painting_chosen(self, event: gr.EventData) -> View:
        painting = pressed(event, self._art.styles)
        return {
            self.ui.boxes["style"]: painting.file,
            self.ui.notes["style"]: placard.note(),
            self.ui.style_row: event.index,
        }
