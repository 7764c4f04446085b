"""The runner that paints on several devices of this machine, each with a process of its own.

A process is started once and loads the network once. One that is lost, whatever has ended it, is
replaced by a new one, and its run goes on from the newest picture that has come.
"""

import logging
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from queue import SimpleQueue

import torch

from ..engine.forecast import Pace, try_out
from ..engine.memory import available
from ..engine.step import Step
from ..errors import DeviceError, StyleTransferError, shown
from ..network.vgg import choose_device
from ..network.weights import DEFAULT_SOURCE, load_weights
from ..pictures import Pictures
from ..settings import Settings
from .crossing import steps_of
from .painter import Painter
from .painter_process import Equipment
from .resuming import PainterLost, despite_losses
from .worker import TRIALS

_log = logging.getLogger(__name__)


class Devices:
    """The `Runner` of several devices, which paints as many pictures at the same time.

    Args:
        devices: their names, as for `vgg.load_network`; `cpu` twice is two processes, which share its
            cores.
        source: as for `vgg.load_network`.
        precision: as for `vgg.load_network`.
        keeps_targets: as for `Equipment`.
        start: makes a painter of its equipment.

    Attributes:
        places: how many pictures may be painted at the same time.
        pace: how fast the devices are, taken together as one kind of device.
    """

    def __init__(
        self,
        devices: Sequence[str],
        source: str = DEFAULT_SOURCE,
        precision: str | None = None,
        keeps_targets: bool = False,
        start: Callable[[Equipment], Painter] = Painter,
    ) -> None:
        self.places = len(devices)
        self.pace = Pace()
        self.source = source
        on_cores = sum(device.startswith("cpu") for device in devices)
        sharers = [on_cores if device.startswith("cpu") else 1 for device in devices]
        self._equipment = [
            Equipment(device, source, precision, share, keeps_targets)
            for device, share in zip(devices, sharers, strict=True)
        ]
        self._start = start
        self._painters: list[Painter | None] = [None] * len(devices)
        self._idle: SimpleQueue[int] = SimpleQueue()  # places in `_painters`
        for place in range(self.places):
            self._idle.put(place)
        self._changing = threading.Lock()
        self._closed = False
        self._begun = threading.Event()  # set when the first visitor's picture begins

    def __call__(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        """The steps of one picture; each has the newest picture that has crossed."""
        self._begun.set()
        return despite_losses(self._painted, pictures, settings)

    def prepare(self) -> None:
        """Checks that there are these devices, and a network that was asked for.

        Raises:
            DeviceError: there is no such device here.
            NetworkError: the weights are missing or wrong.
        """
        for each in self._equipment:
            choose_device(each.device)
        if self.source != DEFAULT_SOURCE:
            load_weights(self.source)

    def await_network(self) -> None:
        """Starts the processes, and waits until each has loaded its network.

        Raises:
            StyleTransferError: as `load_network`, for one of them.
        """
        for painter in [self._painter(place) for place in range(self.places)]:
            with suppress(PainterLost):  # which is found out again by the first run
                self.pace.precision = painter.precision()

    def load(self) -> None:
        """Starts the processes, and in the background times what they paint with."""
        for place in range(self.places):
            self._painter(place)
        threading.Thread(target=self._try_out, daemon=True).start()

    def free_memory(self) -> float:
        """The bytes free on the device that has the fewest; on a GPU as after its newest run."""
        painters = [each for each in self._painters if each is not None]
        free = [each.free for each in painters]
        if all(each.device.startswith("cpu") for each in self._equipment):
            free = [available(torch.device("cpu"))]
        return min(free, default=float("inf"))

    def check(self) -> None:
        """Has each device compute something small, after what it is computing already.

        A process that has been lost is started anew; until it is ready the others will do.

        Raises:
            StyleTransferError: a device fails, or no process has its network yet.
        """
        ready = [each for each in range(self.places) if self._is_ready(each)]
        if not ready:
            raise StyleTransferError("network_loading")

    def _is_ready(self, place: int) -> bool:
        """Whether the process at this place is ready to paint; raises what is wrong with its device."""
        try:
            self._painter(place).check()
        except PainterLost:
            return False
        except StyleTransferError as error:
            if error.code == "network_loading":
                return False
            raise
        return True

    def close(self) -> None:
        """Ends all processes at once; runs that they paint end with an error."""
        with self._changing:
            self._closed = True
            for each in self._painters:
                if each is not None:
                    each.end()

    @property
    def processes(self) -> list[int]:
        """The numbers of the processes in the system, in the order of the devices."""
        return [each.process for each in self._painters if each is not None]

    def _painted(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        """The steps of one picture by one process, with which it may be lost."""
        place = self._idle.get()
        try:
            painter = self._painter(place)
            with closing(steps_of(painter.news(pictures, settings), pictures)) as steps:
                yield from steps
        finally:
            self._idle.put(place)

    def _painter(self, place: int) -> Painter:
        """The process at this place, started anew if it was lost."""
        with self._changing:
            if self._closed:
                raise StyleTransferError("server_failed")
            painter = self._painters[place]
            if painter is None or painter.lost:
                if painter is not None:
                    _log.warning("a process that paints was lost, and is started anew")
                painter = self._painters[place] = self._start(self._equipment[place])
            return painter

    def _try_out(self) -> None:
        """Asks each device for its precision, then times it now and then until somebody paints."""
        self._each_in_turn(self._ask_for_precision)
        for seconds in TRIALS:
            if self._begun.wait(seconds):
                break
            self._each_in_turn(self._time)

    def _each_in_turn(self, do: Callable[[Painter], None]) -> None:
        """Does this with each painter, while it is idle and no picture has begun."""
        for _ in range(self.places):
            place = self._idle.get()
            try:
                do(self._painter(place))
            except (PainterLost, StyleTransferError) as error:
                if not self._closed:
                    _log.error("%s", error)  # the first job tries again and tells its visitor
            finally:
                self._idle.put(place)

    def _ask_for_precision(self, painter: Painter) -> None:
        self.pace.precision = painter.precision()

    def _time(self, painter: Painter) -> None:
        def paint(pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
            return steps_of(painter.news(pictures, settings), pictures)

        if not self._begun.is_set():
            try_out(self.pace, paint, lambda: not self._begun.is_set())


def named_devices(text: str) -> list[str]:
    """The names of the devices in a list such as `cuda:0,cuda:1`.

    Raises:
        DeviceError: one of the names is empty.
    """
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise DeviceError("devices_malformed", value=shown(text))
    return names
