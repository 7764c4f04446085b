"""What programs are told when something is wrong: a code, a sentence, the parameter, and a status."""

import json
from typing import Any

from starlette.responses import JSONResponse

from ..errors import StyleTransferError
from ..pictures import NAMES

# Of the interface for programs. What comes before the point changes only when something that a program
# may rely on is taken away or gets another meaning; what comes after it, when something is added.
VERSION = "1.1"

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

_STATUS = {
    "upload_malformed": 400,
    "no_such_parameter": 400,
    "field_malformed": 400,
    "key_malformed": 400,
    "body_not_json": 400,
    "run_gone": 404,
    "run_without_picture": 404,
    "run_ended": 409,
    "file_too_large": 413,
    "one_picture_unfinished": 429,
    "pictures_unfinished": 429,
    "address_is_busy": 429,
    "line_full": 503,
    "too_many_watch": 503,
    "too_many_at_once": 503,
    "network_exceeds_memory": 503,
    "server_failed": 500,
    "page_failed": 500,
    "disk_full": 507,
}
_ELSE = 422  # it was understood, and cannot be painted
_AGAIN_AFTER = 10  # seconds after which it is worth while to ask again what was refused for being busy

_PARAMETERS = {words: name for name, words in NAMES.items()}


def status_of(error: StyleTransferError) -> int:
    """The HTTP status for an error in what a program has asked for."""
    return _STATUS.get(error.code, _ELSE)


def problem(error: StyleTransferError) -> dict[str, Any]:
    """The error as JSON values: its code, its sentence, which parameter it is about, and its fields."""
    fields = json.loads(json.dumps(dict(error.fields), default=str))
    return {
        "code": error.code,
        "message": str(error),
        "parameter": _parameter(error.fields),
        "fields": fields,
    }


def refusal(error: StyleTransferError) -> JSONResponse:
    """The answer that says what is wrong."""
    status = status_of(error)
    headers = HEADERS | ({"Retry-After": str(_AGAIN_AFTER)} if status in (429, 503) else {})
    return JSONResponse({"error": problem(error)}, status, headers)


def _parameter(fields: dict[str, Any]) -> str | None:
    """The parameter that an error's fields name: a setting, or a picture by what people call it."""
    for name in ("setting", "field"):
        if name in fields:
            return str(fields[name]).strip("'")  # some are quoted for their sentence
    for name in ("name", "mask"):
        words = str(fields.get(name, "")).partition(" (")[0]  # "photo (cat.jpg)"
        if words in _PARAMETERS:
            return _PARAMETERS[words]
    return None
