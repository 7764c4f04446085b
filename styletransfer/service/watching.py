"""How a page or a client follows a job: told of what is new, neither too often nor too rarely."""

import asyncio
import time
from collections.abc import AsyncIterator

from .job import Job

# Seconds. More often than the first, browsers and connections suffer; less often than the second, a tab
# that was closed goes unnoticed.
_SHORTEST, _LONGEST = 1 / 3, 1.0
_LOOK_EVERY = 0.1


async def news(job: Job) -> AsyncIterator[None]:
    """Yields when there is something new, at most 3 times and at least once a second, until the end.

    It waits before the first time, too, so that the page has drawn what the caller sent on its own:
    Gradio sends only what has changed since, and its page writes that into the update before, even if
    that one has not been drawn yet.
    """
    told, seen = time.monotonic(), None
    with job.watched():
        while not job.finished:
            now, state = time.monotonic(), job.state
            if now - told >= (_LONGEST if state == seen else _SHORTEST):
                told, seen = now, state
                yield
            await asyncio.sleep(_LOOK_EVERY)
