"""Nine looks on the page: the button, the grid of small pictures, and taking over a chosen look."""

from typing import Any

import gradio as gr

from ..catalogue import catalogue
from ..cutout import on_white
from ..errors import StyleTransferError
from ..pictures import Pictures
from ..service.contact_sheet import Cell, ContactSheet, by_strength, by_style
from ..service.job import Job
from ..service.store import Store
from ..service.visitor import Visitor
from . import placard
from .assets import render, script
from .captions import whose
from .chart import chart
from .components import QUIET, Sent, View, painting_index, pressed, quiet_button
from .data_url import data_url
from .i18n.translate import Words
from .ui import Ui

_BY_STYLE, _BY_STRENGTH = "paintings", "strength"


class NineLooks:
    """The components for a contact sheet, and their events.

    Attributes:
        ask, kind: the button, and the choice of what differs between the nine.
        grid: the nine pictures; while it is not empty it is shown in place of the picture.
        switch: the button from the contact sheet to the picture painted before or after it, and back.
    """

    ask: gr.Button
    kind: gr.Radio
    grid: gr.HTML
    switch: gr.Button
    ui: Ui

    def __init__(self, store: Store, texts: Words) -> None:
        self._runs = store.runs
        self._texts = texts

    def ask_here(self) -> None:
        """Makes the button, and the choice of what differs."""
        texts = self._texts
        with gr.Row(elem_id="look"):
            self.ask = gr.Button(texts.SHEET, elem_id="nine", size="md", min_width=120)
            self.kind = gr.Radio(
                [(texts.SHEET_BY_STYLE, _BY_STYLE), (texts.SHEET_BY_STRENGTH, _BY_STRENGTH)],
                value=_BY_STYLE,
                label=texts.SHEET_KIND,
                show_label=False,
                container=False,
                min_width=120,
                elem_id="nine-kind",
            )

    def grid_here(self) -> None:
        """Makes the grid, which is empty at first."""
        self.grid = gr.HTML("", js_on_load=script("choose"), elem_id="sheet", elem_classes="layer")

    def switch_here(self) -> None:
        """Makes the button that switches between contact sheet and picture."""
        self.switch = quiet_button("", "turn", of_picture=True)

    def listen(self, ui: Ui) -> None:
        """Registers what happens when one of the nine is chosen."""
        self.ui = ui
        knobs, style, note = ui.knobs, ui.boxes["style"], ui.notes["style"]
        taken = [ui.status, self.grid, *knobs.controls.values(), style, ui.style_row, note]
        chosen = self.grid.select(self._chosen, ui.job_id, taken, **QUIET)
        # The chosen look may differ from the preset that was marked before.
        chosen.then(knobs.preset_marked, knobs.inputs, knobs.preset_outputs, **QUIET)

    def files(self, sent: Sent) -> dict[str, Any]:
        """The files for a contact sheet; of nine paintings the first one need not be chosen."""
        files = self.ui.files(sent)
        if files["style"] is None and sent[self.kind] == _BY_STYLE:
            return {**files, "style": str(catalogue().styles[0].file)}
        return files

    def start(self, sent: Sent, pictures: Pictures, visitor: Visitor) -> ContactSheet:
        """A new contact sheet of the chosen kind, in the queue.

        Raises:
            StyleTransferError: as `Runs.start`.
        """
        settings = self.ui.settings(sent)
        if sent[self.kind] == _BY_STRENGTH:
            cells = by_strength(pictures, settings)
        else:
            cells = by_style(pictures, settings, self.files(sent)["style"])
        return self._runs.start_contact_sheet(pictures, settings, cells, visitor)

    def put_away(self, job: Job | None) -> View:
        """Hides the grid, and shows the switch button if the job has a contact sheet."""
        return {self.grid: "", self.switch: self._switch_for(job)}

    def shown(self, sheet: ContactSheet) -> View:
        """The grid and the placard, and once it has ended the switch button."""
        return self._seen(sheet) | {self.switch: self._switch_for(sheet)}

    def taken_over(self, cell: Cell) -> View:
        """The controls and the box of the painting filled in with this look."""
        ui = self.ui
        view: View = {ui.knobs.controls[name]: value for name, value in cell.changes.items()}
        if cell.file is not None and not cell.changes:
            view[ui.boxes["style"]] = cell.file
            view[ui.style_row] = painting_index(cell.file)
            view[ui.notes["style"]] = placard.note()
        return view

    def _chosen(self, id: str | None, event: gr.EventData) -> View:
        sheet = self._runs.find_contact_sheet(id)
        if sheet is None:
            gone = StyleTransferError("picture_gone")
            return {self.ui.status: placard.failed(gone, self._texts)}
        sheet.chosen = pressed(event, sheet.cells)
        return self._seen(sheet) | self.taken_over(sheet.chosen)

    def _seen(self, sheet: ContactSheet) -> View:
        told = news(sheet, self._texts)
        return {
            self.grid: told["sheet"],
            self.ui.status: told["status"],
        }

    def _switch_for(self, job: Job | None) -> gr.Button:
        other = job and job.finished and self._runs.counterpart(job)
        leave, back = self._texts.SHEET_LEAVE, self._texts.SHEET_BACK
        label = leave if isinstance(job, ContactSheet) else back
        return gr.Button(label, visible=bool(other))


def news(sheet: ContactSheet, texts: Words) -> dict[str, str]:
    """The placard and the grid of a contact sheet, as HTML."""
    return {"status": _progress(sheet, texts), "sheet": _grid(sheet, texts)}


def _grid(sheet: ContactSheet, texts: Words) -> str:
    """The grid as HTML: nine buttons, each with its picture so far and a caption of what differs."""
    cells = [_cell(sheet, cell, texts) for cell in sheet.cells]
    return render("contact_sheet", label=texts.SHEET_PAINTING, cells=cells)


def _progress(sheet: ContactSheet, texts: Words) -> str:
    """The placard of a contact sheet; once a look is chosen, it says so."""
    if sheet.error is not None:
        return placard.job_failed(sheet, sheet.error, chart([], 1, texts), texts)
    if not (sheet.begun or sheet.finished):
        return placard.waiting(sheet, texts)
    count = texts.SHEET_COUNT.format(n=sheet.painted, cells=len(sheet.cells))
    hint = texts.SHEET_HINT
    if sheet.chosen is not None:
        taken = texts.SHEET_TAKEN if sheet.finished else texts.SHEET_TAKEN_EARLY
        hint = taken.format(title=_caption(sheet.chosen, texts)[0])
    state, what = "painting", texts.SHEET_PAINTING
    if sheet.finished:
        early = sheet.painted < len(sheet.cells)
        state, what = "done", texts.SHEET_STOPPED if early else texts.SHEET_DONE
    elif any(cell.image and not cell.done for cell in sheet.cells):
        count = f"{count} · {texts.SHEET_DRAFTS}"
    share = sheet.painted / len(sheet.cells)
    return placard.Placard(state, what, count, hint, share=share, job=sheet).html()


def _caption(cell: Cell, texts: Words) -> tuple[str, str]:
    """What differs from the other cells: the title, and the artist and year of a painting."""
    if cell.changes:
        settings = cell.settings
        numbers = {"strength": f"{settings.style_weight:g}", "brush": f"{settings.brush_scale:g}"}
        said = {name: texts.number(number) for name, number in numbers.items()}
        look = texts.choice("style_loss", settings.style_loss)
        return texts.SHEET_CELL.format(look=look, **said), ""
    if cell.style is None:
        return texts.SHEET_OWN, ""
    style = texts.style(cell.style)
    return style.title, whose(style)


def _cell(sheet: ContactSheet, cell: Cell, texts: Words) -> dict[str, Any]:
    title, whose = _caption(cell, texts)
    return {
        "title": title,
        "whose": whose,
        "alt": texts.SHEET_ALT.format(caption=f"{title} {whose}".strip()),
        # A few kilobytes. Every update encodes it again, which takes half a millisecond.
        "picture": cell.image and data_url(on_white(cell.image), 85),
        "done": cell.done,
        "chosen": cell is sheet.chosen,
    }
