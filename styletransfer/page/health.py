"""`/healthz`: whether this server can paint, for whoever starts it anew if it cannot."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import StyleTransferError
from ..service.health import Health
from .answers import HEADERS


def route(health: Health) -> Route:
    """The route: 200, or 503 with the code of what is wrong.

    Strangers may ask, too, so the sentence, which may name files, is in the log only.
    """
    trial: asyncio.Task[StyleTransferError | None] | None = None

    async def healthy(_: Request) -> Response:
        nonlocal trial
        if trial is None or trial.done():  # else many who ask would take all the threads
            trial = asyncio.create_task(asyncio.to_thread(health.problem))
        problem = await asyncio.shield(trial)
        if problem is None:
            return JSONResponse({"healthy": True}, headers=HEADERS)
        return JSONResponse({"healthy": False, "code": problem.code}, 503, HEADERS)

    return Route("/healthz", healthy)
