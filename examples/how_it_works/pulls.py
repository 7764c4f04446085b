"""Where the two losses pull: the gradients of content and style at a picture on its way."""

from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import cosine_similarity

from styletransfer.engine.objective import Objective
from styletransfer.images import resize, to_image, to_tensor
from styletransfer.network.vgg import VGG

from .sheet import save
from .subjects import GRAMS, SIZE, from_the_photo, painting, photo, query

STEPS = (2, 5, 10, 20, 40)


def pulls(network: VGG, folder: Path) -> dict[str, Any]:
    """The picture, and what the content loss and the style loss want to change in it, step by step."""
    objective = Objective(network, to_tensor(photo()), [to_tensor(resize(painting(), SIZE))], GRAMS)
    rows, strengths, angles = [], [], []
    for step in from_the_photo(network):
        if step.number not in STEPS:
            continue
        content, style = wishes(objective, step.pixels)
        unit = torch.stack([content, style]).abs().flatten().quantile(0.99).item()
        rows.append([step.image, *(shown(wish, unit) for wish in (content, style))])
        strengths.append([float(f"{wish.abs().mean() / unit:.3g}") for wish in (content, style)])
        angles.append(round(cosine_similarity(content.flatten(), style.flatten(), 0).item(), 2))
        print(step, strengths[-1], angles[-1], flush=True)
    return {
        "figure": save(rows, folder / "pulls.webp"),
        "steps": STEPS,
        "strengths": strengths,
        "cosines": angles,
        "query": query(GRAMS, "Gatys"),
    }


def wishes(objective: Objective, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """What each loss, with its weight, wants to change in the picture: minus its gradient."""
    found = []
    for term, weight in (("content", "content_weight"), ("style", "style_weight")):
        leaf = pixels.detach().requires_grad_()
        loss = getattr(objective(leaf), term) * getattr(GRAMS, weight)
        (gradient,) = torch.autograd.grad(loss, leaf)
        found.append(-gradient)
    return found[0], found[1]


def shown(wish: Tensor, unit: float) -> Image.Image:
    """A change as a picture: grey where nothing is to change, lighter where it is to be lighter."""
    return to_image((0.5 + wish / unit / 2).clamp(0, 1))
