"""The folded-away boxes that few runs need: further paintings, masks and a start image."""

from collections.abc import Mapping

import gradio as gr

from ..pictures import EXTRAS, KEEP, MASKS, REQUIRED, START, STYLES
from . import placard
from .assets import render
from .blend import Blend
from .components import QUIET, Sent, View, file_of, mask_editor, mask_hint, photo_input
from .i18n.translate import Words
from .ui import Ui


class Extras:
    """The boxes for further paintings, masks and a start image, and the editor for masks.

    Attributes:
        boxes: the boxes, by their names in `pictures.EXTRAS`.
        editor: in which masks are painted over the photo.
        note: what is wrong with a picture in one of the boxes, shown under all of them.
    """

    editor: gr.ImageEditor
    note: gr.HTML
    _more: gr.Accordion
    ui: Ui

    def __init__(self, texts: Words) -> None:
        self.boxes: dict[str, gr.Image] = {}
        self._texts = texts

    def here(self, blend: Blend) -> None:
        """Makes the accordion with the row of paintings, the boxes and the editor."""
        with gr.Accordion(self._texts.MORE, open=False, elem_id="more") as self._more:
            blend.row_here()
            self._boxes_here()

    def listen(self, ui: Ui) -> None:
        """Registers what happens when the accordion is opened."""
        self.ui = ui
        extras = ui.extras
        self._more.expand(
            self._unfolded,
            {ui.under_masks, ui.boxes["content"], *extras},
            [ui.under_masks, ui.editor, *extras],
            **QUIET,
        )

    def _boxes_here(self) -> None:
        texts = self._texts
        styles = {name: texts.STYLE_N.format(n=n) for n, name in enumerate(STYLES, 1)}
        masks = {name: texts.MASK_N.format(n=n) for n, name in enumerate(MASKS, 1)}
        more = {name: label for name, label in styles.items() if name not in REQUIRED}
        self._row_here(texts.MORE_HINT, more)
        gr.HTML(mask_hint([*styles.values(), texts.KEEP], texts), elem_classes="hint")
        self.editor = mask_editor(label=texts.MASKS, elem_id="masks")
        self._row_here(texts.MASKS_UPLOAD, masks | {KEEP: texts.KEEP_MASK})
        self._row_here(texts.START_HINT, {START: texts.START})
        self.note = gr.HTML(placard.note(), elem_classes="noted")

    def _unfolded(self, sent: Sent) -> View:
        """Fills in boxes and editor when the accordion is opened.

        The photo is put under the masks, unless it is there already.
        """
        ui = self.ui
        photo = file_of(sent[ui.boxes["content"]])
        # Boxes in a closed accordion do not show what a reload has put into them, so they are set again.
        files = {ui.boxes[name]: file_of(sent[ui.boxes[name]]) for name in EXTRAS}
        view: View = {box: file for box, file in files.items() if file}
        is_there = photo == (sent[ui.under_masks] or None)
        return view | ({ui.under_masks: photo} if is_there else ui.laid_under(photo))

    def _row_here(self, hint: str, labels: Mapping[str, str]) -> None:
        """Makes a row of small boxes.

        Args:
            hint: what the boxes are for.
            labels: the labels of the boxes, by name.
        """
        gr.HTML(render("sentence", kind="", role="", sentence=hint), elem_classes="hint")
        with gr.Row(elem_classes="small-boxes"):
            for name, label in labels.items():
                self.boxes[name] = photo_input(
                    label=label,
                    alt_text=label,
                    placeholder=self._texts.MORE_EMPTY,
                    elem_id="keep-mask" if name == KEEP else name,  # "keep" is a checkbox
                    sources=["upload"],
                    height=110,
                )
