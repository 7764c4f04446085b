"""A step as it crosses from the process that paints to the server: numbers, and sometimes a picture.

Whoever paints elsewhere (`borrowed`, `devices`, `replicas`) stands on this: there `news_of` makes news
of the steps of a run, here `steps_of` makes steps of the news. Everything crosses as bytes: no tensor,
no lock and no generator.
"""

from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from typing import Any

from PIL import Image
from torch import Tensor

from ..engine.step import Step
from ..images import photo_at, to_image, to_tensor
from ..pictures import Pictures
from ..settings import Settings

_PICTURES = ("pixels", "photo", "cover", "opacity")
_NUMBERS = [each.name for each in fields(Step) if each.name not in _PICTURES]


@dataclass(frozen=True, eq=False)
class News:
    """A step as it crosses.

    Attributes:
        task: the index of its run, where several are painted one after the other.
        numbers: everything in a `Step` but its pictures, by name.
        picture: of the step, in 8 bits; only where it is due or has another size than the one before.
        cover: of the step, in 8 bits; with the first picture of a size, if not all of it is painted.
    """

    task: int
    numbers: dict[str, Any]
    picture: Image.Image | None
    cover: Image.Image | None


def news_of(steps: Generator[Step, Settings | None], task: int = 0) -> Generator[News, Settings | None]:
    """News of the steps; what is sent goes on to them, and with it they are closed.

    Args:
        steps: of one run.
        task: the index of the run.
    """
    size = (0, 0)
    with closing(steps), suppress(StopIteration):  # which `send` raises after the last step
        step = next(steps)
        while True:
            grown = (step.width, step.height) != size
            size = step.width, step.height
            numbers = {name: getattr(step, name) for name in _NUMBERS}
            picture = to_image(step.pixels) if step.due or grown else None
            cover = step.cover if grown else None
            sent = yield News(task, numbers, picture, None if cover is None else _grey(cover))
            step = steps.send(sent)


def steps_of(
    news: Generator[News, Settings | None], pictures: Pictures
) -> Generator[Step, Settings | None]:
    """The steps of one run, each with the newest picture that has crossed; what is sent goes on.

    Args:
        news: of the run.
        pictures: that it is painted from.
    """
    shown: dict[str, Any] = {}
    with closing(news), suppress(StopIteration):
        each = next(news)
        while True:
            shown = newest_pictures(each, shown, pictures)
            each = news.send((yield Step(**each.numbers, **shown)))


def newest_pictures(news: News, before: dict[str, Any], pictures: Pictures) -> dict[str, Any]:
    """The pictures of a step by name: the very ones of the step before, unless newer ones have crossed.

    Args:
        news: of the step.
        before: the pictures of the step before; empty before the first.
        pictures: that the run is painted from.
    """
    if news.picture is None:
        return before
    pixels = to_tensor(news.picture)
    if before and before["photo"].shape == pixels.shape:
        return before | {"pixels": pixels}
    photo = photo_at(pictures.content, news.picture.size)
    cover = None if news.cover is None else to_tensor(news.cover.convert("RGB"))[:, :1]
    return {"pixels": pixels, "photo": photo, "cover": cover, "opacity": pictures.opacity}


def _grey(cover: Tensor) -> Image.Image:
    return to_image(cover.expand(1, 3, -1, -1)).getchannel(0)
