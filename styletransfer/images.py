"""Pictures in and out: files to PIL images, these to tensors of shape (1, 3, H, W), and back.

From `load_image` on, PIL images are upright, opaque and sRGB. Tensors are float32 in [0, 1], and sRGB as
it is stored, not linear light.
"""

import contextlib
import errno
import os
import uuid
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pillow_heif
import torch
from PIL import ExifTags, Image, PngImagePlugin, UnidentifiedImageError
from torch import Tensor

from .errors import ImageError
from .srgb import to_srgb

pillow_heif.register_heif_opener()
Image.init()  # here, before there are threads: Pillow would load its plugins in whichever uses it first

# Not every format of Pillow's: an EPS, for one, would start Ghostscript on a stranger's program.
_WANTED = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF", "BMP", "JPEG2000", "PPM")
_FORMATS = [name for name in _WANTED if name in Image.OPEN]  # AVIF came with Pillow 11.3

MAX_PIXELS = 89_478_485  # Pillow's own MAX_IMAGE_PIXELS, which by itself only warns

# Suffix -> options of Pillow's `save`.
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    ".png": {"format": "PNG"},
    ".jpg": {"format": "JPEG", "quality": 95, "subsampling": "4:4:4"},
    ".jpeg": {"format": "JPEG", "quality": 95, "subsampling": "4:4:4"},
    ".webp": {"format": "WEBP", "quality": 95},
}


def load_image(source: Any, name: str = "image", background: str = "white") -> Image.Image:
    """An upright, opaque sRGB picture of mode "RGB", decoded, with an empty `.info`.

    Of an animation it is the first frame. 16-bit grey keeps its tones.

    Args:
        source: a path, a file's bytes, a binary file (read from its start) or a PIL image.
        name: what error sentences call the picture, such as "content image".
        background: the colour behind transparent pixels.

    Raises:
        ImageError: it does not exist, is not a picture, is damaged, or has more than `MAX_PIXELS`.
    """
    if source is None or (isinstance(source, str) and not source.strip()):
        vowel = name[:1].lower() in "aeiou"
        raise ImageError("picture_missing_after_an" if vowel else "picture_missing", name=name)
    what = name
    if isinstance(source, Image.Image):
        return _load(source, what, background)
    if isinstance(source, (str, os.PathLike)):
        # Only the last part of the path: a visitor need not know the server's folders.
        what += f" ({Path(source).name})"
        if os.path.isdir(source):
            raise ImageError("picture_is_a_folder", name=what)
    with _open(source, what) as file:
        return _load(file, what, background)


def size_of(source: Any) -> tuple[int, int] | None:
    """(width, height) in pixels of the upright picture, or None if it is not a picture.

    The pixels are not decoded, so that this is quick.
    """
    try:
        file = BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(file, formats=_FORMATS) as image:
            upright = image.format in ("TIFF", "HEIF")  # whose decoders apply the orientation themselves
            sideways = not upright and image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
            return image.size[::-1] if sideways else image.size
    except Exception:  # every decoder fails in its own way; `load_image` says what is wrong
        return None


def fitted_size(width: int, height: int, size: int) -> tuple[int, int]:
    """(width, height) in pixels with the long side `size` and the same aspect, rounded, at least 1."""
    longest = max(width, height)
    return max(1, round(width * size / longest)), max(1, round(height * size / longest))


def load_layer(source: Any) -> Image.Image:
    """What somebody painted over a picture in the page's editor: an "RGBA" picture.

    Raises:
        ImageError: the file does not exist any more, or is not a PNG or WebP of at most `MAX_PIXELS`.
    """
    try:
        with Image.open(source, formats=["PNG", "WEBP"]) as layer:
            if layer.width * layer.height <= MAX_PIXELS:
                return layer.convert("RGBA")
    except Exception:  # every decoder fails in its own way
        pass
    raise ImageError("strokes_unreadable")


def resize(image: Image.Image, size: int) -> Image.Image:
    """The picture with a long side of `size` pixels, enlarged or shrunk, antialiased (Lanczos)."""
    return image.resize(fitted_size(*image.size, size), Image.Resampling.LANCZOS)


def to_tensor(image: Image.Image, device: torch.device | str = "cpu") -> Tensor:
    """The "RGB" picture as a contiguous float32 tensor (1, 3, H, W) in [0, 1]."""
    pixels = torch.from_numpy(np.array(image)).to(device)  # (H, W, 3) uint8, a copy
    return (pixels.permute(2, 0, 1)[None].float() / 255).contiguous()


def to_image(tensor: Tensor) -> Image.Image:
    """The tensor (1, 3, H, W) in [0, 1] as an "RGB" picture, rounded to 0..255; NaN becomes black."""
    levels = tensor.detach()[0].float().nan_to_num(nan=0.0).clamp(0, 1) * 255
    pixels = levels.round().to(torch.uint8).permute(1, 2, 0).contiguous()  # (H, W, 3)
    return Image.fromarray(pixels.cpu().numpy())


def save_image(image: Image.Image, path: str | os.PathLike[str], **info: str) -> None:
    """Writes the picture as PNG, JPEG or WebP, by the suffix: the whole file, or none.

    Args:
        image: sRGB, of mode "RGB".
        path: of the file; an existing one is replaced.
        info: texts to keep in the file, by name: as text chunks in a PNG, else as lines "name: text" in
            EXIF's ImageDescription.

    Raises:
        ImageError: an unknown suffix, a folder that does not exist or may not be written to, or a size
            that the format does not allow.
    """
    path = Path(path)
    options = _SAVE_OPTIONS.get(path.suffix.lower())
    if options is None:
        suffixes = ", ".join(_SAVE_OPTIONS)
        raise ImageError("unknown_suffix", file=repr(path.name), suffixes=suffixes)
    encoded = BytesIO()
    try:
        # Without a colour profile, which means sRGB everywhere.
        image.save(encoded, **options, **_text_options(options["format"], info), icc_profile=None)
    except (OSError, ValueError) as error:
        raise ImageError(
            "too_large_for_format",
            file=path.name,
            format=options["format"],
            width=image.width,
            height=image.height,
        ) from error
    try:
        _write(encoded.getbuffer(), path)
    except OSError as error:
        raise ImageError("cannot_be_saved", file=path.name, why=error.strerror) from error


def _write(data: memoryview, path: Path) -> None:
    """Makes a file of these bytes, which is whole whenever it is there, even after a power failure."""
    # In the same folder, because os.replace is atomic only within one file system.
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            _synchronise(file.fileno())
        os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):  # renamed, as it should be, or never written
            part.unlink()


def _synchronise(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot
            raise


def _text_options(format: str, info: Mapping[str, str]) -> dict[str, Any]:
    """The options of Pillow's `save` that keep these texts in the file."""
    if format == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add(b"sRGB", b"\0")  # with perceptual intent
        for name, text in info.items():
            chunks.add_itxt(name, text)
        return {"pnginfo": chunks}
    if not info:
        return {}
    exif = Image.Exif()
    lines = "\n".join(f"{name}: {text}" for name, text in info.items())
    exif[ExifTags.Base.ImageDescription] = lines.encode()  # Pillow would write a str as ASCII
    return {"exif": exif.tobytes()}


def _open(source: Any, what: str) -> BinaryIO:
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


def _load(source: BinaryIO | Image.Image, what: str, background: str) -> Image.Image:
    """The decoded picture; whatever fails is raised as an ImageError that says what is wrong."""
    try:
        if isinstance(source, Image.Image):
            return _checked(source, what, background)
        with Image.open(source, formats=_FORMATS) as image:
            return _checked(image, what, background)
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # The warning arrives here only where warnings are errors. The size stands in its text alone.
        pixels = next(int(word) for word in str(error).replace("(", " ").split() if word.isdigit())
        raise _too_many(pixels, what) from error
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


def _checked(image: Image.Image, what: str, background: str) -> Image.Image:
    """The picture made plain, if it has pixels, and not too many; they are decoded only here."""
    if image.width * image.height > MAX_PIXELS:
        raise _too_many(image.width * image.height, what)
    if 0 in image.size:
        raise ImageError("picture_without_pixels", name=what)
    return to_srgb(image, background)


def _too_many(pixels: int, what: str) -> ImageError:
    most = MAX_PIXELS // 10**6
    return ImageError("too_many_pixels", name=what, megapixels=pixels / 1e6, most=most)
