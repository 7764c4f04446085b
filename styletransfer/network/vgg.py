"""The frozen network: a VGG's feature maps by the papers' layer names.

A layer is named as in the literature: `conv4_2` before its ReLU, `relu4_2` after it, `pool4` at the
block's end. Pictures go in as sRGB in [0, 1], whatever the weights were trained on.

Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition".
"""

import copy
import threading
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import DeviceError, SettingsError, shown
from .checkpoints import CONFIGURATIONS
from .convolution import (
    convolution_pool_relu,
    convolution_relu,
    flip,
    half_precision_pays,
    split,
    split_weight,
)
from .malloc import keep_freed_memory
from .pooling import max_pool
from .weights import EMBEDDED, load_weights

# Of feature maps. Pictures, losses and the optimiser are float32 with all of them, and so is what Gram
# matrices are added up in.
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
# The colour that is zero to the networks: ImageNet's mean. (The original weights' differs by 0.002.)
_MEAN = (0.485, 0.456, 0.406)
# Average pooling, times this, leaves activations about as large as maximum pooling does (Crowson).
_AVERAGE = 2.0


def layer_names(architecture: str) -> tuple[str, ...]:
    """Of `vgg16` or `vgg19`, in order: conv1_1, relu1_1, ..., pool5."""
    names, block, number = [], 1, 1
    for channels in CONFIGURATIONS[architecture]:
        if channels == "M":
            names.append(f"pool{block}")
            block, number = block + 1, 1
        else:
            names += [f"conv{block}_{number}", f"relu{block}_{number}"]
            number += 1
    return tuple(names)


def block_of(layer: str) -> int:
    """Of `relu4_2` or `pool4`: 4."""
    return int(layer[4])


def stride_of(layer: str) -> int:
    """How many pixels lie between two positions of a layer: 8 for `relu4_2`, 16 for `pool4`."""
    return 2 ** (block_of(layer) - (not layer.startswith("pool")))


class VGG:
    """A frozen VGG's feature maps by name. Nothing is trainable; gradients reach the picture only.

    Args:
        weights: pairs (weight (N, C, 3, 3), bias (N,)) of the convolutions, in order; the first one
            takes sRGB in [0, 1]. No more of them are taken than the layers in use need.
        device: where they are put, and where pictures have to be.
        architecture: `vgg16` or `vgg19`, which have different layers.
        precision: of the feature maps and of what is computed from layer to layer: the type of the
            weights, or bfloat16 for float32 ones. Pictures and losses are not rounded to it.

    Attributes:
        kept: room for what others keep of pictures that it has seen; the variants share it.
    """

    padding = "edge"
    pooling = "maximum"

    def __init__(
        self,
        weights: Iterable[tuple[Tensor, Tensor]],
        device: str | torch.device = "cpu",
        architecture: str = "vgg19",
        precision: torch.dtype | None = None,
    ) -> None:
        self.device = torch.device(device)
        self.precision = precision
        self.architecture = architecture
        self.layers = layer_names(architecture)
        self.kept: dict[Hashable, Any] = {}
        self._weights = iter(weights)
        self._taken: list[tuple[Tensor, Tensor]] = []
        self._loading = threading.Lock()
        self._convolutions: dict[str, tuple[Tensor, Tensor, Tensor]] = {}

    def variant(self, padding: str, pooling: str) -> "VGG":
        """The same network, weights shared, that pads and pools so; see `Settings`."""
        other = copy.copy(self)
        other.padding, other.pooling = padding, pooling
        return other

    def check(self, layers: Iterable[str]) -> None:
        """Finds out whether it has these layers.

        Raises:
            SettingsError: it does not have one of them.
        """
        if unknown := set(layers) - set(self.layers):
            # VGGs differ in how many convolutions their last three blocks have, 3 or 4 in all of them.
            last = sum(layer.startswith("conv5_") for layer in self.layers)
            raise SettingsError(
                "no_such_layer", last=last, network=self.architecture, value=shown(min(unknown))
            )

    def _convolution(self, name: str) -> tuple[Tensor, Tensor, Tensor]:
        """The weight, the same flipped, and the bias, on the device."""
        with self._loading:
            while name not in self._convolutions:
                # Taken off only when all has gone well: where the device is full, the next one tries.
                if not self._taken:
                    self._taken.append(next(self._weights))
                weight, bias = self._taken[0]
                convolutions = [each for each in self.layers if each.startswith("conv")]
                following = convolutions[len(self._convolutions)]
                self._convolutions[following] = self._laid(weight.to(self.device), bias.to(self.device))
                self._taken.clear()
        return self._convolutions[name]

    def _laid(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if self.precision in (None, weight.dtype):
            return weight.contiguous(), flip(weight), bias.contiguous()
        first = not self._convolutions
        weight = split_weight(weight, self.precision) if first else weight.to(self.precision)
        order = {"memory_format": torch.channels_last}
        return weight.contiguous(**order), flip(weight).contiguous(**order), bias.to(self.precision)

    def features(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """The feature maps of the named layers, computed no deeper than the deepest of them.

        Args:
            image: (1, 3, H, W), sRGB in [0, 1]; H and W at least 16 for layers of block 5.
            layers: names out of `self.layers`.

        Returns:
            name -> (1, C, H / 2^k, W / 2^k), k the number of poolings before it.

        Raises:
            SettingsError: there is no such layer.
        """
        found = {}

        def keep(layer: str, features: Tensor) -> Tensor:
            found[layer] = features
            return features

        self.walk(image, layers, keep)
        return found

    def walk(
        self,
        image: Tensor,
        layers: Iterable[str],
        visit: Callable[[str, Tensor], Tensor],
        after: str | None = None,
        choices: dict[str, list[Tensor]] | None = None,
    ) -> Tensor:
        """The features of the deepest of the layers, after a visit at each of them on the way.

        Args:
            image: as for `features`; with `after` the features of that layer instead.
            layers: names out of `self.layers`.
            visit: called with a layer's name and its features (1, C, h, w), in the network's order;
                gives the features that the next layers work on, usually the same.
            after: a pooling, such as `pool2`, whose features are there already.
            choices: empty, takes up what poolings chose. With it a second walk over the same picture
                spares the convolutions before them; features from there on only have their shape.

        Raises:
            SettingsError: there is no such layer.
        """
        wanted = set(layers)
        self.check(wanted)
        hidden = image
        first = self.layers.index(after) + 1 if after else 0
        last = max(self.layers.index(name) for name in wanted)
        names = iter(self.layers[first : last + 1])
        for name in names:
            if name.startswith("pool"):
                if self.pooling == "average":
                    hidden = F.avg_pool2d(hidden, 2) * _AVERAGE
                else:
                    hidden = max_pool(hidden) if hidden.is_cpu else F.max_pool2d(hidden, 2)
            elif name.startswith("conv"):
                weight, flipped, bias = self._convolution(name)
                padding = 1
                if name == "conv1_1":
                    # By default the edge is repeated, against the frame that black zeros paint.
                    # Gatys et al. do not do this; the idea is Crowson's.
                    hidden, padding = self._padded(hidden), 0
                    if weight.shape[1] != hidden.shape[1]:
                        hidden = split(hidden, weight.dtype)
                end = self._end(name, wanted)
                if end and self.layers.index(end) <= last:
                    choice = None if choices is None else choices.setdefault(end, [])
                    hidden = convolution_pool_relu(hidden, weight, flipped, bias, choice)
                    next(names)
                    name = next(names)
                elif name in wanted:
                    hidden = F.conv2d(hidden, weight, bias, padding=padding)
                else:
                    hidden = convolution_relu(hidden, weight, flipped, bias, padding)
            elif name.replace("relu", "conv") in wanted:
                hidden = hidden.relu()
            if name in wanted:
                hidden = visit(name, hidden)
        return hidden

    def _end(self, convolution: str, wanted: set[str]) -> str | None:
        """The maximum that follows this convolution and its ReLU, where nobody looks at these two."""
        relu, following, *_ = *self.layers[self.layers.index(convolution) + 1 :], None
        pooled = following is not None and following.startswith("pool") and self.pooling == "maximum"
        # PyTorch has had mistakes in writing to every other column on Apple's GPUs; untried there.
        pooled = pooled and self.device.type != "mps"
        return following if pooled and not {convolution, relu} & wanted else None

    def _padded(self, image: Tensor) -> Tensor:
        """The image (1, 3, H, W) with one pixel more on each side."""
        if self.padding == "edge":
            return F.pad(image, (1, 1, 1, 1), mode="replicate")
        mean = image.new_tensor(_MEAN).view(1, 3, 1, 1)
        return F.pad(image - mean, (1, 1, 1, 1)) + mean


def load_network(
    source: str = EMBEDDED,
    device: str | torch.device | None = None,
    precision: str | None = None,
) -> VGG:
    """A network on a device: by default the original VGG-19, on `cuda`, else `mps`, else `cpu`.

    Args:
        source: `vgg19`, which is installed with this package; `vgg19.tv_in1k` or `vgg16.tv_in1k` from
            the Hub, or a `.safetensors` or `.pth` file, with torchvision's names and convention.
        device: a name, or None for the fastest one here.
        precision: one of `PRECISIONS`, or None for bfloat16 where that is several times faster.

    Raises:
        NetworkError: the weights are missing, or not what they should be.
        DeviceError: there is no such device here.
        SettingsError: there is no such precision.
    """
    device = choose_device(device)
    if precision is None:
        precision = "bfloat16" if half_precision_pays(device) else "float32"
    if precision not in PRECISIONS:
        precisions = ", ".join(PRECISIONS)
        raise SettingsError("no_such_precision", precisions=precisions, value=shown(precision))
    if device.type == "cpu":
        keep_freed_memory()
    elif device.type == "cuda":
        # Of its algorithms the one that is fastest at each size, tried once: a run has few sizes.
        torch.backends.cudnn.benchmark = True
    architecture, weights = load_weights(source)
    return VGG(weights, device, architecture, PRECISIONS[precision])


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
    if found is not None and found.type == "cuda" and (found.index or 0) >= torch.cuda.device_count():
        found = None
    if found is None or found.type not in present:
        devices = ", ".join(present)
        raise DeviceError("no_such_device", devices=devices, value=shown(str(device)))
    return found
