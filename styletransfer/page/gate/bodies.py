"""The bodies of requests: how large, how fast, how deep, and that pictures in them are not addresses."""

import asyncio
import ipaddress
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import orjson
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from .doors import is_elsewhere
from .refusals import Refused
from .rules import MB

# A body may take this many seconds, and one more for each so many bytes that have come. A phone with one
# bar sends 100 kB/s; 50 MB may take 25 minutes.
_PATIENCE, _SLOWEST = 30, 32_768
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# The page's own values reach 8 levels and a few dozen lists and objects. A million bytes of empty lists
# would hold the server for half a second.
_DEEPEST, _MOST_LISTS = 40, 10_000


class Clock:
    """Reads the messages of a request's body, and gives up when they come too slowly.

    Args:
        receive: of the request.
        patience: seconds that a body of no length may take.

    Attributes:
        bytes: how many have come.
        receive: the same, for what comes after the body.
    """

    def __init__(self, receive: Receive, patience: float = _PATIENCE) -> None:
        self.receive = receive
        self._patience = patience
        self._began = time.monotonic()
        self.bytes = 0

    async def next(self) -> Message:
        """The next message.

        Raises:
            Refused: it does not come in time.
        """
        left = self._began + self._patience + self.bytes / _SLOWEST - time.monotonic()
        try:
            async with asyncio.timeout(max(left, 0)):
                message = await self.receive()
        except TimeoutError:
            raise Refused("body_too_slow", seconds=round(time.monotonic() - self._began)) from None
        self.bytes += len(message.get("body", b""))
        return message


def declared(scope: Scope) -> int:
    """The length that a request declares for its body; 0 if it declares none."""
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _too_large(most: int) -> Refused:
    return Refused("body_too_large", most=f"{most // MB} MB" if most >= MB else f"{most // 1000} kB")


async def whole(clock: Clock, scope: Scope, most: int) -> bytes | None:
    """The whole body; None if the connection ends before it does.

    Raises:
        Refused: it has more than `most` bytes, or comes too slowly.
    """
    if declared(scope) > most:
        raise _too_large(most)
    body = bytearray()
    while True:
        message = await clock.next()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(most)
        if not message.get("more_body", False):
            return bytes(body)


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds.

    Raises:
        Refused: it holds something else, or is nested too deep. A parser that recurses, as those behind
            the gate do, would take seconds for that or end the process.
    """
    check_depth(body)
    try:
        value = orjson.loads(body)
    except ValueError:
        raise Refused("body_not_json") from None
    if not isinstance(value, dict):
        raise Refused("body_not_json")
    return value


def check_depth(body: bytes) -> None:
    """Raises `Refused` if this JSON is nested deeper, or has more lists, than what the page sends."""
    brackets = _STRINGS.sub(b"", body).translate(_SQUARE, _NO_BRACKETS)
    if brackets.count(b"[") > _MOST_LISTS:
        raise Refused("body_too_deep", most=_DEEPEST, lists=_MOST_LISTS)
    for _ in range(_DEEPEST):
        if b"[]" not in brackets:
            break
        brackets = brackets.replace(b"[]", b"")  # the innermost level
    if b"[]" in brackets or brackets.count(b"[") > _DEEPEST:
        raise Refused("body_too_deep", most=_DEEPEST, lists=_MOST_LISTS)


def check_pictures(value: Any, allow_public: bool = False) -> None:
    """Checks that pictures in a parsed body are files that were uploaded, not addresses to fetch.

    Args:
        value: the parsed body.
        allow_public: whether addresses on the public network are allowed.

    Raises:
        Refused: one is an address, or not what a picture is sent as.
    """
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            place = each.get("path") or each.get("url")
            if isinstance(place, str) and _is_refused(place, allow_public):
                raise Refused("picture_elsewhere")
            if place and not isinstance(each.get("meta", {}), dict):
                raise Refused("field_malformed", field="meta")
            if isinstance(place, str) and "\0" in place:
                raise Refused("field_malformed", field="path")
            each = each.values()
        waiting += [inner for inner in each if isinstance(inner, (list, dict))]


def _is_refused(place: str, allow_public: bool) -> bool:
    if not is_elsewhere(place) or place.startswith("data:"):
        return False
    if not allow_public:
        return True
    try:
        parts = urlsplit(place)
        return parts.scheme not in {"http", "https"} or not _may_be_public(parts.hostname or "")
    except ValueError:
        return True


def _may_be_public(host: str) -> bool:
    """Whether a host can be on the public network; names are resolved, and checked again, by Gradio."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".") and not host.endswith((".localhost", ".local", ".internal"))


class Upload:
    """Lets a multipart body through while it counts bytes and files.

    Gradio writes each file of a body to disk as it comes, and removes what it has written only if the
    body turns out to be malformed. So when a body is cut off here, or the connection ends in its middle,
    Gradio is handed a malformed end; `refused` then says what to answer instead. The same becomes of a
    body without its end mark, of which Gradio would take what has come.

    Args:
        clock: reads the messages.
        scope: of the request.
        most: bytes of the body.
        files: how many files it may have.
        spend: takes bytes from the allowance of the visitor, and returns seconds to wait for more.

    Attributes:
        refused: why the body was cut off.
    """

    refused: Refused | None = None

    def __init__(
        self, clock: Clock, scope: Scope, most: int, files: int, spend: Callable[[int], int]
    ) -> None:
        self._clock = clock
        self._most = most
        self._files = files
        self._spend = spend
        self._boundary = b"--" + _boundary(scope)
        self._parts = 0
        self._tail = b""
        self._whole = False  # the end mark has come
        self._ended = False
        if declared(scope) > most:
            raise _too_large(most)

    async def receive(self) -> Message:
        """The next message for the page."""
        if self._ended:
            return await self._clock.receive() if self.refused is None else {"type": "http.disconnect"}
        try:
            message = await self._clock.next()
            if message["type"] == "http.request":
                self._count(message.get("body", b""))
                if not (self._whole or message.get("more_body", False)):
                    raise Refused("upload_malformed")
        except Refused as refused:
            self.refused = refused
            message = {"type": "http.disconnect"}
        if message["type"] == "http.request":
            self._ended = not message.get("more_body", False)
            return message
        self._ended = True
        # The part's headers that follow this boundary are not allowed to hold this byte.
        broken = b"\r\n" + self._boundary + b"\r\n\x00\r\n\r\n"
        return {"type": "http.request", "body": broken, "more_body": False}

    def _count(self, body: bytes) -> None:
        if self._clock.bytes > self._most:
            raise _too_large(self._most)
        if wait := self._spend(len(body)):
            raise Refused("too_many_uploads", seconds=wait)
        seen = self._tail + body
        self._parts += seen.count(self._boundary) - self._tail.count(self._boundary)
        self._whole = self._whole or self._boundary + b"--" in seen
        self._tail = seen[-(len(self._boundary) + 1) :]  # shorter than the end mark
        if self._parts > self._files + 1:  # the last boundary ends the body
            raise Refused("too_many_files", most=self._files)


def _boundary(scope: Scope) -> bytes:
    """What stands between the files of an upload: at most 70 characters, says RFC 2046.

    Raises:
        Refused: it is no upload of files.
    """
    kind, options = parse_options_header(Headers(scope=scope).get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 70:
        raise Refused("upload_malformed")
    return boundary
