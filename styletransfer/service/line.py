"""How long a line takes, where several in it are served at the same time."""

import heapq
from collections.abc import Sequence


def wait(left: Sequence[float], places: int) -> float:
    """The seconds until the next one in the line begins: as soon as a place is free.

    Args:
        left: the seconds that each one before takes from when it begins, in the order of the line; of
            those that have begun what is left.
        places: how many are served at the same time.
    """
    return _ends(left, places)[0] if len(left) >= places else 0.0


def wait_for_all(left: Sequence[float], places: int) -> float:
    """The seconds until the last one in the line has been served.

    Args:
        left: as for `wait`; not empty.
        places: as for `wait`.
    """
    return max(_ends(left, places))


def _ends(left: Sequence[float], places: int) -> list[float]:
    """When each place has served its last one, as a heap."""
    ends = list(left[:places])
    heapq.heapify(ends)
    for seconds in left[places:]:
        heapq.heappush(ends, heapq.heappop(ends) + seconds)
    return ends
