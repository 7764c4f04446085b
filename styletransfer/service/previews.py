"""The pictures that pages show while a job is painted: in memory, encoded once for all who watch."""

import asyncio
import io
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from .files import Files
from .job import Job
from .run import Run

_QUALITY = 85

Made = TypeVar("Made")


class _Preview:
    """One picture of a run, which is encoded when it is first asked for."""

    def __init__(self, view: Any) -> None:
        # A weak reference, because a step holds tensors on the device.
        self._view = weakref.ref(view) if view is not None else None
        # A number that no earlier picture has had, not even before a restart of the server.
        self.number = time.time_ns() // 1000
        self.encoded: tuple[bytes, str] | None = None

    def is_of(self, view: Any) -> bool:
        """Whether this is what the run shows."""
        return view is (self._view and self._view())


class Previews:
    """The newest picture of each run that is watched.

    Args:
        files: makes the pictures.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._newest: weakref.WeakKeyDictionary[Job, _Preview] = weakref.WeakKeyDictionary()
        # A thread of its own, so that pictures do not wait for whatever else the threads are used for.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="preview")

    def number(self, run: Run) -> int:
        """A number that is another one for each picture of the run."""
        return self._preview(run).number

    async def encoded(self, run: Run) -> tuple[bytes, str]:
        """The newest picture, of at most `files.PREVIEW` pixels, and the media type of these bytes.

        It is a JPEG, or a WebP where something is transparent.
        """
        preview = self._preview(run)
        if preview.encoded is None:
            await self.in_thread(self._encode, run, preview)
        return preview.encoded or (b"", "image/jpeg")

    async def in_thread(self, make: Callable[..., Made], *arguments: Any) -> Made:
        """The result of this function, which is called in the thread that encodes pictures."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, make, *arguments)

    def forget(self, job: Job) -> None:
        """Drops the picture of a job that has ended."""
        self._newest.pop(job, None)

    def _preview(self, run: Run) -> _Preview:
        preview = self._newest.get(run)
        if preview is None or not preview.is_of(run.view):
            preview = _Preview(run.view)
            if not run.finished:  # else the page shows the result
                self._newest[run] = preview
        return preview

    def _encode(self, run: Run, preview: _Preview) -> None:
        if preview.encoded is None:
            image = self._files.preview(run)
            kind = "WEBP" if image.mode == "RGBA" else "JPEG"
            file = io.BytesIO()
            image.save(file, kind, quality=_QUALITY, method=0)  # of WebP the quickest
            preview.encoded = file.getvalue(), f"image/{kind.lower()}"
