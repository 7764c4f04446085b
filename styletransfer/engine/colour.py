"""The photo's colours in place of the painting's: in the result, or in the painting beforehand.

Both ways of Gatys, Bethge, Hertzmann, Shechtman 2016, "Preserving Color in Neural Artistic Style
Transfer". Whose colours a run has is decided by `Settings.photo_colours` for the result, and in `scale`
for the painting. Pure functions of tensors (1, 3, H, W), sRGB in [0, 1]; knows nothing of networks or
runs.
"""

import torch
from torch import Tensor

# Oklab (Ottosson 2020, "A perceptual color space for image processing"):
# linear sRGB -> cone responses, and their cube roots -> L, a, b.
_TO_CONES = torch.tensor(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=torch.float64,
)
_TO_LAB = torch.tensor(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=torch.float64,
)
_FROM_CONES = _TO_CONES.inverse()
_FROM_LAB = _TO_LAB.inverse()

_SLACK = 1e-4  # how far outside [0, 1] a colour may lie: rounding to 8 bits hides it
_HALVINGS = 12  # of the interval that is searched for the largest chroma: exact to 1 / 4096

# The least variance of a painting's colours along any axis, a standard deviation of 2.6 of 255 levels:
# across the colours of a grey painting there is only JPEG's noise, which must not be stretched.
_LEAST_VARIANCE = 1e-4


@torch.no_grad()
def keep_colours(result: Tensor, content: Tensor, strength: float = 1.0) -> Tensor:
    """The result's lightness with the content's hue and chroma, (1, 3, H, W) in [0, 1].

    The paper's luminance-only transfer, with two departures. It is done in Oklab: in the paper's YIQ an
    orange that gets lighter turns pink. And it is done to finished pictures, where the paper also paints
    in grey from a style image in grey. A colour that sRGB does not have at its lightness gets less
    chroma, not another hue.

    Args:
        result: (1, 3, H, W); values outside [0, 1], as an optimiser leaves them, count as clamped.
        content: of the same size.
        strength: 0 gives the result as it is, 1 the content's colours, between them a blend.
    """
    if strength == 0:
        return result
    lab = _to_oklab(result.clamp(0, 1))
    light, colour = lab[:, :1], lab[:, 1:]
    colour = colour.lerp(_to_oklab(content)[:, 1:], strength)
    return _into_gamut(torch.cat([light, colour], 1))


@torch.no_grad()
def match_colours(style: Tensor, content: Tensor, strength: float = 1.0) -> Tensor:
    """The style image with the mean and covariance of the content's colours.

    The linear map x -> A (x - mean_s) + mean_c with A = cov_c^1/2 cov_s^-1/2, which the paper names
    after "Image Analogies". Its colours may lie outside [0, 1].

    Args:
        style: (1, 3, h, w).
        content: (1, 3, H, W), of any size.
        strength: 0 gives the style as it is, 1 the content's colours, between them a blend.
    """
    if strength == 0:
        return style
    mean_s, cov_s = _moments(style)
    mean_c, cov_c = _moments(content)
    stretch = _power(cov_c, 0.5) @ _power(cov_s, -0.5, _LEAST_VARIANCE)
    matched = stretch.to(style) @ (style.flatten(2)[0] - mean_s) + mean_c  # (3, N)
    return style.lerp(matched.view(style.shape), strength)


def _moments(image: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3, 1) and covariance (3, 3) of the colours."""
    pixels = image.flatten(2)[0]  # (3, N)
    mean = pixels.mean(1, keepdim=True)
    return mean, (pixels - mean) @ (pixels - mean).T / pixels.shape[1]


def _power(covariance: Tensor, exponent: float, least: float = 0.0) -> Tensor:
    """The symmetric power of a covariance, its eigenvalues being at least `least`."""
    values, axes = torch.linalg.eigh(covariance.cpu().double())  # Apple's GPUs have neither
    power: Tensor = axes * values.clamp(min=least).pow(exponent) @ axes.T
    return power


def _into_gamut(lab: Tensor) -> Tensor:
    """The sRGB values of Oklab colours (1, 3, H, W), with as much of their chroma as sRGB has.

    The largest chroma at the same lightness and hue is found by bisection.
    """
    image = _from_oklab(lab)
    outside = ((image < -_SLACK) | (image > 1 + _SLACK)).any(1)[0]  # (H, W)
    if outside.any():
        light, colour = lab[:, :1, outside], lab[:, 1:, outside]  # (1, 1, n) and (1, 2, n)
        share = torch.zeros_like(light)
        for k in range(1, _HALVINGS + 1):
            larger = share + 0.5**k
            tried = _from_oklab(torch.cat([light, colour * larger], 1))
            inside = ((tried >= -_SLACK) & (tried <= 1 + _SLACK)).all(1, keepdim=True)
            share = torch.where(inside, larger, share)
        image[:, :, outside] = _from_oklab(torch.cat([light, colour * share], 1))
    return image.clamp(0, 1)


def _to_oklab(image: Tensor) -> Tensor:
    """Oklab's L, a, b of sRGB colours in [0, 1]."""
    linear = torch.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    return _mix(_TO_LAB, _mix(_TO_CONES, linear).pow(1 / 3))


def _from_oklab(lab: Tensor) -> Tensor:
    """The sRGB values of Oklab colours, outside [0, 1] where sRGB does not have them."""
    linear = _mix(_FROM_CONES, _mix(_FROM_LAB, lab) ** 3)
    bright = 1.055 * linear.clamp(min=0.0031308).pow(1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, bright)


def _mix(matrix: Tensor, image: Tensor) -> Tensor:
    """The matrix (3, 3) times each colour of (1, 3, ...)."""
    return torch.einsum("ij,bj...->bi...", matrix.to(image.dtype).to(image.device), image)
