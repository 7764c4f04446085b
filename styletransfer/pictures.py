"""The pictures that one run is made from, as one value, and the names by which they are called.

Knows nothing of settings, networks or files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

# The HTTP API's name -> what people call it in sentences.
STYLES = {
    "style": "painting",
    "style_2": "second painting",
    "style_3": "third painting",
    "style_4": "fourth painting",
}
MASKS = {style.replace("style", "mask"): f"mask of the {name}" for style, name in STYLES.items()}
START = "start_image"
KEEP = "keep"
OPACITY = "opacity"  # is not handed in: it is read from the photo's file
EXTRAS = (
    {name: words for name, words in STYLES.items() if name != "style"}
    | MASKS
    | {START: "start image", KEEP: "mask of what to keep"}
)
NAMES = {"content": "photo", "style": STYLES["style"]} | EXTRAS
REQUIRED = ("content", "style")


@dataclass(frozen=True, eq=False)
class Pictures:
    """All pictures that one run is made from, as `images.load_image` gives them: upright RGB.

    Attributes:
        content: the photo.
        styles: the paintings, at least one. Kept as a tuple, whatever sequence was given.
        masks: where the first style applies, where the second, and so on: white there, black elsewhere,
            laid over the whole photo whatever their own size; None, or missing at the end, for a style
            that applies wherever no mask is. If every style has a mask, the rest remains the photo.
            Kept as a tuple, too.
        start: what the canvas shows before the first step, if the setting `start` is `image`; where its
            aspect is not the photo's, the middle of it.
        keep: where the photo should stay recognisable: white there, black elsewhere, laid over it like
            the masks; None for nowhere. It is painted there, too, but nearer to the photo.
        opacity: how opaque each pixel of the photo is, of mode "L" and the photo's size, from
            `cutout.load_cutout`, by which the photo is read where the setting `alpha` asks for it.
            What is transparent is not painted, and the pictures of the run have it as their alpha
            channel. None for wholly.
    """

    content: Image.Image
    styles: Sequence[Image.Image]
    masks: Sequence[Image.Image | None] = ()
    start: Image.Image | None = None
    keep: Image.Image | None = None
    opacity: Image.Image | None = None

    def __post_init__(self) -> None:
        # Read at different times by a run, its recipe and its link: no list may change meanwhile.
        object.__setattr__(self, "styles", tuple(self.styles))
        object.__setattr__(self, "masks", tuple(self.masks))


def named(
    content: Any,
    styles: Sequence[Any],
    masks: Sequence[Any] = (),
    start: Any = None,
    keep: Any = None,
    opacity: Any = None,
) -> dict[str, Any]:
    """The files or pictures of a run by the API's names; those that are None are left out.

    Args:
        content: the photo's file.
        styles: the paintings' files, however many there are.
        masks: the masks' files, in the order of the paintings.
        start: the start image's file.
        keep: the file of the mask of what to keep.
        opacity: how opaque the photo is.
    """
    names = {"content": content, START: start, KEEP: keep, OPACITY: opacity}
    for number, style in enumerate(styles, 1):
        names["style" if number == 1 else f"style_{number}"] = style
    for number, mask in enumerate(masks, 1):
        names["mask" if number == 1 else f"mask_{number}"] = mask
    return {name: file for name, file in names.items() if file is not None}
