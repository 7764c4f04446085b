"""The runner that paints on borrowed GPUs, each picture in a process that is lent one for a while."""

import logging
import math
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

import torch

from ..engine.forecast import Pace, seconds
from ..engine.step import Step
from ..errors import StyleTransferError
from ..network.process import tune_process
from ..network.weights import DEFAULT_SOURCE
from ..pictures import Pictures
from ..settings import Settings
from . import errand, lender
from .crossing import newest_pictures
from .errand import Errand
from .job import Task
from .patience import patiently
from .resuming import anew_when_changed

_log = logging.getLogger(__name__)

# Seconds asked for: those of the forecast with room to spare, and some in which a process begins and the
# network reaches the GPU. Asking for more puts a visitor further back in the lender's line, asking for
# too little ends the picture in the middle. Guesses: no such GPU could be timed.
_BEGINNING, _ROOM = 10, 2.0
# Visitors without an account have two minutes a day, and a second of half a card counts one and a half.
LONGEST = 80
# The lender's line keeps a visitor for a minute, and no step takes long on a GPU. But a process that is
# killed while it hands over a picture leaves half of it, and `spaces` waits 20 minutes for the rest.
_PATIENCE = 120
# How many times as long as the reference machine a GPU takes, until the first picture says it. A
# cautious guess: two cores do about 0.1 TFLOP/s in float32, such a GPU more than a hundred times that.
_PACE = 0.05


class Borrowed:
    """The `Runner` of a server that has no GPU of its own and borrows one for each picture.

    Outside of the lent processes it never touches CUDA, which the lender forbids: nothing is tried out
    beforehand, and the pace is learned from the pictures painted.

    Args:
        source: as for `vgg.load_network`.
        precision: as for `vgg.load_network`.
        longest: seconds for which a GPU is asked for at most.
        lend: as `lender.lend`.
        patience: seconds without news after which a process is given up.

    Attributes:
        pace: how fast the borrowed GPUs are.
        places: how many pictures may be painted at the same time. The lender has its own line; this is
            for the server's processor, which draws the drafts and encodes what pages show.
    """

    places = 4

    def __init__(
        self,
        source: str = DEFAULT_SOURCE,
        precision: str | None = None,
        longest: int = LONGEST,
        lend: Callable[..., Any] = lender.lend,
        patience: float = _PATIENCE,
    ) -> None:
        self.source = source
        self.precision = precision
        self.longest = longest
        self.pace = Pace()
        self.pace.suppose(1, _PACE * self.pace.expected(1))
        self._patience = patience
        # The one function that touches the GPU.
        self._run = lend(errand.run, duration=errand.seconds_of)
        lender.fork_in_turn()

    def __call__(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        """The steps of one picture, as `stylize` yields them; each has the newest picture that crossed.

        What is sent cannot cross. So when settings change, the process is told to end, which it does at
        its next step, and the steps that are left are painted by a new call, from the picture so far.
        """
        yield from anew_when_changed(self._painted, pictures, settings)

    def prepare(self) -> None:
        """Tunes this process, and checks a network that was asked for.

        Raises:
            NetworkError: its weights are missing or wrong.
        """
        tune_process(torch.device("cpu"))  # before there are other threads
        if self.source != DEFAULT_SOURCE:
            errand.weights(self.source)

    def await_network(self) -> None:
        """Reads the network's weights.

        Raises:
            NetworkError: they are missing or wrong.
        """
        errand.weights(self.source)

    def load(self) -> None:
        """Reads the network's weights, which lent processes inherit, and tells the lender to begin."""
        try:
            errand.weights(self.source)
        except StyleTransferError as error:
            _log.error("%s", error)  # the first job tries again and tells its visitor
        lender.begin()

    def close(self) -> None:
        """Does nothing: a lent process is its lender's, who ends it."""

    def quota(self, seconds: float) -> int:
        """How many seconds of their daily time a visitor is asked for.

        Args:
            seconds: that the painting is expected to take.

        Raises:
            StyleTransferError: longer than a GPU can be asked for.
        """
        return lender.quota(self._asked(seconds))

    def in_turn(self, tasks: Sequence[Task]) -> Generator[tuple[int, Step]]:
        """The steps of several pictures, each with the index of its task, by one GPU for all of them."""
        asked = self._asked(sum(seconds(self.pace, *task) for task in tasks))
        sent = Errand(tasks, asked, self.source, self.precision)
        shown: dict[str, Any] = {}
        task = 0
        with lender.explained(asked), closing(patiently(self._run(sent), self._patience)) as news:
            for each in news:
                if isinstance(each, StyleTransferError):
                    raise each
                before = shown if each.task == task else {}
                shown = newest_pictures(each, before, tasks[each.task][0])
                task = each.task
                yield task, Step(**each.numbers, **shown)

    def _painted(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        """The steps of one picture, in which nothing can be adjusted."""
        with closing(self.in_turn([(pictures, settings)])) as steps:
            for _, step in steps:
                yield step

    def _asked(self, expected: float) -> int:
        """For how many seconds a GPU is asked for, to do what is expected to take so long.

        Raises:
            StyleTransferError: longer than a GPU can be asked for.
        """
        if _BEGINNING + expected > self.longest:
            raise StyleTransferError(
                "gpu_time_too_long", seconds=round(expected), most=self.longest - _BEGINNING
            )
        return min(self.longest, math.ceil(_BEGINNING + _ROOM * expected))
