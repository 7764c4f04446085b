"""What of a job outlives the server: its record and its pictures, written and read back.

Observes jobs from outside: a job knows nothing of it.
"""

import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from ..catalogue import style_at
from ..errors import StyleTransferError
from ..pictures import KEEP, NAMES, OPACITY, Pictures, named
from ..settings import Settings, knobs
from .contact_sheet import Cell, ContactSheet
from .durable import whole
from .inputs import Inputs, combine
from .job import Job
from .kept import read_kept, write_kept
from .records import Record
from .run import Painted, Run
from .series import Series
from .visitor import Visitor

# Files in a job's folder.
_MADE_FROM = "made-from"  # a folder: the pictures, by their names in `pictures.NAMES`
_KEPT = "kept.npz"
_DRAFT = "kept-draft.png"
_CELL = "cell-{}.png"


def described(job: Job, counterpart: str | None) -> dict[str, Any]:
    """What is known about a job but for times and steps, as the fields of a `Record`."""
    settings = asdict(job.inputs.settings)
    return {
        "id": job.id,
        "kind": type(job).__name__,
        "state": _state(job),
        "visitor": str(job.visitor),
        "counterpart": counterpart,
        "error": job.error.written if job.error else {},
        "inputs": {"settings": settings, "files": dict(job.inputs.files)},
        "detail": (_run_detail(job) if isinstance(job, Run) else _sheet_detail(job))
        | {"unattended": job.unattended},
    }


def _state(job: Job) -> str:
    if not job.finished:
        return "stopping" if job.stopped else "painting" if job.begun else "waiting"
    if job.error is not None:
        return "failed"
    return "stopped" if job.stopped else "done"


def _run_detail(run: Run) -> dict[str, Any]:
    settings = run.settings if run.finished else run.next_settings
    series = run.series.written if run.series else None
    own = {"settings": asdict(settings), "recoloured": run.recoloured, "brief": run.brief}
    return own | {"series": series}


def _sheet_detail(sheet: Job) -> dict[str, Any]:
    if not isinstance(sheet, ContactSheet):
        return {}
    cells = [
        {
            "settings": asdict(cell.settings),
            "changes": cell.changes,
            "file": cell.file and str(cell.file),
            "styles": len(cell.styles),
            "done": cell.done,
        }
        for cell in sheet.cells
    ]
    return {"cells": cells, "chosen": sheet.cells.index(sheet.chosen) if sheet.chosen else None}


def save_pictures(job: Job, folder: Path) -> None:
    """Writes what a job is painted from, which does not change any more, without loss."""
    if isinstance(job, Run):
        given = job.pictures
        images = named(given.content, given.styles, given.masks, given.start, given.keep, given.opacity)
    elif isinstance(job, ContactSheet):
        given = job.pictures
        images = named(given.content, (), given.masks, keep=given.keep, opacity=given.opacity)
        for number, cell in enumerate(job.cells):
            images |= {_painting(number, place): style for place, style in enumerate(cell.styles)}
    (folder / _MADE_FROM).mkdir(parents=True, exist_ok=True)
    for name, image in images.items():
        _save(image, folder / _MADE_FROM / f"{name}.png")


def _painting(cell: int, place: int) -> str:
    """What a painting of a contact sheet is called."""
    return f"painting-{cell}-{place}"


def save_progress(job: Job, folder: Path) -> int:
    """Writes what a job has painted so far, and returns how many steps that are."""
    if isinstance(job, ContactSheet):
        return _save_cells(job, folder)
    if not isinstance(job, Run):
        return 0
    step, draft = job.step, job.draft
    if step is not None:
        write_kept(step, job.losses[:], folder / _KEPT)
    if draft is not None and job.view is draft:
        _save(draft, folder / _DRAFT)
    return step.number if step else 0


def _save_cells(sheet: ContactSheet, folder: Path) -> int:
    for number, cell in enumerate(sheet.cells):
        file = folder / _CELL.format(number)
        if cell.image is not None and (cell.done or sheet.finished) and not file.exists():
            _save(cell.image, file)
    return sheet.painted


def _save(image: Image.Image, file: Path) -> None:
    with whole(file) as part:
        image.save(part, "PNG", compress_level=1)  # half the time of 6, 7 % larger


def job_of(record: Record, folder: Path) -> Job:
    """The job of a record: finished, or ready to go on from what is kept of it.

    Raises:
        Exception: something of it is missing or damaged; which one depends on what it is.
    """
    inputs = Inputs(settings_of(record.inputs["settings"]), record.inputs["files"])
    job = (_run if record.kind == Run.__name__ else _sheet)(record, inputs, folder)
    job.id = record.id
    job.unattended = record.detail.get("unattended", False)
    if record.state in ("stopping", "stopped"):
        job.stop()
    if record.ended is not None:
        job.finish(StyleTransferError.again(record.error) if record.error else None)
    return job


def _run(record: Record, inputs: Inputs, folder: Path) -> Run:
    settings, visitor = settings_of(record.detail["settings"]), Visitor.of(record.visitor)
    if record.ended is not None:
        _check(folder)
        run = Run(lambda: painted(folder), settings, visitor, inputs)
    else:
        found = painted(folder)
        run = Run(found.pictures, settings, visitor, inputs)
        run.draft, run.losses = found.draft, list(found.losses)
        run.step = run.shown = run.before = found.step
    run.recoloured = record.detail["recoloured"]
    # These two were not written before there were these fields.
    run.brief = record.detail.get("brief", False)
    series = record.detail.get("series")
    run.series = series and Series.again(series)
    return run


def _check(folder: Path) -> None:
    """Looks quickly whether a run's files are there and whole: there may be thousands.

    Raises:
        FileNotFoundError, zipfile.BadZipFile: they are not.
    """
    if not (folder / _MADE_FROM / "content.png").exists():
        raise FileNotFoundError(folder / _MADE_FROM)
    if (folder / _KEPT).exists() and not zipfile.is_zipfile(folder / _KEPT):
        raise zipfile.BadZipFile(folder / _KEPT)


def painted(folder: Path) -> Painted:
    """What a run is painted from, and what has come of it, read from its folder.

    Raises:
        StyleTransferError: something of it is missing or damaged.
    """
    try:
        found = Painted(combine(_pictures(folder)))
        if (folder / _DRAFT).exists():
            found.draft = _opened(folder / _DRAFT)
        if (folder / _KEPT).exists():
            found.step, found.losses = read_kept(folder / _KEPT, found.pictures)
            found.shown = found.step
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise StyleTransferError("picture_gone") from error
    return found


def _sheet(record: Record, inputs: Inputs, folder: Path) -> ContactSheet:
    images = _pictures(folder)
    masks = [images.get(name) for name in NAMES if name.startswith("mask")]
    more = (images.get(name) for name in (KEEP, OPACITY))
    pictures = Pictures(images["content"], (), masks if any(masks) else (), None, *more)
    cells = []
    for number, each in enumerate(record.detail["cells"]):
        styles = [images[_painting(number, place)] for place in range(each["styles"])]
        style = style_at(each["file"])
        cell = Cell(styles, settings_of(each["settings"]), each["changes"], each["file"], style)
        if (folder / _CELL.format(number)).exists():
            cell.image, cell.done = _opened(folder / _CELL.format(number)), each["done"]
        cells.append(cell)
    sheet = ContactSheet(pictures, cells, Visitor.of(record.visitor), inputs)
    chosen = record.detail["chosen"]
    sheet.chosen = None if chosen is None else cells[chosen]
    return sheet


def _pictures(folder: Path) -> dict[str, Image.Image]:
    return {file.stem: _opened(file) for file in (folder / _MADE_FROM).glob("*.png")}


def _opened(file: Path) -> Image.Image:
    with Image.open(file, formats=["PNG"]) as image:
        image.load()
        return image.copy()


def settings_of(values: dict[str, Any]) -> Settings:
    """The settings; those that this version does not know are left out."""
    known = {knob.name for knob in knobs()}
    return Settings(**{name: value for name, value in values.items() if name in known})
