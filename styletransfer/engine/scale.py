"""A run's pictures prepared for one size, and its losses; decides whether paintings are recoloured."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from ..images import photo_at, resize, to_tensor
from ..network.vgg import VGG
from ..pictures import Pictures
from ..settings import Settings
from . import faces, masks
from .colour import match_colours
from .neighbour_targets import StyleTargets
from .objective import Losses, Objective
from .schedule import Size


@dataclass(frozen=True, eq=False)
class Scale:
    """All that the optimisation at one size needs to know.

    Attributes:
        photo: the content image, (1, 3, H, W), sRGB in [0, 1].
        cover: how far each pixel is painted, `masks.painted_share`; None if all of them are wholly.
        objective: the total loss of pictures of this size.
        opacity: `Pictures.opacity`.
    """

    photo: Tensor
    cover: Tensor | None
    objective: Objective
    opacity: Image.Image | None = None

    def losses(self, pixels: Tensor) -> Losses:
        """The losses of the picture as it is shown: changes outside of the masks gain nothing.

        Args:
            pixels: the optimiser's iterate, (1, 3, H, W).
        """
        return self.objective(masks.painted_over(self.photo, pixels, self.cover))

    def adapt(self, pixels: Tensor) -> bool:
        """Lets the style term choose anew what it compares with; see `Objective.adapt`.

        Args:
            pixels: the optimiser's iterate, (1, 3, H, W).
        """
        return self.objective.adapt(masks.painted_over(self.photo, pixels, self.cover))


def prepared(
    pictures: Pictures,
    settings: Settings,
    network: VGG,
    size: Size,
    blocks_in_strips: int,
    kept_targets: StyleTargets | None = None,
) -> Scale:
    """The pictures at a size, and what the network sees in the photo and the style images there.

    Args:
        pictures: of the run.
        settings: of the run.
        network: its device does the work.
        size: (width, height) of the photo at this scale.
        blocks_in_strips: how many of the network's blocks are evaluated in strips, from
            `memory.fitting_blocks`.
        kept_targets: as for `Objective`.
    """
    photo = photo_at(pictures.content, size, network.device)
    height, width = photo.shape[2:]
    shares = settings.shares(len(pictures.styles))
    regions = masks.regions(
        pictures.masks, shares, (width, height), settings.mask_softness, photo.device
    )
    regions = masks.within(regions, _opaque(pictures, size, photo.device))
    styles = _style_images(pictures.styles, settings, photo)
    keep = masks.kept(
        _to_keep(pictures, settings, (width, height)),
        (width, height),
        settings.mask_softness,
        photo.device,
    )
    objective = Objective(
        network,
        photo,
        styles,
        settings,
        regions,
        blocks_in_strips,
        keep=keep,
        kept_targets=kept_targets,
    )
    return Scale(photo, masks.painted_share(regions), objective, pictures.opacity)


def _opaque(pictures: Pictures, size: Size, device: torch.device) -> Tensor | None:
    """Which pixels are seen at all, (1, 1, H, W): 1 or 0; half-transparent ones are painted wholly."""
    if pictures.opacity is None:
        return None
    opacity = pictures.opacity.resize(size, Image.Resampling.BOX).convert("RGB")
    return (to_tensor(opacity, device)[:, :1] > 0).float()


def _to_keep(pictures: Pictures, settings: Settings, size: Size) -> list[Image.Image | None]:
    """The masks of what is to stay recognisable: the one handed in, and that of the faces."""
    if not settings.keep_faces:
        return [pictures.keep]
    # Found anew at each size: in the same photo, and within 40 ms (LOG.md).
    return [pictures.keep, faces.mask(faces.found(pictures.content), size)]


def _style_images(styles: Sequence[Image.Image], settings: Settings, photo: Tensor) -> list[Tensor]:
    """The style images as the network sees them beside this photo: (1, 3, h, w), sRGB in [0, 1]."""
    long = round(max(photo.shape[2:]) * settings.brush_scale)
    images = [to_tensor(resize(style, long), photo.device) for style in styles]
    if settings.colours == "matched":
        strength = settings.colour_strength
        images = [match_colours(image, photo, strength).clamp(0, 1) for image in images]
    return images
