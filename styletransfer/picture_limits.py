"""Which picture files are opened: their formats and sizes, checked before a pixel is decoded.

Within these limits no file that was tried took a gigabyte or four seconds of one core.
"""

from typing import Any

from PIL import Image

from .errors import ImageError

# Not every format of Pillow's: an EPS, for one, would start Ghostscript on a stranger's program.
_WANTED = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF", "BMP", "JPEG2000", "PPM")

MAX_PIXELS = 100_000_000
MAX_SIDE = 65_500  # pixels, as libjpeg has it
_MAX_METADATA = 16_000_000  # bytes of profile, EXIF, XMP and texts together
# Formats with other limits, in pixels. A JPEG is reduced while it is decoded, unless it is progressive;
# Pillow itself opens no more. JPEG 2000 takes several times as long as others, and Python itself reads
# the numbers of a PPM in plain text.
_MAX_JPEG = 2 * 89_478_485
_MAX_BY_FORMAT = {"JPEG2000": 24_000_000}
_MAX_PLAIN_TEXT = 1_000_000
_PLAIN_TEXT = ("ppm_plain",)  # Pillow's name of the decoder


def formats() -> list[str]:
    """The formats that are opened, by Pillow's names; AVIF came with Pillow 11.3."""
    return [name for name in _WANTED if name in Image.OPEN]


def check(image: Image.Image, what: str) -> None:
    """Refuses a picture that is empty, too large or overloaded, by what its header says.

    Args:
        image: as Pillow has opened it.
        what: what error sentences call it.

    Raises:
        ImageError: it is.
    """
    width, height = image.size
    if 0 in (width, height):
        raise ImageError("picture_without_pixels", name=what)
    if max(width, height) > MAX_SIDE:
        raise ImageError("side_too_long", name=what, width=width, height=height, most=MAX_SIDE)
    if width * height > _most_pixels(image):
        raise too_many(width * height, what, _most_pixels(image))
    if _metadata(image.info) > _MAX_METADATA:
        raise ImageError("too_much_metadata", name=what, most=_MAX_METADATA // 10**6)


def too_many(pixels: int, what: str, most: int = MAX_PIXELS) -> ImageError:
    """The error for a picture of so many pixels."""
    return ImageError("too_many_pixels", name=what, megapixels=pixels / 1e6, most=most // 10**6)


def _most_pixels(image: Image.Image) -> int:
    if image.format in ("JPEG", "MPO") and "progressive" not in image.info:
        return _MAX_JPEG
    tiles = getattr(image, "tile", ())
    if image.format == "PPM" and any(tile[0] in _PLAIN_TEXT for tile in tiles):
        return _MAX_PLAIN_TEXT
    return _MAX_BY_FORMAT.get(str(image.format), MAX_PIXELS)


def _metadata(info: dict[Any, Any]) -> int:
    return sum(len(value) for value in info.values() if isinstance(value, (bytes, str)))
