"""Pictures as data URLs: the page asks nobody for them, and nobody else can."""

import base64
from io import BytesIO

from PIL import Image


def data_url(image: Image.Image, quality: int, kind: str = "JPEG") -> str:
    """The picture itself in place of an address.

    Args:
        image: a small one, as all of it stands in the page.
        quality: 0 to 100.
        kind: "JPEG" or "WEBP".
    """
    data = BytesIO()
    image.save(data, kind, quality=quality)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data.getvalue()).decode()}"
