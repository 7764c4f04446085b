"""The runner that paints on this machine, with one device and a network that is loaded once."""

import logging
import threading
from collections.abc import Generator

import torch

from ..engine.forecast import Pace, calibrate
from ..engine.memory import available
from ..engine.neighbour_targets import StyleTargets
from ..engine.step import Step
from ..engine.stylize import stylize
from ..errors import StyleTransferError
from ..network.lost import DeviceLost, answers
from ..network.malloc import give_back
from ..network.process import tune_process
from ..network.vgg import VGG, choose_device, load_network
from ..network.weights import DEFAULT_SOURCE
from ..pictures import Pictures
from ..settings import Settings

_log = logging.getLogger(__name__)

# Seconds to wait before each trial of the device's speed. While a server starts and a browser opens its
# page both cores are busy, and a step takes up to twenty times as long (LOG.md).
TRIALS = (8, 6, 10)


class Worker:
    """The `Runner` of this machine. The first caller loads the network; the others wait for it.

    Args:
        device: as for `vgg.load_network`.
        source: as for `vgg.load_network`.
        precision: as for `vgg.load_network`.
        kept_targets: as for `stylize`; only where one picture is painted at a time.

    Attributes:
        places: how many pictures may be painted at the same time.
        pace: how fast the device is, measured by a trial at first, then by the pictures painted.
    """

    places = 1

    def __init__(
        self,
        device: str | None = None,
        source: str = DEFAULT_SOURCE,
        precision: str | None = None,
        kept_targets: StyleTargets | None = None,
    ) -> None:
        self.device = device
        self.source = source
        self.precision = precision
        self._kept_targets = kept_targets
        self.pace = Pace()
        self._begun = threading.Event()  # set when the first visitor's picture begins
        self._network: VGG | None = None
        self._problem: StyleTransferError | None = None  # why the network could not be loaded
        self._loading = threading.Lock()

    def __call__(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        """The steps of one picture, as `stylize` yields them."""
        self._begun.set()
        error: StyleTransferError | None = None
        if not answers(self.network().device):
            self._go_on_without_gpu()
        try:
            yield from stylize(pictures, settings, self.network(), self._kept_targets)
        except DeviceLost as caught:
            error = caught.alone()
            self._go_on_without_gpu()
        except StyleTransferError as caught:
            error = caught.alone()  # with its traceback go the tensors in there
        finally:
            give_back(self._network.device if self._network else None)
        if error is not None:
            raise error

    def network(self) -> VGG:
        """The network, loaded if it is not yet.

        Raises:
            NetworkError: the weights are missing or wrong.
            DeviceError: there is no such device here.
        """
        with self._loading:
            if self._network is None:
                try:
                    self._network = load_network(self.source, self.device, self.precision)
                except StyleTransferError as error:
                    self._problem = error.alone()
                    raise
                self.pace.precision = self._network.precision
            return self._network

    @property
    def loaded(self) -> bool:
        """Whether the network is there."""
        return self._network is not None

    def _go_on_without_gpu(self) -> None:
        """Paints on the processor from now on: no call of this process reaches a GPU that has failed."""
        _log.error("The GPU has failed: painting on the processor until the server is started anew")
        with self._loading:
            self.device, self.precision, self._network = "cpu", None, None
        self.pace.forget()

    def prepare(self) -> None:
        """Tunes this process, and loads a network that was asked for.

        Raises:
            NetworkError, DeviceError: as `network`.
        """
        tune_process(choose_device(self.device))  # before there are other threads
        if self.source != DEFAULT_SOURCE:
            self.network()  # an error in it is for whoever starts the server, not for a visitor

    def await_network(self) -> None:
        """Loads the network.

        Raises:
            NetworkError, DeviceError: as `network`.
        """
        self.network()

    def close(self) -> None:
        """Does nothing: what this process paints ends with it."""

    def free_memory(self) -> float:
        """The bytes free on the device; infinite before the network is loaded."""
        return float("inf") if self._network is None else available(self._network.device)

    def check(self) -> None:
        """Computes something small on the device, after what it is computing already.

        Raises:
            StyleTransferError: the network is not there yet, or cannot be loaded.
        """
        network = self._network
        if network is None:
            raise self._problem or StyleTransferError("network_loading")
        torch.ones(2, device=network.device).sum().item()

    def load(self) -> None:
        """Loads the network in the background, so that no visitor has to wait for it.

        Then measures how fast the device is, until the first picture is painted.
        """
        threading.Thread(target=self._load_and_measure, daemon=True).start()

    def _load_and_measure(self) -> None:
        try:
            network = self.network()
            for seconds in TRIALS:
                if self._begun.wait(seconds):
                    break
                calibrate(self.pace, network, lambda: not self._begun.is_set())
                give_back()
        except StyleTransferError as error:
            _log.error("%s", error)  # the first job tries again and tells its visitor


def device_failed(error: Exception) -> StyleTransferError:
    """What it means that torch raises this for a device; what it says, without its traceback."""
    return StyleTransferError("device_failed", why=str(error).partition("\n")[0][:200])
