"""A finished picture painted larger: it is the start, and only the sizes above its own are painted.

The sizes are those of any run, each twice the one before, so that a picture painted small and then
larger has passed the same ones as a picture painted large at once. It begins with the small picture just
enlarged: with the photo's details added, as between the scales of a run, it ends a little worse
(LOG.md).
"""

from collections.abc import Sequence
from dataclasses import replace

from ..settings import Settings, knobs
from .schedule import Size, scale_sizes, shared_steps

_MOST_STEPS = next(knob.maximum for knob in knobs() if knob.name == "steps")


def larger(settings: Settings, size: int, photo: Size, paintings: Sequence[Size]) -> Settings:
    """The settings that paint a picture larger, from what they have painted: as many steps a size.

    Args:
        settings: which the small picture was painted with.
        size: the long side of the large one; more than that of the small one.
        photo: (width, height).
        paintings: (width, height) of each.

    Raises:
        ImageError: a picture's short side is too small even at the full size.
    """
    before = len(scale_sizes(photo, paintings, settings))
    each = shared_steps(settings.steps, before)[0]
    scales = sum(size >> k > settings.size for k in range(size.bit_length()))
    steps = min(each * scales, int(_MOST_STEPS or each))
    return replace(settings, size=size, scales=scales, steps=steps, start="image")
