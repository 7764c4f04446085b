"""The answer to a request that is not let through: a status and a sentence in the visitor's language."""

import re

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from ...errors import StyleTransferError
from ..answers import problem
from ..i18n.choice import words_for

_STATUS = {
    "nothing_here": 404,
    "answer_gone": 404,
    "method_not_taken": 405,
    "file_elsewhere": 403,
    "picture_elsewhere": 403,
    "host_unknown": 421,
    "origin_foreign": 403,
    "body_too_large": 413,
    "too_many_files": 413,
    "upload_malformed": 400,
    "body_too_slow": 408,
    "body_too_deep": 400,
    "body_not_json": 400,
    "field_wrong": 400,
    "field_malformed": 400,
    "values_missing": 400,
    "no_such_parameter": 400,
    "request_wrong": 400,
    "too_many_requests": 429,
    "too_many_uploads": 429,
    "too_many_streams": 429,
    "login_needed": 401,
    "login_wrong": 401,
    "login_too_often": 429,
}
# The paths that programs ask for, and the page's scripts.
_FOR_PROGRAMS = re.compile(r"/(gradio_api/|runs(/|$)|(api|mcp)$)")
# After these the rest of the body would still come, so the connection is closed instead of read on.
_CUT = {"body_too_large", "too_many_files", "body_too_slow", "too_many_uploads"}


class Refused(StyleTransferError):
    """A request that is not let through."""

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return _STATUS[self.code]


def answer(refused: Refused, scope: Scope) -> Response:
    """The answer that says why: JSON for programs and for the page's scripts, else plain text."""
    sentence = words_for(scope).error(refused)
    headers = {"Cache-Control": "no-store"}
    if "seconds" in refused.fields and refused.status == 429:
        headers["Retry-After"] = str(refused.fields["seconds"])
    if refused.code in _CUT:
        headers["Connection"] = "close"
    if refused.status == 401 and "sec-fetch-mode" not in Headers(scope=scope):
        # Not to browsers, which would ask for the password by themselves in the middle of the page.
        headers["WWW-Authenticate"] = 'Basic realm="styletransfer", charset="UTF-8"'
    if _FOR_PROGRAMS.search(scope["path"]):
        content = {"detail": sentence, "code": refused.code, "error": problem(refused)}
        return JSONResponse(content, refused.status, headers)
    return PlainTextResponse(f"{sentence}\n", refused.status, headers)
