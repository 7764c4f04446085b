"""Picture files in: from a path, bytes, an open file or a PIL image to plain "RGB" pictures.

Without torch, so that the small processes which read visitors' files start quickly.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pillow_heif
from PIL import Image, UnidentifiedImageError

from . import picture_limits
from .errors import ImageError
from .file_colours import colours_of
from .picture_limits import MAX_PIXELS
from .srgb import Plain, to_srgb, transposition

pillow_heif.register_heif_opener()
Image.init()  # here, before there are threads: Pillow would load its plugins in whichever uses it first

_FORMATS = picture_limits.formats()
_UPRIGHT = ("TIFF", "HEIF")  # whose decoders apply the orientation themselves
_SIDEWAYS = (
    *(Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270),
    *(Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90),
)


@dataclass(frozen=True)
class Wanted:
    """How a picture is wanted.

    Attributes:
        background: the colour behind transparent pixels; None for white, or grey where nothing would be
            seen on white.
        largest: the long side in pixels to which a larger picture is reduced; None for its own size.
        narrowest: a picture whose short side would become smaller than this is not reduced.
    """

    background: str | None = None
    largest: int | None = None
    narrowest: int = 0


@dataclass(frozen=True)
class Reading:
    """A picture that has been read.

    Attributes:
        plain: the picture, as wanted.
        size: (width, height) of the upright picture in the file.
        format: of the file, by Pillow's name.
        drawn: whether it has transparency or a palette, as drawings have rather than photos.
        shown_alike: whether a browser shows the file itself just so.
    """

    plain: Plain
    size: tuple[int, int]
    format: str
    drawn: bool
    shown_alike: bool


def load_image(source: Any, name: str = "image", background: str | None = None) -> Image.Image:
    """An upright, opaque sRGB picture of mode "RGB", decoded, with an empty `.info`.

    Of an animation it is the first frame. 16-bit grey keeps its tones.

    Args:
        source: a path, a file's bytes, a binary file (read from its start) or a PIL image.
        name: what error sentences call the picture, such as "content image".
        background: the colour behind transparent pixels; None for white, or grey where nothing would be
            seen on white.

    Raises:
        ImageError: it does not exist, is not a picture, is damaged, or is larger than `picture_limits`.
    """
    return read(source, name, Wanted(background)).plain.image


def read(source: Any, name: str, wanted: Wanted) -> Reading:
    """The picture as it is wanted, and what was found in its file.

    Args:
        source: as `load_image` takes it.
        name: what error sentences call the picture.
        wanted: how the picture is wanted.

    Raises:
        ImageError: as `load_image`.
    """
    if source is None or (isinstance(source, str) and not source.strip()):
        vowel = name[:1].lower() in "aeiou"
        raise ImageError("picture_missing_after_an" if vowel else "picture_missing", name=name)
    what = name
    if isinstance(source, Image.Image):
        return _read(source, what, wanted)
    if isinstance(source, (str, os.PathLike)):
        # Only the last part of the path: a visitor need not know the server's folders.
        what += f" ({Path(source).name})"
        if os.path.isdir(source):
            raise ImageError("picture_is_a_folder", name=what)
    with _file(source, what) as file:
        return _read(file, what, wanted)


def size_of(source: Any) -> tuple[int, int] | None:
    """(width, height) in pixels of the upright picture, or None if it is not a picture.

    The pixels are not decoded, so that this is quick.
    """
    try:
        file = BytesIO(source) if isinstance(source, bytes) else source
        with _quietly(), Image.open(file, formats=_FORMATS) as image:
            return image.size[::-1] if _lies(image) else image.size
    except Exception:  # every decoder fails in its own way; `load_image` says what is wrong
        return None


def fitted_size(width: int, height: int, size: int) -> tuple[int, int]:
    """(width, height) in pixels with the long side `size` and the same aspect, rounded, at least 1."""
    longest = max(width, height)
    return max(1, round(width * size / longest)), max(1, round(height * size / longest))


def load_layer(source: Any) -> Image.Image:
    """What somebody painted over a picture in the page's editor: an "RGBA" picture.

    Raises:
        ImageError: the file does not exist any more, or is not a PNG or WebP within `picture_limits`.
    """
    try:
        with _quietly(), Image.open(source, formats=["PNG", "WEBP"]) as layer:
            picture_limits.check(layer, "")
            return layer.convert("RGBA")
    except Exception:  # every decoder fails in its own way
        raise ImageError("strokes_unreadable") from None


def _file(source: Any, what: str) -> BinaryIO:
    """The source's bytes as a seekable file at its start, which the caller closes."""
    try:
        if isinstance(source, (str, os.PathLike)):
            return open(source, "rb")
        if isinstance(source, (bytes, bytearray, memoryview)):
            return BytesIO(source)
        if hasattr(source, "read"):
            if hasattr(source, "seek"):
                source.seek(0)
            data = source.read()
            if isinstance(data, bytes):
                return BytesIO(data)
    except FileNotFoundError as error:
        raise ImageError("picture_not_there", name=what) from error
    except (OSError, ValueError) as error:  # ValueError for a closed file, or a NUL in the path
        why = getattr(error, "strerror", None) or str(error)
        raise ImageError("picture_cannot_be_opened", name=what, why=why) from error
    raise ImageError("picture_of_wrong_type", name=what, type=type(source).__name__)


@contextmanager
def _quietly() -> Iterator[None]:
    """Without Pillow's warnings of large pictures and broken EXIF: what matters is an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _read(source: BinaryIO | Image.Image, what: str, wanted: Wanted) -> Reading:
    """The picture that was read; whatever fails is raised as an ImageError that says what is wrong."""
    try:
        with _quietly():
            if isinstance(source, Image.Image):
                return _decoded(source, what, wanted)
            with Image.open(source, formats=_FORMATS) as image:
                return _decoded(image, what, wanted)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        # The size stands in its text alone.
        pixels = next(int(word) for word in str(error).replace("(", " ").split() if word.isdigit())
        raise picture_limits.too_many(pixels, what) from error
    except UnidentifiedImageError as error:
        raise _unidentified(source, what) from error
    except MemoryError as error:
        raise ImageError("picture_exceeds_memory", name=what) from error
    except Exception as error:
        # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError, IndexError
        # and more, all for the same reason.
        raise ImageError("picture_damaged", name=what) from error


def _unidentified(source: Any, what: str) -> ImageError:
    """The error for a file that Pillow does not take for a picture."""
    source.seek(0)
    head = source.read(2048)
    if not head:
        return ImageError("picture_empty", name=what)
    is_svg = b"<svg" in head.lower()
    return ImageError("picture_is_svg" if is_svg else "picture_unreadable", name=what)


def _decoded(image: Image.Image, what: str, wanted: Wanted) -> Reading:
    """The picture made plain and reduced; its pixels are decoded only here."""
    picture_limits.check(image, what)
    stored = image.size
    drawn = image.mode in ("1", "P", "PA") or image.has_transparency_data
    alike = _shown_alike(image) and _target(stored, wanted) is None
    longest = max(_target(stored, wanted) or stored)
    if image.width * image.height > MAX_PIXELS:
        longest = min(longest, max(stored) // 2)
    image.draft(None, fitted_size(*stored, longest))  # a JPEG; it is not made smaller than that
    plain = to_srgb(image, wanted.background, max(1, max(image.size) // longest))
    target = _target(plain.image.size, wanted)
    if target:
        smaller = plain.image.resize(target, Image.Resampling.LANCZOS)
        plain = replace(plain, image=smaller)
    # Only after decoding, because a PNG may store its EXIF after the pixels.
    size = stored[::-1] if _lies(image) else stored
    return Reading(plain, size, str(image.format), drawn, alike)


def _lies(image: Image.Image) -> bool:
    """Whether the picture has to be turned by a quarter."""
    return image.format not in _UPRIGHT and transposition(image) in _SIDEWAYS


def _target(size: tuple[int, int], wanted: Wanted) -> tuple[int, int] | None:
    """The size to which the upright picture is reduced; None if it keeps its own."""
    if wanted.largest is None or max(size) <= wanted.largest:
        return None
    smaller = fitted_size(*size, wanted.largest)
    return None if min(smaller) < wanted.narrowest else smaller


def _shown_alike(image: Image.Image) -> bool:
    """Whether browsers can only show the file as it is read here: nothing in it is open to opinion."""
    return (
        image.format in ("JPEG", "PNG", "WEBP", "BMP")
        and image.mode in ("L", "RGB", "P")
        and not image.has_transparency_data
        and not getattr(image, "is_animated", False)
        and {"exif", "xmp", "XML:com.adobe.xmp"}.isdisjoint(image.info)
        and colours_of(image) == (None, False)
    )
