"""The kept picture of a run as a file: a step without loss, and the losses of all steps up to it."""

import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..engine.step import Step
from ..images import photo_at
from ..pictures import Pictures
from .durable import whole
from .run import LossPoint, halved

# What of a step is a picture. Photo and opacity are not written, because the run's pictures have them.
_PICTURES = ("pixels", "photo", "cover", "opacity")
_PLAIN = [each.name for each in fields(Step) if each.name not in _PICTURES]


def write_kept(step: Step, losses: Sequence[LossPoint], file: Path) -> None:
    """Writes the step, and the losses up to it, in place of what the file has held."""
    step = halved(step)
    plain = {name: getattr(step, name) for name in _PLAIN}
    arrays = {
        "pixels": step.pixels.numpy(),
        "losses": np.array([point for point in losses if point.number <= step.number]),
        "step": np.array(json.dumps(plain)),
    }
    if step.cover is not None:
        arrays["cover"] = step.cover.numpy()
    with whole(file) as part, part.open("wb") as out:
        np.savez(out, **arrays)  # type: ignore[arg-type]


def read_kept(file: Path, pictures: Pictures) -> tuple[Step, list[LossPoint]]:
    """The step and the losses that `write_kept` has written.

    Args:
        file: what it has written.
        pictures: that the run is painted from.

    Raises:
        OSError, KeyError, ValueError, zipfile.BadZipFile: there is no such file, or it holds something
            else.
    """
    with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
        plain: dict[str, Any] = json.loads(str(arrays["step"]))
        pixels = torch.from_numpy(arrays["pixels"])
        cover: Tensor | None = torch.from_numpy(arrays["cover"]) if "cover" in arrays else None
        points = arrays["losses"].reshape(-1, len(LossPoint._fields)).tolist()
    height, width = pixels.shape[2:]
    photo = photo_at(pictures.content, (width, height)).half()
    losses = [LossPoint(int(number), int(scale), *rest) for number, scale, *rest in points]
    step = Step(**plain, pixels=pixels, photo=photo, cover=cover, opacity=pictures.opacity)
    return step, losses
