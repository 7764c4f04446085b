"""What a sheet of nine looks is on the page, as HTML: the pictures as buttons, and how it stands."""

from typing import Any

from ..service.contact_sheet import Cell, Sheet
from . import status as placard
from .assets import render
from .data_url import data_url
from .i18n.translate import Words


def grid(sheet: Sheet, texts: Words) -> str:
    """Three by three buttons, each a picture as far as it is painted, with what differs under it."""
    cells = [_cell(sheet, cell, texts) for cell in sheet.cells]
    return render("contact_sheet", label=texts.SHEET_PAINTING, cells=cells)


def progress(sheet: Sheet, texts: Words) -> str:
    """How the sheet stands; once a look is chosen, that it is."""
    if sheet.error is not None or (sheet.step is None and not sheet.finished):
        return placard.progress(sheet, texts)
    count = texts.SHEET_COUNT.format(n=sheet.painted, cells=len(sheet.cells))
    hint = texts.SHEET_HINT
    if sheet.chosen is not None:
        taken = texts.SHEET_TAKEN if sheet.finished else texts.SHEET_TAKEN_EARLY
        hint = taken.format(title=caption(sheet.chosen, texts)[0])
    state, what = "painting", texts.SHEET_PAINTING
    if sheet.finished:
        early = sheet.painted < len(sheet.cells)
        state, what = "done", texts.SHEET_STOPPED if early else texts.SHEET_DONE
    elif any(cell.image and not cell.done for cell in sheet.cells):
        count = f"{count} · {texts.SHEET_DRAFTS}"
    share = sheet.painted / len(sheet.cells)
    return placard.Placard(state, what, count, hint, share=share, job=sheet).html()


def caption(cell: Cell, texts: Words) -> tuple[str, str]:
    """What differs from the other cells, in two parts: the title, and whose and when it is."""
    if cell.changes:
        strength, brush = cell.changes["style_weight"], cell.changes["brush_scale"]
        numbers = {"strength": f"{strength:g}", "brush": f"{brush:g}"}
        said = {name: texts.number(number) for name, number in numbers.items()}
        return texts.SHEET_CELL.format(**said), ""
    if cell.style is None:
        return texts.SHEET_OWN, ""
    style = texts.style(cell.style)
    return style.title, f"{style.artist}, {style.year}"


def _cell(sheet: Sheet, cell: Cell, texts: Words) -> dict[str, Any]:
    title, whose = caption(cell, texts)
    return {
        "title": title,
        "whose": whose,
        "alt": texts.SHEET_ALT.format(caption=f"{title} {whose}".strip()),
        # A few kilobytes, encoded anew for every look: half a millisecond.
        "picture": cell.image and data_url(cell.image, 85),
        "done": cell.done,
        "chosen": cell is sheet.chosen,
    }
