"""Which sizes a run paints, with how many steps each, and whether its pictures allow it.

Coarse to fine: large strokes are laid down where they take few pixels, details where they take many.
Needs the pictures' sizes only; `schedule` checks besides what else has to be right before a run begins.
"""

from collections.abc import Sequence
from typing import cast

from ..errors import ImageError, SettingsError
from ..images import fitted_size
from ..pictures import Pictures
from ..settings import Settings, knobs
from .masks import check_masks

Size = tuple[int, int]  # width and height in pixels

# Short side at least of any picture as the network sees it: relu5_1 of 32 x 32 pixels is 2 x 2.
SMALLEST_SIDE = 32
# Long side of the first scale at least; below it the style's layout takes the place of the photo's
# (LOG.md).
SMALLEST_SCALE = 128
# The same for the style loss by neighbours, which keeps the layout of the photo at any size: what is
# laid down at the smallest size are the broadest strokes.
SMALLEST_BY_NEIGHBOURS = 64
# The same where the photo does not count; below it the style image is copied (LOG.md).
SMALLEST_TEXTURE = 256
# Before each step of a scale whose number this divides the style term may choose anew what it compares
# with (LOG.md).
_ADAPTED_EVERY = 6
# What divides the sides of a tile: 16 pixels lie between two positions of block 5, the deepest, and a
# tile that is moved by half of itself still meets those positions, so that no loss changes.
_TILED = 2 * 16
_LARGEST_SIZE = cast(int, next(knob.maximum for knob in knobs() if knob.name == "size"))


def schedule(pictures: Pictures, settings: Settings) -> list[Size]:
    """The sizes (width, height) to be painted one after the other, the last one as asked for.

    Args:
        pictures: of a run.
        settings: of the same run.

    Raises:
        ImageError: a picture is missing, or its short side is too small even at the full size; masks
            and styles do not go together.
        SettingsError: there are more shares than styles, or a start image that is not asked for.
    """
    if not pictures.styles:
        raise ImageError("no_painting")
    settings.shares(len(pictures.styles))
    check_masks(pictures.masks, len(pictures.styles))
    if settings.start == "image" and pictures.start is None:
        raise ImageError("start_image_missing")
    if settings.start != "image" and pictures.start is not None:
        raise SettingsError("start_image_not_asked_for", value=repr(settings.start))
    return scale_sizes(pictures.content.size, [style.size for style in pictures.styles], settings)


def scale_sizes(content: Size, styles: Sequence[Size], settings: Settings) -> list[Size]:
    """The sizes to be painted one after the other, for pictures of which only the sizes are known.

    Each is twice the one before. Sizes under `SMALLEST_SCALE` (`SMALLEST_TEXTURE` where the content
    weight is 0), or with a picture's short side under `SMALLEST_SIDE`, are left out, and there are no
    more sizes than steps.

    Args:
        content: the size of the photo.
        styles: the sizes of the style images, at least one.
        settings: of which the size, the scales, the steps, the brush scale, the content weight and the
            tile count.

    Raises:
        ImageError: a picture's short side is too small even at the full size.
    """
    brush = settings.brush_scale
    _check_short_side("photo", content, settings.size, 1.0)
    for width, height in styles:
        if min(width, height) < SMALLEST_SIDE:
            raise ImageError("painting_too_small", width=width, height=height, least=SMALLEST_SIDE)
        _check_short_side("painting", (width, height), round(settings.size * brush), brush)
    smallest = max(
        _smallest_scale(settings),
        SMALLEST_SIDE * max(content) / min(content),
        *(SMALLEST_SIDE * max(style) / min(style) / brush for style in styles),
    )
    longs = [settings.size >> k for k in reversed(range(min(settings.scales, settings.steps)))]
    sizes = [fitted_size(*content, long) for long in longs if long == settings.size or long >= smallest]
    return [_of_tile(size) for size in sizes] if settings.tile else sizes


def seen_sizes(styles: Sequence[Size], size: int, settings: Settings) -> list[Size]:
    """The sizes in which the network sees the style images beside a picture of some size.

    Args:
        styles: the sizes of the style images.
        size: the long side of the picture.
        settings: of which the brush scale counts: larger style images show larger strokes.
    """
    long = round(size * settings.brush_scale)
    return [fitted_size(*style, long) for style in styles]


def shared_steps(steps: int, scales: int) -> list[int]:
    """How many of the steps each scale gets: equal shares, and the remainder to the last.

    Args:
        steps: of the whole run, at least as many as scales.
        scales: how many there are.
    """
    return [steps // scales] * (scales - 1) + [steps - steps // scales * (scales - 1)]


def _of_tile(size: Size) -> Size:
    """The nearest size of which the network's poolings cut off no edge, nor one of its half."""
    width, height = (max(SMALLEST_SIDE, round(length / _TILED) * _TILED) for length in size)
    return width, height


def _smallest_scale(settings: Settings) -> int:
    """The long side of the first scale at least."""
    if settings.style_loss == "neighbours":
        return SMALLEST_BY_NEIGHBOURS
    return SMALLEST_SCALE if settings.content_weight else SMALLEST_TEXTURE


def adapts_before(number: int, steps: int) -> bool:
    """Whether the style term chooses anew what it compares with before a step; see `Term.adapt`.

    Args:
        number: of the step within its scale, from 1.
        steps: how many the scale has; the last ones are left to finish what they have begun.
    """
    return number % _ADAPTED_EVERY == 0 and steps - number >= _ADAPTED_EVERY // 2


def _check_short_side(name: str, picture: Size, size: int, brush: float) -> None:
    """Raises where a picture is too narrow to be seen at a size; advises a larger one if that helps."""
    short = min(fitted_size(*picture, size))
    if short >= SMALLEST_SIDE:
        return
    fields: dict[str, str | int] = {
        "name": name,
        "width": picture[0],
        "height": picture[1],
        "size": size,
        "short": short,
        "least": SMALLEST_SIDE,
    }
    helps = min(fitted_size(*picture, round(_LARGEST_SIZE * brush))) >= SMALLEST_SIDE
    if brush == 1:
        raise ImageError("too_narrow" if helps else "too_narrow_even_at_largest", **fields)
    raise ImageError(
        "too_narrow_for_brush" if helps else "too_narrow_for_brush_even_at_largest",
        **fields,
        brush=brush,
    )
