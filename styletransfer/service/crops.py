"""Crops: rectangles cut out of paintings, to be used in place of the whole painting.

A crop is enlarged to the size that the whole painting would have had, so its strokes are larger. The
file name of a crop cannot be guessed; whoever knows it may see the whole painting.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ..engine.schedule import SMALLEST_SIDE
from ..errors import ImageError
from ..images import save_image
from ..pictures import STYLES
from . import decoding
from .inputs import wanted

_LARGEST = 2048  # long side in pixels; no picture is painted from more
_MOST = 500  # crops that are remembered

Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Crop:
    """A rectangle of a painting.

    Attributes:
        source: the painting's file.
        box: left, top, right, bottom, as shares of the painting's width and height.
    """

    source: Any
    box: Box = WHOLE


class Crops:
    """Cuts crops, and remembers the painting and the rectangle of each crop.

    Args:
        folder: where crops are written. Gradio shows a copy, so the files are not needed for long.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._crops: dict[str, Crop] = {}  # by the name of the file, oldest first

    def source_of(self, file: Any) -> Crop:
        """The painting and the rectangle that a crop was cut from; for another file, all of it."""
        crop = self._crops.get(Path(file).name) if isinstance(file, str) else None
        return crop if crop and Path(crop.source).exists() else Crop(file)

    def cut(self, source: str, box: Any) -> Path:
        """The path of a new file with this rectangle of the painting.

        Args:
            source: the painting's file.
            box: as `Crop.box`.

        Raises:
            ImageError: the box is no rectangle, or too small; or the painting cannot be read.
        """
        image = decoding.picture(source, STYLES["style"], wanted("style")).image
        left, top, right, bottom = pixels = _pixels(box, image)
        if min(right - left, bottom - top) < SMALLEST_SIDE:
            raise ImageError(
                "part_too_small", width=right - left, height=bottom - top, least=SMALLEST_SIDE
            )
        crop = image.crop(pixels)
        crop.thumbnail((_LARGEST, _LARGEST), Image.Resampling.LANCZOS)
        name = f"part-{secrets.token_urlsafe(16)}.jpg"
        self.folder.mkdir(parents=True, exist_ok=True)
        save_image(crop, self.folder / name)
        while len(self._crops) >= _MOST:
            del self._crops[next(iter(self._crops))]
        self._crops[name] = Crop(source, tuple(box))
        return self.folder / name


def _pixels(box: Any, image: Image.Image) -> tuple[int, int, int, int]:
    """The box in whole pixels, limited to the picture."""
    try:
        left, top, right, bottom = (min(max(float(share), 0.0), 1.0) for share in box)
        width, height = image.size
        return round(left * width), round(top * height), round(right * width), round(bottom * height)
    except (TypeError, ValueError):  # rounding NaN is a ValueError
        raise ImageError("part_not_drawn") from None
