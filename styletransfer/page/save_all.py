"""All results of several photos as one zip file: the link on the page, and the route that answers it.

It is made while it is sent, from the pictures that are kept anyway: nothing of it lies on the disk, so
that nothing of it is left when the pictures are deleted.
"""

import asyncio
import zipfile
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

import gradio as gr
from gradio.events import Dependency
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from ..errors import StyleTransferError
from ..service.run import Run
from ..service.store import Store
from .components import QUIET
from .i18n.translate import Words
from .ui import Ui

_CHUNK = 2**18  # bytes that are in memory of each file that is being sent


class SaveAll:
    """The link to the zip file.

    Attributes:
        link: empty unless the picture that is shown is one of several.
    """

    link: gr.HTML

    def __init__(self, store: Store, texts: Words) -> None:
        self._runs = store.runs
        self._texts = texts

    def here(self) -> None:
        """Makes the link, which is not there at first."""
        self.link = gr.HTML("", elem_id="save-all")

    def listen(self, ui: Ui, ends: Iterable[Dependency]) -> None:
        """Offers the file after these events, after which another picture is shown."""
        for end in ends:
            end.then(self._offered, ui.job_id, self.link, **QUIET)

    def _offered(self, id: str | None) -> str:
        run = self._runs.find_run(id)
        if run is None or run.series is None or len(run.series.runs) < 2:
            return ""
        label = escape(self._texts.SAVE_ALL)
        return f'<a href="./series/{escape(run.id)}.zip" download>{label}</a>'


def route(store: Store, texts: Words) -> Route:
    """The route `/series/<id of one of the runs>.zip`."""

    async def zipped(request: Request) -> Response:
        run = store.runs.find_run(request.path_params["id"])
        found = await asyncio.to_thread(_results, store, run) if run else {}
        if not found:
            gone = texts.error(StyleTransferError("picture_gone"))
            return PlainTextResponse(gone, 404, {"Cache-Control": "no-store"})
        headers = {
            "Content-Disposition": f'attachment; filename="paintings-{len(found)}.zip"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return StreamingResponse(packed(found), media_type="application/zip", headers=headers)

    return Route("/series/{id}.zip", zipped)


def _results(store: Store, run: Run) -> dict[str, Path]:
    """The files of a run's series by the names that they get, in the order of the photos."""
    found: dict[str, Path] = {}
    for id in reversed(run.series.ids if run.series else [run.id]):
        each = store.runs.find_run(id)
        file = store.files.result(each) if each and each.finished else None
        if file is not None:
            found[_unlike(file.name, found)] = file
    return found


def _unlike(name: str, others: Iterable[str]) -> str:
    """The name, with a number if there is one like it: two photos may be called alike."""
    taken, path = {each.casefold() for each in others}, Path(name)
    names = [name, *(f"{path.stem}-{number}{path.suffix}" for number in range(2, len(taken) + 2))]
    return next(each for each in names if each.casefold() not in taken)


def packed(files: dict[str, Path]) -> Iterator[bytes]:
    """The bytes of a zip file that holds these files, which are compressed already.

    A file that is deleted while others are sent ends what can be had: then the zip file is incomplete.

    Args:
        files: by the names that they get.
    """
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_STORED) as archive:
        for name, file in files.items():
            for _ in _stored(archive, name, file):
                yield sent.taken()
    yield sent.taken()


def _stored(archive: zipfile.ZipFile, name: str, file: Path) -> Iterator[None]:
    """Puts a file into the archive, and stops after each chunk."""
    about = zipfile.ZipInfo.from_file(file, name)
    with file.open("rb") as picture, archive.open(about, "w") as part:
        while chunk := picture.read(_CHUNK):
            part.write(chunk)
            yield


class _Sent:
    """A file that is written to and not kept: `taken` hands out what has been written since."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Does nothing: there is nothing behind it."""

    def taken(self) -> bytes:
        data = b"".join(self._written)
        self._written.clear()
        return data
