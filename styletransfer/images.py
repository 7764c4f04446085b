"""Pictures in and out: files and PIL images to tensors of shape (1, 3, H, W), and back.

Tensors are float32, sRGB as stored (not linear light), in [0, 1]. What a person may hand in is made
plain here once: upright, opaque, sRGB. Knows nothing of networks, losses or pages.
"""

import contextlib
import os
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pillow_heif
import torch
from PIL import ExifTags, Image, ImageCms, PngImagePlugin, UnidentifiedImageError
from torch import Tensor

from .errors import ImageError

pillow_heif.register_heif_opener()
Image.init()  # once, here: Pillow would load its plugins in whichever thread comes first

# Not all that Pillow opens: an EPS, for one, would start Ghostscript on a stranger's program.
_FORMATS = ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF", "BMP", "JPEG2000", "PPM"]
_FORMATS = [each for each in _FORMATS if each in Image.OPEN]  # AVIF came with Pillow 11.3

MAX_PIXELS = 89_478_485  # Pillow's own MAX_IMAGE_PIXELS, which by itself only warns

_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_SAVE_OPTIONS = {
    ".png": {"format": "PNG"},
    ".jpg": {"format": "JPEG", "quality": 95, "subsampling": "4:4:4"},
    ".jpeg": {"format": "JPEG", "quality": 95, "subsampling": "4:4:4"},
    ".webp": {"format": "WEBP", "quality": 95},
}


def load_image(source: Any, name: str = "image", background: str = "white") -> Image.Image:
    """An upright, opaque sRGB picture of mode "RGB", decoded, with nothing left in `.info`.

    Of an animation the first frame; 16-bit grey with its tones kept.

    Args:
        source: a path, a file's bytes, a binary file (read from its start) or a PIL image.
        name: which picture this is, in error sentences: "content image".
        background: the colour over which transparency is laid.

    Raises:
        ImageError: nothing there, not a picture, damaged, or more than `MAX_PIXELS`.
    """
    if source is None or (isinstance(source, str) and not source.strip()):
        vowel = name[:1].lower() in "aeiou"
        raise ImageError("picture_missing_after_an" if vowel else "picture_missing", name=name)
    what = name
    if isinstance(source, Image.Image):
        return _load(source, what, background)
    if isinstance(source, (str, os.PathLike)):
        # A path's last part only: the rest is the server's own business.
        what += f" ({Path(source).name})"
        if os.path.isdir(source):
            raise ImageError("picture_is_a_folder", name=what)
    with _open(source, what) as file:
        return _load(file, what, background)


def size_of(source: Any) -> tuple[int, int] | None:
    """(width, height) in pixels of an upright picture, without decoding it; None where it is none."""
    try:
        file = BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(file, formats=_FORMATS) as image:
            own = image.format in ("TIFF", "HEIF")  # whose readers turn it themselves
            turned = not own and image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
            return image.size[::-1] if turned else image.size
    except Exception:  # every decoder fails in its own way; what is wrong is said by `load_image`
        return None


def fitted_size(width: int, height: int, size: int) -> tuple[int, int]:
    """(width, height) in pixels with the long side `size`; same aspect, rounded, at least 1."""
    longest = max(width, height)
    return max(1, round(width * size / longest)), max(1, round(height * size / longest))


def load_layer(source: Any) -> Image.Image:
    """What was painted over a picture, as an editor sends it: of mode "RGBA", its transparency kept.

    Raises:
        ImageError: it is gone, or not such a layer.
    """
    try:
        with Image.open(source, formats=["PNG", "WEBP"]) as layer:
            if layer.width * layer.height <= MAX_PIXELS:
                return layer.convert("RGBA")
    except Exception:  # as in _load: every decoder fails in its own way
        pass
    raise ImageError("strokes_unreadable")


def resize(image: Image.Image, size: int) -> Image.Image:
    """The picture with its long side `size` pixels, enlarged or shrunk; antialiased (Lanczos)."""
    return image.resize(fitted_size(*image.size, size), Image.Resampling.LANCZOS)


def to_tensor(image: Image.Image, device: torch.device | str = "cpu") -> Tensor:
    """(1, 3, H, W), float32 in [0, 1], of an "RGB" picture."""
    pixels = torch.from_numpy(np.array(image)).to(device)  # (H, W, 3) uint8, a copy
    return (pixels.permute(2, 0, 1)[None].float() / 255).contiguous()


def to_image(tensor: Tensor) -> Image.Image:
    """An "RGB" picture of a (1, 3, H, W) tensor: [0, 1] to 0..255, rounded; NaN becomes black."""
    levels = tensor.detach()[0].float().nan_to_num(nan=0.0).clamp(0, 1) * 255
    pixels = levels.round().to(torch.uint8).permute(1, 2, 0).contiguous()  # (H, W, 3)
    return Image.fromarray(pixels.cpu().numpy())


def save_image(image: Image.Image, path: str | os.PathLike, **info: str) -> None:
    """The picture in a file, as PNG, JPEG or WebP by the suffix, complete or not at all.

    Args:
        image: sRGB, of mode "RGB".
        path: replaced if it exists.
        info: texts to keep in the file: text chunks of a PNG; else lines "name: text" in
            EXIF's ImageDescription.

    Raises:
        ImageError: an unknown suffix, a folder that is missing or closed, a size that the format
            does not allow.
    """
    path = Path(path)
    options: dict[str, Any] | None = _SAVE_OPTIONS.get(path.suffix.lower())
    if options is None:
        suffixes = ", ".join(_SAVE_OPTIONS)
        raise ImageError("unknown_suffix", file=repr(path.name), suffixes=suffixes)
    options = options | {"icc_profile": None}  # untagged means sRGB everywhere
    if options["format"] == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add(b"sRGB", b"\0")  # perceptual intent
        for key, text in info.items():
            chunks.add_itxt(key, text)
        options["pnginfo"] = chunks
    elif info:
        exif = Image.Exif()
        lines = "\n".join(f"{key}: {text}" for key, text in info.items())
        exif[ExifTags.Base.ImageDescription] = lines.encode()  # a str would become ASCII
        options["exif"] = exif.tobytes()
    # In the same folder, because os.replace is atomic only within one file system.
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        image.save(part, **options)
        os.replace(part, path)
    except (OSError, ValueError) as error:
        if getattr(error, "strerror", None):
            raise ImageError("cannot_be_saved", file=path.name, why=error.strerror) from error
        raise ImageError(
            "too_large_for_format",
            file=path.name,
            format=options["format"],
            width=image.width,
            height=image.height,
        ) from error
    finally:
        with contextlib.suppress(OSError):  # gone, as it should be, or never there
            part.unlink()


def _open(source: Any, what: str) -> BinaryIO:
    """The source's bytes as a seekable file, at its start, that is ours to close."""
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
    except (OSError, ValueError) as error:  # ValueError: a closed file, a NUL in the path
        why = getattr(error, "strerror", None) or str(error)
        raise ImageError("picture_cannot_be_opened", name=what, why=why) from error
    raise ImageError("picture_of_wrong_type", name=what, type=type(source).__name__)


def _load(source: BinaryIO | Image.Image, what: str, background: str) -> Image.Image:
    """`load_image` after the source has been opened; says what is wrong with it."""
    try:
        if isinstance(source, Image.Image):
            return _plain(source, what, background)
        with Image.open(source, formats=_FORMATS) as image:
            return _plain(image, what, background)
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # The warning only where warnings are errors. Its words hold the only trace of the size.
        pixels = next(int(word) for word in str(error).replace("(", " ").split() if word.isdigit())
        raise _too_many(pixels, what) from error
    except UnidentifiedImageError as error:
        source.seek(0)
        head = source.read(2048)
        if not head:
            raise ImageError("picture_empty", name=what) from error
        if b"<svg" in head.lower():
            raise ImageError("picture_is_svg", name=what) from error
        raise ImageError("picture_unreadable", name=what) from error
    except MemoryError as error:
        raise ImageError("picture_exceeds_memory", name=what) from error
    except Exception as error:
        # Each of Pillow's decoders has its own way to fail: OSError, SyntaxError, ValueError,
        # struct.error, EOFError, IndexError, ... all for the same reason.
        raise ImageError("picture_damaged", name=what) from error


def _plain(image: Image.Image, what: str, background: str) -> Image.Image:
    """A new "RGB" picture: upright, sRGB, transparency over the background."""
    if image.width * image.height > MAX_PIXELS:
        raise _too_many(image.width * image.height, what)
    if 0 in image.size:
        raise ImageError("picture_without_pixels", name=what)
    image.load()
    icc = image.info.get("icc_profile")
    try:
        # After load(): TIFF has turned itself by then, PNG may store its EXIF after the pixels.
        turn = _TURN.get(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # a broken EXIF block is no reason to refuse the picture
        turn = None

    alpha = None
    if image.mode == "F" or image.mode.startswith("I"):
        image = _eight_bits(image)
    elif image.has_transparency_data:
        rgba = image.convert("RGBA")
        alpha = rgba.getchannel("A")
        image = rgba.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
    elif image.mode not in ("L", "RGB", "CMYK", "LAB"):
        image = image.convert("L" if image.mode == "1" else "RGB")

    plain = Image.new("RGB", image.size, background)
    plain.paste(_to_srgb(image, icc), mask=alpha)
    return plain if turn is None else plain.transpose(turn)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit or floating-point grey as "L"; Pillow's own conversion cuts off at 255."""
    tones = image.convert("F")
    brightest = tones.getextrema()[1]
    # Files do not say which number is white; floats come as 0..1 as well as 0..255.
    whites = (1, 255, 65535) if image.mode == "F" else (65535,)
    white = next((each for each in whites if brightest <= each), brightest)
    return tones.point(lambda tone: tone * (255 / white) + 0.5).convert("L")


def _to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """An "L", "RGB", "CMYK" or "LAB" picture as sRGB; without a usable profile, Pillow's way."""
    try:
        if image.mode == "LAB":
            profile = ImageCms.createProfile("LAB")
        elif icc:
            profile = ImageCms.ImageCmsProfile(BytesIO(icc))
            if image.mode == "L" and profile.profile.xcolor_space == "RGB ":
                image = image.convert("RGB")
            if ImageCms.getProfileDescription(profile).startswith("sRGB"):
                return image.convert("RGB")  # nothing to convert: 12 megapixels 0.9 -> 0.2 s
        else:
            return image.convert("RGB")
        return ImageCms.profileToProfile(
            image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image.convert("RGB")  # a broken profile, or one of another kind of picture


def _too_many(pixels: int, what: str) -> ImageError:
    most = MAX_PIXELS // 10**6
    return ImageError("too_many_pixels", name=what, megapixels=pixels / 1e6, most=most)
