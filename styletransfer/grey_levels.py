"""Grey of 16 bits, 32 bits or floating point as 8 bits; Pillow's own conversion clips at 255."""

from collections.abc import Callable, Iterable

import numpy as np
from PIL import Image

_PHOTOMETRIC = 262  # the TIFF tag that says which end is white
_ROWS = 256  # that are looked at together

ToGrey = Callable[[Image.Image], Image.Image]


def is_deep(image: Image.Image) -> bool:
    """Whether the picture is one grey band of more than 8 bits."""
    return image.mode == "F" or image.mode.startswith("I")


def to_grey(image: Image.Image) -> ToGrey:
    """What makes an "L" picture of any part of this deep picture, from black to white.

    What is not a number counts as black, and says nothing about where white is.
    """
    darkest, brightest = _range(image)
    tags = getattr(image, "tag_v2", {})
    negative = tags.get(_PHOTOMETRIC) == 0  # Pillow turns around 8 bits only
    # No file says which number is white. Floats are found in 0..1 as well as in 0..255.
    whites = (1, 255, 65535) if image.mode == "F" else (65535,)
    white = next((white for white in whites if brightest <= white), brightest)

    def converted(part: Image.Image) -> Image.Image:
        with np.errstate(over="ignore"):
            tones = np.nan_to_num(_tones(part), nan=0, posinf=white, neginf=min(0, darkest))
            tones = (white - tones if negative else tones) * (255 / white) + 0.5
        return Image.fromarray(tones.clip(0, 255).astype(np.uint8))

    return converted


def _range(image: Image.Image) -> tuple[float, float]:
    """The smallest and the greatest finite value; 0 and 0 if there is none."""
    lows, highs = [0.0], [0.0]
    for part in bands(image, _ROWS):
        tones = _tones(part)
        finite = tones[np.isfinite(tones)]
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
    return min(lows), max(highs)


def _tones(image: Image.Image) -> np.ndarray:
    return np.array(image.convert("F"), float)


def bands(image: Image.Image, rows: int) -> Iterable[Image.Image]:
    """The picture from top to bottom in pieces of so many rows; the last one may be lower."""
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))
