"""Which place of the painting each place of a finished picture was painted after."""

from pathlib import Path
from typing import Any

from styletransfer.engine.hypercolumns import GRID
from styletransfer.engine.masks import regions
from styletransfer.engine.neighbour_style import NeighbourStyle
from styletransfer.images import resize, to_tensor
from styletransfer.network.vgg import VGG

from .sheet import save
from .subjects import painting, photo, query, run, settings_of

STEPS, SIZE, SCALES = 36, 256, 3


def neighbours(network: VGG, folder: Path) -> dict[str, Any]:
    """The picture, the painting beside it, and the number of each place's neighbour, row by row."""
    settings = settings_of("Standard", size=SIZE, scales=SCALES)
    step = run(settings, network, (STEPS,)).shown[-1]
    style = resize(painting(), SIZE)
    content = to_tensor(photo(SIZE))
    everywhere = regions((), (1.0,), (step.width, step.height))
    term = NeighbourStyle(network, content, [to_tensor(style)], everywhere, settings)
    term.adapt(step.pixels, settings)
    (found,) = term.neighbours
    print(step, found.shape, flush=True)
    return {
        "picture": save([[step.image]], folder / "neighbours.webp"),
        "painting": save([[style]], folder / "neighbours_painting.webp"),
        "grid": GRID,
        "columns": found.shape[1],
        "rows": found.shape[0],
        "across": style.width // GRID,
        "places": found.flatten().tolist(),
        "query": query(settings, "Standard"),
    }
