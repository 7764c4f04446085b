"""Files that visitors hand in: their photo in several formats, and files that are no pictures."""

import io
import random
import zlib
from collections.abc import Callable

from PIL import Image

from .photos import Photo

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")


def good(photo: Photo, random: random.Random) -> tuple[str, bytes]:
    """The photo in one of the formats: the file's name and content."""
    kind = random.choice(FORMATS)
    file = io.BytesIO()
    photo.image.save(file, kind)
    return f"photo.{kind.lower()}", file.getvalue()


def bad(photo: Photo, random: random.Random) -> tuple[str, str, bytes]:
    """A file that no picture can be painted from: what it is, its name and content."""
    kind = random.choice(list(_BAD))
    name, make = _BAD[kind]
    return kind, name, make(photo)


def _of_size(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()


def _bomb() -> bytes:
    """A PNG that declares 900 megapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    side = (30_000).to_bytes(4, "big")
    header = chunk(b"IHDR", side * 2 + bytes([8, 2, 0, 0, 0]))
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


_BAD: dict[str, tuple[str, Callable[[Photo], bytes]]] = {
    "a text called a photo": ("photo.jpg", lambda _: b"Dear diary, today it rained."),
    "an empty file": ("photo.png", lambda _: b""),
    "a photo that is cut off": ("photo.png", lambda photo: photo.file[: len(photo.file) // 2]),
    "an SVG drawing": ("photo.svg", lambda _: b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "a strip of 2000 x 3 pixels": ("photo.png", lambda _: _of_size(2000, 3)),
    "900 megapixels": ("photo.png", lambda _: _bomb()),
    "zeros": ("photo.webp", lambda _: bytes(5000)),
}
