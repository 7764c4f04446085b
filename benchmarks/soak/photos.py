"""Visitors' photos, made so that each can be recognised in what was painted from it."""

import colorsys
import io
import random
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

CELLS = (
    8  # a side of the pattern; two random patterns of 64 cells correlate by 0.125 (standard deviation)
)
_PIXELS = 160  # a side of the photo
# As in HSV; with more colour, the draft of a violet photo has less of its pattern (a likeness of 0.46).
_SATURATION = 0.15
_DARK, _LIGHT = 0.1, 1.0  # the values of the two kinds of cells
# Between what was measured for pictures painted with the settings of `visitor.py` (0.71 at least, of
# 200 drafts) and for other patterns (0.49 at most, of 100 with each other).
RECOGNISED = 0.65


@dataclass(frozen=True)
class Photo:
    """A pattern of light and dark cells in one hue, which is the visitor's.

    Attributes:
        visitor: the number of the visitor whose photo it is.
        hue: from 0 to 1; people tell the visitors' pictures apart by it.
        cells: -1 for dark and 1 for light, of shape (CELLS, CELLS).
    """

    visitor: int
    hue: float
    cells: tuple[tuple[int, ...], ...]

    @property
    def image(self) -> Image.Image:
        """The photo, `_PIXELS` on each side."""
        tones = [
            [colorsys.hsv_to_rgb(self.hue, _SATURATION, _LIGHT if cell > 0 else _DARK) for cell in row]
            for row in self.cells
        ]
        small = Image.fromarray((np.array(tones) * 255).astype(np.uint8))
        return small.resize((_PIXELS, _PIXELS), Image.Resampling.NEAREST)

    @cached_property
    def file(self) -> bytes:
        """The photo as a PNG."""
        file = io.BytesIO()
        self.image.save(file, "PNG")
        return file.getvalue()

    def likeness(self, picture: Image.Image) -> float:
        """How far the picture's light and dark places are those of this photo, from -1 to 1."""
        grey = picture.convert("L").resize((CELLS, CELLS), Image.Resampling.BOX)
        found = np.asarray(grey, float)
        found -= found.mean()
        expected = np.array(self.cells, float)
        expected -= expected.mean()
        scale = np.linalg.norm(found) * np.linalg.norm(expected)
        return float((found * expected).sum() / scale) if scale else 0.0


class Album:
    """All photos that were handed in.

    Args:
        visitors: how many there are, between whom the hues are divided.
    """

    def __init__(self, visitors: int) -> None:
        self._visitors = visitors
        self._photos: list[Photo] = []

    def photo(self, visitor: int, random: random.Random) -> Photo:
        """A new photo of this visitor."""
        cells = tuple(tuple(random.choice((-1, 1)) for _ in range(CELLS)) for _ in range(CELLS))
        self._photos.append(Photo(visitor, visitor / self._visitors, cells))
        return self._photos[-1]

    def whose(self, picture: Image.Image) -> Photo | None:
        """The photo that the picture was painted from; None if it is like none of them."""
        best = self.nearest(picture)
        return best if best and best.likeness(picture) >= RECOGNISED else None

    def nearest(self, picture: Image.Image) -> Photo | None:
        """The photo that is most like the picture, however little that is."""
        return max(self._photos, key=lambda photo: photo.likeness(picture), default=None)
