"""The time by which ages are told across restarts, robust to a computer's clock that is set anew."""

import time
from collections.abc import MutableMapping
from typing import Any

# Seconds of a pause between two servers that count at most. A clock that was wrong by days when one of
# them started would else delete everything; like this it spares the pictures of the last half day.
_LONGEST_PAUSE = 12 * 3600
_NOTED_EVERY = 60  # seconds
_READ = "read last"


class Clock:
    """Seconds since 1970, about: it begins by the computer's clock, and then only counts seconds.

    Args:
        notes: where it notes the time, so that the next server knows how long there was none.
        wall: what the computer's clock shows now; by default it is asked.
    """

    def __init__(self, notes: MutableMapping[str, Any], wall: float | None = None) -> None:
        now = time.time() if wall is None else wall
        before = notes.get(_READ)
        self._notes = notes
        if before is not None:
            now = before + min(max(now - before, 0.0), _LONGEST_PAUSE)
        self._offset = now - time.monotonic()
        self._noted = 0.0

    def now(self) -> float:
        """The time."""
        return self._offset + time.monotonic()

    def note(self, at_once: bool = False) -> None:
        """Notes the time, once in a while or at once."""
        now = self.now()
        if at_once or now - self._noted > _NOTED_EVERY:
            self._noted = now
            self._notes[_READ] = now

    def at(self, monotonic: float) -> float:
        """The time at which `time.monotonic` showed this, or will show it."""
        return self._offset + monotonic

    def monotonic(self, time: float) -> float:
        """What `time.monotonic` showed at this time, or would have shown before it began to count."""
        return time - self._offset
