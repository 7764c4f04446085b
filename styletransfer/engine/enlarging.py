"""A finished picture painted larger: it is the start, and only the sizes above its own are painted.

The sizes are those of any run, each twice the one before, so that a picture painted small and then
larger has passed the same ones as a picture painted large at once.
"""

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from ..images import resize, to_image, to_tensor
from ..settings import Settings, knobs
from .canvas import enlarged
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


def start_of(small: Image.Image, photo: Image.Image, settings: Settings) -> Image.Image:
    """What the larger picture begins with: the small one in its first size, with the photo's details.

    Args:
        small: the finished picture.
        photo: which it was painted from, in full size.
        settings: from `larger`.
    """
    first = settings.size >> (settings.scales - 1)
    content = to_tensor(resize(photo, first))
    return to_image(enlarged(to_tensor(small), content, detailed=settings.content_weight > 0))
