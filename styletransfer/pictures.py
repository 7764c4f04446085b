"""The pictures that one run is made from, as one value, and the names by which they are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

# As the HTTP API calls them, and as people do.
STYLES = {
    "style": "painting",
    "style_2": "second painting",
    "style_3": "third painting",
    "style_4": "fourth painting",
}
MASKS = {style.replace("style", "mask"): f"mask of the {name}" for style, name in STYLES.items()}
START = "start_image"
EXTRAS = (
    {name: words for name, words in STYLES.items() if name != "style"} | MASKS | {START: "start image"}
)
NAMES = {"content": "photo", "style": STYLES["style"]} | EXTRAS
REQUIRED = ("content", "style")


@dataclass(frozen=True, eq=False)
class Pictures:
    """All that one run is made from.

    Attributes:
        content: the photo, as `images.load_image` gives it, as all of them.
        styles: the paintings; at least one.
        masks: where the first style applies, where the second, and so on: white there, black elsewhere,
            laid over the whole photo whatever their own size; None, or missing at the end, for a style
            that applies wherever no mask is. If every style has a mask, the rest remains the photo.
        start: what the canvas shows before the first step, if the setting `start` is `image`; where its
            aspect is not the photo's, the middle of it.
    """

    content: Image.Image
    styles: Sequence[Image.Image]
    masks: Sequence[Image.Image | None] = ()
    start: Image.Image | None = None


def named(
    content: Any, styles: Sequence[Any], masks: Sequence[Any] = (), start: Any = None
) -> dict[str, Any]:
    """The files of a run by name, however many there are; those that are None are left out."""
    names = {"content": content, START: start}
    for number, each in enumerate(styles, 1):
        names["style" if number == 1 else f"style_{number}"] = each
    for number, each in enumerate(masks, 1):
        names["mask" if number == 1 else f"mask_{number}"] = each
    return {name: file for name, file in names.items() if file is not None}
