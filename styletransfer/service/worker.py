"""The runner that paints on this machine: one device, and a network that is loaded once."""

import logging
import threading
from collections.abc import Generator

from ..engine.forecast import Pace, calibrate
from ..engine.memory import available
from ..engine.stylize import Step, stylize
from ..errors import StyleTransferError
from ..network.malloc import give_back
from ..network.vgg import VGG, load_network
from ..network.weights import EMBEDDED
from ..pictures import Pictures
from ..settings import Settings

_log = logging.getLogger(__name__)

# Seconds before each trial of how fast the device is. While a server starts and a browser opens its page
# both cores are busy, and a step takes up to twenty times as long (LOG.md).
_TRIALS = (8, 6, 10)


class Painter:
    """A `jobs.Runner`. Whoever comes first loads the network, and everybody else waits for it.

    Args:
        device, source, precision: as for `vgg.load_network`.

    Attributes:
        pace: how fast the device is: of a trial at first, then of what is painted.
    """

    def __init__(
        self, device: str | None = None, source: str = EMBEDDED, precision: str | None = None
    ) -> None:
        self.device = device
        self.source = source
        self.precision = precision
        self.pace = Pace()
        self._begun = threading.Event()  # somebody's picture
        self._network: VGG | None = None
        self._loading = threading.Lock()

    def __call__(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        self._begun.set()
        try:
            yield from stylize(pictures, settings, self.network())
        finally:
            give_back()

    def network(self) -> VGG:
        """The network, loaded if it is not yet.

        Raises:
            NetworkError, DeviceError: as `vgg.load_network`.
        """
        with self._loading:
            if self._network is None:
                self._network = load_network(self.source, self.device, self.precision)
                self.pace.precision = self._network.precision
            return self._network

    def room(self) -> float:
        """The bytes that are free on its device; infinite before the network is there."""
        return float("inf") if self._network is None else available(self._network.device)

    def load(self) -> None:
        """Begins to load the network in the background, so that nobody has to wait for it later.

        Then it finds out how fast the device is, until somebody's picture comes.
        """
        threading.Thread(target=self._try_to_load, daemon=True).start()

    def _try_to_load(self) -> None:
        try:
            network = self.network()
            for seconds in _TRIALS:
                if self._begun.wait(seconds):
                    break
                calibrate(self.pace, network, lambda: not self._begun.is_set())
                give_back()
        except StyleTransferError as error:
            _log.error("%s", error)  # the first job will try again and tell its visitor
