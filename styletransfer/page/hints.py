"""What usually disappoints, said before it is painted: a sentence each, never more than advice.

Pure rules over settings and the sizes of pictures. The thresholds are by eye (`STRONG`, `FAINT`:
astronaut and wave, 160 px) or where enlarging begins to show.
"""

import torch

from ..engine import memory
from ..images import fitted_size
from ..settings import Settings
from .i18n.translate import ENGLISH, Words

Size = tuple[int, int]  # width and height in pixels

STRONG, FAINT = 10, 0.1  # style weight over content weight
ENLARGED = 2  # times
LARGE, STEPS_PER_PIXEL = 640, 1 / 10  # from this size on a picture wants that many steps


def hints(
    settings: Settings,
    photo: Size | None,
    style: Size | None,
    room: float = float("inf"),
    texts: Words = ENGLISH,
    precision: torch.dtype | None = None,
) -> list[str]:
    """Sentences, the weightiest first; none if there is nothing to say.

    Args:
        photo, style: None while there is none.
        room: the bytes that are free for painting.
        precision: the network's.
    """
    found = []
    looked_at = fitted_size(*style, round(settings.size * settings.brush_scale)) if style else None
    canvas = fitted_size(*photo, settings.size) if photo else (settings.size, settings.size * 3 // 4)
    least = memory.comfortable_blocks(canvas[0] * canvas[1], most=0, precision=precision)
    wanted = memory.needed(canvas, [looked_at or canvas], blocks=least, precision=precision)
    if wanted > room:
        needs, there = (texts.number(f"{each / 1e9:.1f}") for each in (wanted, room))
        found.append(texts.HINT_MEMORY.format(size=settings.size, needs=needs, there=there))
    if style and min(looked_at) > ENLARGED * min(style) and settings.style_weight:
        found.append(texts.HINT_STYLE_SMALL.format(width=style[0], height=style[1]))
    if photo and max(canvas) > ENLARGED * max(photo) and settings.content_weight:
        found.append(texts.HINT_PHOTO_SMALL.format(width=photo[0], height=photo[1], size=settings.size))
    # A weight of 0 is asked for on purpose. What another scaling's weights mean is not known here.
    if settings.content_weight and settings.style_weight and settings.scaling == "relative":
        ratio = settings.style_weight / settings.content_weight
        if ratio >= STRONG:
            found.append(texts.HINT_STRONG)
        elif ratio <= FAINT:
            found.append(texts.HINT_FAINT)
    if settings.size >= LARGE and settings.steps < settings.size * STEPS_PER_PIXEL:
        found.append(texts.HINT_FEW_STEPS.format(size=settings.size, steps=settings.steps))
    return found
