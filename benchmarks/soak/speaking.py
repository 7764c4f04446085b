"""How the server is spoken to: everything a visitor does, as requests. Change it with the server."""

import html
import io
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from PIL import Image

from .line import Line, Lost, Refused, words
from .page import Page, Values

__all__ = ["Lost", "News", "Refused", "Session"]

_JOB = re.compile(r'data-job="([^"]+)"')
_NAMED = re.compile(r'"run ([\w-]+)"')
_STATE = re.compile(r'class="placard (\w+)"')
_PATH = re.compile(r'data-path="([^"]+)"')
_SPOKEN = re.compile(r'<p class="spoken"[^>]*>(.*?)</p>', re.S)


@dataclass(frozen=True)
class News:
    """What a page learns of its picture.

    Attributes:
        state: "going on", "done" (or stopped, and kept), "failed", or "gone": it is not kept.
        picture: as it is at present; None if it was not sent.
        said: the placard in words.
    """

    state: str
    picture: Image.Image | None = None
    said: str = ""


class Session:
    """One visitor's tab, and the requests that it makes. Everything raises `Lost` and `Refused`.

    Args:
        url: the server's or the proxy's.
        address: the visitor's network address.
    """

    def __init__(self, url: str, address: str) -> None:
        self._line = Line(url, address)
        self._page = Page(self._line)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._page.close()
        await self._line.close()

    async def open(self, query: str = "") -> None:
        """Loads the page, at an address with this query."""
        await self._page.open(query)

    async def upload(self, name: str, data: bytes) -> str:
        """Hands in a file, and returns where the server has put it."""
        files = {"files": (name, data)}
        return (await self._line.ask("POST", "/gradio_api/upload", files=files)).json()[0]

    async def cheap_event(self) -> None:
        """An event that costs nearly nothing: another preset is chosen."""
        await self._page.press("presets", "input", presets="Best")

    async def check(self, photo: str) -> str:
        """What the page says about a photo that was put into its box; empty if nothing is wrong."""
        view = await self._page.press("photo", "input", photo=_file(photo))
        return " ".join(filter(None, (words(v) for v in view.values() if isinstance(v, str))))

    async def paint(self, photo: str, style: str, settings: dict[str, Any]) -> str:
        """Presses Paint, and returns the id of the picture, once the page has learnt it."""
        values = {f"knob-{name}": value for name, value in settings.items()}
        event = self._page.event("paint", "click")
        return await self._begun(event, values | {"photo": _file(photo), "style": _file(style)})

    async def call(self, photo: str, style: str, settings: dict[str, Any]) -> str:
        """Calls `/stylize` as a program does, and returns the run's name; the rest is not read."""
        path = "/gradio_api/call/v2/stylize"
        sent = {"content": _file(photo), "style": _file(style), **settings}
        called = await self._line.ask("POST", path, json=sent)
        async with self._line.events(f"{path}/{called.json()['event_id']}") as told:
            async for name, text in told:
                if name == "error":
                    raise Refused(words(text))
                if found := _NAMED.search(text):
                    return found[1]
        raise Lost(f"{path} ended before it told the run's name")

    async def state(self, name: str) -> News:
        """What a program is told about its run when it asks for it by name."""
        try:
            told = (await self._line.ask("GET", f"/runs/{name}")).json()
        except Refused as error:
            if error.status != 404:
                raise
            return News("gone", said=error.said)
        if told["state"] in ("waiting", "painting"):
            return News("going on")
        if told["picture"] is None:
            return News("failed", said=words(json.dumps(told)))
        return News("done", await self._image(f"/{told['picture']}"))

    async def go_on(self, settings: dict[str, Any]) -> str:
        """Presses "100 more steps" for the picture that the page shows, and returns the new one's id."""
        values = {f"knob-{name}": value for name, value in settings.items()}
        return await self._begun(self._page.event("go-on", "click"), values)

    async def stop(self) -> None:
        """Presses Stop for the picture that the page shows."""
        await self._page.press("stop")

    async def share(self) -> str:
        """Presses Share picture, and returns the address without the host."""
        return _path_in(await self._page.press("share"))

    async def look_link(self, style: str, settings: dict[str, Any]) -> str:
        """Presses Share look, and returns the query."""
        values = {f"knob-{name}": value for name, value in settings.items()}
        return _path_in(await self._page.press("copy-link", style=_file(style), **values))

    async def shared_picture(self, path: str) -> Image.Image:
        """The picture behind a link, as somebody has it who was given the link."""
        await self._line.ask("GET", path)
        return await self._image(f"{path}.jpg")

    async def delete(self, ids: Iterable[str]) -> None:
        """Presses Delete now, in a browser that remembers these ids."""
        event = self._page.event("delete-yes", "click")
        await self._page.finish(event, {"link": {"pictures": list(ids), "paintings": []}})

    async def follow(self, id: str) -> AsyncIterator[News]:
        """Comes back to a picture by its id, as a reloaded page does, and watches it to its end."""
        last = News("gone")
        async for last in self._loaded(id):
            yield last
        if last.state == "gone":
            yield last
        if last.state != "going on":
            return
        async for news in self._watched(id):
            yield news
        async for last in self._loaded(id):
            yield last

    async def _loaded(self, id: str) -> AsyncIterator[News]:
        """The news that the page gets when it is loaded; none if the picture is not kept."""
        async with aclosing(self._page.load({"own": id, "newest": None})) as views:
            async for view in views:
                news = await self._news(view, id)
                if news:
                    yield news

    async def _watched(self, id: str) -> AsyncIterator[News]:
        """The news until the picture is over."""
        name = "renew"
        while name == "renew":
            async with self._line.events(f"/watch/{id}") as told:
                async for name, text in told:
                    if name == "message":
                        news = json.loads(text)
                        picture = await self._image(f"/watch/{id}/{news['picture']}.jpeg")
                        yield News("going on", picture, _spoken(news["status"]))
        if name != "over":
            raise Lost(f"/watch/{id} ended without a word")

    async def _begun(self, event: dict, values: Values) -> str:
        """The id of the job that an event has started; the rest of the event's updates is not read."""
        said = ""
        async with aclosing(self._page.run(event, values)) as views:
            async for view in views:
                status = view.get("status")
                said = _spoken(status) if isinstance(status, str) else said
                found = _JOB.search(status) if isinstance(status, str) else None
                if found:
                    return found[1]
        raise Refused(said)

    async def _news(self, view: Values, id: str) -> News | None:
        """What a view of the page says about this picture."""
        status = view.get("status")
        if not isinstance(status, str) or f'data-job="{id}"' not in status:
            return None
        state = found[1] if (found := _STATE.search(status)) else ""
        state = "going on" if state in ("waiting", "painting") else state
        sent = view.get("picture")
        path = sent.get("path") if isinstance(sent, dict) else None
        picture = await self._image(f"/gradio_api/file={quote(path)}") if path else None
        return News(state, picture, _spoken(status))

    async def _image(self, path: str) -> Image.Image:
        answer = await self._line.ask("GET", path)
        try:
            return Image.open(io.BytesIO(answer.content)).convert("RGB")
        except OSError as error:
            raise Refused(f"no picture: {answer.content[:40]!r}", answer.status_code) from error


def _file(path: str) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def _spoken(placard: str) -> str:
    found = _SPOKEN.search(placard)
    return words(found[1] if found else placard)


def _path_in(view: Values) -> str:
    """The address under the buttons; raises `Refused` with the sentence that stands there instead."""
    link = view.get("link")
    found = _PATH.search(link) if isinstance(link, str) else None
    if not found:
        raise Refused(words(str(link)))
    return html.unescape(found[1])
