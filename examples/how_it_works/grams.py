"""The Gram matrix shown: of the painting and of a picture on its way, and what two channels see."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from styletransfer.engine.losses import gram_matrix, style_loss
from styletransfer.images import resize, to_tensor
from styletransfer.network.vgg import VGG

from .sheet import save
from .subjects import GRAMS, LAYERS, SIZE, from_the_photo, painting, query

STEPS = (1, 2, 5, 10, 20, 40)
CELLS = 40  # channels across and down in a heat map: those that the painting excites most
# Colours of nothing, of a quarter, of three quarters and of the brightest cell.
_COLOURS = np.array([[22, 26, 46], [38, 86, 131], [222, 164, 82], [255, 248, 226]])
_LEVELS = [0, 0.3, 0.7, 1]


def grams(network: VGG, folder: Path) -> dict[str, Any]:
    """Heat maps of the painting's and of the picture's Gram matrices, layer by layer, step by step."""
    style = resize(painting(), SIZE)
    with torch.no_grad():
        seen = network(to_tensor(style), LAYERS)
        targets = {layer: gram_matrix(features)[0] for layer, features in seen.items()}
    pairs = {layer: brightest_pair(target) for layer, target in targets.items()}
    kept = {layer: most_active(targets[layer], pairs[layer]) for layer in LAYERS}
    maps = {layer: [heat_map(targets[layer], targets[layer], kept[layer])] for layer in LAYERS}
    distances: dict[str, list[float]] = {layer: [] for layer in LAYERS}
    pictures = []
    for step in from_the_photo(network):
        for layer, gram in _grams(network, step.pixels).items():
            distances[layer].append(style_loss(gram, targets[layer]).item())
            if step.number in STEPS:
                maps[layer].append(heat_map(gram, targets[layer], kept[layer]))
        if step.number in STEPS:
            pictures.append(step.image)
            print(step, flush=True)
    looks = [
        [style, *(what_excites(style, channel) for channel in _channels(seen[layer], pairs[layer]))]
        for layer in LAYERS
    ]
    return {
        "figure": save([maps[layer] for layer in LAYERS], folder / "grams.webp", lossless=True),
        "pictures": save([pictures], folder / "run.webp"),
        "channels": save(looks, folder / "channels.webp"),
        "steps": STEPS,
        "pairs": pairs,
        "cells": {layer: [kept[layer].index(channel) for channel in pairs[layer]] for layer in LAYERS},
        "distances": {
            layer: [float(f"{each / line[0]:.3g}") for each in line] for layer, line in distances.items()
        },
        "query": query(GRAMS, "Gatys"),
    }


def brightest_pair(gram: Tensor) -> tuple[int, int]:
    """The two channels that are excited together most, of those that are not the same.

    Args:
        gram: (C, C).
    """
    number = int(torch.triu(gram, diagonal=1).argmax())
    return number // len(gram), number % len(gram)


def most_active(gram: Tensor, pair: Sequence[int]) -> list[int]:
    """The numbers of the `CELLS` channels with the largest squares, the pair among them, in order."""
    order = [int(number) for number in gram.diagonal().argsort(descending=True)]
    others = [number for number in order if number not in pair]
    return sorted([*pair, *others[: CELLS - len(pair)]])


def heat_map(gram: Tensor, target: Tensor, channels: Sequence[int]) -> Image.Image:
    """Some rows and columns of a Gram matrix, one pixel a cell; as bright as the target's brightest."""
    shares = (gram[channels][:, channels] / target[channels][:, channels].max()).clamp(0, 1)
    levels = shares.sqrt().numpy()  # so that faint cells are not all black
    colours = [np.interp(levels, _LEVELS, column) for column in _COLOURS.T]
    return Image.fromarray(np.stack(colours, axis=2).round().astype(np.uint8))


def what_excites(image: Image.Image, activation: Tensor) -> Image.Image:
    """The picture where a feature map is strong, and pale grey elsewhere.

    Args:
        image: what the network has seen.
        activation: (h, w), 0 or above.
    """
    strength = (activation / activation.flatten().quantile(0.995).clamp_min(1e-9)).clamp(0, 1)
    mask = Image.fromarray((strength.sqrt() * 255).round().byte().numpy())
    mask = mask.resize(image.size, Image.Resampling.BICUBIC)
    grey = image.convert("L").point([225 + round(level * 25 / 255) for level in range(256)])
    return Image.composite(image, grey.convert("RGB"), mask)


def _channels(features: Tensor, pair: tuple[int, int]) -> list[Tensor]:
    """The feature maps of two channels, and where both are strong."""
    one, other = (features[0, channel] for channel in pair)
    return [one, other, one * other]


def _grams(network: VGG, pixels: Tensor) -> dict[str, Tensor]:
    with torch.no_grad():
        seen = network(pixels, LAYERS)
    return {layer: gram_matrix(features)[0] for layer, features in seen.items()}
