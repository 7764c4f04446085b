"""`POST /runs`: a run for a program that sends a form, without Gradio's protocol."""

import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..catalogue import catalogue
from ..errors import StyleTransferError, shown
from ..pictures import STYLES
from ..service import decoding
from ..service.durable import is_full
from ..service.store import Store
from ..settings import knobs
from .answers import HEADERS, refusal
from .api import KEY, PARAMETERS
from .components import visitor_of
from .run_state import state_of
from .upload import LARGEST, announced

_KNOBS = {knob.name: knob for knob in knobs()}
_LONGEST = 10_000  # bytes of a setting; the longest, layers with weights, have a few hundred
_UNFIT = re.compile(r"[^\w.-]+")


async def begin(store: Store, request: Request) -> Response:
    """Starts the run that a form asks for: 202 with its state, and its address in Location."""
    folder = None
    try:
        store.room.check(announced(request))
        folder = store.uploads.place()
        files, values = await _asked(request, folder)
        key = request.headers.get(KEY, "")
        run = await store.programs.start(files, values, visitor_of(request), key)
    except StyleTransferError as error:
        return refusal(error)
    except OSError as error:
        if not is_full(error):
            raise
        return refusal(StyleTransferError("disk_full"))
    finally:
        if folder is not None:  # a run has its pictures in memory
            shutil.rmtree(folder, ignore_errors=True)
    # Relative to this address, so that it is right behind any proxy.
    return JSONResponse(state_of(run), 202, HEADERS | {"Location": f"runs/{run.id}"})


async def _asked(request: Request, folder: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """The pictures' files and the settings' values in a form, by name."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise StyleTransferError("upload_malformed")
    limits = {"max_files": len(PARAMETERS), "max_fields": len(PARAMETERS), "max_part_size": _LONGEST}
    try:
        async with request.form(**limits) as form:
            return await decoding.aside(_taken, form, folder)
    except (HTTPException, MultiPartException):  # a form that is not whole, or with other parts
        raise StyleTransferError("upload_malformed") from None


def _taken(form: FormData, folder: Path) -> tuple[dict[str, str], dict[str, Any]]:
    files: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, value in form.multi_items():
        if name not in PARAMETERS:
            there_are = ", ".join(PARAMETERS)
            raise StyleTransferError("no_such_parameter", value=shown(name), parameters=there_are)
        if name in files or name in values or isinstance(value, str) is not _is_text(name, value):
            raise StyleTransferError("field_malformed", field=name)
        if isinstance(value, UploadFile):
            files[name] = str(_saved(value, folder / name))
        elif name in STYLES:
            files[name] = painting_named(value)
        else:
            values[name] = _KNOBS[name].parse(value)
    return files, values


def _is_text(name: str, value: str | UploadFile) -> bool:
    """Whether this parameter is a text: settings are, and a painting that is named and not sent."""
    return name in _KNOBS or (name in STYLES and isinstance(value, str))


def painting_named(name: str) -> str:
    """The file of the page's painting of this name.

    Raises:
        StyleTransferError: there is none.
    """
    files = {style.file.stem: str(style.file) for style in catalogue().styles}
    if name not in files:
        raise StyleTransferError("no_such_painting", value=shown(name))
    return files[name]


def _saved(upload: UploadFile, folder: Path) -> Path:
    """The upload as a file in a folder of its own, under its own name as far as that is fit for one."""
    if (upload.size or 0) > LARGEST:
        raise StyleTransferError("file_too_large", most=f"{LARGEST // 2**20} MB")
    name = PurePosixPath((upload.filename or "").replace("\\", "/")).name
    file = folder / (_UNFIT.sub("_", name).strip(".")[-100:] or "picture")
    folder.mkdir()
    with file.open("wb") as out:
        shutil.copyfileobj(upload.file, out)
    return file
