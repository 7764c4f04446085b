"""How long who waits in a line has to wait, where several are served at the same time."""

import heapq
from collections.abc import Sequence


def wait(left: Sequence[float], places: int) -> float:
    """The seconds until the next one in the line begins: as soon as a place is free.

    Args:
        left: the seconds that each one before takes from when it begins, in the order of the line; of
            those that have begun what is left.
        places: how many are served at the same time.
    """
    if len(left) < places:
        return 0.0
    ends = list(left[:places])
    heapq.heapify(ends)
    for seconds in left[places:]:
        heapq.heappush(ends, heapq.heappop(ends) + seconds)
    return ends[0]
