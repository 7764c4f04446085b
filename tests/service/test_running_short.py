"""A run that memory ends keeps its picture and says why; the next one on the same server works."""

import contextlib
import gc

from styletransfer.engine.objective import Objective
from styletransfer.pictures import Pictures
from styletransfer.service.queue import Queue
from styletransfer.service.run import Run
from styletransfer.service.worker import Worker
from styletransfer.settings import Settings
from tests.support.allocator import NOTHING, Allocator
from tests.support.runner import no_draft
from tests.support.samples import painting, photo, small_network

PICTURES = Pictures(photo(), [painting().resize((200, 140))])
SMALL = Settings(size=512, steps=4, scales=1, brush_scale=0.5, style_loss="gram")


def objectives():
    return [each for each in gc.get_objects() if type(each) is Objective]


def test_the_next_run_works():
    earlier = objectives()  # of other tests
    worker = Worker("cpu")
    worker._network = small_network()
    allocator = Allocator()

    def runner(pictures, settings):
        with allocator, contextlib.closing(worker(pictures, settings)) as steps:
            for step in steps:
                allocator.room = NOTHING if settings.seed == 7 and step.number == 2 else allocator.room
                yield step

    queue = Queue(runner, no_draft)
    ended = queue.enter(Run(PICTURES, Settings(**vars(SMALL) | {"seed": 7})))
    assert ended.wait(120)
    assert ended.error.code == "memory_ran_out"
    assert ended.error.__traceback__ is None
    assert ended.view.number == 2  # the picture so far
    assert ended.view.image.size == (512, 342)
    assert [each for each in objectives() if each not in earlier] == []
    allocator.room = 10**9
    after = queue.enter(Run(PICTURES, SMALL))
    assert after.wait(120)
    assert after.error is None
    assert after.view.number == 4
