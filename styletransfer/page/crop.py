"""The part of the painting that is used: a rectangle drawn over it, on the page."""

import asyncio
import base64
from html import escape
from io import BytesIO
from typing import Any

import gradio as gr

from ..errors import ImageError
from ..images import load_image
from ..pictures import STYLES
from ..service import crops
from . import status as placard
from .components import QUIET, View, file_of
from .i18n.translate import Words
from .ui import Ui

_SHOWN = 720  # long side in pixels of the painting that one draws upon

# Drawn with mouse, finger or arrow keys; sent when "Use this part" is pressed. Shares of the picture.
_DRAW_JS = """
let box, from;
const frame = () => element.querySelector(".part-frame");
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
const show = () => {
  const mark = element.querySelector(".part-box");
  if (!mark || !box) return;
  const [l, t, r, b] = box.map((each) => 100 * each);
  Object.assign(mark.style, { left: `${l}%`, top: `${t}%`, width: `${r - l}%`, height: `${b - t}%` });
};
const read = () => {
  box = frame()?.dataset.box.split(" ").map(Number);
  show();
};
const at = (event) => {
  const area = frame().getBoundingClientRect();
  return [clamp((event.clientX - area.left) / area.width, 0, 1),
          clamp((event.clientY - area.top) / area.height, 0, 1)];
};
element.addEventListener("pointerdown", (event) => {
  if (!event.target.closest(".part-frame") || event.button) return;
  event.preventDefault();
  from = at(event);
  frame().setPointerCapture(event.pointerId);
  frame().querySelector(".part-box").focus({ preventScroll: true });
});
element.addEventListener("pointermove", (event) => {
  if (!from) return;
  const to = at(event);
  box = [0, 1, 0, 1].map((axis, corner) => Math[corner < 2 ? "min" : "max"](from[axis], to[axis]));
  show();
});
for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => { from = null; });
element.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!way || !event.target.closest(".part-box")) return;
  event.preventDefault();
  const [x, y] = way.map((each) => 0.02 * each);
  const [l, t, r, b] = box;
  if (event.shiftKey) box = [l, t, clamp(r + x, l + 0.02, 1), clamp(b + y, t + 0.02, 1)];
  else {
    const [dx, dy] = [clamp(x, -l, 1 - r), clamp(y, -t, 1 - b)];
    box = [l + dx, t + dy, r + dx, b + dy];
  }
  show();
});
element.addEventListener("click", (event) => {
  const action = event.target.closest("button")?.dataset.action;
  if (action) trigger("select", { action: action, box: box });
});
watch("value", () => requestAnimationFrame(read));
read();
"""


class Crop:
    """The button under the painting's box and the place where a part of it is drawn.

    Attributes:
        ask, board: the button, and what it opens.
    """

    ask: gr.Button
    board: gr.HTML

    def __init__(self, kept: crops.Crops, texts: Words) -> None:
        self._crops = kept
        self._texts = texts

    def ask_here(self) -> None:
        """The button."""
        self.ask = gr.Button(self._texts.PART, visible=False, elem_id="part", size="sm")

    def board_here(self) -> None:
        """What it opens."""
        self.board = gr.HTML("", js_on_load=_DRAW_JS, elem_id="part-board")

    def listen(self, ui: Ui) -> None:
        """Makes it work for the painting's box and the note under it."""
        self._style = style = ui.boxes["style"]
        self._note = note = ui.notes["style"]
        # Whatever is in the box, the board shows another picture's part no longer.
        style.change(self._changed, style, [self.ask, self.board, note], **QUIET)
        self.ask.click(self._opened, style, [self.board, note], **QUIET)
        self.board.select(self._drawn, style, [style, self.board, note], **QUIET)

    async def _opened(self, sent: Any) -> View:
        part = self._crops.source_of(file_of(sent))
        try:
            return {self.board: await asyncio.to_thread(_board, part, self._texts)}
        except ImageError as error:
            return {self.board: "", self._note: placard.note(self._texts.error(error))}

    async def _drawn(self, sent: Any, event: gr.EventData) -> View:
        """The part that was drawn in the painting's box, or the whole painting, or all as it was."""
        part = self._crops.source_of(file_of(sent))
        closed = {self.board: "", self._note: placard.note()}
        if event.action == "close" or part.source is None:
            return closed
        if event.action == "whole":
            return {self._style: part.source, **closed}
        try:
            file = await asyncio.to_thread(self._crops.cut, part.source, event.box)
        except ImageError as error:
            return {self._note: placard.note(self._texts.error(error))}
        return {self._style: file, self.board: "", self._note: self._used}

    def _changed(self, sent: Any) -> View:
        file = file_of(sent)
        view: View = {self.ask: gr.Button(visible=isinstance(file, str)), self.board: ""}
        is_part = isinstance(file, str) and self._crops.source_of(file).source != file
        return view | ({self._note: self._used} if is_part else {})

    @property
    def _used(self) -> str:
        return placard.note(self._texts.PART_USED, told=True)


def _board(part: crops.Crop, texts: Words) -> str:
    """The whole painting with the part on it, to be drawn anew."""
    image = load_image(part.source, STYLES["style"])
    image.thumbnail((_SHOWN, _SHOWN))
    data = BytesIO()
    image.save(data, "JPEG", quality=88)
    source = f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
    box = part.box if part.box != (0, 0, 1, 1) else (0.2, 0.2, 0.8, 0.8)
    actions = {"use": texts.PART_USE, "whole": texts.PART_WHOLE, "close": texts.PART_CLOSE}
    buttons = "".join(
        f'<button type="button" data-action="{action}">{escape(words)}</button>'
        for action, words in actions.items()
    )
    return (
        f'<p>{escape(texts.PART_HINT)}</p><div class="part-frame" data-box="{" ".join(map(str, box))}">'
        f'<img src="{source}" alt="{escape(texts.PART_ALT)}" draggable="false">'
        f'<div class="part-box" tabindex="0" role="group" aria-label="{escape(texts.PART_KEYS)}"></div>'
        f'</div><div class="part-actions">{buttons}</div>'
    )
