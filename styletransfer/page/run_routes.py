"""The routes by which a program starts a run and comes back to it: its state as JSON, and its picture.

They are served beside Gradio, whose stream of `/stylize` cannot be taken up again once it has dropped.
A program that waits for the end asks again and again, and each question may wait for a while. A call
from the server to an address of the program's choice would reach what the server reaches, such as other
programs on its network, and would not reach a program behind a router.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from ..errors import StyleTransferError, shown
from ..service.run import Run
from ..service.store import Store
from ..service.watching import Audience
from ..settings import knobs
from . import run_form
from .about import about
from .answers import HEADERS, refusal
from .api import PARAMETERS
from .finished import FORMATS
from .run_state import state_of

_LONGEST = 60  # seconds that a question may wait; many proxies end an answer that begins later


class RunRoutes:
    """`/runs`, `/runs/<name>` with `/stop` and `/picture.png` (or .jpg, .webp) behind it, and `/api`.

    Args:
        store: starts the runs and finds them.
        audience: in which those sit who wait for the end of a run.
    """

    def __init__(self, store: Store, audience: Audience) -> None:
        self._store = store
        self._audience = audience

    @property
    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/api", self._about),
            Route("/runs", self._begin, methods=["POST"]),
            Route("/runs/{name}", _refusing(self._state), methods=["GET"]),
            Route("/runs/{name}", _refusing(self._adjust), methods=["PATCH"]),
            Route("/runs/{name}", _refusing(self._delete), methods=["DELETE"]),
            Route("/runs/{name}/stop", _refusing(self._stop), methods=["POST"]),
            Route("/runs/{name}/picture.{suffix}", _refusing(self._picture)),
        ]

    async def _about(self, _: Request) -> Response:
        return JSONResponse(about(self._store.queue.limits), headers=HEADERS)

    async def _begin(self, request: Request) -> Response:
        return await run_form.begin(self._store, request)

    async def _state(self, request: Request) -> Response:
        run, seconds = self._found(request), _wait(request)
        if seconds and not run.finished:
            if self._audience.full:
                raise StyleTransferError("too_many_watch")
            await _end_of(run, self._audience, seconds)
        # Of a run that has ended, the picture may have to be read from the disk.
        told = await asyncio.to_thread(state_of, run) if run.finished else state_of(run)
        return JSONResponse(told, headers=HEADERS)

    async def _adjust(self, request: Request) -> Response:
        run = self._found(request)
        run.adjust(**_live(await _named_values(request)))
        if run.finished:
            raise StyleTransferError("run_ended")
        return JSONResponse(state_of(run), headers=HEADERS)

    async def _stop(self, request: Request) -> Response:
        run = self._found(request)
        run.stop()
        return JSONResponse(state_of(run), 202, HEADERS)

    async def _delete(self, request: Request) -> Response:
        await asyncio.to_thread(self._store.runs.delete, [self._found(request).id])
        return Response(status_code=204)

    async def _picture(self, request: Request) -> Response:
        run, suffix = self._found(request), f".{request.path_params['suffix']}"
        kept = run.finished and suffix in FORMATS.values()
        file = await asyncio.to_thread(self._store.files.result, run, suffix) if kept else None
        if file is None:
            raise StyleTransferError("run_without_picture")
        return FileResponse(file, headers=HEADERS)

    def _found(self, request: Request) -> Run:
        run = self._store.runs.find_run(request.path_params["name"])
        if run is None:
            raise StyleTransferError("run_gone")
        run.seen()
        return run


def _refusing(answer: Callable[[Request], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """The same function, which answers what it raises for people."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except StyleTransferError as error:
            return refusal(error)

    return answered


async def _named_values(request: Request) -> dict[str, Any]:
    """The values in a request's body, by name.

    Raises:
        StyleTransferError: it is no JSON object.
    """
    with contextlib.suppress(ValueError):
        values = await request.json()
        if isinstance(values, dict):
            return values
    raise StyleTransferError("body_not_json")


def _live(values: dict[str, Any]) -> dict[str, Any]:
    """The values, which are of settings that may change while a picture is painted.

    Raises:
        StyleTransferError: one is of another setting, or of none.
    """
    live = [knob.name for knob in knobs() if knob.live]
    for name in values:
        if name in PARAMETERS and name not in live:
            raise StyleTransferError("setting_not_live", setting=name, parameters=", ".join(live))
        if name not in PARAMETERS:
            raise StyleTransferError("no_such_parameter", value=shown(name), parameters=", ".join(live))
    return values


def _wait(request: Request) -> int:
    """For how many seconds the answer may wait for the end of the run.

    Raises:
        StyleTransferError: it is no number that is allowed.
    """
    text = request.query_params.get("wait", "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and int(text) <= _LONGEST):
        bounds = {"minimum": 0, "maximum": _LONGEST}
        raise StyleTransferError("not_a_whole_number", setting="wait", **bounds, value=shown(text))
    return int(text)


async def _end_of(run: Run, audience: Audience, seconds: int) -> None:
    """Waits until the run has ended, for so many seconds at most. That is watching, too."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds), aclosing(audience.watch(run)) as news:
            async for _ in news:
                pass
