"""A made-up step and a picture, for tests in which nothing is painted."""

import torch
from PIL import Image

from styletransfer.engine.step import Step
from styletransfer.settings import Settings


def picture(width: int = 64, height: int = 48) -> Image.Image:
    return Image.new("RGB", (width, height), "gray")


def step(number: int, settings: Settings) -> Step:
    """The step with this number, of 2 x 2 grey pixels; all its losses are 0."""
    return Step(
        **dict.fromkeys(("scale", "scales"), 1),
        **dict.fromkeys(("content", "style", "smoothness", "total", "elapsed", "remaining"), 0.0),
        number=number,
        steps=settings.steps,
        width=2,
        height=2,
        due=number % settings.show_every == 0 or number == settings.steps,
        pixels=torch.full((1, 3, 2, 2), 0.5),
        photo=torch.full((1, 3, 2, 2), 0.5),
    )
