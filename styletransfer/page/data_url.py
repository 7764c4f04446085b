"""Small pictures as data URLs, which are part of the page and need no request and no file."""

import base64
from io import BytesIO

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
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data.getvalue()).decode()}"
