"""The three optimisers from the same noise with the same number of evaluations of loss and gradient."""

from pathlib import Path
from typing import Any

from styletransfer.network.vgg import VGG
from styletransfer.settings import knobs

from .sheet import save
from .subjects import query, run, settings_of

STEPS = (1, 2, 5, 10, 20, 40)
OPTIMISERS = next(knob.choices or () for knob in knobs() if knob.name == "optimiser")


def optimisers(network: VGG, folder: Path) -> dict[str, Any]:
    """Pictures and total losses of each."""
    columns, totals, queries = [], {}, []
    for name in OPTIMISERS:
        settings = settings_of("Gatys", scaling="paper", start="noise", optimiser=name)
        queries.append(query(settings, "Gatys"))
        found = run(settings, network, STEPS)
        columns.append([step.image for step in found.shown])
        totals[name] = [float(f"{total:.4g}") for total in found.totals]
        print(name, totals[name][::10], totals[name][-1], flush=True)
    figure = save(list(zip(*columns, strict=True)), folder / "optimisers.webp")
    return {"figure": figure, "steps": STEPS, "totals": totals, "queries": queries}
