"""Watching pictures: through lost lines, reloads and restarts, and with a look at what they show."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from .ledger import Known, Ledger
from .speaking import Lost, News, Refused, Session

_PATIENCE = 180  # seconds until somebody stops trying to see a picture


class Viewer:
    """Sees one visitor's pictures.

    Args:
        url: the proxy's.
        address: the visitor's network address.
        ledger: where everything is noted.
        random: decides how long the visitor waits before another try.
        clock: gives seconds, and stands while the server is down.
    """

    def __init__(
        self,
        url: str,
        address: str,
        ledger: Ledger,
        random: random.Random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._address = address
        self._ledger = ledger
        self._random = random
        self._clock = clock

    @asynccontextmanager
    async def tab(self, query: str = "") -> AsyncIterator[Session]:
        """A tab with the page in it, at an address with this query."""
        async with Session(self._url, self._address) as session:
            await session.open(query)
            yield session

    async def see(self, known: Known, tab: Session | None = None, stop: bool = False) -> bool:
        """Watches a picture to its end; where the line is lost, in another tab.

        Returns whether the first tab has seen it.

        Args:
            known: the picture.
            tab: where it is watched at first; by default in a new one.
            stop: whether the visitor presses Stop as soon as there is something to see.
        """
        until = self._clock() + _PATIENCE
        while self._clock() < until:
            try:
                if tab is not None:
                    await self._watch(tab, known, stop)
                    return True
                async with self.tab() as another:
                    await self._watch(another, known, stop)
                return False
            except Lost:
                self._ledger.line_lost()
            except Refused as error:
                self._ledger.refused(f"to see {known.id}", error, reason=False)
            tab = None
            await asyncio.sleep(self._random.uniform(0.3, 1.5))
        self._ledger.harmed("silent", f"{known.id} could not be seen for {_PATIENCE} s")
        return False

    async def see_by_name(self, known: Known) -> None:
        """Asks for a run as a program does, about once a second, until it has ended."""
        until = self._clock() + _PATIENCE
        while self._clock() < until:
            try:
                async with Session(self._url, self._address) as session:
                    news = await session.state(known.id)
            except Lost:
                self._ledger.line_lost()
            except Refused as error:
                self._ledger.refused(f"to ask for run {known.id}", error, reason=False)
            else:
                self._noted(known, news)
                if news.state != "going on":
                    return
            await asyncio.sleep(self._random.uniform(0.5, 1.5))
        self._ledger.harmed("silent", f"run {known.id} did not end within {_PATIENCE} s")

    async def reload(self, known: Known) -> None:
        """Watches until the first news, closes the tab, and comes back in another one."""
        async with self.tab() as tab, aclosing(tab.follow(known.id)) as told:
            async for news in told:
                self._noted(known, news)
                break
        self._ledger.runs["reloaded"] += 1
        await self.see(known)

    async def _watch(self, tab: Session, known: Known, stop: bool) -> None:
        async with aclosing(tab.follow(known.id)) as told:
            async for news in told:
                self._noted(known, news)
                if stop and news.state == "going on":
                    known.stopped = True
                    await tab.stop()
                    stop = False

    def _noted(self, known: Known, news: News) -> None:
        """Checks what a page has learnt of its picture."""
        if news.state == "gone":
            what = "was finished" if known.finished else "was begun"
            self._ledger.harmed("lost", f"{known.id} {what}, and is not known any more")
            known.deleted = True  # it is noted once
        elif news.state == "failed":
            reason = known.stopped and not known.finished  # stopped before there was a picture
            self._ledger.refused(f"{known.id} to be painted", Refused(news.said), reason)
            # While the disk is full it is not lost: it is come back to afterwards.
            known.deleted = not self._ledger.trouble
        else:
            done = news.state == "done"
            self._ledger.seen(known, news.picture, finished=done)
            if done and not known.finished:
                self._ledger.runs["stopped" if known.stopped else "finished"] += 1
                known.finished = True
