"""One address with several GPUs: who is painted for at the same time, by made-up processes."""

import threading

import pytest

from styletransfer.pictures import Pictures
from styletransfer.service.contact_sheet import CELLS, ContactSheet, by_strength
from styletransfer.service.crossing import news_of
from styletransfer.service.devices import Devices
from styletransfer.service.queue import Busy, Limits, Queue
from styletransfer.service.run import Run
from styletransfer.service.visitor import Visitor
from styletransfer.settings import Settings
from tests.support.runner import PATIENCE, no_draft
from tests.support.steps import picture, step

ADA, GRACE = Visitor("home", "Ada"), Visitor("office", "Grace")
PICTURES = Pictures(picture(), [picture()])


@pytest.fixture
def painted():
    """The device of each run that has been painted."""
    return []


@pytest.fixture
def painter(painted):
    """A function that makes a class of painters, which paint as soon as so many runs have begun."""

    def made(runs):
        together = threading.Barrier(runs)

        class Painter:
            lost, free = False, float("inf")

            def __init__(self, equipment):
                self.device = equipment.device

            def news(self, pictures, settings):
                together.wait(PATIENCE)
                painted.append(self.device)
                return news_of(step(number, settings) for number in range(1, settings.steps + 1))

        return Painter

    return made


@pytest.mark.parametrize("visitors", [(ADA, GRACE), (ADA, ADA)], ids=["two visitors", "one visitor"])
def test_two_runs_are_painted_at_once_on_two_devices(visitors, painter, painted):
    queue = Queue(Devices(["cuda:0", "cuda:1"], start=painter(runs=2)), no_draft)
    jobs = [queue.enter(Run(PICTURES, Settings(steps=3), visitor)) for visitor in visitors]
    assert all(job.wait(PATIENCE) for job in jobs)
    assert [job.error for job in jobs] == [None, None]
    assert set(painted) == {"cuda:0", "cuda:1"}


def test_a_free_device_does_not_raise_the_limit_of_a_visitor(painter, painted):
    limits = Limits(per_visitor=1)
    queue = Queue(Devices(["cuda:0", "cuda:1"], start=painter(runs=2)), no_draft, limits)
    first = queue.enter(Run(PICTURES, Settings(steps=3), ADA))
    with pytest.raises(Busy):
        queue.enter(Run(PICTURES, Settings(steps=3), ADA))
    other = queue.enter(Run(PICTURES, Settings(steps=3), GRACE))
    assert first.wait(PATIENCE)
    assert other.wait(PATIENCE)
    assert len(painted) == 2


def test_nine_looks_are_painted_by_the_devices_too(painter, painted):
    queue = Queue(Devices(["cuda:0"], start=painter(runs=1)), no_draft)
    sheet = queue.enter(ContactSheet(PICTURES, by_strength(PICTURES, Settings())))
    assert sheet.wait(PATIENCE)
    assert (sheet.error, sheet.painted) == (None, CELLS)
    assert painted == ["cuda:0"] * CELLS
