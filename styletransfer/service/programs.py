"""Runs that programs ask for: pictures are read, settings checked, and the same request is one run."""

import asyncio
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..errors import StyleTransferError, shown
from ..pictures import Pictures, named
from ..settings import Settings
from . import decoding
from .inputs import combine, read
from .job import Job
from .queue import Queue
from .records import Notes
from .run import Run
from .runs import Runs
from .visitor import Visitor

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Programs:
    """Starts the runs of programs.

    A program that has lost the answer to a request cannot know whether there is a run. If it has given
    the request a key, it sends both again, and gets the run that there is.

    Args:
        queue: is asked whether there is room in the line, before pictures are read.
        runs: starts them.
        notes: which run was started for which key; they go with the run.
    """

    def __init__(self, queue: Queue, runs: Runs, notes: Notes) -> None:
        self._queue = queue
        self._runs = runs
        self._notes = notes
        self._lock = threading.Lock()

    async def start(
        self, files: Mapping[str, Any], values: Mapping[str, Any], visitor: Visitor, key: str = ""
    ) -> Run:
        """The run for this request, a new one unless there is one for the key.

        Args:
            files: the pictures, as `inputs.read` takes them.
            values: of settings by name; others have their defaults.
            visitor: who asks; a key is known for the same visitor only.
            key: what the program calls this request; empty if it may be made twice.

        Raises:
            StyleTransferError: the request cannot be painted, or not now; or the key is none, or belongs
                to a request with other pictures or settings.
        """
        place = _place(visitor, key) if key else ""
        if place not in self._notes:
            self._queue.check_limits(visitor)
        settings = Settings(**values)
        cutout = files.get("content") if settings.alpha else None
        images, wrong = await decoding.aside(read, files, cutout)
        if wrong:
            raise next(iter(wrong.values()))
        return await asyncio.to_thread(self._start, combine(images), settings, visitor, place)

    def forget(self, job: Job) -> None:
        """Forgets the key of a run that is no longer kept."""
        for place in self._notes:
            if self._notes.get(place, {}).get("run") == job.id:
                self._notes.pop(place, None)

    def tidy(self) -> None:
        """Forgets the keys of runs that an earlier server could not bring back."""
        for place in self._notes:
            if self._runs.find_run(self._notes[place]["run"]) is None:
                self._notes.pop(place, None)

    def _start(self, pictures: Pictures, settings: Settings, visitor: Visitor, place: str) -> Run:
        if not place:
            return self._runs.start(pictures, settings, visitor, brief=True)
        request = _fingerprint(pictures, settings)
        with self._lock:  # two requests with the same key may come at the same time
            note = self._notes.get(place)
            run = note and self._runs.find_run(note["run"])
            if note is None or run is None:
                run = self._runs.start(pictures, settings, visitor, brief=True)
                self._notes[place] = {"run": run.id, "request": request}
            elif note["request"] != request:
                raise StyleTransferError("key_reused")
            return run


def _place(visitor: Visitor, key: str) -> str:
    """Under which name it is noted which run belongs to a visitor's key.

    Raises:
        StyleTransferError: this cannot be a key.
    """
    if not _KEY.fullmatch(key):
        raise StyleTransferError("key_malformed", value=shown(key))
    return hashlib.sha256(f"{visitor}\n{key}".encode()).hexdigest()


def _fingerprint(pictures: Pictures, settings: Settings) -> str:
    """A text that is the same for two requests that ask for the same picture."""
    digest = hashlib.sha256(json.dumps(asdict(settings)).encode())
    given = (pictures.content, pictures.styles, pictures.masks, pictures.start)
    for name, image in named(*given, pictures.keep, pictures.opacity).items():
        digest.update(f"{name} {image.mode} {image.size}".encode())
        digest.update(image.tobytes())
    return digest.hexdigest()
