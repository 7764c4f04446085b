"""The method as a generator of steps, coarse to fine; decides which optimiser paints.

Gatys, Ecker, Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks"; from the smallest
size to the one asked for, after Gatys et al. 2017, "Controlling Perceptual Factors in Neural Style
Transfer".
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, replace
from functools import partial

from torch import Tensor

from ..network.lost import failure_explained
from ..network.malloc import give_back
from ..network.shortage import MemoryShortage, shortage_explained
from ..network.vgg import VGG
from ..pictures import Pictures
from ..settings import Settings
from . import memory
from .adam import Adam
from .canvas import enlarged, first_canvas
from .descent import Descent, Evaluation
from .gradient_descent import FIRST_STEP, GradientDescent
from .lbfgs import LBFGS, history_for
from .neighbour_targets import StyleTargets
from .painting import Painting
from .scale import Scale, prepared
from .schedule import Size, adapts_before, schedule, seen_sizes, shared_steps
from .step import Step
from .stopwatch import Progress, Stopwatch


def stylize(
    pictures: Pictures, settings: Settings, network: VGG, kept_targets: StyleTargets | None = None
) -> Generator[Step, Settings | None]:
    """Steps that turn the content image into the manner of the style images.

    The generator may be closed at any step. Between steps it leaves no grad mode and no device set, so
    that another thread may go on with it. Settings that are sent into it count from the next step on,
    as far as their knobs are `live`.

    Args:
        pictures: the photo, the paintings, their masks, and what to start from.
        settings: every knob.
        network: from `vgg.load_network`; its device does the work.
        kept_targets: one object for all runs that may have paintings in common, so that what is seen in
            a painting at a size is computed once. By default each run computes it.

    Raises:
        ImageError: as `schedule`.
        SettingsError: as `schedule`, or the network does not have one of the layers.
        MemoryShortage: the picture is too large for the memory there is.
        DeviceLost: the GPU has failed.
    """
    prepare = partial(prepared, network=network, kept_targets=kept_targets)
    with failure_explained():
        yield from _in_memory(pictures, settings, network, prepare)


def _in_memory(
    pictures: Pictures, settings: Settings, network: VGG, prepare: Callable[..., Scale]
) -> Generator[Step, Settings | None]:
    """The steps, with no more blocks of the network in strips than the memory asks for."""
    sizes = schedule(pictures, settings)
    seen = seen_sizes([style.size for style in pictures.styles], settings.size, settings)
    masks = sum(mask is not None for mask in pictures.masks)
    blocks_in_strips = [
        memory.fitting_blocks(size, seen, masks, network.device, network.precision, settings.style_loss)
        for size in sizes
    ]
    width, height = sizes[-1]
    with shortage_explained(MemoryShortage("memory_ran_out", width=width, height=height)):
        yield from _coarse_to_fine(pictures, settings, prepare, sizes, blocks_in_strips)


def _coarse_to_fine(
    pictures: Pictures,
    settings: Settings,
    prepare: Callable[..., Scale],
    sizes: Sequence[Size],
    blocks_in_strips: Sequence[int],
) -> Generator[Step, Settings | None]:
    """The steps of all scales; each begins with the picture that the one before ended with."""
    steps = shared_steps(settings.steps, len(sizes))
    stopwatch = Stopwatch(sizes, steps, settings.show_every)
    canvas: Tensor | None = None
    blocks = 0
    for number, size in enumerate(sizes):
        # Where memory has run out at one size, the next one, which is larger, does not try with more.
        blocks = max(blocks, blocks_in_strips[number])
        painting = _painting(
            pictures, settings, partial(prepare, pictures, settings, size=size), blocks, canvas
        )
        canvas, settings = yield from _one_scale(painting, settings, steps[number], stopwatch)
        blocks = painting.blocks_in_strips
        # The next scale has no use for these blocks of memory, which are too small for it.
        del painting
        give_back()
        stopwatch.scale_finished()


def _painting(
    pictures: Pictures,
    settings: Settings,
    prepare: Callable[..., Scale],
    blocks_in_strips: int,
    canvas: Tensor | None,
) -> Painting:
    """The run at one size, begun with the picture of the scale before, or as `start` has it."""

    def tidily(blocks: int) -> Scale:
        scale = prepare(blocks_in_strips=blocks)
        give_back()  # what the style images took
        return scale

    def first(scale: Scale) -> Tensor:
        if canvas is None:
            return first_canvas(pictures, settings, scale.photo)
        return enlarged(canvas, scale.photo, detailed=settings.content_weight > 0)

    def descend(scale: Scale, start: Tensor) -> Descent:
        return _descent(scale, start, settings)

    return Painting(tidily, first, descend, blocks_in_strips, settings)


def _one_scale(
    painting: Painting, settings: Settings, steps: int, stopwatch: Stopwatch
) -> Generator[Step, Settings | None, tuple[Tensor, Settings]]:
    """The steps at one size; returns the best picture (1, 3, H, W), and the settings as last sent."""
    stopwatch.scale_prepared()
    for number in range(1, steps + 1):
        evaluation = painting.step(adapts=adapts_before(number, steps))
        if number == steps:
            evaluation = replace(painting.best, note=evaluation.note)
        sent = yield _step(evaluation, painting.scale, settings, stopwatch.step_done())
        changed = settings.with_live(sent or settings)
        if changed != settings:
            settings = changed
            painting.use_weights(settings)
    return evaluation.pixels, settings


def _descent(scale: Scale, canvas: Tensor, settings: Settings) -> Descent:
    """The optimisation of the canvas by the optimiser that the settings ask for."""
    if settings.optimiser == "adam":
        return Descent(scale.losses, canvas, Adam, settings.step_size)
    if settings.optimiser == "gradient":
        return Descent(scale.losses, canvas, GradientDescent, FIRST_STEP)
    height, width = canvas.shape[2:]
    return Descent(scale.losses, canvas, partial(LBFGS, history=history_for(height * width)))


def _step(evaluation: Evaluation, scale: Scale, settings: Settings, progress: Progress) -> Step:
    """What is handed out of an evaluation."""
    height, width = evaluation.pixels.shape[2:]
    return Step(
        **asdict(progress),
        width=width,
        height=height,
        content=evaluation.content,
        style=evaluation.style,
        smoothness=evaluation.smoothness,
        total=evaluation.total,
        pixels=evaluation.pixels,
        photo=scale.photo,
        cover=scale.cover,
        photo_colours=settings.photo_colours,
        opacity=scale.opacity,
        note=evaluation.note,
    )
