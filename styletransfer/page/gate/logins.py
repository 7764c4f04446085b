"""Who is logged in: secrets that browsers keep in a cookie, known to this server until they end."""

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

LASTS = 30 * 86_400  # seconds
# Logins of one user that count at a time. A school class shares an account; a program that logs in for
# every picture must not fill the memory.
_MOST = 1000


class Logins:
    """The logins of this server, which end with it, by logging out, or after `LASTS` seconds.

    A signed cookie would need no memory, but could not be ended: a copy of it would stay valid.

    Args:
        clock: the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._until: dict[str, OrderedDict[bytes, float]] = {}  # by the user, then by the secret's hash
        self._lock = threading.Lock()

    def begin(self, user: str) -> str:
        """The secret of a new login. The user's oldest one ends if there are too many."""
        secret = secrets.token_urlsafe(32)
        with self._lock:
            logins = self._until.setdefault(user, OrderedDict())
            logins[_hash(secret)] = self._clock() + LASTS
            if len(logins) > _MOST:
                logins.popitem(last=False)
        return secret

    def holds(self, secret: str) -> bool:
        """Whether this is the secret of a login that has not ended."""
        hashed = _hash(secret)
        with self._lock:
            until = next((each[hashed] for each in self._until.values() if hashed in each), 0.0)
        return until > self._clock()

    def end(self, secret: str) -> None:
        """Ends a login, so that no copy of its secret is worth anything."""
        with self._lock:
            for logins in self._until.values():
                logins.pop(_hash(secret), None)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
