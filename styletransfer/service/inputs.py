"""The pictures that a visitor hands in: reading them, and what they make together."""

import threading
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageChops

from ..errors import ImageError
from ..images import fitted_size, load_image, resize
from ..pictures import MASKS, NAMES, REQUIRED, START, STYLES, Pictures

# Phone photos take 300 MB while they are opened: few at a time, and none kept larger than it is used.
_READERS = threading.Semaphore(2)
_LARGEST = 4096

# What paints each style's mask over the photo. Far from each other, and from most photos.
COLOURS = ("#e6194b", "#1f9bff", "#ffd500", "#a23bff")


def read(files: Mapping[str, Any]) -> tuple[dict[str, Image.Image], dict[str, ImageError]]:
    """The pictures by name, and by name what is wrong with those that cannot be used.

    Args:
        files: by a name out of `NAMES`, what `load_image` takes; None and missing ones are not given,
            which is wrong for the two `REQUIRED` ones only.
    """
    images, wrong = {}, {}
    for name, words in NAMES.items():
        if files.get(name) is None and name not in REQUIRED:
            continue
        try:
            # Where a mask is transparent nothing was painted.
            background = "black" if name in MASKS else "white"
            with _READERS:
                image = load_image(files.get(name), words, background)
                narrow = min(fitted_size(*image.size, _LARGEST)) < 32  # refused by its size
                large = max(image.size) > _LARGEST and not narrow
                images[name] = resize(image, _LARGEST) if large else image
        except ImageError as error:
            wrong[name] = error.alone()
    return images, wrong


def together(
    images: Mapping[str, Image.Image], painted: Mapping[str, Image.Image] | None = None
) -> Pictures:
    """What they make together: styles and their masks in order, however many there are.

    Args:
        images: from `read`.
        painted: masks from `masks_painted`; where one was uploaded as well, both count.

    Raises:
        ImageError: there is a mask whose style is missing.
    """
    images = dict(images)
    for name, mask in (painted or {}).items():
        if name in images:
            uploaded = images[name].convert("L").resize(mask.size)
            mask = ImageChops.lighter(uploaded, mask)
        images[name] = mask
    for style, mask in zip(STYLES, MASKS, strict=True):
        if mask in images and style not in images:
            raise ImageError("mask_without_painting", mask=MASKS[mask], painting=STYLES[style])
    given = [
        (images[style], images.get(mask))
        for style, mask in zip(STYLES, MASKS, strict=True)
        if style in images
    ]
    styles, masks = zip(*given, strict=True)
    return Pictures(images["content"], styles, masks if any(masks) else (), images.get(START))


def masks_painted(layer: Image.Image) -> dict[str, Image.Image]:
    """The masks in a layer that was painted over the photo with `COLOURS`, by name; mode "L".

    Args:
        layer: of mode "RGBA"; each pixel counts for the colour that it is nearest to.
    """
    palette = Image.new("P", (1, 1))
    palette.putpalette([int(colour[i : i + 2], 16) for colour in COLOURS for i in (1, 3, 5)])
    nearest = layer.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    alpha = layer.getchannel("A")
    black = Image.new("L", layer.size)
    masks = {}
    for index, name in enumerate(MASKS):
        chosen = nearest.point(lambda each, index=index: 255 * (each == index), "L")
        mask = Image.composite(alpha, black, chosen)
        if mask.getbbox():
            masks[name] = mask
    return masks
