"""The contact sheet: one photo painted small in nine looks, of which a visitor chooses one.

A contact sheet is a single job: it waits in the queue as one, counts as one towards the limits, can be
stopped, and can be found again after a reload. Its cells are painted one after the other, each by a
short run.
"""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any

from PIL import Image

from ..catalogue import Style, catalogue, style_at
from ..engine.draft import leading
from ..engine.forecast import Pace, seconds
from ..engine.schedule import SMALLEST_SIDE, schedule
from ..engine.step import Step
from ..images import load_image, resize
from ..pictures import Pictures
from ..settings import Settings, knobs
from .inputs import Inputs, no_larger_than_painted
from .job import Drafter, Job, Runner, Task, in_turn
from .visitor import NOBODY, Visitor

CELLS = 9
SIZE = 160  # long side in pixels: the smallest at which three brush scales can be told apart
_LARGEST_SIZE = 320
STEPS = 16  # a cell takes 1 to 2 s on two cores, and its look can be recognised by then
_STEPS_FROM_NOISE = 40
# The style weight of each row, and whether it is painted by the style loss that was not chosen. By eye
# on two photos: a touch of the style, as strong as it gets while the photo can still be recognised,
# and one in between by the other loss, which differs from both by more than a third weight would.
ROWS = ((0.7, False), (10.0, False), (3.0, True))
BRUSHES = (0.5, 1.0, 2.0)

_SMALLEST_DRAFT = 64  # long side in pixels


@dataclass(eq=False)
class Cell:
    """One of the nine pictures.

    Attributes:
        styles: the paintings whose style it has.
        settings: what it is painted with.
        changes: the values that the page takes over if this cell is chosen, by the name of the setting.
        file: the painting's file, which the page takes over if this cell is chosen.
        style: the catalogue's entry for that painting; None if it is the visitor's own.
        image: the picture so far; a draft at first.
        done: whether its last step has been painted.
    """

    styles: Sequence[Image.Image]
    settings: Settings
    changes: dict[str, Any] = field(default_factory=dict)
    file: Any = None
    style: Style | None = None
    image: Image.Image | None = None
    done: bool = False


class ContactSheet(Job):
    """A job that paints nine cells. It may be read from any thread.

    Attributes:
        pictures: the photo and the masks; the paintings are in the cells.
        cells: in the order in which the page shows them.
        chosen: the cell whose look was taken over, if one was.
    """

    def __init__(
        self,
        pictures: Pictures,
        cells: Sequence[Cell],
        visitor: Visitor = NOBODY,
        inputs: Inputs | None = None,
    ) -> None:
        super().__init__(inputs or Inputs(cells[0].settings), visitor)
        largest = max((cell.settings for cell in cells), key=lambda settings: settings.size)
        self.pictures = no_larger_than_painted(replace(pictures, styles=(), start=None), largest)
        self.cells = cells
        self.chosen: Cell | None = None
        self._steps = 0  # painted so far, of all cells
        for cell in cells:
            brush = round(cell.settings.size * max(1, cell.settings.brush_scale))
            cell.styles = [resize(style, brush) for style in cell.styles]

    @property
    def begun(self) -> bool:
        """Whether at least one step has been painted."""
        return self._steps > 0

    @property
    def state(self) -> tuple[object, ...]:
        """A value that changes whenever there is something new to show."""
        drafts = sum(cell.image is not None for cell in self.cells)
        return self._steps, self.ahead, self.waits, drafts, self.chosen, self.unattended

    @property
    def left(self) -> float:
        """How many seconds it is expected to take from now, once it has begun."""
        return self.expected * (1 - self.painted / len(self.cells))

    def foretell(self, pace: Pace) -> float:
        """How many seconds it is expected to take on a machine of this pace, once it has begun."""
        pictures = (replace(self.pictures, styles=cell.styles, masks=()) for cell in self.cells)
        return sum(map(seconds, repeat(pace), pictures, (cell.settings for cell in self.cells)))

    @property
    def painted(self) -> int:
        """How many cells are done."""
        return sum(cell.done for cell in self.cells)

    def sketch(self, drafter: Drafter) -> None:
        """Makes a draft of every cell."""
        for cell in self.cells:
            if self.stopped:
                break
            if cell.done:
                continue
            cell.image = self._draft(cell, drafter)

    def paint(self, runner: Runner) -> Generator[Step]:
        """Paints the cells in order, and yields their steps."""
        cells = [cell for cell in self.cells if not cell.done]  # others by an earlier server
        with closing(in_turn(runner, [self._task(cell) for cell in cells])) as steps:
            for number, step in steps:
                cells[number].image = step.image
                cells[number].done = step.number == step.steps
                self._steps += 1
                yield step

    def _task(self, cell: Cell) -> Task:
        masks = self.pictures.masks[: len(cell.styles)]  # a cell may have fewer paintings
        masks = masks if any(masks) else ()
        return replace(self.pictures, styles=cell.styles, masks=masks), cell.settings

    def _draft(self, cell: Cell, drafter: Drafter) -> Image.Image | None:
        """A rough preview of the finished cell; None if no draft can be made.

        The network for drafts knows neither style weight nor brush scale. A larger brush is imitated by
        enlarging the draft of a smaller photo, a lower style weight by mixing in more of the photo.
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
    """Nine cells, row by row: style weights and style losses by brush scales, all else as given.

    Raises:
        StyleTransferError: the pictures cannot be painted with these settings.
    """
    (losses,) = (knob.choices or () for knob in knobs() if knob.name == "style_loss")
    (other,) = (loss for loss in losses if loss != settings.style_loss)
    cells = []
    for strength, by_other in ROWS:
        loss = other if by_other else settings.style_loss
        for brush in BRUSHES:
            changes: dict[str, Any] = {
                "style_weight": strength,
                "style_loss": loss,
                "brush_scale": brush,
            }
            small = _for_a_cell(pictures.content, pictures.styles, replace(settings, **changes))
            schedule(replace(pictures, start=None), small)
            cells.append(Cell(pictures.styles, small, changes))
    return cells


def by_style(pictures: Pictures, settings: Settings, file: Any) -> list[Cell]:
    """Nine cells with the same settings: the visitor's painting, then paintings of the catalogue.

    Args:
        pictures: photo, masks and paintings; only the first painting is used.
        settings: used for all cells, except that their size and steps are smaller.
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
    """These settings with the size and the few steps of a cell.

    The size grows with narrow pictures, so that their short sides stay large enough for the network.
    """
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
