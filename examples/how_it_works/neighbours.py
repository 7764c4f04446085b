"""Which place of the painting each place of a picture was painted after, at each size."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from styletransfer import Pictures, Step, load_image, stylize
from styletransfer.engine.hypercolumns import GRID
from styletransfer.engine.masks import regions
from styletransfer.engine.neighbour_style import NeighbourStyle
from styletransfer.images import resize, to_tensor
from styletransfer.network.vgg import VGG

from .grams import what_excites
from .sheet import save
from .subjects import PHOTO, painting, photo, query, settings_of

STEPS, SIZE, SCALES = 36, 256, 3


def neighbours(network: VGG, folder: Path) -> dict[str, Any]:
    """The picture at each size, the places' neighbours, and what of the painting was used."""
    settings = settings_of("Standard", size=SIZE, scales=SCALES, steps=STEPS)
    last: dict[int, Step] = {}  # of each size, by the longer side
    for step in stylize(Pictures(load_image(PHOTO), [painting()]), settings, network):
        last[max(step.width, step.height)] = step
    style = resize(painting(), SIZE)
    found: list[Mapping[str, Any]] = []
    used = []
    for size, step in last.items():
        beside = resize(painting(), size)
        everywhere = regions((), (1.0,), (step.width, step.height))
        shown = [to_tensor(beside)]
        term = NeighbourStyle(network, to_tensor(photo(size)), shown, everywhere, settings)
        term.adapt(step.pixels, settings)
        (places,) = term.neighbours
        times = uses(places, beside.size)
        used.append(
            what_excites(
                style,
                torch.nn.functional.interpolate(
                    (times > 0)[None, None].float(), (style.height, style.width), mode="nearest"
                )[0, 0],
            )
        )
        found.append(
            {
                "size": size,
                "columns": places.shape[1],
                "rows": places.shape[0],
                "across": times.shape[1],
                # Of the width and the height that a place takes: in the picture, and in the painting.
                "shares": [
                    round(GRID / side, 5)
                    for side in (step.width, step.height, beside.width, beside.height)
                ],
                "places": places.flatten().tolist(),
                "used": round((times > 0).float().mean().item(), 3),
            }
        )
        print(step, found[-1]["used"], flush=True)
    whole = last[SIZE].image.size
    pictures = [step.image.resize(whole, Image.Resampling.BICUBIC) for step in last.values()]
    return {
        "picture": save([pictures], folder / "neighbours.webp"),
        "painting": save([[style]], folder / "neighbours_painting.webp"),
        "used": save([used], folder / "neighbours_used.webp"),
        "sizes": found,
        "query": query(settings, "Standard"),
    }


def uses(places: Tensor, size: tuple[int, int]) -> Tensor:
    """How many places of the picture each place of the painting is the neighbour of, (h, w).

    Args:
        places: of every place of the picture the number of its neighbour.
        size: of the painting, width and height in pixels.
    """
    across, down = (side // GRID for side in size)
    return torch.bincount(places.flatten(), minlength=across * down).view(down, across)
