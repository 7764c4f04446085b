"""Connections that cost something: limits before a request has even been read.

uvicorn waits for the headers of a request as long as it takes, so that sockets on which nothing is said
would use up the process's file descriptors.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from .addresses import counted

# Seconds for the headers of a request, counted from its first byte or the beginning of the connection.
HEADERS_WITHIN = 15
_DESCRIPTORS = 65_536  # as many as this, if the system allows
_RESERVE = 200  # descriptors for files, pipes and connections to other servers


def raise_descriptors() -> int:
    """Raises the limit of open files as far as allowed, and returns how many connections fit into it."""
    try:
        import resource
    except ImportError:  # on Windows, where sockets are not files
        return 2000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    if soft == resource.RLIM_INFINITY:
        soft = _DESCRIPTORS
    # A connection that streams a file holds the file, too.
    return max(50, (soft - _RESERVE) // 2)


class Seldom(logging.Filter):
    """Lets the message that descriptors have run out pass once a minute; asyncio has thousands a second.

    Args:
        clock: the time in seconds.
    """

    _PAUSE = 60

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said = -math.inf

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this is another message, or a minute has passed since the last one."""
        if not record.getMessage().startswith("socket.accept() out of system resource"):
            return True
        if self._clock() - self._said < self._PAUSE:
            return False
        self._said = self._clock()
        return True


class Connections:
    """Counts the connections of each address, and all of them.

    Args:
        most: that one address may hold.
        in_all: that all addresses together may hold.
        trusts: whether an address is that of a proxy, which may hold any number of them.
    """

    def __init__(self, most: int, in_all: float, trusts: Callable[[str], bool]) -> None:
        self._most = most
        self._in_all = in_all
        self._trusts = trusts
        self._held: Counter[str] = Counter()
        self._number = 0

    def enter(self, peer: str) -> bool:
        """Counts one more; false if it is one too many, which `leave` has to be told all the same."""
        self._number += 1
        self._held[counted(peer)] += 1
        few = self._held[counted(peer)] <= self._most or self._trusts(peer)
        return few and self._number <= self._in_all

    def leave(self, peer: str) -> None:
        """Counts one less."""
        self._number -= 1
        self._held[counted(peer)] -= 1
        if self._held[counted(peer)] <= 0:
            del self._held[counted(peer)]


class PatientProtocol(H11Protocol):
    """uvicorn's protocol with a limit of connections, and a clock for the headers of requests.

    Args:
        held: the connections.
        patience: seconds for headers.
        options: what uvicorn makes a protocol with.
    """

    def __init__(self, held: Connections, patience: float = HEADERS_WITHIN, **options: Any) -> None:
        super().__init__(**options)
        self._held = held
        self._patience = patience
        self._clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Counts the connection, and begins to wait for the headers of a request."""
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""
        if not self._held.enter(self._peer):
            transport.abort()
        self._look_at_the_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts the connection no longer."""
        self._held.leave(self._peer)
        self._stop_the_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on, and looks whether headers are still waited for."""
        super().data_received(data)
        self._look_at_the_clock()

    def _unsupported_upgrade_warning(self) -> None:
        """Says nothing: uvicorn would log two lines, and advise a library that is not needed here."""

    def _look_at_the_clock(self) -> None:
        """Starts the clock when headers are waited for, and stops it when they have come."""
        if self.conn.their_state is not h11.IDLE:
            self._stop_the_clock()
        elif self._clock is None:
            self._clock = self.loop.call_later(self._patience, self._give_up)

    def _stop_the_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _give_up(self) -> None:
        self._clock = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()
