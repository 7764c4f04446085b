"""Nine small pictures of one photo, to find a look by before it is painted large.

A sheet is one job among the others: it waits in the same line, counts as one, can be stopped, and is
found again. It paints its cells one after the other, each by a short run of its own.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from ..catalogue import Style
from ..engine.stylize import SMALLEST_SIDE, Step, leading, schedule
from ..images import resize
from ..pictures import Pictures
from ..settings import Settings
from .queue import Drafter, Job, Runner

CELLS = 9
SIZE = 160  # long side in pixels: the smallest at which three brushes can be told apart
_LARGEST_SIZE = 320
STEPS = 16  # a cell in 1 to 2 s on two cores; by then it is plain what it will be
_STEPS_FROM_NOISE = 40
# By eye, on three photos: a touch of it, painted, as painted as it becomes beside the photo.
STRENGTHS = (0.7, 3.0, 10.0)
BRUSHES = (0.5, 1.0, 2.0)


@dataclass(eq=False)
class Cell:
    """One of the nine: what it is painted from, and what differs from the others."""

    styles: Sequence[Image.Image]
    settings: Settings
    changes: dict[str, float] = field(default_factory=dict)  # settings to take over, by name
    file: Any = None  # the painting to take over; None: the one that was handed in
    style: Style | None = None  # that painting, if it is one of the catalogue's
    image: Image.Image | None = None  # as far as it is painted; a draft at first
    done: bool = False


class Sheet(Job):
    """The nine, the one that was chosen, and how far it has come. Safe to read from any thread."""

    def __init__(self, pictures: Pictures, cells: Sequence[Cell], visitor: str = "") -> None:
        largest = max((cell.settings for cell in cells), key=lambda each: each.size)
        super().__init__(replace(pictures, styles=(), start=None), largest, visitor)
        self.cells = cells
        self.chosen: Cell | None = None
        for cell in cells:
            brush = round(cell.settings.size * max(1, cell.settings.brush_scale))
            cell.styles = [resize(each, brush) for each in cell.styles]

    @property
    def painted(self) -> int:
        """How many cells are done."""
        return sum(cell.done for cell in self.cells)

    @property
    def view(self) -> None:
        """No one picture: there are nine."""

    def sketch(self, drafter: Drafter) -> None:
        for cell in self.cells:
            if self.stopped:
                break
            cell.image = self._sketch(cell, drafter)

    def turn(self, **values: float) -> None:
        """Nothing: the nine differ in just what could be turned."""

    def paint(self, runner: Runner) -> Generator[Step, Settings | None]:
        for cell in self.cells:
            masks = self.pictures.masks[: len(cell.styles)]  # a cell may have fewer paintings
            given = replace(self.pictures, styles=cell.styles, masks=masks if any(masks) else ())
            with closing(runner(given, cell.settings)) as steps:
                for step in steps:
                    cell.image = step.image
                    cell.done = step.number == step.steps
                    yield step

    def _sketch(self, cell: Cell, drafter: Drafter) -> Image.Image | None:
        """About what the cell will be: that network knows neither weights nor brushes.

        A larger brush is a smaller photo, enlarged; less strength is more of the photo.
        """
        settings = cell.settings
        photo = resize(self.pictures.content, settings.size)
        small = resize(photo, max(64, round(settings.size / settings.brush_scale)))
        quick = drafter(small, [leading(cell.styles, settings)])
        if quick is None:
            return None
        share = settings.style_weight / (settings.content_weight / 2 + settings.style_weight)
        return Image.blend(photo, quick.resize(photo.size, Image.Resampling.BICUBIC), share)


def by_strength(pictures: Pictures, settings: Settings) -> list[Cell]:
    """Three strengths by three brushes, row by row, everything else as it is set."""
    cells = []
    for strength in STRENGTHS:
        for brush in BRUSHES:
            changes = {"style_weight": strength, "brush_scale": brush}
            small = _small(pictures.content, pictures.styles, replace(settings, **changes))
            schedule(replace(pictures, start=None), small)
            cells.append(Cell(pictures.styles, small, changes))
    return cells


def by_style(
    pictures: Pictures,
    settings: Settings,
    file: Any,
    styles: Sequence[Style],
    load: Callable[[Path], Image.Image],
) -> list[Cell]:
    """The same settings over the painting that was handed in and then over the catalogue's.

    Args:
        file: the painting's.
        styles: the catalogue's.
        load: opens one of them.
    """
    own = next((each for each in styles if file is not None and str(each.file) == str(file)), None)
    rest = [each for each in styles if each is not own][: CELLS - 1]
    paintings = [(pictures.styles[0], None, own)]
    paintings += [(load(each.file), each.file, each) for each in rest]
    cells = []
    for image, chosen, style in paintings:
        small = _small(pictures.content, [image], replace(settings, blend="1"))
        schedule(Pictures(pictures.content, [image]), small)
        cells.append(Cell([image], small, file=chosen or file, style=style))
    return cells


def _small(content: Image.Image, styles: Sequence[Image.Image], settings: Settings) -> Settings:
    """These settings for a cell; narrow pictures make it larger, so that they can be looked at."""
    narrow = [max(content.size) / min(content.size)]
    narrow += [max(each.size) / min(each.size) / settings.brush_scale for each in styles]
    size = 32 * -(-int(SMALLEST_SIDE * max(narrow) + 1) // 32)
    noise = settings.start == "noise"
    return replace(
        settings,
        size=min(max(SIZE, size), _LARGEST_SIZE),
        steps=min(_STEPS_FROM_NOISE if noise else STEPS, settings.steps),
        scales=1,
        start="noise" if noise else "content",
        optimiser="lbfgs",
    )
