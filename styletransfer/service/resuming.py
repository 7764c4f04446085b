"""A run goes on where it was cut off: the steps that were left, from the newest picture there is of it.

It is cut off when the server ends, when the process that paints it is lost, or when settings change that
this process cannot be told of.
"""

from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import dataclass, replace

from PIL import Image

from ..engine.canvas import enlarged
from ..engine.schedule import schedule, shared_steps
from ..engine.step import Step
from ..errors import StyleTransferError
from ..images import photo_at, to_image
from ..pictures import Pictures
from ..settings import Settings
from .job import Runner

# How often the process that paints a run may be lost without a new picture in between. What ends it
# again and again, such as a system that is short of memory, would else do so for ever.
_MOST_LOSSES = 3


class PainterLost(Exception):
    """The process that paints has ended in the middle of a run; another one can go on."""


def rest_of(
    runner: Runner, pictures: Pictures, settings: Settings, before: Step | None
) -> Generator[Step, Settings | None]:
    """The steps that are left after a step, numbered as if the run had never been interrupted.

    They are shared out anew among the sizes that are left, so that a size may get a step more or less
    than it would have had; and the optimiser has to learn the curvature anew.

    Args:
        runner: paints.
        pictures: of the run, as it was begun.
        settings: of the run, as it was begun, with later adjustments.
        before: the newest step that is kept; None: all steps are left.
    """
    if before is None:
        yield from runner(pictures, settings)
        return
    left = settings.steps - before.number
    if left <= 0:
        return
    scale, canvas = _next_canvas(pictures, settings, before)
    scales = before.scales - scale + 1
    further = replace(settings, start="image", steps=left, scales=min(scales, left))
    steps = runner(replace(pictures, start=canvas), further)
    with closing(steps), suppress(StopIteration):  # which `send` raises after the last step
        step = next(steps)
        while True:
            step = steps.send((yield _numbered(step, before, settings)))


def anew_when_changed(
    runner: Runner, pictures: Pictures, settings: Settings
) -> Generator[Step, Settings | None]:
    """The steps of a run by a runner that cannot be sent anything.

    When settings change, its run is closed, and the steps that are left are painted by another one, from
    the picture so far.

    Args:
        runner: paints.
        pictures: of the run.
        settings: of the run.
    """
    before: Step | None = None
    while True:
        steps = rest_of(runner, pictures, settings, before)
        before, settings = yield from _until_changed(steps, settings)
        if before is None:
            return


def despite_losses(
    runner: Runner, pictures: Pictures, settings: Settings
) -> Generator[Step, Settings | None]:
    """The steps of a run by processes that may be lost; after a loss it goes on from the newest picture.

    What was painted since that picture is painted again, while the steps' number stands still. The steps
    after a loss have a note, until their picture is due.

    Args:
        runner: paints; raises `PainterLost`.
        pictures: of the run.
        settings: of the run.

    Raises:
        StyleTransferError: too many processes were lost one after the other.
    """
    run = _Cut(settings)
    while True:
        try:
            yield from _counted(rest_of(runner, pictures, run.settings, run.before), run)
            return
        except PainterLost:
            run.losses += 1
            run.noted = run.before is not None
        if run.losses == _MOST_LOSSES:
            raise StyleTransferError("painters_lost", times=_MOST_LOSSES)


@dataclass
class _Cut:
    """A run that may be cut off, and what is needed to go on.

    Attributes:
        settings: the newest.
        before: the newest step whose own picture has come; None before the first.
        number: of the newest step.
        losses: how many processes were lost since that picture.
        noted: whether the steps that come say so.
    """

    settings: Settings
    before: Step | None = None
    number: int = 0
    losses: int = 0
    noted: bool = False


def _counted(steps: Generator[Step, Settings | None], run: _Cut) -> Generator[Step, Settings | None]:
    """The steps, whose numbers never go back; notes in the run how far it is."""
    with closing(steps), suppress(StopIteration):
        step = next(steps)
        while True:
            if run.before is None or step.pixels is not run.before.pixels:
                run.before, run.losses = step, 0
            run.number = max(step.number, run.number)
            note = step.note or ("painter_lost" if run.noted else "")
            run.noted = run.noted and not step.due
            sent = yield replace(step, number=run.number, note=note)
            run.settings = run.settings.with_live(sent or run.settings)
            step = steps.send(sent)


def _until_changed(
    steps: Generator[Step, Settings | None], settings: Settings
) -> Generator[Step, Settings | None, tuple[Step | None, Settings]]:
    """These steps; returns the step after which settings were sent that differ, or None, and them."""
    with closing(steps), suppress(StopIteration):
        while True:
            step = next(steps)
            changed = settings.with_live((yield step) or settings)
            if changed != settings and step.number < step.steps:
                return step, changed
    return None, settings


def _next_canvas(pictures: Pictures, settings: Settings, before: Step) -> tuple[int, Image.Image]:
    """The scale at which the next step is painted, from 1, and what it begins with."""
    sizes = schedule(pictures, settings)
    done = sum(shared_steps(settings.steps, len(sizes))[: before.scale])
    if before.number < done or before.scale >= len(sizes):
        return before.scale, to_image(before.pixels)
    photo = photo_at(pictures.content, sizes[before.scale])
    grown = enlarged(before.pixels.float(), photo, detailed=settings.content_weight > 0)
    return before.scale + 1, to_image(grown)


def _numbered(step: Step, before: Step, settings: Settings) -> Step:
    """The step as one of the whole run."""
    return replace(
        step,
        number=before.number + step.number,
        steps=settings.steps,
        scale=before.scales - step.scales + step.scale,
        scales=before.scales,
        elapsed=before.elapsed + step.elapsed,
    )
