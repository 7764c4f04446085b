"""Nine small pictures of one photo, by which a look is chosen before it is painted large.

A contact sheet is one job: it waits in the line like any other, counts as one, can be stopped and is
found again. It paints its cells one after the other, each by a short run of its own.
"""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image

from ..catalogue import Style, catalogue, style_at
from ..engine.draft import leading
from ..engine.schedule import SMALLEST_SIDE, schedule
from ..engine.step import Step
from ..images import load_image, resize
from ..pictures import Pictures
from ..settings import Settings
from .inputs import Inputs, no_larger_than_painted
from .job import Drafter, Job, Runner

CELLS = 9
SIZE = 160  # long side in pixels: the smallest at which three brush scales can be told apart
_LARGEST_SIZE = 320
STEPS = 16  # a cell takes 1 to 2 s on two cores; by then it is plain what it will be
_STEPS_FROM_NOISE = 40
# By eye, on three photos: a touch of the style, painted, as painted as it becomes beside the photo.
STRENGTHS = (0.7, 3.0, 10.0)
BRUSHES = (0.5, 1.0, 2.0)

_SMALLEST_DRAFT = 64  # long side in pixels


@dataclass(eq=False)
class Cell:
    """One of the nine pictures.

    Attributes:
        styles: the paintings it is painted from.
        settings: those it is painted with.
        changes: the settings to take over if it is chosen, by name.
        file: the painting to take over if it is chosen.
        style: that painting, if it is one of the catalogue's.
        image: as far as it is painted; a draft at first.
        done: whether it is painted to its last step.
    """

    styles: Sequence[Image.Image]
    settings: Settings
    changes: dict[str, float] = field(default_factory=dict)
    file: Any = None
    style: Style | None = None
    image: Image.Image | None = None
    done: bool = False


class ContactSheet(Job):
    """The nine cells. Safe to read from any thread.

    Attributes:
        pictures: photo and masks; each cell has its own paintings.
        cells: in their order on the page.
        chosen: the cell whose look was taken over, if one was.
    """

    def __init__(
        self, pictures: Pictures, cells: Sequence[Cell], visitor: str = "", inputs: Inputs | None = None
    ) -> None:
        super().__init__(inputs or Inputs(cells[0].settings), visitor)
        largest = max((cell.settings for cell in cells), key=lambda settings: settings.size)
        self.pictures = no_larger_than_painted(replace(pictures, styles=(), start=None), largest)
        self.cells = cells
        self.chosen: Cell | None = None
        self._steps = 0  # of all cells so far
        for cell in cells:
            brush = round(cell.settings.size * max(1, cell.settings.brush_scale))
            cell.styles = [resize(style, brush) for style in cell.styles]

    @property
    def begun(self) -> bool:
        """Whether at least one step has been painted."""
        return self._steps > 0

    @property
    def state(self) -> tuple[object, ...]:
        """A value that differs from the one before whenever there is something new to show."""
        return self._steps, self.ahead

    @property
    def painted(self) -> int:
        """How many cells are done."""
        return sum(cell.done for cell in self.cells)

    def sketch(self, drafter: Drafter) -> None:
        """Makes a draft of every cell."""
        for cell in self.cells:
            if self.stopped:
                break
            cell.image = self._draft(cell, drafter)

    def paint(self, runner: Runner) -> Generator[Step]:
        """Paints the cells in order, and yields their steps."""
        for cell in self.cells:
            masks = self.pictures.masks[: len(cell.styles)]  # a cell may have fewer paintings
            pictures = replace(self.pictures, styles=cell.styles, masks=masks if any(masks) else ())
            with closing(runner(pictures, cell.settings)) as steps:
                for step in steps:
                    cell.image = step.image
                    cell.done = step.number == step.steps
                    self._steps += 1
                    yield step

    def _draft(self, cell: Cell, drafter: Drafter) -> Image.Image | None:
        """About what the cell will be, though the network for drafts knows neither weights nor scales.

        A larger brush is imitated by a smaller photo, enlarged; less strength by more of the photo.
        """
        settings = cell.settings
        photo = resize(self.pictures.content, settings.size)
        small = resize(photo, max(_SMALLEST_DRAFT, round(settings.size / settings.brush_scale)))
        draft = drafter(small, [leading(cell.styles, settings)])
        if draft is None:
            return None
        share = settings.style_weight / (settings.content_weight / 2 + settings.style_weight)
        return Image.blend(photo, draft.resize(photo.size, Image.Resampling.BICUBIC), share)


def by_strength(pictures: Pictures, settings: Settings) -> list[Cell]:
    """Three strengths by three brush scales, row by row, with everything else as it is set.

    Raises:
        StyleTransferError: the pictures cannot be painted with these settings.
    """
    cells = []
    for strength in STRENGTHS:
        for brush in BRUSHES:
            changed = replace(settings, style_weight=strength, brush_scale=brush)
            small = _for_a_cell(pictures.content, pictures.styles, changed)
            schedule(replace(pictures, start=None), small)
            changes = {"style_weight": strength, "brush_scale": brush}
            cells.append(Cell(pictures.styles, small, changes))
    return cells


def by_style(pictures: Pictures, settings: Settings, file: Any) -> list[Cell]:
    """The same settings with the painting that was handed in, and then with those of the catalogue.

    Args:
        pictures: of the paintings only the first counts.
        settings: the same for all nine, but for their size and steps.
        file: the file of the painting that was handed in.

    Raises:
        StyleTransferError: the pictures cannot be painted with these settings.
    """
    own = style_at(file)
    rest = [style for style in catalogue().styles if style is not own][: CELLS - 1]
    cells = [_of_style(pictures.content, pictures.styles[0], settings, file, own)]
    cells += [
        _of_style(pictures.content, load_image(style.file), settings, style.file, style)
        for style in rest
    ]
    return cells


def _of_style(
    content: Image.Image, painting: Image.Image, settings: Settings, file: Any, style: Style | None
) -> Cell:
    small = _for_a_cell(content, [painting], replace(settings, blend="1"))
    schedule(Pictures(content, [painting]), small)
    return Cell([painting], small, file=file, style=style)


def _for_a_cell(content: Image.Image, styles: Sequence[Image.Image], settings: Settings) -> Settings:
    """These settings for a cell; narrow pictures make it larger, so that the network can read them."""
    narrow = [max(content.size) / min(content.size)]
    narrow += [max(style.size) / min(style.size) / settings.brush_scale for style in styles]
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
