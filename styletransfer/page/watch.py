"""The routes by which a page watches its job: server-sent events, and the newest picture.

They are served beside Gradio, which runs only so many events at once: whoever waits or watches must not
hold one of them. `static/watch.js` reads the events, and puts what they say into Gradio's components.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Send

from ..service.job import Job
from ..service.previews import Previews
from ..service.run import Run
from ..service.runs import Runs
from ..service.watching import Audience
from . import contact_sheet, placard
from .i18n.translate import Words

_STREAM = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # or a proxy would collect the events
}
_PICTURE = {
    # Each picture has its own address. The page shows it twice, so the browser has to keep it a while.
    "Cache-Control": "private, max-age=60",
    "X-Content-Type-Options": "nosniff",
}
# An event, because scripts see no comments, and notice by it that a connection is dead.
_SIGN_OF_LIFE = "event: alive\ndata: alive\n\n"
_RENEW = "event: renew\ndata: renew\n\n"
# Milliseconds after which a browser tries again when the connection is lost.
_RETRY = "retry: 2000\n\n"


class Watch:
    """The routes in one language; those of all languages share everything but the texts.

    Args:
        runs: finds the jobs.
        audience: who watches them.
        previews: their newest pictures.
        texts: the texts in the page's language.
    """

    def __init__(self, runs: Runs, audience: Audience, previews: Previews, texts: Words) -> None:
        self._runs = runs
        self._audience = audience
        self._previews = previews
        self._texts = texts
        self._newest: WeakKeyDictionary[Job, tuple[Any, str]] = WeakKeyDictionary()

    @property
    def routes(self) -> list[Route]:
        """`/watch/<id>`, and `/watch/<id>/<number>.jpeg`, which is always the newest picture."""
        return [
            Route("/watch/{id}", self._watched),
            Route("/watch/{id}/{number:int}.jpeg", self._picture),
        ]

    async def _watched(self, request: Request) -> Response:
        if self._audience.full:
            return PlainTextResponse("Too many are watching.", 503, {"Retry-After": "10"})
        job = self._runs.find(request.path_params["id"])
        return _Stream(self.events(job), self._audience.lease)

    async def events(self, job: Job | None) -> AsyncGenerator[str]:
        """What is sent to a page that watches this job, or asks for one that is no longer kept."""
        yield _RETRY
        if job is None:
            yield _over("gone")
            return
        try:
            async with aclosing(self._told(job)) as told:
                async for event in told:
                    yield event
        finally:
            self._newest.pop(job, None)  # it holds a step
            if job.finished:
                self._previews.forget(job)

    async def _told(self, job: Job) -> AsyncGenerator[str]:
        """News, or else signs of life, until the page has to ask again or the job has ended."""
        until, told = time.monotonic() + self._audience.lease, ""
        async with aclosing(self._audience.watch(job)) as awake:
            async for _ in awake:
                if job.finished or job.forgotten:
                    break
                news = await self._news(job)
                yield _SIGN_OF_LIFE if news == told else news
                told = news
                if time.monotonic() >= until:
                    yield _RENEW
                    return
        if job.finished or job.forgotten:
            yield _over("deleted" if job.forgotten else "ended")

    async def _news(self, job: Job) -> str:
        """An event with everything that is to be shown, made once for all who watch."""
        state = job.state
        made = self._newest.get(job)
        if made is None or made[0] != state:
            made = state, await self._previews.in_thread(self._rendered, job)
            self._newest[job] = made
        return made[1]

    def _rendered(self, job: Job) -> str:
        news: dict[str, Any]
        if isinstance(job, Run):
            news = {
                "status": placard.progress(job, self._texts),
                "picture": self._previews.number(job),
            }
        else:
            news = contact_sheet.news(job, self._texts)
        return f"data: {json.dumps(news)}\n\n"

    async def _picture(self, request: Request) -> Response:
        run = self._runs.find_run(request.path_params["id"])
        if run is None:
            return PlainTextResponse(
                "This picture is no longer kept.", 404, {"Cache-Control": "no-store"}
            )
        picture, kind = await self._previews.encoded(run)
        return Response(picture, media_type=kind, headers=_PICTURE)


class _Stream(StreamingResponse):
    """Server-sent events, which end when they have not been taken for some seconds.

    Args:
        events: the events.
        patience: the seconds.
    """

    def __init__(self, events: AsyncGenerator[str], patience: float) -> None:
        super().__init__(events, media_type="text/event-stream", headers=_STREAM)
        self._events = events
        self._patience = patience

    async def stream_response(self, send: Send) -> None:
        """Sends the events. Without a reader the generator is closed, so that it watches nothing."""

        async def taken(message: Message) -> None:
            async with asyncio.timeout(self._patience):
                await send(message)

        try:
            await super().stream_response(taken)
        except TimeoutError:
            await self._events.aclose()
            await asyncio.Event().wait()  # until the connection is closed, which cancels this


def _over(how: str) -> str:
    """The last event: the job has ended, has been deleted, or is not known."""
    return f"event: over\ndata: {how}\n\n"
