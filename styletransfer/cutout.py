"""A photo with transparency, taken apart: colours everywhere, and how opaque each pixel is.

What is painted from the colours becomes transparent again by the opacity.
"""

from dataclasses import replace
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops

from .errors import ImageError
from .picture_files import Wanted, read


def has_transparency(source: Any) -> bool:
    """Whether a picture file can have transparent pixels, by its header.

    Args:
        source: a path or a file's bytes; one that cannot be opened has none.
    """
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source) as image:
            return image.has_transparency_data
    except Exception:  # every decoder fails in its own way, and `load_image` says so
        return False


def load_cutout(
    source: Any, name: str = "image", wanted: Wanted | None = None
) -> tuple[Image.Image, Image.Image | None]:
    """The picture as `read` gives it, and its opacity, of mode "L"; None if the file has none.

    Where it is transparent the colours around go on, so that no edge is seen there which is none, and no
    fringe of a background remains in half-transparent pixels. What the file has there does not count.

    Args:
        source: a path or a file's bytes.
        name: what error sentences call the picture.
        wanted: how the picture is wanted; None for its own size.

    Raises:
        ImageError: as `read`, or it is transparent all over.
    """
    wanted = wanted or Wanted()
    if not has_transparency(source):
        return read(source, name, wanted).plain.image, None
    # Over black each colour is there times its opacity; over white it is brighter by what is missing.
    black, white = (
        read(source, name, replace(wanted, background=ground)).plain.image
        for ground in ("black", "white")
    )
    opacity = ImageChops.invert(ImageChops.difference(white, black).getchannel("G"))
    if opacity.getextrema()[1] == 0:
        raise ImageError("photo_is_transparent", name=name)
    return _extended(black, opacity), opacity


def cut_out(image: Image.Image, opacity: Image.Image | None) -> Image.Image:
    """The picture of mode "RGBA" with this opacity, whose size may be another; as it is without one."""
    if opacity is None:
        return image
    image = image.copy()
    image.putalpha(opacity.resize(image.size, Image.Resampling.LANCZOS))
    return image


def on_white(image: Image.Image) -> Image.Image:
    """The picture of mode "RGB", for formats that have no transparency."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _extended(weighted: Image.Image, opacity: Image.Image) -> Image.Image:
    """The colours, given times their opacity, laid over those of ever larger surroundings."""
    levels = [Image.merge("RGBa", (*weighted.split(), opacity))]
    while max(levels[-1].size) > 1:
        width, height = levels[-1].size
        half = max(1, width // 2), max(1, height // 2)
        levels.append(levels[-1].resize(half, Image.Resampling.BOX))
    *finer, coarsest = levels
    colours = coarsest.convert("RGBA").convert("RGB")
    for level in reversed(finer):
        *channels, opaque = level.split()
        around = colours.resize(level.size, Image.Resampling.BILINEAR)
        missing = Image.merge("RGB", [ImageChops.invert(opaque)] * 3)
        colours = ImageChops.add(Image.merge("RGB", channels), ImageChops.multiply(around, missing))
    return colours
