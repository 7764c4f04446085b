"""Small copies of the catalogue's pictures, which the browser fetches when they come into view.

They are made when first asked for, so that none can differ from its picture, and then kept in memory.
Their addresses hold a hash of the picture, so that a browser never needs to ask twice.
"""

import hashlib
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..catalogue import catalogue

# Pixels of the long side, by what the copy is for; those of the wall and of the corners are square.
_SIZES = {"wall": 192, "corner": 96, "card": 480}
_SQUARE = {"wall", "corner"}
_QUALITY = 72  # of WebP: 3 to 12 kB for a painting on the wall, and no blocks are seen
_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable"}


def address(file: Path, purpose: str) -> str:
    """Where the page finds a small copy, relative to its own address.

    Args:
        file: one of the catalogue's pictures.
        purpose: "wall", "corner" (of a card) or "card".
    """
    return f"thumbnails/{purpose}/{file.parent.name}/{file.stem}.webp?{_hash(file)}"


def route() -> Route:
    """`/thumbnails/<purpose>/<folder>/<name>.webp`."""
    return Route("/thumbnails/{purpose}/{folder}/{name}.webp", _answer)


def _answer(request: Request) -> Response:
    purpose, folder, name = (request.path_params[each] for each in ("purpose", "folder", "name"))
    file = _files().get((folder, name))
    if file is None or purpose not in _SIZES:
        return Response(status_code=404)
    return Response(thumbnail(file, purpose), media_type="image/webp", headers=_HEADERS)


@cache
def thumbnail(file: Path, purpose: str) -> bytes:
    """The small copy as a WebP file."""
    size, data = _SIZES[purpose], BytesIO()
    with Image.open(file) as image:
        image.draft("RGB", (2 * size, 2 * size))  # a large JPEG is decoded smaller, which is quicker
        small = image.convert("RGB")
    if purpose in _SQUARE:
        small = ImageOps.fit(small, (size, size))
    else:
        small.thumbnail((size, size))
    small.save(data, "WEBP", quality=_QUALITY)
    return data.getvalue()


@cache
def _files() -> dict[tuple[str, str], Path]:
    """Every picture of the catalogue that is there, by its folder and its name without ending."""
    art = catalogue()
    files = [each.file for each in (*art.photos, *art.styles)] + [each.result for each in art.examples]
    return {(file.parent.name, file.stem): file for file in files if file.exists()}


@cache
def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]
