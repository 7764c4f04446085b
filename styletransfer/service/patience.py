"""A generator that may hang, in a thread of its own: it is given up when nothing comes for too long."""

import contextvars
import itertools
import queue
import threading
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _End:
    error: Exception | None = None


def patiently(items: Generator[T], seconds: float) -> Generator[T]:
    """The items, as they come.

    Closing it closes `items` when the next of them comes, and waits for that.

    Args:
        items: is advanced and closed by another thread, in the caller's context.
        seconds: that an item is waited for.

    Raises:
        TimeoutError: none came for so long. The thread is left alone.
    """
    came: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
    enough = threading.Event()

    def advance() -> None:
        try:
            with closing(items):
                for item in itertools.takewhile(lambda _: not enough.is_set(), items):
                    came.put(item)
            came.put(_End())
        except Exception as error:
            came.put(_End(error))

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(advance,), name="patience", daemon=True)
    thread.start()
    hangs = False
    try:
        while True:
            try:
                item = came.get(timeout=seconds)
            except queue.Empty:
                hangs = True
                raise TimeoutError from None
            if not isinstance(item, _End):
                yield item
            elif item.error is None:
                return
            else:
                raise item.error
    finally:
        enough.set()
        if not hangs:
            thread.join(seconds)
