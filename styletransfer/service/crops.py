"""Parts cut out of paintings, and the whole paintings that they are from.

A smaller part looked at in the same size has larger strokes. Whoever has the name of a part, which
nobody can guess, may see the whole.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ..engine.stylize import SMALLEST_SIDE
from ..errors import ImageError
from ..images import load_image, save_image
from ..pictures import STYLES

_LARGEST = 2048  # as large as any picture is looked at
_MOST = 500  # parts that are remembered


@dataclass(frozen=True)
class Part:
    """A rectangle of a picture, in shares of its width and height: left, top, right, bottom."""

    whole: str  # its file
    box: tuple[float, float, float, float]


class Parts:
    """Cuts, and remembers from what.

    Args:
        folder: for the files; whoever shows them takes a copy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts: dict[str, Part] = {}

    def whole(self, file: Any) -> Part:
        """What this file was cut from, and where; itself, if it was not."""
        part = self._parts.get(Path(file).name) if isinstance(file, str) else None
        return part if part and Path(part.whole).exists() else Part(file, (0.0, 0.0, 1.0, 1.0))

    def cut(self, whole: str, box: Any) -> Path:
        """A new file with this part of the picture.

        Args:
            box: as `Part.box`.

        Raises:
            ImageError: it is no rectangle, or too small; or the picture cannot be read.
        """
        image = load_image(whole, STYLES["style"])
        left, top, right, bottom = pixels = _pixels(box, image)
        if min(right - left, bottom - top) < SMALLEST_SIDE:
            raise ImageError(
                "part_too_small", width=right - left, height=bottom - top, least=SMALLEST_SIDE
            )
        part = image.crop(pixels)
        part.thumbnail((_LARGEST, _LARGEST), Image.Resampling.LANCZOS)
        name = f"part-{secrets.token_urlsafe(16)}.jpg"
        self.folder.mkdir(parents=True, exist_ok=True)
        save_image(part, self.folder / name)
        while len(self._parts) >= _MOST:
            del self._parts[next(iter(self._parts))]
        self._parts[name] = Part(whole, tuple(box))
        return self.folder / name


def _pixels(box: Any, image: Image.Image) -> tuple[int, int, int, int]:
    try:
        sides = (min(max(float(each), 0.0), 1.0) for each in box)
        left, top, right, bottom = (
            round(share * pixels) for share, pixels in zip(sides, image.size * 2, strict=True)
        )
    except (TypeError, ValueError):  # of NaN, too
        raise ImageError("part_not_drawn") from None
    return left, top, right, bottom
