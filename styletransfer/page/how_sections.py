"""The sections of the page `/how-it-works`: from the computed numbers to what the templates show."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..settings import knobs
from .chart import bounds
from .i18n.how_texts import Texts
from .i18n.translate import Words

PACKAGE = Path(__file__).resolve().parent.parent
LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
# Section -> the files of this package, and the functions and classes in them, that compute it.
CODE: Mapping[str, Sequence[tuple[str, str]]] = {
    "content": (("engine/losses.py", "content_loss"), ("engine/content_term.py", "ContentTerm")),
    "texture": (("engine/losses.py", "style_loss"), ("engine/gram_style.py", "GramStyle")),
    "optimisers": (
        ("engine/lbfgs.py", "LBFGS"),
        ("engine/adam.py", "Adam"),
        ("engine/gradient_descent.py", "GradientDescent"),
    ),
    "grams": (("engine/losses.py", "gram_matrix"), ("engine/style_statistics.py", "style_statistics")),
    "neighbours": (
        ("engine/neighbours.py", "nearest"),
        ("engine/neighbour_style.py", "NeighbourStyle"),
    ),
    "tug_of_war": (("engine/objective.py", "Objective"), ("settings.py", "Settings")),
    "pulls": (("engine/descent.py", "Descent"), ("engine/objective.py", "Losses")),
}

# The area of the lines of a chart in pixels; their labels stand to its right.
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 620, 190, 4, 470, 6, 184
_START = (0.37, 0.36)  # of the picture, an eye: the place that is shown until one is touched


def sections(numbers: Mapping[str, Any], told: Texts, texts: Words) -> list[dict[str, Any]]:
    """What the templates need of each section that has been computed, in their order."""
    return [
        {"name": name, "numbers": numbers[name], "code": _code(name), "hint": told[name]["hint"]}
        | make(numbers[name], told, texts)
        for name, make in _SECTIONS.items()
        if name in numbers
    ]


def _code(name: str) -> list[dict[str, str]]:
    """The links to the code: the file, and the words by which a browser finds the place in it."""
    found = []
    for file, thing in CODE[name]:
        keyword = "class" if thing[0].isupper() else "def"
        found.append({"file": file, "name": thing, "found": f"{keyword}%20{thing}"})
    return found


def _content(numbers: Mapping[str, Any], told: Texts, texts: Words) -> dict[str, Any]:
    said = told["difference"]
    return {
        "variables": f"--at:{len(numbers['steps']) - 1}",
        "steps": _steps(numbers["steps"], told),
        "differences": [
            [said.format(n=texts.number(f"{each:.1f}")) for each in line]
            for line in numbers["differences"]
        ],
        "figure": numbers["figure"]["file"],
        "look": numbers["queries"][3],
    }


def _texture(numbers: Mapping[str, Any], _told: Texts, _texts: Words) -> dict[str, Any]:
    return {"variables": "", "figure": numbers["figure"]["file"], "look": numbers["queries"][-1]}


def _optimisers(numbers: Mapping[str, Any], told: Texts, texts: Words) -> dict[str, Any]:
    own, totals = told["optimisers"], numbers["totals"]
    names = next(knob.choices or () for knob in knobs() if knob.name == "optimiser")
    losses = {
        name: [
            own["loss"].format(n=texts.number(f"{totals[name][step - 1]:.2g}"))
            for step in numbers["steps"]
        ]
        for name in names
    }
    return {
        "variables": f"--at:{len(numbers['steps']) - 1}",
        "steps": _steps(numbers["steps"], told),
        "names": names,
        "losses": losses,
        "chart": _chart({own[name]: totals[name] for name in names}, numbers["steps"]),
        "figure": numbers["figure"]["file"],
        "look": numbers["queries"][0],
    }


def _grams(numbers: Mapping[str, Any], told: Texts, texts: Words) -> dict[str, Any]:
    own, chosen = told["grams"], 2
    at = len(numbers["steps"]) - 1
    distances = [
        [
            own["distance"].format(n=texts.number(f"{100 * numbers['distances'][layer][step - 1]:.3g}"))
            for step in numbers["steps"]
        ]
        for layer in LAYERS
    ]
    pairs = [numbers["pairs"][layer] for layer in LAYERS]
    singles = [[own["one"].format(n=pair[place]) for pair in pairs] for place in (0, 1)]
    cells = numbers["cells"]
    return {
        "variables": f"--at:{at};--layer:{chosen}",
        "hint": own["hint"].format(cells=numbers["figure"]["width"]),
        "chosen": chosen,
        "steps": _steps(numbers["steps"], told),
        "distances": distances,
        "channels": [*singles, [own["both"]] * len(LAYERS)],
        "cells": [
            f"top:{100 * cells[layer][0] / numbers['figure']['width']:.2f}%;"
            f"left:{100 * cells[layer][1] / numbers['figure']['width']:.2f}%"
            for layer in LAYERS
        ],
        "chart": _chart({layer: numbers["distances"][layer] for layer in LAYERS}, numbers["steps"]),
        "figure": numbers["figure"]["file"],
        "look": numbers["query"],
    }


def _neighbours(numbers: Mapping[str, Any], told: Texts, texts: Words) -> dict[str, Any]:
    own, sizes = told["neighbours"], numbers["sizes"]
    last = sizes[-1]
    x, y = round(_START[0] * last["columns"]), round(_START[1] * last["rows"])
    v, u = divmod(last["places"][y * last["columns"] + x], last["across"])
    place = {"x": x, "y": y, "u": u, "v": v, "size": len(sizes) - 1}
    shares = dict(zip(("across", "down", "there-across", "there-down"), last["shares"], strict=True))
    names = [f"{each['size']} px" for each in sizes]
    return {
        "variables": ";".join(f"--{name}:{value}" for name, value in (place | shares).items()),
        "names": names,
        "pictures": [*(own["on_the_way"].format(size=each) for each in names[:-1]), own["picture"]],
        "used": [own["used"].format(n=texts.number(f"{100 * each['used']:.0f}")) for each in sizes],
        "sizes": [
            [each["columns"], each["rows"], each["across"], each["shares"], each["places"]]
            for each in sizes
        ],
        "figure": numbers["picture"]["file"],
        "look": numbers["query"],
    }


def _tug_of_war(numbers: Mapping[str, Any], _told: Texts, texts: Words) -> dict[str, Any]:
    ratios = [
        f"{texts.number(f'{style:g}')} : {texts.number(f'{content:g}')}"
        for style, content in numbers["weights"]
    ]
    return {"variables": "", "ratios": ratios, "figure": numbers["figure"]["file"], "look": ""}


def _pulls(numbers: Mapping[str, Any], told: Texts, texts: Words) -> dict[str, Any]:
    said = told["pulls"]["cosine"]
    return {
        "variables": f"--at:{len(numbers['steps']) - 1}",
        "steps": _steps(numbers["steps"], told),
        "cosines": [said.format(n=texts.number(f"{each:.2f}")) for each in numbers["cosines"]],
        "figure": numbers["figure"]["file"],
        "look": numbers["query"],
    }


_SECTIONS: dict[str, Callable[[Mapping[str, Any], Texts, Words], dict[str, Any]]] = {
    "content": _content,
    "texture": _texture,
    "optimisers": _optimisers,
    "grams": _grams,
    "neighbours": _neighbours,
    "tug_of_war": _tug_of_war,
    "pulls": _pulls,
}


def _steps(steps: Sequence[int], told: Texts) -> list[str]:
    """What the slider says at each of its places."""
    return [told["evaluation"].format(n=step, last=steps[-1]) for step in steps]


def _chart(lines: Mapping[str, Sequence[float]], steps: Sequence[int]) -> dict[str, Any]:
    """Lines over the steps on a logarithmic scale, and where each place of the slider is.

    Args:
        lines: label -> a value for each step.
        steps: the numbers of those steps at which the slider has a place, the first one being 1.
    """
    low, high = bounds([value for line in lines.values() for value in line])

    def x(step: int) -> str:
        return f"{_LEFT + (_RIGHT - _LEFT) * (step - 1) / (steps[-1] - 1):.1f}"

    def y(value: float) -> float:
        share = math.log(max(low, value) / low) / math.log(high / low)
        return round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)

    ends = _apart([y(line[-1]) + 4 for line in lines.values()])
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "left": _LEFT,
        "right": _RIGHT,
        "top": _TOP,
        "bottom": _BOTTOM,
        "marks": [x(step) for step in steps],
        "moves": [f"translate({x(step)})" for step in steps],
        "lines": [
            {
                "label": label,
                "end": end,
                "points": " ".join(f"{x(number)},{y(value)}" for number, value in enumerate(line, 1)),
            }
            for (label, line), end in zip(lines.items(), ends, strict=True)
        ],
    }


def _apart(heights: Sequence[float], least: float = 16) -> list[float]:
    """The heights of labels, moved down where they would lie upon each other."""
    moved = list(heights)
    order = sorted(range(len(moved)), key=lambda number: moved[number])
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + least)
    # As far up again as the lowest one has left the chart.
    beyond = max(0.0, max(moved) - _BOTTOM - 4)
    return [round(height - beyond, 1) for height in moved]
