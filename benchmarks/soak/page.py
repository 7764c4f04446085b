"""The page as a tab has it, without a browser: its components, and the events of its buttons."""

import asyncio
import contextlib
import json
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

from gradio_client.utils import apply_diff

from .line import Line, Lost, Refused

_CONFIG = re.compile(r"window\.gradio_config = (.*?);</script>", re.S)
_GRADIO = "/gradio_api"

Values = dict[str, Any]  # by the component's elem_id, or by its number where it has none


class Page:
    """One tab. A reload is another one.

    Args:
        line: the line to the server.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._session = secrets.token_hex(6)
        self._heart: asyncio.Task | None = None
        self._dependencies: list[dict] = []
        self._names: dict[int, str] = {}
        self._values: Values = {}

    async def open(self, query: str = "") -> None:
        """Loads the page, at an address with this query.

        Raises:
            Lost: the line was lost.
            Refused: the server did not answer with the page.
        """
        text = (await self._line.ask("GET", f"/{query}")).text
        found = _CONFIG.search(text)
        if not found:
            raise Refused(f"a page without its configuration, of {len(text)} characters")
        config = json.loads(found[1])
        self._dependencies = config["dependencies"]
        self._names = {
            each["id"]: each["props"].get("elem_id") or str(each["id"]) for each in config["components"]
        }
        self._values = {
            self._names[each["id"]]: each["props"].get("value") for each in config["components"]
        }
        self._heart = asyncio.ensure_future(self._beat())

    async def close(self) -> None:
        """Ends the session, as closing the tab does."""
        if self._heart:
            self._heart.cancel()
            await asyncio.gather(self._heart, return_exceptions=True)

    async def press(self, name: str, event: str = "click", **values: Any) -> Values:
        """What an event has changed at its end, such as the click on a button.

        Args:
            name: the elem_id of the component.
            event: the event.
            values: values of components, by elem_id; the others are as in the page.

        Raises:
            Lost, Refused: as `open`.
        """
        return await self.finish(self.event(name, event), values)

    async def load(self, ids: Mapping[str, str | None]) -> AsyncIterator[Values]:
        """What the page shows after it has been loaded by a browser that remembers these ids."""
        asked = [each for each in self._dependencies if each["backend_fn"]]  # of the server
        found = next(each for each in asked if _has(each, "load") and each["inputs"])
        ids_of = self._names[found["inputs"][0]]
        yield await self.finish(found, {ids_of: ids})
        later = next(each for each in asked if each["trigger_after"] == found["id"])
        async for view in self.run(later, {}):
            yield view

    async def finish(self, dependency: dict, values: Values) -> Values:
        """The last of what `run` yields."""
        last: Values = {}
        async for view in self.run(dependency, values):
            last = view
        return last

    def event(self, name: str, event: str) -> dict:
        """What the server does at this event of this component."""
        numbers = [number for number, each in self._names.items() if each == name]
        for each in self._dependencies:
            if each["backend_fn"] and [numbers[0], event] in each["targets"]:
                return each
        raise KeyError(f"{name} has no event {event}")

    async def run(self, dependency: dict, values: Values) -> AsyncIterator[Values]:
        """What an event changes: all its outputs, at each of its updates."""
        all_values = self._values | values
        names = [self._names.get(number, "") for number in dependency["inputs"]]
        sent = {
            "data": [all_values.get(name) for name in names],
            "fn_index": dependency["id"],
            "session_hash": self._session,
            "event_data": None,
            "trigger_id": dependency["targets"][0][0] if dependency["targets"] else None,
        }
        if not dependency["queue"]:
            answer = await self._line.ask("POST", f"{_GRADIO}/run/predict", json=sent)
            yield self._told(dependency, answer.json()["data"])
            return
        joined = await self._line.ask("POST", f"{_GRADIO}/queue/join", json=sent)
        async for data in self._followed(joined.json()["event_id"]):
            yield self._told(dependency, data)

    async def _followed(self, event: str) -> AsyncIterator[list]:
        """The values of the outputs at each update."""
        data: list | None = None
        async with self._line.events(f"{_GRADIO}/queue/data?session_hash={self._session}") as told:
            async for _, text in told:
                message = json.loads(text)
                if message.get("event_id") != event:
                    continue
                output = message.get("output") or {}
                if message["msg"] == "process_generating" and message.get("success"):
                    data = _changed(data, output["data"])
                    yield data
                elif message["msg"] == "process_completed":
                    if not message.get("success", True):
                        raise Refused(str(output.get("error")))
                    if data is None:
                        yield output["data"]
                    return
        raise Lost("the stream ended before the event")

    async def _beat(self) -> None:
        """Holds the stream by which the server knows that the tab is open."""
        with contextlib.suppress(Lost, Refused):
            async with self._line.events(f"{_GRADIO}/heartbeat/{self._session}") as beats:
                async for _ in beats:
                    pass

    def _told(self, dependency: dict, data: list) -> Values:
        """The values by the components' names; the id of the job is sent along from now on."""
        names = [self._names[number] for number in dependency["outputs"]]
        view = dict(zip(names, data, strict=True))
        if not isinstance(view.get("job", {}), dict):  # else it stays as it is
            self._values["job"] = view["job"]
        return view


def _has(dependency: dict, event: str) -> bool:
    return any(target[1] == event for target in dependency["targets"])


def _changed(before: list | None, data: list) -> list:
    """The values after an update, which after the first one tells only what is different."""
    if before is None:
        return list(data)
    return [apply_diff(old, difference) for old, difference in zip(before, data, strict=True)]
