"""The tug of war: the ratio of the two weights by the depth of the content layer."""

from pathlib import Path
from typing import Any

from styletransfer.network.vgg import VGG

from .sheet import save
from .subjects import query, run, settings_of

LAYERS = ("relu2_2", "relu3_2", "relu4_2", "relu5_2")
# Style weight and content weight.
WEIGHTS = ((10.0, 0.2), (10.0, 1.0), (5.0, 5.0), (1.0, 10.0))
STEPS, SIZE = 40, 128


def tug_of_war(network: VGG, folder: Path) -> dict[str, Any]:
    """A picture and a link for each ratio and each layer."""
    rows, queries = [], []
    for style_weight, content_weight in WEIGHTS:
        row, links = [], []
        for layer in LAYERS:
            settings = settings_of(
                "Gatys",
                scaling="paper",
                start="noise",  # so that nothing of the photo is there that nobody asked for
                content_layers=layer,
                style_weight=style_weight,
                content_weight=content_weight,
                size=SIZE,
            )
            links.append(query(settings, "Gatys"))
            row.append(run(settings, network, (STEPS,)).shown[-1].image)
            print(links[-1], flush=True)
        rows.append(row)
        queries.append(links)
    figure = save(rows, folder / "tug_of_war.webp")
    return {"figure": figure, "layers": LAYERS, "weights": WEIGHTS, "queries": queries}
