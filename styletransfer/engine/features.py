"""Whole feature maps of an image, as targets for losses that compare position by position."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from ..network.memory_format import memory_format_of
from ..network.strips import Strip, Sums, image_sums
from ..network.vgg import VGG


def whole_features(
    network: VGG, image: Tensor, layers: Iterable[str], blocks_in_strips: int
) -> Mapping[str, Tensor]:
    """The whole feature maps of an image, (1, C, h, w) for each of the layers.

    Args:
        network: padded and pooled as for the pictures to be compared with it.
        image: (1, 3, H, W), sRGB in [0, 1].
        layers: names of the network's layers.
        blocks_in_strips: how many of the network's blocks are evaluated in strips.
    """
    layers = list(layers)
    whole: dict[str, Tensor] = {}

    def collect(layer: str, features: Tensor, strip: Strip) -> tuple[Tensor, Sums]:
        if layer not in whole:
            like = features[..., :1, :].expand(-1, -1, strip.whole_height, -1)
            whole[layer] = torch.empty_like(like, memory_format=memory_format_of(features))
        whole[layer][..., strip.rows, :] = features[..., strip.own, :]
        return features, {}

    # Not for the sums, of which `collect` returns none, but so that it sees every strip.
    image_sums(network, image, layers, collect, blocks_in_strips)
    return whole
