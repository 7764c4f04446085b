"""Finished pictures that their visitors have given a link, for as long as their jobs are kept.

The name in the link is not the job's id: whoever has that could stop the job, delete it, or see what it
was painted from. A link gives the painted picture and its settings, and nothing else.
"""

import secrets
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from ..catalogue import Style
from ..engine.stylize import Step
from ..images import save_image
from ..look_link import style_at
from ..settings import Settings
from .queue import Job
from .store import Shelf


@dataclass(frozen=True)
class Shared:
    """What the link shows.

    Attributes:
        file: a JPEG as it was when it was shared, without the recipe that the PNG holds.
        style: None for a painting of the visitor's own.
        paintings: how many.
        steps: how many were made.
    """

    name: str
    job: str
    file: Path
    width: int
    height: int
    settings: Settings
    style: Style | None
    paintings: int
    steps: int


class Links:
    """Who may see which picture: gives names, and finds what they stand for."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._shared: dict[str, Shared] = {}
        self._lock = threading.Lock()

    def share(self, job: Job) -> Shared | None:
        """The job's picture under a name that nobody can guess, always the same; None if it has none."""
        result = self._shelf.result(job) if job.finished else None
        asked = self._shelf.asked.get(job.id)
        if result is None or asked is None:
            return None
        with self._lock:
            self._forget()
            file = result.with_name(f"shared-{result.stem}.jpg")
            for each in self._shared.values():
                if each.file == file:
                    return each
            with Image.open(result) as image:
                picture = image.convert("RGB")
            save_image(picture, file)
            name = secrets.token_urlsafe(16)
            settings = asked.settings.with_live(job.settings)  # while it was painted
            if self._shelf.keeps(job) and not settings.keep:
                settings = replace(settings, colours="photo")
            self._shared[name] = Shared(
                name,
                job.id,
                file,
                *picture.size,
                settings,
                style_at(asked.files.get("style")),
                len(job.pictures.styles),
                job.view.number if isinstance(job.view, Step) else 0,
            )
            return self._shared[name]

    def find(self, name: str) -> Shared | None:
        """What the name stands for, as long as the job is kept."""
        shared = self._shared.get(name)
        if shared is None or self._shelf.jobs.find(shared.job) is None:
            return None
        return shared

    def _forget(self) -> None:
        gone = [name for name, each in self._shared.items() if not self._shelf.jobs.find(each.job)]
        for name in gone:
            del self._shared[name]
