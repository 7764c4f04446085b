"""A visitor of the page without a browser: sends the events that the page sends."""

import json
import re
import secrets
import time
from pathlib import Path
from typing import Any

import httpx

_JOB = re.compile(r'data-job=\\?"([\w-]+)')
_TIMEOUT = 120.0  # seconds


class Page:
    """The events of a page, as its configuration lists them, and its components' first values."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._components = {each["id"]: each for each in config["components"]}
        self._events: dict[tuple[str, str], dict[str, Any]] = {}
        for event in config["dependencies"]:
            for target, kind in event["targets"]:
                name = self._name(target)
                if event["backend_fn"] and name:
                    self._events.setdefault((name, kind), event)

    def _name(self, id: int) -> str:
        return self._components.get(id, {}).get("props", {}).get("elem_id") or ""

    def call(self, name: str, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        """The body of the request for an event of a component.

        Args:
            name: the component's element id.
            kind: such as "click".
            values: of components that differ from their first values, by element id.
        """
        event = self._events[name, kind]
        props = (self._components[id]["props"] for id in event["inputs"])
        data = [values.get(each.get("elem_id"), each.get("value")) for each in props]
        return {"data": data, "fn_index": event["id"], "trigger_id": event["targets"][0][0]}


class Visitor:
    """One visitor, with a session of its own.

    Args:
        client: with the page's address as its base.
        page: the page's events.
    """

    def __init__(self, client: httpx.AsyncClient, page: Page) -> None:
        self._client = client
        self._page = page
        self._session = secrets.token_hex(6)

    async def upload(self, file: Path) -> dict[str, Any]:
        """Hands a picture in, and returns the value of its box."""
        answer = await self._client.post(
            "/gradio_api/upload", files={"files": (file.name, file.read_bytes())}, timeout=_TIMEOUT
        )
        return {"path": answer.json()[0], "meta": {"_type": "gradio.FileData"}}

    async def event(self, name: str, kind: str, **values: Any) -> str:
        """Sends an event as `Page.call` has it, and returns all that was answered."""
        body = self._page.call(name, kind, values) | {"session_hash": self._session}
        joined = await self._client.post("/gradio_api/queue/join", json=body, timeout=_TIMEOUT)
        joined.raise_for_status()
        url, said = f"/gradio_api/queue/data?session_hash={self._session}", []
        async with self._client.stream("GET", url, timeout=_TIMEOUT) as stream:
            async for line in stream.aiter_lines():
                said.append(line)
                if line.startswith("data:") and json.loads(line[5:])["msg"] == "process_completed":
                    return "\n".join(said)
        raise RuntimeError(f"the server has not answered {kind} of {name}")

    async def paint(self, values: dict[str, Any]) -> str:
        """Presses Paint, and returns the id of the job."""
        said = await self.event("paint", "click", **values)
        if job := _JOB.search(said):
            return job[1]
        raise RuntimeError(f"no job was started: {said[-2000:]}")


async def timed(awaitable: Any) -> tuple[float, Any]:
    """The seconds until the answer, and the answer."""
    began = time.perf_counter()
    answer = await awaitable
    return time.perf_counter() - began, answer
