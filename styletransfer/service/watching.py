"""How a page or an API client follows a job: it is woken one to three times a second."""

import asyncio
import time
from collections.abc import AsyncIterator

from .job import Job

# Seconds between two updates. More frequent updates overload browsers and connections; with rarer ones a
# closed tab would not be noticed in time.
_SHORTEST, _LONGEST = 1 / 3, 1.0
_LOOK_EVERY = 0.1


async def news(job: Job) -> AsyncIterator[None]:
    """Yields when there is news, at most 3 times and at least once a second, until the job ends.

    It also waits before it yields for the first time, so that the page has drawn the update that the
    caller sent before: Gradio sends only the differences between updates, and its page applies them to
    the previous update even if that has not been drawn yet.
    """
    told, seen = time.monotonic(), None
    with job.watched():
        while not job.finished:
            now, state = time.monotonic(), job.state
            if now - told >= (_LONGEST if state == seen else _SHORTEST):
                told, seen = now, state
                yield
            await asyncio.sleep(_LOOK_EVERY)
