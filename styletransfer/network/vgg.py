"""The frozen network: a VGG's feature maps by the papers' layer names.

A layer is named as in the literature: `conv4_2` before its ReLU, `relu4_2` after it, `pool4` at the
block's end. Images go in as sRGB in [0, 1], whatever the weights were trained on.

Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition".
"""

import copy
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional

from ..errors import DeviceError, SettingsError, shown
from .activation_scale import activation_scale, scaled
from .arithmetic import arithmetic
from .checkpoints import CONFIGURATIONS
from .convolution import Convolution, convolution_relu, split, split_weight
from .operations import ConvolutionReLUPool, Operation, Wrapped, fused
from .pooling import average_pool, max_pool
from .precision import PRECISIONS
from .shortage import MemoryShortage, shortage_explained
from .weights import DEFAULT_SOURCE, load_weights

_log = logging.getLogger(__name__)

# The colour that is zero to the networks: ImageNet's mean. (The original weights' differs by 0.002.)
_MEAN = (0.485, 0.456, 0.406)


def layer_names(architecture: str) -> tuple[str, ...]:
    """The layers of `vgg16` or `vgg19` in order: conv1_1, relu1_1, ..., pool5."""
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
    """The block that a layer belongs to: 4 for `relu4_2` and for `pool4`."""
    return int(layer[4])


def stride_of(layer: str) -> int:
    """How many pixels lie between two positions of a layer: 8 for `relu4_2`, 16 for `pool4`."""
    poolings = block_of(layer) - (not layer.startswith("pool"))
    return 1 << poolings


class VGG(torch.nn.Module):
    """A frozen VGG: no weight is trainable, and gradients reach the image only.

    Args:
        weights: the pairs (weight (N, C, 3, 3), bias (N,)) of its convolutions, in order; the first one
            takes sRGB in [0, 1].
        device: where the weights are put, and where images have to be.
        architecture: `vgg16` or `vgg19`, which have different layers.
        precision: of the feature maps: by default that of the weights, or bfloat16 or float16 for
            weights in float32. Images and losses are not rounded to it.

    Attributes:
        layers: the names of all layers, in order.
        convolutions: the name of each convolution -> the module with its weights; all variants of a
            network have the same one.
        padding: `edge` or `zeros`, around the image; see `Settings`.
        pooling: `maximum` or `average`; see `Settings`.
        activation_scale: the feature maps are so many times those of the weights that were given; 1 but
            in float16, which does not reach as far as they do.
        wraps: whether an image is a tile: beyond each of its edges lies the opposite one, in all layers.
    """

    def __init__(
        self,
        weights: Iterable[tuple[Tensor, Tensor]],
        device: str | torch.device = "cpu",
        architecture: str = "vgg19",
        precision: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.layers = layer_names(architecture)
        self.padding, self.pooling, self.wraps = "edge", "maximum", False
        names = [layer for layer in self.layers if layer.startswith("conv")]
        weights = [(weight.to(device), bias.to(device)) for weight, bias in weights]
        self.activation_scale = 1.0
        if (precision or weights[0][0].dtype) == torch.float16:
            self.activation_scale = activation_scale(weights, architecture)
            weights = scaled(weights, self.activation_scale)
        self.convolutions = torch.nn.ModuleDict(
            {
                name: _convolution(name, weight, bias, precision)
                for name, (weight, bias) in zip(names, weights, strict=True)
            }
        )
        # On the device from the beginning: what is sent there later makes the processor wait.
        self._mean = torch.tensor(_MEAN, device=device).view(1, 3, 1, 1)

    @property
    def device(self) -> torch.device:
        """Where the weights are, and where images have to be."""
        return self._first_weight.device

    @property
    def precision(self) -> torch.dtype:
        """The type of the feature maps."""
        return self._first_weight.dtype

    @property
    def _first_weight(self) -> Tensor:
        return next(self.buffers())

    def variant(self, padding: str, pooling: str, wraps: bool = False) -> "VGG":
        """The same network, weights shared, that pads and pools so; see `Settings`."""
        other = copy.copy(self)
        other.padding, other.pooling, other.wraps = padding, pooling, wraps
        return other

    @property
    def unwrapped(self) -> "VGG":
        """The same network for images that are no tiles, such as paintings."""
        return self.variant(self.padding, self.pooling)

    def check(self, layers: Iterable[str]) -> None:
        """Checks that the network has all of these layers.

        Raises:
            SettingsError: it does not have one of them.
        """
        if unknown := set(layers) - set(self.layers):
            # VGGs differ in how many convolutions their last three blocks have, 3 or 4 in all of them.
            last = sum(layer.startswith("conv5_") for layer in self.layers)
            raise SettingsError(
                "no_such_layer", last=last, network=self.architecture, value=shown(min(unknown))
            )

    def forward(self, image: Tensor, layers: Collection[str]) -> dict[str, Tensor]:
        """The feature maps of the named layers, computed no deeper than the deepest of them.

        Args:
            image: (1, 3, H, W), sRGB in [0, 1]; H and W at least 16 for layers of block 5.
            layers: names out of `self.layers`.

        Returns:
            name -> (1, C, H / 2^k, W / 2^k), k the number of poolings before it.

        Raises:
            SettingsError: there is no such layer.
        """
        features, hidden = {}, image
        for layer, operation in self.operations(layers):
            hidden = operation(hidden)
            if layer in layers:
                features[layer] = hidden
        return features

    def operations(
        self, layers: Collection[str], first_block: int = 1
    ) -> Iterator[tuple[str, Operation]]:
        """What computes the feature maps of the named layers, in order.

        Args:
            layers: names out of `self.layers`.
            first_block: where to begin; beyond block 1 with the output of the pooling before it.

        Yields:
            A layer's name, and the operation that computes its feature maps from those before it. The
            first one pads the image, under the name `image`. Of the layers that are not asked for, those
            are left out that are computed together with the next one.

        Raises:
            SettingsError: there is no such layer.
        """
        self.check(layers)
        if first_block == 1:
            yield "image", Operation(self._padded)
        last = max(map(self.layers.index, layers))
        names = [name for name in self.layers[: last + 1] if block_of(name) >= first_block]
        # PyTorch has had mistakes in writing to every other column on Apple's GPUs; untried there.
        fuses_pooling = self.pooling == "maximum" and self.device.type != "mps"
        for group in fused(names, layers, fuses_pooling):
            yield group[-1], self._operation(group)

    def _operation(self, group: tuple[str, ...]) -> Operation:
        """The operation that computes these successive layers."""
        match [layer[:4] for layer in group]:
            case ["pool"]:
                return Operation(average_pool if self.pooling == "average" else max_pool)
            case ["relu"]:
                return Operation(torch.relu)
        convolution = cast(Convolution, self.convolutions[group[0]])
        # Of conv1_1, whose image is padded already, there is nothing to wrap.
        wraps = self.wraps and convolution.padding > 0
        if wraps:
            convolution = convolution.unpadded
        operation: Operation
        if len(group) == 3:
            operation = ConvolutionReLUPool(convolution)
        elif len(group) == 2:
            operation = Operation(partial(convolution_relu, convolution=convolution))
        else:
            operation = Operation(convolution)
        return Wrapped(operation) if wraps else operation

    def _padded(self, image: Tensor) -> Tensor:
        """The image as conv1_1 takes it: (1, 3, H + 2, W + 2), or (1, 9, H + 2, W + 2) if split.

        By default the edge is repeated, against the frame that black zeros paint. Gatys et al. do not do
        this; the idea is from Crowson's style-transfer-pytorch.
        """
        if self.wraps:
            padded = functional.pad(image, (1, 1, 1, 1), mode="circular")
        elif self.padding == "edge":
            padded = functional.pad(image, (1, 1, 1, 1), mode="replicate")
        else:
            mean = self._mean.to(image.dtype)
            padded = functional.pad(image - mean, (1, 1, 1, 1)) + mean
        is_split = self._first_weight.shape[1] != image.shape[1]
        return split(padded, self.precision) if is_split else padded


def _convolution(name: str, weight: Tensor, bias: Tensor, precision: torch.dtype | None) -> Convolution:
    """A convolution in this precision; conv1_1 takes an image that is padded, and split if rounded."""
    first = name == "conv1_1"
    if precision is not None and precision != weight.dtype:
        weight = split_weight(weight, precision) if first else weight.to(precision)
        bias = bias.to(precision)
    return Convolution(weight, bias, padding=0 if first else 1)


def load_network(
    source: str = DEFAULT_SOURCE,
    device: str | torch.device | None = None,
    precision: str | None = None,
    load: Callable[[str], tuple[str, list[tuple[Tensor, Tensor]]]] = load_weights,
) -> VGG:
    """A network on a device: by default the original VGG-19, on `cuda`, else `mps`, else `cpu`.

    Args:
        source: `vgg19`, which is installed with this package; `vgg19.tv_in1k` or `vgg16.tv_in1k` from
            the Hub, or a `.safetensors` or `.pth` file, with torchvision's names and convention.
        device: a name, or None for the fastest one here.
        precision: one of `PRECISIONS`, or None for the fastest that suits the device; see `arithmetic`.
        load: gives the weights, as `load_weights` does.

    Raises:
        NetworkError: the weights are missing, or not what they should be.
        DeviceError: there is no such device here.
        SettingsError: there is no such precision.
        MemoryShortage: the network does not fit into the device's memory.
    """
    device = choose_device(device)
    if precision is not None and precision not in PRECISIONS:
        precisions = ", ".join(PRECISIONS)
        raise SettingsError("no_such_precision", precisions=precisions, value=shown(precision))
    chosen = arithmetic(device, None if precision is None else PRECISIONS[precision])
    _log.info("On %s %s", device, chosen)
    with shortage_explained(MemoryShortage("network_exceeds_memory", device=device.type)):
        architecture, weights = load(source)
        return VGG(weights, device, architecture, chosen.precision)


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """The device asked for, or the fastest one here: `cuda`, else `mps`, else `cpu`.

    Raises:
        DeviceError: there is no such device here.
    """
    available = ["cpu"]
    if torch.backends.mps.is_available():
        available.insert(0, "mps")
    if torch.cuda.is_available():
        available.insert(0, "cuda")
    if device is None or str(device) == "auto":
        return torch.device(available[0])
    try:
        choice = torch.device(device)
    except RuntimeError:
        choice = torch.device("meta")  # never available
    missing_gpu = choice.type == "cuda" and (choice.index or 0) >= torch.cuda.device_count()
    if choice.type not in available or missing_gpu:
        devices = ", ".join(available)
        raise DeviceError("no_such_device", devices=devices, value=shown(str(device)))
    return choice
