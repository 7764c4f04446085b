"""What single layers keep of a photo, and what they call the style of a painting: both out of noise."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from styletransfer import Settings, load_image
from styletransfer.network.vgg import VGG

from .sheet import save
from .subjects import LAYERS, PHOTO, painting, photo, query, run, settings_of

STEPS = (1, 5, 10, 20, 40)


def originals(_network: VGG, folder: Path) -> dict[str, Any]:
    """The photo and the painting from which all figures are made."""
    found = {}
    for name, original in (("photo", load_image(PHOTO)), ("painting", painting())):
        original.thumbnail((480, 480))
        found[name] = save([[original]], folder / f"{name}.webp")
    return found


def content(network: VGG, folder: Path) -> dict[str, Any]:
    """A photo out of noise from one layer after the other: Gatys et al. 2016, figure 1, below."""
    columns, differences, queries = [], [], []
    original = photo()
    for layer in LAYERS:
        settings = settings_of("Photo", content_layers=layer, smoothness=0)
        queries.append(query(settings, "Photo"))
        # The style does not count, and so need not be looked at by deeper layers.
        shown = run(_without_deeper(settings, layer), network, STEPS).shown
        columns.append([step.image for step in shown])
        differences.append([difference(step.image, original) for step in shown])
        print(layer, differences[-1], flush=True)
    figure = save(list(zip(*columns, strict=True)), folder / "content.jpg", quality=75)
    return {"figure": figure, "steps": STEPS, "differences": differences, "queries": queries}


def texture(network: VGG, folder: Path) -> dict[str, Any]:
    """The painting's texture out of noise, from single layers and from all up to a layer."""
    rows, queries = [], []
    for many in (False, True):
        row = []
        for number, layer in enumerate(LAYERS):
            layers = " ".join(LAYERS[: number + 1] if many else [layer])
            settings = settings_of("Texture", style_layers=layers, scaling="paper", smoothness=0)
            queries.append(query(settings, "Texture"))
            shown = run(_without_deeper(settings, layer), network, STEPS).shown
            row.append(shown[-1].image)
            print(layers, shown[-1], flush=True)
        rows.append(row)
    figure = save(rows, folder / "texture.webp")
    return {"figure": figure, "steps": STEPS[-1], "queries": queries}


def difference(one: Image.Image, other: Image.Image) -> float:
    """By how much two pictures differ on average, in levels of 0 to 255."""
    levels = np.asarray(one, float) - np.asarray(other, float)
    return round(float(np.abs(levels).mean()), 1)


def _without_deeper(settings: Settings, layer: str) -> Settings:
    """The settings with the term whose weight is 0 in this layer, where it costs the least."""
    unused = "style_layers" if settings.style_weight == 0 else "content_layers"
    return replace(settings, **{unused: layer})
