"""The folded-away boxes that few runs need: further paintings, masks and a start image."""

import asyncio
import contextlib
import filecmp
from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..pictures import EXTRAS, KEEP, MASKS, REQUIRED, START, STYLES
from ..service import decoding
from ..service.inputs import STROKES, masks_in
from ..service.runs import Runs
from . import placard
from .assets import function, render, script
from .blend import Blend
from .components import (
    QUIET,
    Sent,
    View,
    file_of,
    mask_editor,
    mask_hint,
    photo_input,
    strokes_in,
)
from .i18n.translate import Words
from .knobs import Knobs
from .ui import Ui, laid

_KEEP_BOX = "keep-mask"  # the id of the box, because "keep" is a checkbox


class Extras:
    """The boxes for further paintings, masks and a start image, and the editor for masks.

    Attributes:
        boxes: the boxes, by their names in `pictures.EXTRAS`.
        editor: in which masks are painted over the photo.
        note: what is wrong with a picture in one of the boxes, shown under all of them.
    """

    editor: gr.ImageEditor
    _keep: gr.Button
    _none: gr.Button
    note: gr.HTML
    _more: gr.Accordion
    _open: gr.Button
    _board: gr.Column
    ui: Ui

    def __init__(self, runs: Runs, texts: Words) -> None:
        self.boxes: dict[str, gr.Image] = {}
        self._runs = runs
        self._texts = texts

    def here(self, blend: Blend, knobs: Knobs) -> None:
        """Makes the drawer with the row of paintings, the boxes, and the settings that go with them."""
        texts = self._texts
        with gr.Accordion(texts.MORE, open=False, elem_id="more", elem_classes="drawer") as self._more:
            blend.row_here()
            self._boxes_here()
            knobs.blend_here()

    def mask_board_here(self) -> None:
        """Makes the board on the stage where masks are painted over the photo, unseen at first."""
        texts = self._texts
        with gr.Column(visible=False, elem_id="mask-board", elem_classes="layer") as self._board:
            with gr.Row(elem_id="mask-legend"):
                names = self._paintings | {_KEEP_BOX: texts.KEEP}
                scripts = script("mask_legend", "strokes_kept")
                gr.HTML(mask_hint(names, texts), js_on_load=scripts, elem_classes="hint")
                gr.Button(texts.MASKS_CLOSE, elem_id="masks-close", size="md")
                self._keep = gr.Button(visible="hidden", elem_id="masks-keep", elem_classes="unseen")
                self._none = gr.Button(visible="hidden", elem_id="masks-none", elem_classes="unseen")
            self.editor = mask_editor(label=texts.MASKS, elem_id="masks")

    def listen(self, ui: Ui) -> Dependency:
        """Registers what happens when the drawer or the board is opened, or the photo is exchanged.

        Returns the event after which it is known which masks are painted.
        """
        self.ui = ui
        extras = ui.extras
        self._more.expand(self._unfolded, set(extras), extras, **QUIET)
        photo, strokes = ui.boxes["content"], ui.boxes[STROKES]
        opened = [self._board, *ui.mask_editing]
        self._open.click(self._opened, {ui.under_masks, photo, strokes}, opened, **QUIET)
        kept = self._keep.click(
            self._kept, {ui.editor, photo, strokes}, [strokes, ui.under_masks], **QUIET
        )
        # Gradio's page runs what comes with `then` after a success only.
        for ended, are_kept in ((kept.success, "true"), (kept.failure, "false")):
            ended(
                None, None, None, js=f"() => {{ window.strokesKept({are_kept}); return []; }}", **QUIET
            )
        # Masks belong to their photo. In the browser at once, so that no later upload is taken off, too.
        masks = [ui.boxes[name] for name in (*MASKS, KEEP, STROKES)]
        emptied = [photo.input, self._none.click]
        gr.on(emptied, None, None, masks, js=function("no_masks"), queue=False, **QUIET)
        return strokes.change(self._painted, strokes, ui.painted, trigger_mode="always_last", **QUIET)

    async def _kept(self, sent: Sent) -> View:
        """Keeps the strokes of the editor; none if nothing is painted, or no longer."""
        ui = self.ui
        photo, before = (file_of(sent[ui.boxes[name]]) for name in ("content", STROKES))
        strokes, copies = strokes_in(sent[ui.editor])
        kept = strokes if await decoding.aside(masks_in, strokes) else None
        if _is_same(kept, before):
            kept = before  # nothing has changed that Undo would bring back
        unused = {strokes, *copies} - {photo, kept}
        await asyncio.to_thread(self._runs.delete, (), unused)
        return {ui.boxes[STROKES]: kept, ui.under_masks: laid(photo, kept)}

    async def _painted(self, sent: Any) -> str:
        """The names of the masks that are in the strokes."""
        return " ".join(await decoding.aside(masks_in, file_of(sent)))

    @property
    def _paintings(self) -> dict[str, str]:
        """The labels of the paintings, by name."""
        return {name: self._texts.STYLE_N.format(n=n) for n, name in enumerate(STYLES, 1)}

    def _boxes_here(self) -> None:
        texts = self._texts
        masks = {name: texts.MASK_N.format(n=n) for n, name in enumerate(MASKS, 1)}
        more = {name: label for name, label in self._paintings.items() if name not in REQUIRED}
        self._row_here(texts.MORE_HINT, more)
        self._open = gr.Button(texts.MASKS_OPEN, elem_id="masks-open", size="md")
        self._row_here(texts.MASKS_UPLOAD, masks | {KEEP: texts.KEEP_MASK})
        self._row_here(texts.START_HINT, {START: texts.START})
        self.note = gr.HTML(placard.note(), elem_classes="noted")

    def _unfolded(self, sent: Sent) -> View:
        """Fills in the boxes when the drawer is opened.

        Boxes in a closed drawer do not show what a reload has put into them, so they are set again.
        """
        files = {self.ui.boxes[name]: file_of(sent[self.ui.boxes[name]]) for name in EXTRAS}
        filled: View = {box: file for box, file in files.items() if file}
        return filled or {self.ui.boxes[START]: gr.skip()}

    def _opened(self, sent: Sent) -> View:
        """Shows the board, with the photo under the strokes, unless they are there already."""
        ui = self.ui
        photo, strokes = (file_of(sent[ui.boxes[name]]) for name in ("content", STROKES))
        board: View = {self._board: gr.Column(visible=True)}
        is_there = laid(photo, strokes) == sent[ui.under_masks]
        return board | ({} if is_there else ui.laid_under(photo, strokes))

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
                    elem_id=_KEEP_BOX if name == KEEP else name,
                    sources=["upload"],
                    height=110,
                )


def _is_same(strokes: Any, others: Any) -> bool:
    """Whether two files of strokes are the same to the byte."""
    with contextlib.suppress(OSError):  # uploads do not stay forever
        return (
            isinstance(strokes, str) and isinstance(others, str) and filecmp.cmp(strokes, others, False)
        )
    return False
