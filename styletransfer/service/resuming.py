"""A run goes on where an earlier server was ended: the steps that were left, from the kept picture."""

from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import replace

from PIL import Image

from ..engine.canvas import enlarged
from ..engine.schedule import schedule, shared_steps
from ..engine.step import Step
from ..images import photo_at, to_image
from ..pictures import Pictures
from ..settings import Settings
from .job import Runner


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
