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
from typing import Any

import numpy as np
import torch
from PIL import ExifTags, Image, PngImagePlugin
from torch import Tensor

from .errors import ImageError
from .picture_files import fitted_size, load_image, load_layer, size_of

__all__ = [
    "fitted_size",
    "load_image",
    "load_layer",
    "photo_at",
    "resize",
    "save_image",
    "size_of",
    "to_image",
    "to_tensor",
]

# Suffix -> options of Pillow's `save`.
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    ".png": {"format": "PNG"},
    ".jpg": {"format": "JPEG", "quality": 95, "subsampling": "4:4:4"},
    ".jpeg": {"format": "JPEG", "quality": 95, "subsampling": "4:4:4"},
    ".webp": {"format": "WEBP", "quality": 95},
}


def resize(image: Image.Image, size: int) -> Image.Image:
    """The picture with a long side of `size` pixels, enlarged or shrunk, antialiased (Lanczos)."""
    return image.resize(fitted_size(*image.size, size), Image.Resampling.LANCZOS)


def to_tensor(image: Image.Image, device: torch.device | str = "cpu") -> Tensor:
    """The "RGB" picture as a contiguous float32 tensor (1, 3, H, W) in [0, 1]."""
    pixels = torch.from_numpy(np.array(image)).to(device)  # (H, W, 3) uint8, a copy
    return (pixels.permute(2, 0, 1)[None].float() / 255).contiguous()


def photo_at(content: Image.Image, size: tuple[int, int], device: torch.device | str = "cpu") -> Tensor:
    """The content image at a scale as every run has it there: (1, 3, height, width).

    Args:
        content: of any size, of mode "RGB".
        size: (width, height) of the scale; of a tile its aspect differs a little from the photo's.
        device: where the tensor is put.
    """
    return to_tensor(content.resize(size, Image.Resampling.LANCZOS), device)


def to_image(tensor: Tensor) -> Image.Image:
    """The tensor (1, 3, H, W) in [0, 1] as an "RGB" picture, rounded to 0..255; NaN becomes black."""
    levels = tensor.detach()[0].float().nan_to_num(nan=0.0).clamp(0, 1) * 255
    pixels = levels.round().to(torch.uint8).permute(1, 2, 0).contiguous()  # (H, W, 3)
    return Image.fromarray(pixels.cpu().numpy())


def save_image(image: Image.Image, path: str | os.PathLike[str], **info: str) -> None:
    """Writes the picture as PNG, JPEG or WebP, by the suffix: the whole file, or none.

    Args:
        image: sRGB, of mode "RGB"; or "RGBA", which JPEG does not have.
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
        # A copy: Python 3.12.1 crashes when it collects a BytesIO whose buffer an error still holds.
        _write(encoded.getvalue(), path)
    except OSError as error:
        raise ImageError("cannot_be_saved", file=path.name, why=error.strerror) from error


def _write(data: bytes, path: Path) -> None:
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
