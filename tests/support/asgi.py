"""Requests to an ASGI app without a server, message by message."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from starlette.datastructures import Headers

from tests.support.coroutines import run


class Answer(NamedTuple):
    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def scope_of(method="GET", path="/", headers=(), client="203.0.113.5", query="") -> dict:
    """The scope of a request for `http://127.0.0.1`."""
    given = {"host": "127.0.0.1:7860"} | dict(headers)
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": (client, 50000),
        "server": ("127.0.0.1", 7860),
    }


async def asked(app, scope: dict, chunks: Iterable[bytes] = (b"",), ends=True) -> Answer:
    """The app's answer to a request whose body comes in these chunks.

    Args:
        app: the app.
        scope: of the request.
        chunks: of the body.
        ends: whether the body ends after them; else the connection does.
    """
    chunks = list(chunks)
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": not ends or place < len(chunks)}
        for place, chunk in enumerate(chunks, 1)
    ]
    sent = []

    async def receive():
        await asyncio.sleep(0)
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    starts = [each for each in sent if each["type"] == "http.response.start"]
    body = b"".join(each.get("body", b"") for each in sent if each["type"] == "http.response.body")
    assert len(starts) == 1, sent
    return Answer(starts[0]["status"], Headers(raw=starts[0]["headers"]), body)


def ask(app, *, chunks=(b"",), ends=True, **request) -> Answer:
    """As `asked`, with the arguments of `scope_of`."""
    return run(asked(app, scope_of(**request), chunks, ends))
