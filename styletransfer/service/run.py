"""The job of one picture: its newest step, its losses, and the settings that may change on the way."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image

from ..engine.colour import keep_colours
from ..engine.draft import leading
from ..engine.forecast import Pace, seconds
from ..engine.step import Step
from ..errors import StyleTransferError
from ..images import to_image, to_tensor
from ..pictures import Pictures
from ..settings import Settings
from .inputs import Inputs, no_larger_than_painted
from .job import Drafter, Job, Runner
from .resuming import rest_of
from .series import Series
from .visitor import NOBODY, Visitor

# Before this step a draft is nearer to the finished picture than what is painted so far.
DRAFT_STEPS = 10

_log = logging.getLogger(__name__)


class LossPoint(NamedTuple):
    """A point on the chart of the losses: what is kept of every step."""

    number: int
    scale: int
    elapsed: float
    content: float
    style: float
    total: float


@dataclass(eq=False)
class Painted:
    """What takes memory of a run, some megabytes: what it is painted from, and what has come of it.

    Attributes:
        pictures: photo, paintings, masks and start image, no larger than they are used.
        draft: a quick picture by another network, shown before the first steps.
        step: the newest step.
        shown: the newest step whose picture is to be shown.
        losses: of all steps so far.
    """

    pictures: Pictures
    draft: Image.Image | None = None
    step: Step | None = None
    shown: Step | None = None
    losses: Sequence[LossPoint] = field(default_factory=list)


_PAINTED = tuple(each.name for each in fields(Painted))


class Run(Job):
    """A job that paints one picture. It may be read from any thread.

    A run that has ended and is kept on disk may be put to rest, so that a server can keep thousands:
    what takes memory is dropped, and read again when somebody asks for it.

    Attributes:
        pictures, draft, step, shown, losses: as in `Painted`.
        settings: what the newest step was painted with.
        next_settings: what the next step will be painted with, as adjusted since.
        recoloured: whether the finished picture has the photo's colours; None: as its settings say.
        series: the photos of which it paints one; None for a picture by itself.
        before: the step from which the run goes on that an earlier server had begun; None in a new run.
        interrupted: whether this run was first in line when an earlier server was ended.
        woken: when it was read again last, or has ended, by `time.monotonic`.
    """

    in_memory = False
    pictures: Pictures
    draft: Image.Image | None
    step: Step | None
    shown: Step | None
    losses: list[LossPoint]

    def __init__(
        self,
        pictures: Pictures | Callable[[], Painted],
        settings: Settings,
        visitor: Visitor = NOBODY,
        inputs: Inputs | None = None,
    ) -> None:
        super().__init__(inputs or Inputs(settings), visitor)
        self._read: Callable[[], Painted] | None = None
        self._resting = threading.Lock()
        self.woken = time.monotonic()
        self.settings = settings
        self.next_settings = settings
        if callable(pictures):
            self._read = pictures
        else:
            # A queue of phone photos in full size would fill the memory.
            self._hold(Painted(no_larger_than_painted(pictures, settings)))
        self.before: Step | None = None
        self.interrupted = False
        self.recoloured: bool | None = None
        self.series: Series | None = None
        self._newly_shown = threading.Condition()

    @property
    def at_rest(self) -> bool:
        """Whether what takes memory has been dropped, until somebody asks for it."""
        return self._read is not None

    def rest(self, read: Callable[[], Painted], idle: float) -> None:
        """Drops what takes memory, unless somebody has asked for it in these seconds.

        Args:
            read: brings it back.
            idle: the seconds.
        """
        with self._resting:
            if time.monotonic() - self.woken > idle:
                self._read = read
                for name in _PAINTED:
                    self.__dict__.pop(name, None)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Python calls this only for what is not there: here, for what was dropped.
            if name not in _PAINTED:
                raise AttributeError(name)
            with self._resting:
                self._wake()
            return self.__dict__[name]

    def _wake(self) -> None:
        if self._read is not None:
            self._hold(self._read())
            self._read = None
        self.woken = time.monotonic()

    def _hold(self, painted: Painted) -> None:
        self.__dict__.update({name: getattr(painted, name) for name in _PAINTED})

    @property
    def begun(self) -> bool:
        """Whether at least one step has been painted."""
        return self.step is not None

    @property
    def state(self) -> tuple[object, ...]:
        """A value that changes whenever there is something new to show."""
        return self.step, self.ahead, self.waits, self.view, self.unattended

    @property
    def left(self) -> float:
        """How many seconds it is expected to take from now, once it has begun."""
        return self.step.remaining if self.step else self.expected

    def foretell(self, pace: Pace) -> float:
        """How many seconds it is expected to take on a machine of this pace, once it has begun."""
        return seconds(pace, self.pictures, self.next_settings)

    @property
    def view(self) -> Image.Image | Step | None:
        """The picture to show and keep: the draft at first, then the newest step that is to be shown.

        Before there is a draft or a step it is the start image, if there is one.
        """
        first = min(DRAFT_STEPS, self.settings.steps // 2)
        early = self.step is None or self.step.number < first
        # Whoever stops early keeps the draft that they saw. A run that failed shows what it painted.
        drafted = early and self.draft and not self.error and (self.stopped or not self.finished)
        return self.draft if drafted else self.shown or self.pictures.start

    @property
    def canvas(self) -> Image.Image | None:
        """The picture that a further run can go on from; None where there is none yet."""
        view = self.view
        return to_image(view.pixels) if isinstance(view, Step) else view

    @property
    def current_settings(self) -> Settings:
        """The settings that the page's controls show: as handed in, with later adjustments."""
        return self.inputs.settings.with_live(self.next_settings)

    @property
    def painted_settings(self) -> Settings:
        """The settings as handed in, with the adjustments that the newest step was painted with."""
        return self.inputs.settings.with_live(self.settings)

    @property
    def in_photo_colours(self) -> bool:
        """Whether the finished picture has the photo's colours, by `recolour` or by its settings."""
        return bool(self.settings.photo_colours) if self.recoloured is None else self.recoloured

    def recolour(self, in_photo_colours: bool) -> None:
        """Gives the finished picture the photo's colours, or the painting's."""
        with self._resting:
            self._wake()  # what rests is not looked at by who writes it down
            self.recoloured = in_photo_colours

    def adjust(self, **values: Any) -> None:
        """Sets knobs that are `live` to other values, from the next step on.

        Raises:
            SettingsError: a value is not allowed; then no setting is changed.
        """
        with self._lock:
            if not self.finished:
                self.next_settings = self.settings.with_live(replace(self.next_settings, **values))

    def sketch(self, drafter: Drafter) -> None:
        """Makes the draft, unless masks, a start image, a weight of 0 or earlier steps rule it out."""
        whole = not any(self.pictures.masks) and self.pictures.start is None and self.before is None
        if not (whole and self.settings.content_weight and self.settings.style_weight):
            return
        photo = self.pictures.content
        draft = drafter(photo, [leading(self.pictures.styles, self.settings)])
        if draft is not None and self.settings.photo_colours:
            painted = to_tensor(draft.resize(photo.size))
            draft = to_image(keep_colours(painted, to_tensor(photo), self.settings.photo_colours))
        self.draft = draft

    def paint(self, runner: Runner) -> Generator[Step]:
        """Paints, and yields every step; a step is painted with the newest settings."""
        self.settings = settings = self.next_settings  # perhaps adjusted while it waited
        steps = rest_of(runner, self.pictures, settings, self.before)
        # `send` raises StopIteration after the last step.
        with contextlib.closing(steps), contextlib.suppress(StopIteration):
            step = next(steps)
            while True:
                self.take(step)
                yield step
                settings = self.next_settings
                step = steps.send(settings)
                self.settings = settings

    def take(self, step: Step) -> None:
        """Makes this step the newest."""
        self.step = step
        self.losses.append(LossPoint(*(getattr(step, name) for name in LossPoint._fields)))
        if step.due or self.shown is None:
            # A GPU that fails later cannot take this one away.
            shown = step if step.pixels.is_cpu else halved(step)
            with self._newly_shown:
                self.shown = shown
                self._newly_shown.notify_all()

    def steps_shown(self) -> Iterator[Step]:
        """Waits for the steps that are to be shown and yields them; a slow reader misses some.

        The last step comes twice: as it was painted, and in float16 as it is kept.
        """
        seen: Step | None = None

        def something_new() -> bool:
            return self.finished or self.shown is not seen

        while True:
            with self._newly_shown:
                self._newly_shown.wait_for(something_new)
                newest = self.shown
            if newest is None or newest is seen:
                return
            yield newest
            seen = newest

    def finish(self, error: StyleTransferError | None = None) -> None:
        """Ends the run; the newest step is the result, if there is one."""
        if self.at_rest:  # an earlier server has ended it
            super().finish(error)
            return
        try:
            result = self.step and halved(self.step)
        except Exception:  # the watchers must learn of the end, even if the device is lost
            _log.exception("the newest picture could not be fetched: an earlier one is kept")
            result, error = self.shown, error or StyleTransferError("server_failed")
        with self._newly_shown:
            self.step = self.shown = result
            self.before, self.woken = None, time.monotonic()
            with self._lock:
                self.next_settings = self.settings  # later adjustments had no effect
                super().finish(error)
            self._newly_shown.notify_all()


def halved(step: Step) -> Step:
    """The step as it is kept: off the device, in float16, whose 11 bits suffice for 8-bit pictures."""
    tensors = {name: getattr(step, name) for name in ("pixels", "photo", "cover")}
    halved = {name: tensor.half().cpu() for name, tensor in tensors.items() if tensor is not None}
    return replace(step, **halved)
