"""Small pictures as data URLs, which are part of the page and need no request and no file."""

import base64
from io import BytesIO
from pathlib import Path

from PIL import Image


def data_url(image: Image.Image, quality: int, kind: str = "JPEG") -> str:
    """A data URL that holds the picture.

    Args:
        image: a small picture, because all of its data becomes part of the page.
        quality: of the encoding, 0 to 100.
        kind: "JPEG" or "WEBP".
    """
    data = BytesIO()
    image.save(data, kind, quality=quality)
    return _url(data.getvalue(), kind)


def of_file(file: Path) -> str:
    """A data URL that holds this file, a small picture whose ending is its kind, such as `.webp`."""
    return _url(file.read_bytes(), file.suffix[1:])


def _url(data: bytes, kind: str) -> str:
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data).decode()}"
