"""How far a batch is, told from made-up news: its parts, and the seconds that are left."""

from dataclasses import replace
from pathlib import Path

import pytest

from styletransfer.batch.manifest import Entry
from styletransfer.batch.plan import Item
from styletransfer.batch.progress import Progress
from styletransfer.batch.run import Ended, Stepped
from styletransfer.settings import Settings
from tests.support.steps import step


def item(number):
    return Item(Path(f"{number}.jpg"), (Path("wave.jpg"),), Path(f"out/{number}.png"))


def stepped(number, elapsed, remaining):
    newest = step(5, Settings(steps=9))
    return Stepped(item(number), replace(newest, elapsed=elapsed, remaining=remaining))


def ended(number, seconds=None, skipped=False):
    entry = Entry(f"{number}.png", f"{number}.jpg", ["wave.jpg"], "painted", seconds=seconds)
    return Ended(item(number), entry, skipped)


def progress(news, pictures):
    told = Progress(pictures)
    for each in news:
        told.take(each)
    return told


def test_nothing_is_said_of_the_time_before_the_first_step():
    told = progress([ended(0, skipped=True)], 3)
    assert told.left is None
    assert (told.done, str(told)) == (1, "picture 2 of 3")


@pytest.mark.parametrize(
    ("news", "pictures", "left"),
    [
        ([stepped(0, 6, 4)], 3, 24),  # 4 s of this one, and 10 s for each of two
        ([ended(0, 20), stepped(1, 6, 4)], 4, 4 + 2 * 15),
        ([ended(0, 20, skipped=True), stepped(1, 6, 4)], 4, 4 + 2 * 10),
        ([stepped(0, 6, 4), stepped(1, 2, 8)], 2, 8),  # until the later one
        ([stepped(0, 6, 4), stepped(1, 2, 8)], 3, 14),  # the third begins after 4 s
        ([stepped(0, 6, 4), stepped(1, 2, 8)], 102, 508),  # fifty more for each
        ([ended(0, 10), ended(1, 10)], 2, 0),
    ],
)
def test_what_is_left_is_until_the_last_place_has_painted_its_last(news, pictures, left):
    assert progress(news, pictures).left == pytest.approx(left)


def test_several_in_work_are_counted_with_their_parts():
    told = progress([ended(0, 10), stepped(1, 6, 4), stepped(2, 6, 4)], 9)
    assert told.done == pytest.approx(2)
    assert str(told) == "1 of 9 done, 2 in work"
    assert str(progress([stepped(1, 6, 4)], 9)) == "picture 1 of 9, step 5 of 9"
