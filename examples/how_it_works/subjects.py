"""What the figures are made from: one photo, one painting, and runs whose steps are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from styletransfer import Pictures, Settings, Step, load_image, stylize
from styletransfer.catalogue import FOLDER, Style, catalogue
from styletransfer.images import resize
from styletransfer.look_link import query_of
from styletransfer.network.vgg import VGG
from styletransfer.presets import preset

PHOTO = FOLDER / "photos/cat.jpg"
PAINTING = FOLDER / "styles/hokusai-great-wave.jpg"
# The first layer of each block, as Gatys et al. 2016 have them in figure 1.
LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
SIZE = 192  # pixels, the long side of a picture in a figure
LINKED_SIZE = 256  # of what is painted by a link, so that a class of thirty need not wait for long


def photo(size: int = SIZE) -> Image.Image:
    """The photo at the size of a figure."""
    return resize(load_image(PHOTO), size)


def painting() -> Image.Image:
    """The painting as it is."""
    return load_image(PAINTING)


def style() -> Style:
    """The catalogue's entry of the painting."""
    return next(each for each in catalogue().styles if each.file == PAINTING)


def settings_of(name: str, **changes: Any) -> Settings:
    """A preset's settings with some changes, at one scale of the size of a figure."""
    return Settings(**preset(name).settings | {"scales": 1, "size": SIZE} | changes)


def query(settings: Settings, name: str) -> str:
    """The link by which anybody has a photo painted so: small, in the steps of a preset."""
    usual = Settings(**preset(name).settings)
    small = {"size": LINKED_SIZE, "steps": usual.steps, "scales": usual.scales}
    return query_of(replace(settings, **small), style())


# The settings of the run that two figures show: the paper's, with as many steps as a figure needs.
GRAMS = settings_of("Gatys", scaling="paper", steps=40)


@dataclass(frozen=True)
class Run:
    """A run's steps: some of them whole, and the losses of all.

    Attributes:
        shown: the steps of the numbers asked for, in their order.
        totals: the total loss of every step.
    """

    shown: Sequence[Step]
    totals: Sequence[float]


def run(settings: Settings, network: VGG, numbers: Sequence[int]) -> Run:
    """Paints the photo like the painting.

    Args:
        settings: whose steps are as many as the last of the numbers.
        network: the frozen network.
        numbers: of the steps to be shown, the first one being 1.
    """
    pictures = Pictures(load_image(PHOTO), [painting()])
    shown, totals = [], []
    for step in stylize(pictures, replace(settings, steps=numbers[-1]), network):
        totals.append(step.total)
        if step.number in numbers:
            shown.append(step)
    return Run(shown, totals)


@cache
def from_the_photo(network: VGG) -> tuple[Step, ...]:
    """Every step of one run by Gram matrices that begins with the photo, which two figures show."""
    pictures = Pictures(load_image(PHOTO), [painting()])
    return tuple(stylize(pictures, GRAMS, network))


def files_folder() -> Path:
    """Where the page has its figures and numbers."""
    return FOLDER.parent / "styletransfer/page/static/how_it_works"
