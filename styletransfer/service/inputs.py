"""What a visitor hands in: reads the pictures, and combines them into what a run paints from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageChops, ImageOps

from ..engine.schedule import SMALLEST_SIDE
from ..errors import ImageError
from ..images import fitted_size, resize
from ..picture_files import Wanted
from ..pictures import KEEP, MASKS, NAMES, OPACITY, REQUIRED, START, STYLES, Pictures
from ..settings import Settings
from . import decoding

# What can be painted over the photo: a mask for each painting, and what to keep.
PAINTED = (*MASKS, KEEP)
# The brush strokes of all these masks as one file, by the side of the pictures in `pictures.NAMES`.
STROKES = "strokes"
NAMED = {**NAMES, STROKES: "mask drawing"}
# Their brush colours: easy to tell apart, and rare in photos.
MASK_COLOURS = ("#e6194b", "#1f9bff", "#ffd500", "#a23bff", "#12d66a")
MASK_OPACITY = 0.6  # of a stroke, so that the photo is seen under it
# What share of the colour a stroke may have where it lies over another one.
_SHARES = (1.0, 0.85, 0.7, 0.6, 0.52)


@dataclass(frozen=True)
class Inputs:
    """What a visitor handed in for one job, to be filled in again after a reload.

    Attributes:
        settings: the values of all knobs.
        files: paths of the pictures, by their names in `NAMED`.
    """

    settings: Settings
    files: Mapping[str, str] = field(default_factory=dict)


def read(
    files: Mapping[str, Any], cutout: Any = None
) -> tuple[dict[str, Image.Image], dict[str, ImageError]]:
    """The usable pictures by name, and the errors of the unusable ones by name.

    Args:
        files: what `load_image` takes, by a name in `NAMED`. A picture that is missing or None was not
            handed in, which is an error only for the two in `REQUIRED`. Strokes become masks, each
            joined with the uploaded mask of the same name.
        cutout: the photo's file with its transparency, if that is kept: then the photo is read from it,
            and its opacity is among the pictures.
    """
    images: dict[str, Image.Image] = {}
    wrong: dict[str, ImageError] = {}
    for name in NAMES:
        if files.get(name) is None and name not in REQUIRED:
            continue
        try:
            if name == "content" and cutout is not None:
                images |= _cut_out(cutout)
            else:
                images[name] = decoding.picture(files.get(name), NAMES[name], wanted(name)).image
        except ImageError as error:
            wrong[name] = error.alone()
    try:
        images |= _with_uploaded(masks_in(files.get(STROKES)), images)
    except ImageError as error:
        wrong[STROKES] = error.alone()
    return images, wrong


def _cut_out(file: Any) -> dict[str, Image.Image]:
    photo, opacity = decoding.cutout(file, NAMES["content"], wanted("content"))
    return {"content": photo} if opacity is None else {"content": photo, OPACITY: opacity}


def wanted(name: str) -> Wanted:
    """How the picture of this name in `pictures.NAMES` is wanted: no larger than it is used."""
    # Transparent parts of a mask were not painted, so they become black. A very narrow picture keeps its
    # size: it is refused later, by an error that names this size.
    return Wanted("black" if name in PAINTED else None, decoding.LARGEST, SMALLEST_SIDE)


def combine(images: Mapping[str, Image.Image]) -> Pictures:
    """The pictures as one value: the photo, the paintings in order with their masks, and the rest.

    Args:
        images: the usable pictures from `read`.

    Raises:
        ImageError: there is a mask whose style is missing.
    """
    for style, mask in zip(STYLES, MASKS, strict=True):
        if mask in images and style not in images:
            raise ImageError("mask_without_painting", mask=MASKS[mask], painting=STYLES[style])
    given = [
        (images[style], images.get(mask))
        for style, mask in zip(STYLES, MASKS, strict=True)
        if style in images
    ]
    styles, masks = zip(*given, strict=True)
    masks = masks if any(masks) else ()
    more = (images.get(name) for name in (START, KEEP, OPACITY))
    return Pictures(images["content"], styles, masks, *more)


def _with_uploaded(
    painted: Mapping[str, Image.Image], uploaded: Mapping[str, Image.Image]
) -> dict[str, Image.Image]:
    """The painted masks, each joined with the uploaded mask of the same name, if there is one."""
    return {
        name: ImageChops.lighter(uploaded[name].convert("L").resize(mask.size), mask)
        if name in uploaded
        else mask
        for name, mask in painted.items()
    }


def masks_in(strokes: Any) -> dict[str, Image.Image]:
    """The masks that were painted over the photo, by name; none in which nothing was painted.

    Args:
        strokes: the file of the strokes, as `decoding.layer` takes it, or None.

    Raises:
        ImageError: it is no picture.
    """
    return painted_masks(decoding.layer(strokes)) if strokes else {}


def painted_masks(layer: Image.Image) -> dict[str, Image.Image]:
    """The masks that were painted over the photo with `MASK_COLOURS`, by name; of mode "L".

    Args:
        layer: the brush strokes, of mode "RGBA". A pixel belongs to the mask of the nearest colour; of a
            mixture, where one stroke lies over another, to the mask of the upper one.
    """
    mixtures, tops = _mixtures()
    palette = Image.new("P", (1, 1))
    palette.putpalette(mixtures)
    nearest = layer.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    alpha = layer.getchannel("A").point([min(255, round(a / MASK_OPACITY)) for a in range(256)])
    black = Image.new("L", layer.size)
    masks = {}
    for index, name in enumerate(PAINTED):
        table = [255 * (colour < len(tops) and tops[colour] == index) for colour in range(256)]
        mask = Image.composite(alpha, black, nearest.point(table, "L"))
        if mask.getbbox():
            masks[name] = mask
    return masks


def _mixtures() -> tuple[list[int], list[int]]:
    """The colours that strokes over strokes have, one after the other, and the mask of the upper one."""
    colours = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in MASK_COLOURS]
    palette: list[int] = []
    tops = []
    for top, upper in enumerate(colours):
        for lower in colours:
            for share in _SHARES:
                palette += [
                    round(share * u + (1 - share) * v) for u, v in zip(upper, lower, strict=True)
                ]
                tops.append(top)
    return palette, tops


def no_larger_than_painted(pictures: Pictures, settings: Settings) -> Pictures:
    """The pictures, shrunk to the sizes that these settings use; masks in mode "L"."""
    brush = round(settings.size * max(1, settings.brush_scale))
    canvas = fitted_size(*pictures.content.size, settings.size)
    return Pictures(
        no_larger(pictures.content, settings.size),
        tuple(no_larger(style, brush) for style in pictures.styles),
        tuple(_mask_no_larger(mask, settings.size) for mask in pictures.masks),
        pictures.start and ImageOps.fit(pictures.start, canvas, Image.Resampling.LANCZOS),
        _mask_no_larger(pictures.keep, settings.size),
        _mask_no_larger(pictures.opacity, settings.size),
    )


def _mask_no_larger(mask: Image.Image | None, size: int) -> Image.Image | None:
    return mask and no_larger(mask.convert("L"), size)


def no_larger(image: Image.Image, size: int) -> Image.Image:
    """The picture, shrunk if its long side has more than `size` pixels."""
    return image if max(image.size) <= size else resize(image, size)
