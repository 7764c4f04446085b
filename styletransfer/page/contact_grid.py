"""What a sheet of nine looks is on the page, as HTML: the pictures as buttons, and how it stands."""

import base64
from html import escape
from io import BytesIO

from PIL import Image

from ..service.contact_sheet import Cell, ContactSheet
from . import status as placard
from .chart import chart
from .i18n.translate import Words


def grid(sheet: ContactSheet, texts: Words) -> str:
    """Three by three buttons, each a picture as far as it is painted, with what differs under it."""
    cells = "".join(_cell(sheet, index, texts) for index in range(len(sheet.cells)))
    return f'<div class="cells" role="group" aria-label="{escape(texts.SHEET_PAINTING)}">{cells}</div>'


def progress(sheet: ContactSheet, texts: Words) -> str:
    """How the sheet stands; once a look is chosen, that it is."""
    if sheet.error is not None:
        return placard.job_failed(sheet, sheet.error, chart([], 1, texts), texts)
    if not (sheet.begun or sheet.finished):
        return placard.waiting(sheet, texts)
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
    return placard.placard(state, what, count, hint, share=share, job=sheet)


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


def _cell(sheet: ContactSheet, index: int, texts: Words) -> str:
    cell = sheet.cells[index]
    title, whose = caption(cell, texts)
    alt = texts.SHEET_ALT.format(caption=f"{title} {whose}".strip())
    picture = f'<img src="{_small(cell.image)}" alt="{escape(alt)}">' if cell.image else "<i></i>"
    state = "done" if cell.done else "forming"
    return (
        f'<button type="button" data-index="{index}" class="{state}" '
        f'aria-pressed="{str(cell is sheet.chosen).lower()}">{picture}'
        f"<span><b>{escape(title)}</b> {escape(whose)}</span></button>"
    )


def _small(image: Image.Image) -> str:
    """The picture as a data URL, a few kilobytes; nobody else can ask for it."""
    data = BytesIO()
    image.save(data, "JPEG", quality=85)  # anew each time: half a millisecond
    return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
