"""Threads in which each visitor has only a few calls at a time, so that nobody's line is everybody's."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Turns:
    """Runs functions in threads; of each asker only a few at once, the others when these have ended.

    Args:
        threads: for all askers together.
        most: calls of one asker that run at once.
        name: of the threads.
    """

    def __init__(self, threads: int, most: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = most
        self._lock = threading.Lock()
        self._running: Counter[Hashable] = Counter()
        self._waiting: defaultdict[Hashable, deque[Callable[[], None]]] = defaultdict(deque)

    def submit(self, asker: Hashable, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """What the function will return, called in a thread when it is this asker's turn."""
        result: Future[Any] = Future()

        def call() -> None:
            try:
                if result.set_running_or_notify_cancel():
                    result.set_result(function(*arguments))
            except BaseException as error:  # it is for whoever waits for the result
                result.set_exception(error)
            finally:
                self._ended(asker)

        with self._lock:
            self._waiting[asker].append(call)
            self._begin(asker)
        return result

    def _ended(self, asker: Hashable) -> None:
        with self._lock:
            self._running[asker] -= 1
            self._begin(asker)
            if not self._running[asker]:  # and then nothing waits, either
                del self._running[asker], self._waiting[asker]

    def _begin(self, asker: Hashable) -> None:
        """Begins the asker's next call, if there is one and it may run; the lock is held."""
        if self._waiting[asker] and self._running[asker] < self._most:
            self._running[asker] += 1
            self._pool.submit(self._waiting[asker].popleft())
