"""How pages and API clients follow a job: who watches it, and how often each of them is told of news."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from weakref import WeakKeyDictionary

from .job import Job

# Seconds between two updates. More frequent updates overload browsers and connections; with rarer ones a
# program that has gone would not be noticed in time.
_SHORTEST, _LONGEST = 1 / 3, 1.0
_LOOK_EVERY = 0.1

# All pages of one job together are sent so many updates a second. Each is a request for a picture, too:
# ten a second took two to four hundredths of a core (benchmarks/watchers.py).
_UPDATES = 30
_LOOKS = 1000  # that all pages together take at their jobs in a second
_SIGN_OF_LIFE = 10.0  # seconds after which a page is sent something even if there is no news
# A page that vanishes without a word counts as a watcher until it should have asked again.
_LEASE = 30.0  # seconds
_MOST, _MOST_OF_A_JOB = 1000, 20  # connections: of all jobs together, and of one


async def news(
    job: Job,
    shortest: Callable[[], float] = lambda: _SHORTEST,
    longest: float = _LONGEST,
    look_every: Callable[[], float] = lambda: _LOOK_EVERY,
) -> AsyncGenerator[None]:
    """Yields when there is news, until the job ends; it waits before it yields for the first time.

    Args:
        job: what is watched.
        shortest: gives the seconds that at least pass between two yields.
        longest: the seconds after which it yields even if there is no news.
        look_every: gives the seconds between two looks at the job.
    """
    told, seen = time.monotonic(), None
    while not job.finished:
        now, state, pause = time.monotonic(), job.state, shortest()
        if now - told >= (longest if state == seen else pause):
            told, seen = now, state
            yield
        await asyncio.sleep(look_every())


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
            async for _ in news(job, partial(self.pause, job), _SIGN_OF_LIFE, self._look_every):
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

    def pause(self, job: Job) -> float:
        """The seconds between two updates of a page: the more watch the same job, the longer."""
        return max(_SHORTEST, len(self._seats.get(job, ())) / _UPDATES)

    def _look_every(self) -> float:
        return max(_LOOK_EVERY, self.size / _LOOKS)
