"""What a run hands out after each evaluation: the picture, its losses, and how far the run is."""

from dataclasses import dataclass, replace

from PIL import Image
from torch import Tensor

from ..cutout import cut_out
from ..errors import in_english
from ..images import to_image
from .colour import keep_colours
from .masks import painted_over


@dataclass(frozen=True, eq=False)
class Step:
    """One evaluation of loss and gradient, and the picture that was evaluated.

    The last step of a scale has the best picture of that scale instead, which is nearly always the last.

    Attributes:
        number: from 1 to `steps`.
        steps: of the whole run.
        scale: from 1 to `scales`.
        scales: how many sizes are painted one after the other.
        width: of this scale's pictures, in pixels.
        height: of this scale's pictures, in pixels.
        content: the content loss, before its weight.
        style: the style loss, before its weight.
        smoothness: twice the total variation, before its weight.
        total: the weighted sum of the three, which is what is minimised.
        elapsed: seconds since the run began.
        remaining: seconds until it ends, estimated from this run's own pace.
        due: the picture should be shown: every N steps, every few seconds where steps take long, and at
            the end of each scale.
        pixels: (1, 3, height, width), sRGB about [0, 1]: the optimiser's own iterate.
        photo: the content image, of the same shape.
        cover: how far each pixel is painted, (1, 1, height, width) in [0, 1]; None if all of them are.
        photo_colours: how far `image` has the photo's colours, from 0 to 1.
        opacity: how opaque the photo is, of mode "L" and any size: `image` has it as its alpha channel;
            None if it is opaque.
        note: the code of what went wrong at this step and was mended; usually empty.
    """

    number: int
    steps: int
    scale: int
    scales: int
    width: int
    height: int
    content: float
    style: float
    smoothness: float
    total: float
    elapsed: float
    remaining: float
    due: bool
    pixels: Tensor
    photo: Tensor
    cover: Tensor | None = None
    photo_colours: float = 0.0
    opacity: Image.Image | None = None
    note: str = ""

    @property
    def image(self) -> Image.Image:
        """The picture of this step, `width` x `height`, 8 bits a channel, in the colours asked for.

        Of mode "RGB", or "RGBA" if the photo has transparency that is kept.
        """
        return cut_out(self.coloured(self.photo_colours), self.opacity)

    def coloured(self, photo_colours: float) -> Image.Image:
        """The picture of this step in other colours; where it is not painted, the photo's own pixels.

        Args:
            photo_colours: how far the picture has the photo's colours, from 0 (not at all) to 1.
        """
        pixels, photo = self.pixels.float(), self.photo.float()
        cover = None if self.cover is None else self.cover.float()
        return to_image(painted_over(photo, keep_colours(pixels, photo, photo_colours), cover))

    def on_host(self) -> "Step":
        """The same step off the device, where a GPU that fails later cannot take it away."""
        cover = None if self.cover is None else self.cover.cpu()
        return replace(self, pixels=self.pixels.cpu(), photo=self.photo.cpu(), cover=cover)

    def __str__(self) -> str:
        return (
            f"size {max(self.width, self.height)} ({self.scale} of {self.scales})"
            f" · step {self.number} of {self.steps}"
            f" · content {self.content:.3g} · style {self.style:.3g} · total {self.total:.4g}"
            f" · {self.elapsed:.0f} s, {self.remaining:.0f} s left"
            + (f" · {in_english(self.note)}" if self.note else "")
        )
