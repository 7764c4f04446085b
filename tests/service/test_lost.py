"""A GPU that fails in the middle: the picture so far is kept, and the next visitor's run works."""

import contextlib
from dataclasses import replace

import torch

from styletransfer.pictures import Pictures
from styletransfer.service.queue import Queue
from styletransfer.service.run import Run
from styletransfer.service.worker import Worker
from styletransfer.settings import Settings
from tests.support.failing_gpu import FailingGpu
from tests.support.runner import no_draft
from tests.support.samples import painting, photo, small_network
from tests.support.steps import step

PICTURES = Pictures(photo(), [painting().resize((200, 140))])
SMALL = Settings(size=128, steps=3, scales=1, style_loss="gram", show_every=1)


class Loaded(Worker):
    """A worker whose network is quickly loaded; `asked` says on which devices it was."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def network(self):
        if self._network is None:
            self.asked.append(self.device)
            self._network = small_network()
        return self._network


def test_the_picture_so_far_is_kept_and_the_next_run_is_painted_on_the_processor(caplog):
    worker, gpu = Loaded(), FailingGpu()
    worker.pace.learn(1000, 5.0)

    def runner(pictures, settings):
        # What is painted on the processor has nothing to do with the GPU.
        on_gpu = gpu if worker.device is None else contextlib.nullcontext()
        with on_gpu, contextlib.closing(worker(pictures, settings)) as steps:
            for each in steps:
                gpu.failed = each.number == 2
                yield each

    queue = Queue(runner, no_draft)
    ended = queue.enter(Run(PICTURES, SMALL))
    assert ended.wait(120)
    assert ended.error.code == "device_lost"
    assert ended.error.__traceback__ is None
    assert (ended.view.number, ended.view.image.size) == (2, (128, 85))
    assert worker.pace.factor == 1  # the processor has a pace of its own
    assert "on the processor until the server is started anew" in caplog.text
    after = queue.enter(Run(PICTURES, SMALL))
    assert after.wait(120)
    assert after.error is None
    assert after.view.number == 3
    assert worker.asked == [None, "cpu"]


def test_a_gpu_that_failed_between_two_runs_is_noticed_before_the_first_step():
    worker, gpu = Loaded(), FailingGpu()
    worker.network()
    with gpu:
        gpu.failed = True
        steps = worker(PICTURES, SMALL)
        with contextlib.suppress(RuntimeError):  # of the processor, whose operations fail here as well
            next(steps)
    assert worker.asked == [None, "cpu"]


def test_where_the_newest_picture_is_lost_with_the_gpu_the_one_before_is_kept():
    run = Run(PICTURES, SMALL)
    run.take(step(1, SMALL))
    lost = torch.empty(1, 3, 2, 2, device="meta")  # has a shape, but cannot be fetched
    run.take(replace(step(2, SMALL), pixels=lost, due=False))
    run.finish()
    assert run.error.code == "server_failed"
    assert run.view.number == 1
    assert run.view.image.size == (2, 2)
