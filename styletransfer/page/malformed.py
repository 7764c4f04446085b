"""Malformed requests: what Gradio raises when it takes one apart becomes an answer in a sentence."""

import logging
import re
from typing import Any

import gradio as gr
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import shown
from .gate.refusals import Refused, answer

# What Python raises where a value is not of the shape that code takes for granted. Everything else, such
# as a full disk, is the server's own failure.
_OF_SHAPES = (TypeError, ValueError, LookupError, AttributeError)

# The path of the answer to a call by name, with the id of the call.
_ANSWER = re.compile(r"/call(?:/v2)?/\w+/([\w-]+)$")

_log = logging.getLogger(__name__)


class _Answering:
    """Gradio's app, of which every request gets an answer, and every answer an end.

    Args:
        app: Gradio's.
        page: which is shown in it.
    """

    def __init__(self, app: ASGIApp, page: gr.Blocks) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] == "http" and self._is_gone(scope):
            await answer(Refused("answer_gone"), scope)(scope, receive, send)
            return
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except _OF_SHAPES as error:
            if begun or scope["type"] != "http":
                raise
            # One line: whoever sends such requests must not fill the log with tracebacks.
            _log.warning("%s %s: %s", scope["method"], shown(scope["path"]), shown(error))
            await answer(Refused("request_wrong"), scope)(scope, receive, send)
        except RuntimeError as error:
            # Gradio says in the stream that it knows no such session, and then raises this.
            if not (begun and isinstance(error.__cause__, HTTPException)):
                raise
            await send({"type": "http.response.body", "body": b""})

    def _is_gone(self, scope: Scope) -> bool:
        """Whether this asks for the answer to a call of which nothing is held any more.

        Gradio forgets an answer as soon as it has been read, or whoever read it has gone.
        """
        asked = _ANSWER.search(scope["path"])
        if asked is None or scope["method"] != "GET":
            return False
        queue = self._page._queue
        held = queue.pending_event_ids_session.items()
        sessions = {session for session, ids in held if asked[1] in ids}
        return sessions.isdisjoint(queue.pending_messages_per_session)


async def _explained(request: Request, error: Exception) -> Response:
    """The answer to a request that lacks a field, or has one of another kind."""
    place = error.errors()[0]["loc"] if isinstance(error, RequestValidationError) else ()
    field = shown(place[-1]) if place else ""
    return answer(Refused("field_malformed", field=field), request.scope)


def answering(page: gr.Blocks) -> dict[str, Any]:
    """The options with which FastAPI makes the page's app, so that malformed requests are answered."""
    handlers = {RequestValidationError: _explained}
    return {"middleware": [Middleware(_Answering, page)], "exception_handlers": handlers}
