"""How much one network address may do: requests a minute, uploads an hour, streams at a time."""

import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from .refusals import Refused

_MOST_ADDRESSES = 20_000  # that are remembered; some 4 MB


class Allowance:
    """What each address may spend: a bucket that is full at first and fills again evenly.

    Args:
        most: what the bucket holds.
        seconds: in which an empty bucket is full again.
        clock: the time in seconds.
    """

    def __init__(self, most: float, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._rate = most / seconds
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # amount at a time
        self._lock = threading.Lock()

    def spend(self, address: str, amount: float = 1) -> int:
        """Takes this amount out of the bucket of an address, if it is in there.

        Returns:
            0, or after how many whole seconds the amount will be there.
        """
        now = self._clock()
        with self._lock:
            left, then = self._left.pop(address, (self.most, now))
            left = min(self.most, left + (now - then) * self._rate)
            enough = left >= min(amount, self.most)
            self._left[address] = (left - amount if enough else left, now)
            if len(self._left) > _MOST_ADDRESSES:
                self._left.popitem(last=False)  # who has asked for nothing for the longest time
        return 0 if enough else max(1, math.ceil((min(amount, self.most) - left) / self._rate))

    def give_back(self, address: str, amount: float = 1) -> None:
        """Puts back what was spent in vain."""
        with self._lock:
            left, then = self._left.get(address, (self.most, self._clock()))
            self._left[address] = (min(self.most, left + amount), then)


class Held:
    """How many of something are held at a time, by each of several keys."""

    def __init__(self) -> None:
        self._held: Counter[Hashable] = Counter()

    @contextmanager
    def one(self, **most: tuple[Hashable, int]) -> Iterator[None]:
        """Holds one more for as long as the block runs.

        Args:
            most: for each kind of key: the key, and how many it may hold.

        Raises:
            Refused: one of the keys holds as many as it may.
        """
        keys = [(kind, key) for kind, (key, _) in most.items()]
        for kind, (key, limit) in most.items():
            if self._held[kind, key] >= limit:
                raise Refused("too_many_streams", most=limit)
        self._held.update(keys)
        try:
            yield
        finally:
            self._held.subtract(keys)
            for key in keys:
                if self._held[key] <= 0:
                    del self._held[key]


class Sessions:
    """Lets each address begin only so many sessions in a time.

    Gradio keeps the newest 2000 sessions and throws out the others with their streams, also of a run
    that somebody watches.

    Args:
        begun: what each address may begin.
    """

    _REMEMBERED = 4000

    def __init__(self, begun: Allowance) -> None:
        self._begun = begun
        self._known: OrderedDict[str, None] = OrderedDict()

    def check(self, address: str, session: str | None) -> None:
        """Counts a request's session if it is a new one, or if it has none and gets one.

        Raises:
            Refused: the address has begun too many.
        """
        if session is not None and session in self._known:
            self._known.move_to_end(session)
            return
        if wait := self._begun.spend(address):
            raise Refused("too_many_requests", seconds=wait)
        if session is not None:
            self._known[session] = None
            if len(self._known) > self._REMEMBERED:
                self._known.popitem(last=False)
