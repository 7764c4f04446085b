"""How a page or a client follows a job: told of what is new, neither too often nor too seldom."""

import asyncio
import time
from collections.abc import AsyncIterator

from .queue import Job

# Seconds. More often than that browsers and lines suffer; more seldom, a lost tab goes unnoticed.
_SOONEST, _LATEST, _GLANCE = 1 / 3, 1.0, 0.1


async def news(job: Job) -> AsyncIterator[None]:
    """Says when there is something new, at most 3 times and at least once a second, until the end.

    The first time, too, leaves the caller's own first look to be drawn: Gradio sends what has changed
    since, and its page writes that into the update before, even if it has not been drawn yet.
    """
    told, seen = time.monotonic(), None
    with job.watched():
        while not job.finished:
            now = time.monotonic()
            new = (job.step, job.ahead, job.view)
            if now - told >= (_LATEST if new == seen else _SOONEST):
                told, seen = now, new
                yield
            await asyncio.sleep(_GLANCE)
