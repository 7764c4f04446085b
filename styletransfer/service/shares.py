"""Links to finished pictures, which are valid as long as the jobs of the pictures are kept.

The name in the link is not the job's id: whoever knows the id can stop or delete the job and see the
photo. A link gives access to the painted picture and its settings only.
"""

import logging
import secrets
import sqlite3
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from ..catalogue import Style, style_at
from ..engine.step import Step
from ..pictures import STYLES
from ..settings import Settings
from .archive import settings_of
from .run import Run
from .store import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Share:
    """A shared picture: what its link gives access to.

    Attributes:
        name: the part of the link that nobody can guess.
        job_id: the id of the run that painted the picture.
        file: a JPEG as it was when it was shared, without the recipe that the PNG holds.
        width: in pixels.
        height: in pixels.
        settings: what the picture was painted with.
        styles: for each painting the catalogue's, whole or a part of it; None for the visitor's own.
        steps: the number of steps that were painted; 0 for a draft.
    """

    name: str
    job_id: str
    file: Path
    width: int
    height: int
    settings: Settings
    styles: tuple[Style | None, ...]
    steps: int

    @property
    def style(self) -> Style | None:
        """The first painting, if it is the catalogue's."""
        return self.styles[0]

    @property
    def paintings(self) -> int:
        """The number of paintings."""
        return len(self.styles)


class Shares:
    """Gives finished pictures the names in their links, and finds the pictures by these names.

    Args:
        store: where the pictures are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._shares = {
            name: _read(name, id, detail, store.files.folder_of_id(id))
            for name, id, detail in store.records.shares()
        }

    def share(self, run: Run) -> Share | None:
        """The run's shared picture, the same at every call; None if the run has no picture."""
        file = self._store.files.shared(run) if run.finished else None
        if file is None:
            return None
        with self._lock:
            self._forget()
            for share in self._shares.values():
                if share.file == file:
                    return share
            share = _share(run, file, self._styles(run))
            self._shares[share.name] = share
            try:
                self._store.records.save_share(share.name, share.job_id, _written(share))
            except sqlite3.Error as error:  # the disk is full; the link is good until the server ends
                _log.warning("a link cannot be kept on disk: %s", error)
            return share

    def find(self, name: str) -> Share | None:
        """The shared picture of this name, as long as its job is kept."""
        share = self._shares.get(name)
        if share is None or self._store.queue.find(share.job_id) is None:
            return None
        return share

    def _styles(self, run: Run) -> tuple[Style | None, ...]:
        files = [run.inputs.files[name] for name in STYLES if name in run.inputs.files]
        paintings = [style_at(self._store.uploads.crops.source_of(file).source) for file in files]
        own = (None,) * (len(run.pictures.styles) - len(paintings))
        return (*paintings, *own)

    def _forget(self) -> None:
        shares = self._shares.items()
        gone = [name for name, share in shares if not self._store.queue.find(share.job_id)]
        for name in gone:
            del self._shares[name]


def _share(run: Run, file: Path, styles: tuple[Style | None, ...]) -> Share:
    with Image.open(file) as image:
        width, height = image.size
    settings = run.painted_settings
    if run.in_photo_colours and not settings.photo_colours:
        settings = replace(settings, colours="photo")
    return Share(
        name=secrets.token_urlsafe(16),
        job_id=run.id,
        file=file,
        width=width,
        height=height,
        settings=settings,
        styles=styles,
        steps=run.view.number if isinstance(run.view, Step) else 0,
    )


def _written(share: Share) -> dict[str, Any]:
    """What `_read` makes the share of again."""
    return {
        "file": share.file.name,
        "size": [share.width, share.height],
        "settings": asdict(share.settings),
        "styles": [style and str(style.file) for style in share.styles],
        "steps": share.steps,
    }


def _read(name: str, job_id: str, detail: dict[str, Any], folder: Path) -> Share:
    return Share(
        name=name,
        job_id=job_id,
        file=folder / detail["file"],
        width=detail["size"][0],
        height=detail["size"][1],
        settings=settings_of(detail["settings"]),
        styles=tuple(map(style_at, detail.get("styles") or _before(detail))),
        steps=detail["steps"],
    )


def _before(detail: dict[str, Any]) -> list[Any]:
    """The paintings as an earlier version has written them: the first one, and how many there are."""
    return [detail["style"], *[None] * (detail["paintings"] - 1)]
