"""How pages and API clients follow a job: who watches it, and how often each of them is told of news."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from .job import Job

# Seconds between two updates. More frequent updates overload browsers and connections; with rarer ones a
# program that has gone would not be noticed in time.
_SHORTEST, _LONGEST = 1 / 3, 1.0
_LOOKS = 4  # at the job in the shortest time between two updates

# All pages together are sent so many updates a second: each is a request for a picture as well, and a
# hundred of them take a fifth of a core (benchmarks/watchers.py).
_A_SECOND = 100
_SIGN_OF_LIFE = 10.0  # seconds after which a page is sent something even if there is no news
# A page that vanishes without a word counts as a watcher until it should have asked again.
_LEASE = 30.0  # seconds
_MOST, _MOST_OF_A_JOB = 1000, 20  # connections: of all jobs together, and of one


async def news(
    job: Job, shortest: Callable[[], float] = lambda: _SHORTEST, longest: float = _LONGEST
) -> AsyncGenerator[None]:
    """Yields when there is news, until the job ends; it waits before it yields for the first time.

    Args:
        job: what is watched.
        shortest: gives the seconds that at least pass between two yields.
        longest: the seconds after which it yields even if there is no news.
    """
    told, seen = time.monotonic(), None
    while not job.finished:
        now, state, pause = time.monotonic(), job.state, shortest()
        if now - told >= (max(longest, pause) if state == seen else pause):
            told, seen = now, state
            yield
        await asyncio.sleep(pause / _LOOKS)


class Audience:
    """The pages that watch the jobs of this server.

    Args:
        most: how many may watch at once.
        lease: the seconds after which each of them has to ask again.

    Attributes:
        size: how many are watching.
        lease: as given.
    """

    def __init__(self, most: int = _MOST, lease: float = _LEASE) -> None:
        self.size = 0
        self.lease = lease
        self._most = most
        self._seats: WeakKeyDictionary[Job, OrderedDict[object, None]] = WeakKeyDictionary()

    @property
    def full(self) -> bool:
        """Whether nobody else may watch."""
        return self.size >= self._most

    async def watch(self, job: Job) -> AsyncGenerator[None]:
        """Yields at once, then when there is news or a sign of life is due.

        It ends with the job, or when too many others have come to watch the same job.
        """
        with self._seated(job) as is_seated, job.watched():
            yield
            async for _ in news(job, self._pause, _SIGN_OF_LIFE):
                if not is_seated():
                    return
                yield

    @contextmanager
    def _seated(self, job: Job) -> Iterator[Callable[[], bool]]:
        """A seat to watch this job from, and a function that says whether it has not been taken away."""
        seats, seat = self._seats.setdefault(job, OrderedDict()), object()
        seats[seat] = None
        if len(seats) > _MOST_OF_A_JOB:
            seats.popitem(last=False)
        self.size += 1
        try:
            yield lambda: seat in seats
        finally:
            self.size -= 1
            seats.pop(seat, None)

    def _pause(self) -> float:
        """The seconds between two updates of one page: the more watch, the longer."""
        return max(_SHORTEST, self.size / _A_SECOND)
