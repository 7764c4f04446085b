"""Tells browsers at one network address apart, by a cookie that holds a random name and nothing else."""

import re
import secrets
from collections.abc import Mapping
from http.cookies import SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import Message, Scope, Send

_COOKIE = "browser"
_YEAR = 365 * 24 * 3600  # seconds
_NAME = re.compile(r"[\w-]{22}")  # of 16 random bytes


def browser_of(headers: Mapping[str, str]) -> str:
    """The name of the browser that sent these headers; "" if it keeps no cookies."""
    name = cookie_parser(headers.get("cookie", "")).get(_COOKIE, "")
    return name if _NAME.fullmatch(name) else ""


def naming(scope: Scope, send: Send) -> Send:
    """A `send` that gives the browser a name along with the page, unless it has one.

    Args:
        scope: of the request for the page.
        send: of the request.
    """
    if browser_of(Headers(scope=scope)):
        return send
    cookie: SimpleCookie = SimpleCookie({_COOKIE: secrets.token_urlsafe(16)})
    cookie[_COOKIE].update({"path": "/", "max-age": _YEAR, "httponly": True, "samesite": "lax"})
    if scope["scheme"] == "https":
        cookie[_COOKIE]["secure"] = True

    async def with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", cookie[_COOKIE].OutputString())
        await send(message)

    return with_cookie
