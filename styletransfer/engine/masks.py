"""Which style images apply where: masks -> regions of the picture.

After Gatys, Ecker, Bethge, Hertzmann, Shechtman 2017, "Controlling Perceptual Factors in Neural Style
Transfer", section 4. Pure functions; knows nothing of losses or runs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter
from torch import Tensor

from ..errors import ImageError
from ..images import to_tensor
from ..network.vgg import stride_of

# No brighter than this of 255 is black: JPEG leaves such a haze.
_BLACK = 7
# Nearer to 0 or 1 than this is 0 or 1: half of what 8 bits can tell apart.
_SLACK = 1 / 512


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the picture, and the style images that apply in it."""

    shares: tuple[float, ...]  # how much each style image counts here; their sum is 1
    mask: Tensor | None = None  # (1, 1, H, W), in [0, 1]; None is everywhere
    area: float = 1.0  # its share of the picture's


def check_masks(masks: Sequence[Image.Image | None], styles: int) -> None:
    """Finds out whether each mask has a style image, and each style image a place.

    Raises:
        ImageError: there are more masks than style images, or one is black all over.
    """
    if len(masks) > styles:
        if styles == 1:
            raise ImageError("more_masks_than_one_painting", masks=len(masks))
        raise ImageError("more_masks_than_paintings", masks=len(masks), paintings=styles)
    for number, mask in enumerate(masks, 1):
        if mask is not None and mask.convert("L").getextrema()[1] <= _BLACK:
            raise ImageError("mask_all_black", number=number)


def regions(
    masks: Sequence[Image.Image | None],
    shares: Sequence[float],
    size: tuple[int, int],
    softness: float = 0.0,
    device: torch.device | str = "cpu",
) -> list[Region]:
    """The parts of a picture in which one style image, or one blend of them, applies.

    A style image with a mask has a region of its own. Those without share one, which is everywhere that
    no mask covers. Without such a style image the regions leave a rest, which is nobody's.

    Where masks overlap they are divided by their sum, weighted by the shares, as far as it exceeds 1.
    A style image with a share of 0 counts as not given, and its mask too.

    Args:
        masks: one for each style image or None, in their order; those at the end may be missing. White
            is where the style applies. Stretched to the picture, whatever their own size and aspect.
        shares: of each style image; at least one above 0.
        size: (width, height) of the picture.
        softness: how far the masks' edges are blurred: a standard deviation in percent of the long side.
        device: where the regions' masks are put.

    Returns:
        At least one, and each with shares whose sum is 1.
    """
    masks = [*masks, *[None] * (len(shares) - len(masks))]
    free = [share if mask is None else 0.0 for share, mask in zip(shares, masks, strict=True)]
    masked = [number for number, share in enumerate(shares) if share > 0 and masks[number] is not None]
    if not masked:
        return [Region(_normalised(free))]
    soft = [_soft(masks[number], size, softness, device) for number in masked]
    union = sum(soft).clamp(max=1)
    weighted = [shares[number] * mask for number, mask in zip(masked, soft, strict=True)]
    # As one formula, so that nothing jumps where the sum passes 1: the union, divided among them.
    whole = sum(weighted).clamp(min=1e-9)
    parts = [
        (_normalised([float(each == number) for each in range(len(shares))]), union * mask / whole)
        for number, mask in zip(masked, weighted, strict=True)
    ]
    if any(free) and union.min() < 1 - _SLACK:
        parts.append((_normalised(free), 1 - union))
    return [
        # A mask that is 1 everywhere is none, so that nothing is multiplied by it.
        Region(part, None if mask.min() > 1 - _SLACK else mask, mask.mean().item())
        for part, mask in parts
    ]


def cover(found: Sequence[Region]) -> Tensor | None:
    """How far each pixel is in any of the regions, (1, 1, H, W) in [0, 1]; None: all of them wholly.

    Args:
        found: from `regions`, at least one.
    """
    if any(region.mask is None for region in found):
        return None
    whole = sum(region.mask for region in found).clamp(max=1)
    return None if whole.min() > 1 - _SLACK else whole


def guides(mask: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
    """Layer -> what its features are multiplied with, so that their Gram matrix is the part's.

    Gatys et al. 2017, section "Guided Gram Matrices", whose guides T have sum T^2 = 1. Here their mean
    square is 1, as the Gram matrices here are means; a mask that is 0 throughout remains 0.

    Args:
        mask: (1, 1, H, W), in [0, 1].

    Returns:
        (1, 1, h, w) each, as large as the layer's features: averaged over the pixels that each position
        was pooled from, halved as the network halves, with the same rows and columns left over.
    """
    found = {}
    for layer in layers:
        guide = mask
        for _ in range(stride_of(layer).bit_length() - 1):
            guide = F.avg_pool2d(guide, 2)
        # The least that is not nothing: a single pixel of 1 / 255 averaged over 16 x 16 is above 1e-10.
        weight = guide.square().sum().clamp(min=1e-12)
        found[layer] = guide * (guide.numel() / weight).sqrt()
    return found


def _soft(
    mask: Image.Image, size: tuple[int, int], softness: float, device: torch.device | str
) -> Tensor:
    laid = mask.convert("L").resize(size, Image.Resampling.BILINEAR)
    # Pillow's blur ends after a few deviations: farther outside nothing at all is painted.
    blurred = laid.filter(ImageFilter.GaussianBlur(softness / 100 * max(size)))
    return to_tensor(blurred.convert("RGB"), device)[:, :1]


def _normalised(shares: Sequence[float]) -> tuple[float, ...]:
    return tuple(share / sum(shares) for share in shares)
