"""The picture that a scale begins with: the start asked for, or the last scale's result enlarged."""

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn.functional import interpolate

from ..images import to_tensor
from ..pictures import Pictures
from ..settings import Settings
from .draft import draft, leading

# Of the noise to start from, in sRGB from 0 to 1.
_NOISE_MEAN, _NOISE_DEVIATION = 0.5, 0.1


def first_canvas(pictures: Pictures, settings: Settings, photo: Tensor) -> Tensor:
    """What the first step evaluates, (1, 3, H, W), as the setting `start` has it.

    Args:
        pictures: of the run.
        settings: of the run.
        photo: the content image at the first scale, (1, 3, H, W).
    """
    height, width = photo.shape[2:]
    if settings.start == "noise":
        # Drawn on the CPU: a GPU's generator gives other numbers for the same seed.
        generator = torch.Generator().manual_seed(settings.seed)
        noise = torch.randn(photo.shape, generator=generator) * _NOISE_DEVIATION + _NOISE_MEAN
        return noise.to(photo.device)
    if settings.start == "draft":
        small = pictures.content.resize((width, height), Image.Resampling.LANCZOS)
        quick = draft(small, [leading(pictures.styles, settings)])
        if quick is not None:
            return to_tensor(quick, photo.device)
    if pictures.start is not None:
        # Cut rather than stretched: circles stay circles.
        fitted = ImageOps.fit(pictures.start, (width, height), Image.Resampling.LANCZOS)
        return to_tensor(fitted, photo.device)
    return photo


def enlarged(pixels: Tensor, photo: Tensor, detailed: bool = True) -> Tensor:
    """What the next scale begins with: a picture in the size of the photo, (1, 3, H, W).

    Args:
        pixels: (1, 3, h, w), made from the same photo in a smaller size.
        photo: (1, 3, H, W).
        detailed: with those details of the photo which the smaller size has no pixels for. Without
            them it takes the optimiser many steps to make up for what is blurred (LOG.md).
    """

    def resized(image: Tensor, like: Tensor) -> Tensor:
        return interpolate(image, like.shape[2:], mode="bicubic", antialias=True)

    grown = resized(pixels, photo)
    return grown + photo - resized(resized(photo, pixels), photo) if detailed else grown
