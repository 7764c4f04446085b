"""HTTP as one visitor has it: from an address of its own, over a line that may be lost at any moment."""

import html
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

# Seconds without a byte after which a visitor gives up. The streams say something more often.
_PATIENCE = 20
# What a sentence for people does not have: traces of the program, of its machine, and markup.
_INNARDS = re.compile(
    r"Traceback|Errno|Exception|\w+Error\b|/(tmp|root|home|usr|var)/|0x[0-9a-f]{6}|[<>{}]"
)


class Lost(Exception):
    """The line was lost, or nobody answers."""


class Refused(Exception):
    """The server says no.

    Attributes:
        said: what it said, without markup.
        status: the HTTP status, or 200 for an error that an event tells.
    """

    def __init__(self, said: str, status: int = 200) -> None:
        self.said = said
        self.status = status
        super().__init__(f"{status} {said!r}")

    @property
    def kindly(self) -> bool:
        """Whether what it said is a sentence for people."""
        return is_sentence(self.said)


def is_sentence(said: str) -> bool:
    """Whether people can understand it: at least four words, and nothing of the program's innards."""
    return len(re.findall(r"[A-Za-zÄÖÜäöüß]{2,}", said)) >= 4 and not _INNARDS.search(said)


class Line:
    """Requests to the server.

    Args:
        url: the server's or the proxy's.
        address: the visitor's network address, which is one of this machine's.
    """

    def __init__(self, url: str, address: str) -> None:
        transport = httpx.AsyncHTTPTransport(local_address=address, retries=0)
        self._client = httpx.AsyncClient(
            base_url=url, transport=transport, timeout=_PATIENCE, trust_env=False
        )

    async def close(self) -> None:
        """Closes all connections, as a tab that is closed does."""
        await self._client.aclose()

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer to a request.

        Raises:
            Lost: none came.
            Refused: it is an error.
        """
        try:
            answer = await self._client.request(method, path, **request)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise Lost(f"{path}: {error!r}") from error
        if answer.is_error:
            raise Refused(words(answer.text), answer.status_code)
        return answer

    @asynccontextmanager
    async def events(self, path: str) -> AsyncIterator[AsyncIterator[tuple[str, str]]]:
        """Server-sent events: pairs of the event's name, by default "message", and its data.

        Raises:
            Lost: the line was lost.
            Refused: the answer is an error.
        """
        try:
            async with self._client.stream("GET", path) as answer:
                if answer.is_error:
                    await answer.aread()
                    raise Refused(words(answer.text), answer.status_code)
                yield _events(answer)
        except httpx.TransportError as error:
            raise Lost(f"{path}: {error!r}") from error


async def _events(answer: httpx.Response) -> AsyncIterator[tuple[str, str]]:
    name = "message"
    async for line in answer.aiter_lines():
        key, _, value = line.partition(":")
        if key == "event":
            name = value.strip()
        elif key == "data":
            yield name, value.strip()
            name = "message"


def words(text: str) -> str:
    """What an answer says: the text in JSON or HTML, without markup."""
    try:
        found = json.loads(text)
    except ValueError:
        body = re.sub(r"<(style|script|title).*?</\1>", " ", text, flags=re.S)
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())
    if isinstance(found, dict):
        inner = found["error"] if isinstance(found.get("error"), dict) else found
        said = [inner[key] for key in ("detail", "error", "message") if isinstance(inner.get(key), str)]
        return said[0] if said else text
    return found if isinstance(found, str) else text
