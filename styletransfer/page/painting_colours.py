"""The colours by which a painting is found and sorted, as people would name them from across the room.

They are measured in Oklab (https://bottosson.github.io/posts/oklab), in which equal distances look
equal, and from the tone of old paper and varnish, which is in all paintings and names none of them.
"""

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

# In the order of the wall. The six hues begin at these angles in degrees, by looking at the catalogue.
_BEGINS = {"red": 350, "orange": 42, "yellow": 76, "green": 118, "blue": 185, "violet": 290}
COLOURS = (*_BEGINS, "brown", "grey")

_PAPER = np.array([0.006, 0.035])  # Oklab's a and b of old paper
_FAINT = 0.05  # chroma from there on that is seen as a colour
_LEAST = 0.0025  # mean chroma of a hue that names a painting
_BESIDE = 0.4  # share of the first colour's that a further colour needs
_BROWN = 0.65  # lightness below which orange and yellow are brown
_WARM = 0.02  # Oklab's b from which a painting without a hue is brown rather than grey

_TO_LMS = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
_TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


@cache
def colours_of_file(file: Path) -> tuple[str, ...]:
    """The colours of the painting in this file, as `colours_of` gives them."""
    with Image.open(file) as image:
        image.draft("RGB", (96, 96))  # a large JPEG is decoded smaller, which is quicker
        return colours_of(image)


def colours_of(image: Image.Image) -> tuple[str, ...]:
    """The names of its colours from `COLOURS`, at least one, the most conspicuous first."""
    small = image.convert("RGB").resize((48, 48), Image.Resampling.BOX)
    light, a, b = np.moveaxis(_oklab(np.asarray(small) / 255), 2, 0)
    shares = _shares(light, a - _PAPER[0], b - _PAPER[1])
    first = max(shares, key=lambda name: shares[name])
    if shares[first] < _LEAST:
        return ("brown" if b.mean() > _WARM else "grey",)
    enough = max(_LEAST, _BESIDE * shares[first])
    ranked = sorted(shares, key=lambda name: -shares[name])
    return tuple(name for name in ranked if shares[name] >= enough)


def _shares(light: np.ndarray, a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    """How much chroma each colour adds to the mean of all pixels."""
    chroma, angle = np.hypot(a, b), np.degrees(np.arctan2(b, a))
    chroma[chroma < _FAINT] = 0
    begins = np.array(list(_BEGINS.values()))
    # Angles from where red begins; the last hue that has begun is the pixel's.
    turned = (angle - begins[0]) % 360
    names = np.array(list(_BEGINS))[np.digitize(turned, (begins - begins[0]) % 360) - 1]
    names[np.isin(names, ["orange", "yellow"]) & (light < _BROWN)] = "brown"
    return {name: float(chroma[names == name].sum() / chroma.size) for name in COLOURS}


def _oklab(srgb: np.ndarray) -> np.ndarray:
    """Oklab's L, a, b of sRGB colours from 0 to 1; both of shape (H, W, 3)."""
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ np.transpose(_TO_LMS)) @ np.transpose(_TO_LAB)
