"""How long a line takes: until one who waits begins, and until all have been served."""

import pytest

from styletransfer.service.line import wait, wait_for_all


@pytest.mark.parametrize(
    ("left", "places", "seconds"),
    [
        ([], 1, 0),
        ([10], 2, 0),
        ([10], 1, 10),
        ([10, 20, 30], 1, 60),
        ([10, 4], 2, 4),  # as soon as the first of the two has ended
        ([10, 4, 3, 9], 2, 10),  # 4, then 3 more on the same place: 7; the other one: 10, and 16 after 7
        ([10, 4, 3, 1], 2, 8),
        ([5, 5, 5, 5], 4, 5),
    ],
)
def test_the_next_one_begins_when_a_place_is_free(left, places, seconds):
    assert wait(left, places) == seconds


def test_more_places_never_make_a_wait_longer():
    left = [7, 3, 9, 2, 8, 4, 6]
    waits = [wait(left, places) for places in range(1, 9)]
    assert waits == sorted(waits, reverse=True)
    assert (waits[0], waits[-1]) == (sum(left), 0)


@pytest.mark.parametrize(
    ("left", "places", "seconds"),
    [
        ([10], 2, 10),
        ([10, 20, 30], 1, 60),
        ([10, 4], 2, 10),
        ([10, 4, 3, 9], 2, 16),  # 4, then 3 and 9 on the same place
        ([5, 5, 5, 5], 4, 5),
    ],
)
def test_all_have_been_served_when_the_last_place_has(left, places, seconds):
    assert wait_for_all(left, places) == seconds
