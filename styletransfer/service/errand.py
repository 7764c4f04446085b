"""What a process with a borrowed GPU is sent for: pictures and settings go in, news of steps comes out.

Everything here crosses between two processes as bytes: no tensor, no lock and no generator's `send`.
"""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from PIL import Image
from torch import Tensor

from ..engine.step import Step
from ..engine.stylize import stylize
from ..errors import StyleTransferError
from ..images import to_image
from ..network.malloc import give_back
from ..network.process import tune_process
from ..network.vgg import VGG, choose_device, load_network
from ..network.weights import load_weights
from ..pictures import Pictures
from ..settings import Settings
from .job import Task

_PICTURES = ("pixels", "photo", "cover")
_NUMBERS = [each.name for each in fields(Step) if each.name not in _PICTURES]

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


@dataclass(frozen=True, eq=False)
class News:
    """A step as it crosses.

    Attributes:
        task: the index of its run in the errand.
        numbers: everything in a `Step` but its pictures, by name.
        picture: of the step, in 8 bits; only where it is due or has another size than the one before.
        cover: of the step, in 8 bits; with the first picture of a size, if not all of it is painted.
    """

    task: int
    numbers: dict[str, Any]
    picture: Image.Image | None
    cover: Image.Image | None


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
            yield from _news(number, *task, network)
    except StyleTransferError as error:
        yield error.alone()
    finally:
        give_back(device)


def _news(task: int, pictures: Pictures, settings: Settings, network: VGG) -> Generator[News]:
    """News of the steps of one run."""
    size = (0, 0)
    with closing(stylize(pictures, settings, network)) as steps:
        for step in steps:
            grown = (step.width, step.height) != size
            size = step.width, step.height
            numbers = {name: getattr(step, name) for name in _NUMBERS}
            picture = to_image(step.pixels) if step.due or grown else None
            cover = step.cover if grown else None
            yield News(task, numbers, picture, None if cover is None else _grey(cover))


def _grey(cover: Tensor) -> Image.Image:
    return to_image(cover.expand(1, 3, -1, -1)).getchannel(0)


@cache
def _network(source: str, precision: str | None) -> VGG:
    """The network, which stays on the GPU as long as this process is lent it."""
    device = choose_device()  # in a lent process there is always the GPU
    tune_process(device)
    return load_network(source, device, precision, weights)
