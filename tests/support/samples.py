"""Pictures and networks for tests of the engine: a small network, and the real one, loaded once."""

from functools import cache
from pathlib import Path

import torch
from PIL import Image

from styletransfer.images import load_image
from styletransfer.network.vgg import VGG, layer_names, load_network

ROOT = Path(__file__).resolve().parent.parent.parent
PHOTO = ROOT / "examples/photos/pagoda.jpg"
PAINTING = ROOT / "examples/styles/hokusai-great-wave.jpg"


@cache
def photo() -> Image.Image:
    return load_image(PHOTO)


@cache
def painting() -> Image.Image:
    return load_image(PAINTING)


@cache
def real_network() -> VGG:
    return load_network(device="cpu", precision="float32")


def random_weights(
    channels: int = 6, dtype: torch.dtype = torch.float32, architecture: str = "vgg19"
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """(weight, bias) of each convolution, with He's variance; the same at every call."""
    convolutions = sum(layer.startswith("conv") for layer in layer_names(architecture))
    generator = torch.Generator().manual_seed(0)
    weights = []
    for inputs in (3, *[channels] * (convolutions - 1)):
        weight = torch.randn(channels, inputs, 3, 3, generator=generator, dtype=dtype)
        bias = torch.randn(channels, generator=generator, dtype=dtype)
        weights.append((weight * (2 / (9 * inputs)) ** 0.5, bias * 0.1))
    return weights


def small_network(dtype: torch.dtype = torch.float32) -> VGG:
    """VGG-19's layers with six random channels each."""
    return VGG(random_weights(dtype=dtype))


def random_image(
    height: int, width: int, seed: int = 0, dtype: torch.dtype = torch.float32
) -> torch.Tensor:
    """(1, 3, height, width), uniformly distributed in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator, dtype=dtype)
