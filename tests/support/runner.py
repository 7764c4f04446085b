"""A runner for tests of the queue, whose steps wait for the test. It does not measure time."""

import contextvars
import threading
from queue import SimpleQueue

from styletransfer.pictures import Pictures
from styletransfer.service.run import Run
from styletransfer.settings import Settings
from tests.support.steps import picture, step

PATIENCE = 20  # seconds until a test that hangs has failed

visitor = contextvars.ContextVar("visitor", default="nobody")


class Runner:
    """A runner that paints nothing: a step waits for `release`, and `events` records what happens."""

    def __init__(self):
        self.events = SimpleQueue()
        self._released = threading.Semaphore(0)
        self.fails = None  # an exception to raise instead of the second step
        self.at_once = 0
        self.most_at_once = 0

    def __call__(self, pictures, settings):
        self.given = (pictures.masks, pictures.start)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.events.put(("began", settings.seed, visitor.get()))
        try:
            for number in range(1, settings.steps + 1):
                assert self._released.acquire(timeout=PATIENCE)
                if self.fails and number == 2:
                    raise self.fails
                yield step(number, settings)
                # The job has taken the step and asks for the next one.
                self.events.put(("step", settings.seed, number))
        finally:
            self.at_once -= 1
            self.events.put(("closed", settings.seed))

    def release(self, steps=1):
        for _ in range(steps):
            self._released.release()

    def event(self):
        return self.events.get(timeout=PATIENCE)


def start(queue, seed=1, steps=3, **settings):
    """Starts a job, which the runner's events name by its seed."""
    return queue.enter(
        Run(Pictures(picture(), [picture()]), Settings(seed=seed, steps=steps, **settings))
    )


def no_draft(content, styles):
    """A drafter that has none.

    The real one's threads would still be at work when the tests end, and abort the process.
    """
