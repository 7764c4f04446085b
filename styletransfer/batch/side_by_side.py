"""Several generators at the same time, each in a thread: what they yield comes as one stream."""

import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

# Seconds for which threads are waited for at an early end: most steps are over by then, and most files
# written. A thread that is in a longer step ends by itself.
_LAST_STEP = 2.0

Each = TypeVar("Each")


@dataclass(frozen=True)
class _Over:
    """A thread has ended: by an error, or because no generator was left."""

    error: BaseException | None = None


def side_by_side(
    generators: Iterable[Generator[Each]], places: int, patience: float = _LAST_STEP
) -> Generator[Each]:
    """What the generators yield: of one after the other, or of several at the same time.

    When this one is closed, or one of them raises, those at work are closed where they yield next.

    Args:
        generators: in the order in which they begin; taken from one thread at a time.
        places: how many are at work at the same time. With one there is no thread but this.
        patience: seconds for which those at work are waited for in the end.
    """
    if places == 1:
        for generator in generators:
            yield from generator
        return
    work = _Work(iter(generators))
    threads = [threading.Thread(target=work.do, name="batch", daemon=True) for _ in range(places)]
    for thread in threads:
        thread.start()
    try:
        yield from work.news(places)
    finally:
        work.stopping.set()
        until = time.monotonic() + patience
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


class _Work(Generic[Each]):
    """The generators that are left, and what has come of the others."""

    def __init__(self, generators: Iterator[Generator[Each]]) -> None:
        self.stopping = threading.Event()
        self._generators = generators
        self._taking = threading.Lock()
        self._news: SimpleQueue[Each | _Over] = SimpleQueue()

    def news(self, threads: int) -> Generator[Each]:
        """What the generators yield, until all threads have ended; raises what one of them raises."""
        while threads:
            each = self._news.get()
            if not isinstance(each, _Over):
                yield each
                continue
            threads -= 1
            if each.error is not None:
                raise each.error

    def do(self) -> None:
        """What a thread does."""
        try:
            while (generator := self._next()) is not None:
                self._run(generator)
        except BaseException as error:  # it is for whoever takes the news
            self._news.put(_Over(error))
        else:
            self._news.put(_Over())

    def _next(self) -> Generator[Each] | None:
        with self._taking:
            return None if self.stopping.is_set() else next(self._generators, None)

    def _run(self, generator: Generator[Each]) -> None:
        with closing(generator):
            for each in generator:
                self._news.put(each)
                if self.stopping.is_set():
                    return
