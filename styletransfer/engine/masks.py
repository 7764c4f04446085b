"""Which style images apply where, and where the photo is kept: masks -> regions of the picture.

After Gatys, Ecker, Bethge, Hertzmann, Shechtman 2017, "Controlling Perceptual Factors in Neural Style
Transfer", section 4. Pure functions; knows nothing of losses or runs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import cast

import torch
from PIL import Image, ImageFilter
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ..errors import ImageError
from ..images import to_tensor
from ..network.vgg import stride_of

# A mask whose brightest pixel has no more than this of 255 is black: JPEG leaves such a haze.
_BLACK = 7
# Differences of a mask's value that do not count: half of what 8 bits can tell apart.
_SLACK = 1 / 512


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the picture, and the style images that apply in it.

    Attributes:
        shares: how much each style image counts here; their sum is 1.
        mask: how far each pixel belongs to the region, (1, 1, H, W) in [0, 1]; None: all of them do.
        area: the region's share of the picture, in [0, 1].
    """

    shares: tuple[float, ...]
    mask: Tensor | None = None
    area: float = 1.0


def check_masks(masks: Sequence[Image.Image | None], styles: int) -> None:
    """Finds out whether each mask has a style image, and each style image a place.

    Args:
        masks: one for each style image or None; those at the end may be missing.
        styles: how many style images there are.

    Raises:
        ImageError: there are more masks than style images, or one is black all over.
    """
    if len(masks) > styles:
        if styles == 1:
            raise ImageError("more_masks_than_one_painting", masks=len(masks))
        raise ImageError("more_masks_than_paintings", masks=len(masks), paintings=styles)
    for number, mask in enumerate(masks, 1):
        if mask is not None and _is_black(mask):
            raise ImageError("mask_all_black", number=number)


def regions(
    masks: Sequence[Image.Image | None],
    shares: Sequence[float],
    size: tuple[int, int],
    softness: float = 0.0,
    device: torch.device | str = "cpu",
) -> list[Region]:
    """The parts of a picture in which one style image, or one blend of them, applies.

    A style image with a mask has a region of its own. Those without a mask share one region, which is
    everywhere that no mask covers. If all style images have masks, what no mask covers is in no region.

    Where masks overlap, the region is divided among them by their values times the style images' shares.
    A style image with a share of 0 counts as not given, and its mask too.

    Args:
        masks: one for each style image or None, in their order; those at the end may be missing. White
            is where the style applies. Stretched to the picture, whatever their own size and aspect.
        shares: one for each style image; at least one above 0.
        size: (width, height) of the picture.
        softness: how far the masks' edges are blurred: a standard deviation in percent of the long side.
        device: where the regions' masks are put.

    Returns:
        At least one region, each with shares whose sum is 1.
    """
    masks = [*masks, *[None] * (len(shares) - len(masks))]
    unmasked = [share if mask is None else 0.0 for share, mask in zip(shares, masks, strict=True)]
    soft = {
        number: _softened(mask, size, softness, device)
        for number, (share, mask) in enumerate(zip(shares, masks, strict=True))
        if share > 0 and mask is not None
    }
    if not soft:
        return [Region(_normalised(unmasked))]
    union = reduce(torch.add, soft.values()).clamp(max=1)
    weighted = {number: shares[number] * mask for number, mask in soft.items()}
    # The union, divided among the masks: as one formula, so that nothing jumps where their sum passes 1.
    whole = reduce(torch.add, weighted.values()).clamp(min=1e-9)
    parts = [
        (_normalised([float(style == number) for style in range(len(shares))]), union * mask / whole)
        for number, mask in weighted.items()
    ]
    if any(unmasked) and union.min() < 1 - _SLACK:
        parts.append((_normalised(unmasked), 1 - union))
    return [
        # A mask that is 1 everywhere is left out, so that nothing is multiplied by it.
        Region(part, None if mask.min() > 1 - _SLACK else mask, mask.mean().item())
        for part, mask in parts
    ]


def within(parts: Sequence[Region], opaque: Tensor | None) -> list[Region]:
    """The regions without what is transparent: that is in none of them.

    Args:
        parts: from `regions`.
        opaque: 1 for each pixel that is seen at all and 0 for the others, (1, 1, H, W); None: all are.
    """
    if opaque is None or opaque.min() > 0:
        return list(parts)
    masks = [opaque if region.mask is None else region.mask * opaque for region in parts]
    return [
        Region(region.shares, mask, mask.mean().item())
        for region, mask in zip(parts, masks, strict=True)
    ]


def painted_share(parts: Sequence[Region]) -> Tensor | None:
    """How far each pixel is in any of the regions, (1, 1, H, W) in [0, 1]; None: all of them wholly.

    Args:
        parts: from `regions`, at least one.
    """
    masks = [region.mask for region in parts if region.mask is not None]
    if len(masks) < len(parts):
        return None
    whole = reduce(torch.add, masks).clamp(max=1)
    return None if whole.min() > 1 - _SLACK else whole


def painted_over(photo: Tensor, pixels: Tensor, share: Tensor | None) -> Tensor:
    """The pixels where they are painted, and exactly the photo where they are not.

    Args:
        photo: (1, 3, H, W).
        pixels: the picture as if it were painted everywhere, of the same shape.
        share: from `painted_share`; between 0 and 1 the two are mixed.
    """
    return pixels if share is None else photo.lerp(pixels, share)


def guides(mask: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
    """Layer -> guide T, by which its features are multiplied for the Gram matrix of the mask's region.

    Gatys et al. 2017, section "Guided Gram Matrices", whose guides T have sum T^2 = 1. Here their mean
    square is 1, as the Gram matrices here are means; a mask that is 0 throughout remains 0.

    Args:
        mask: (1, 1, H, W), in [0, 1].
        layers: names of the network's layers.

    Returns:
        For each layer (1, 1, h, w), as large as its feature maps: `averaged` times a number.
    """
    guide_of = {}
    for layer, guide in averaged(mask, layers).items():
        # Under the sum of any mask but 0: one pixel of 1 / 255, averaged over 16 x 16, is above 1e-10.
        weight = guide.square().sum().clamp(min=1e-12)
        guide_of[layer] = guide * (guide.numel() / weight).sqrt()
    return guide_of


def averaged(mask: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
    """Layer -> the mask as large as the layer's feature maps, (1, 1, h, w) in [0, 1].

    Args:
        mask: (1, 1, H, W), in [0, 1].
        layers: names of the network's layers.

    Returns:
        The mask averaged over the pixels that each position was pooled from. Like the network's poolings
        it drops an odd last row or column.
    """
    averages = {}
    for layer in layers:
        average = mask
        for _ in range(stride_of(layer).bit_length() - 1):
            average = avg_pool2d(average, 2)
        averages[layer] = average
    return averages


def kept(
    masks: Iterable[Image.Image | None],
    size: tuple[int, int],
    softness: float = 0.0,
    device: torch.device | str = "cpu",
) -> Tensor | None:
    """How far each pixel is to stay as it is in the photo, (1, 1, H, W) in [0, 1]; None: no pixel is.

    Args:
        masks: white where the photo is to be kept, of any sizes; where one is lighter it counts. None
            and masks that are black all over keep nothing.
        size: as for `regions`.
        softness: as for `regions`.
        device: where the result is put.
    """
    given = [mask for mask in masks if mask is not None and not _is_black(mask)]
    soft = [_softened(mask, size, softness, device) for mask in given]
    return reduce(torch.maximum, soft) if soft else None


def _is_black(mask: Image.Image) -> bool:
    _, brightest = mask.convert("L").getextrema()
    return cast(int, brightest) <= _BLACK


def _softened(
    mask: Image.Image, size: tuple[int, int], softness: float, device: torch.device | str
) -> Tensor:
    """The mask in the picture's size with blurred edges, (1, 1, H, W) in [0, 1]."""
    stretched = mask.convert("L").resize(size, Image.Resampling.BILINEAR)
    # Pillow's blur ends after a few deviations: farther outside nothing at all is painted.
    blurred = stretched.filter(ImageFilter.GaussianBlur(softness / 100 * max(size)))
    return to_tensor(blurred.convert("RGB"), device)[:, :1]


def _normalised(shares: Sequence[float]) -> tuple[float, ...]:
    """The shares with a sum of 1."""
    return tuple(share / sum(shares) for share in shares)
