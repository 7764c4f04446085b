"""What a process with a borrowed GPU is sent for: pictures and settings in, news of steps out."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cache

from ..engine.stylize import stylize
from ..errors import StyleTransferError
from ..network.malloc import give_back
from ..network.process import tune_process
from ..network.vgg import VGG, choose_device, load_network
from ..network.weights import load_weights
from .crossing import News, news_of
from .job import Task

# Read once by the server. Its forks find them in their memory and need no second of the GPU's for them.
weights = cache(load_weights)


@dataclass(frozen=True, eq=False)
class Errand:
    """What is to be painted, and for how long a GPU is asked for.

    Attributes:
        tasks: the pictures and the settings of each run, as for `stylize`; painted one after the other.
        seconds: for which the GPU is asked for.
        source: of the network, as for `load_network`.
        precision: of the network, as for `load_network`.
    """

    tasks: Sequence[Task]
    seconds: int
    source: str
    precision: str | None


def seconds_of(errand: Errand) -> int:
    """For how many seconds a GPU is asked for."""
    return errand.seconds


def run(errand: Errand) -> Generator[News | StyleTransferError]:
    """News of every step; last of all the error, if one ends it that people can mend.

    Of an error that is raised, only the name of its class would cross.
    """
    device = None
    try:
        network = _network(errand.source, errand.precision)
        device = network.device
        for number, task in enumerate(errand.tasks):
            yield from news_of(stylize(*task, network), number)
    except StyleTransferError as error:
        yield error.alone()
    finally:
        give_back(device)


@cache
def _network(source: str, precision: str | None) -> VGG:
    """The network, which stays on the GPU as long as this process is lent it."""
    device = choose_device()  # in a lent process there is always the GPU
    tune_process(device)
    return load_network(source, device, precision, weights)
