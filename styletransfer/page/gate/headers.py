"""The headers of every answer: what the browser may do with it, whatever is in it."""

import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

from .doors import Kind

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), clipboard-read=(self), clipboard-write=(self),"
    " display-capture=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()",
}
# Gradio makes functions out of texts (the `js` of its events), and puts styles into the page as it goes.
# Scripts in the page's HTML have a nonce; what a text on the page might bring along has none.
_PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'nonce-{nonce}'{hashes};"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:;"
    " font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none';"
    " base-uri 'self'; form-action 'self'"
)
# A file that is opened by itself is in an origin of its own, where it can do nothing.
_FILE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_LOGIN = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'"
_ASSET = "default-src 'self'"  # of a script, this would be the policy of a worker made from it
_ELSE = "default-src 'none'; base-uri 'none'; form-action 'none'"
_POLICIES = {Kind.PAGE: _PAGE, Kind.FILE: _FILE, Kind.LOGIN: _LOGIN, Kind.ASSET: _ASSET}
# Gradio copies the headers of a request for a part of a file into its answer; only these are a file's.
_OF_FILES = {
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "last-modified",
    "vary",
}
_PRIVATE = {Kind.PAGE, Kind.DATA, Kind.STATE, Kind.FILE}
_ONE_RANGE = re.compile(r"bytes=(\d{1,15}-\d{0,15}|-\d{1,15})")


class Answers:
    """Puts the headers on answers.

    Args:
        frame_ancestors: the sources of that directive.
        hashes: of scripts that Gradio puts into the page itself, such as 'sha256-...'.
    """

    def __init__(self, frame_ancestors: Iterable[str], hashes: Iterable[str] = ()) -> None:
        self._framed = f"frame-ancestors {' '.join(frame_ancestors) or chr(39) + 'none' + chr(39)}"
        self._hashes = "".join(f" '{each}'" for each in hashes)

    def around(self, send: Send, kind: Kind | None, nonce: str = "") -> Send:
        """A `send` that adds the headers.

        Args:
            send: of the request.
            kind: what the request is for; None if it was not let through.
            nonce: of the scripts in the page's HTML.
        """

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), kind, nonce)
            await send(message)

        return with_headers

    def _add(self, headers: MutableHeaders, kind: Kind | None, nonce: str) -> None:
        for name in {name for name in headers if _is_dropped(name, kind)}:
            del headers[name]
        for name, value in _ALWAYS.items():
            headers.setdefault(name, value)
        if kind is Kind.PICTURE:
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if kind in _PRIVATE:
            headers.setdefault("Cache-Control", "private")
        policy = _POLICIES.get(kind, _ELSE) if kind else _ELSE
        policy = policy.replace("{nonce}", nonce).replace("{hashes}", self._hashes)
        headers.setdefault("Content-Security-Policy", policy)
        headers.append("Content-Security-Policy", self._framed)


def _is_dropped(name: str, kind: Kind | None) -> bool:
    name = name.lower()
    if name.startswith("access-control-"):  # Gradio lets nearly every website in
        return True
    return kind is Kind.FILE and name not in _OF_FILES


def _is_plain(value: str) -> bool:
    """Whether this asks for one part of a file, as `bytes=0-9`, `bytes=5-` or `bytes=-5`."""
    if not _ONE_RANGE.fullmatch(value):
        return False
    start, _, end = value.partition("=")[2].partition("-")
    return not (start and end) or int(start) <= int(end)


def with_plain_range(scope: Scope) -> Scope:
    """The same request, asking for one part of a file or for all of it.

    Gradio's own code for parts fails at odd ranges. It reads "bytes" in lower case only, and leaves it
    in any other case, which means the same, to Starlette, which knows all of HTTP's rules.
    """
    value = Headers(scope=scope).get("range")
    if value is None:
        return scope
    headers = [(name, text) for name, text in scope["headers"] if name != b"range"]
    if _is_plain(value.strip()):
        headers.append((b"range", b"Bytes" + value.strip().encode()[len("bytes") :]))
    return scope | {"headers": headers}
