"""What a visitor does when a picture is done: compare, look back, download, see it come about."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.data_classes import FileData
from gradio.events import Dependency

from ..engine.step import Step
from ..errors import StyleTransferError
from ..service.run import Run
from ..service.store import Store
from ..service.timelapse import RATE
from .assets import script, text
from .components import QUIET, Sent, View, quiet_button
from .i18n.translate import Words
from .remembered import FORGET_JS, with_ids
from .ui import Ui

FORMATS = {"PNG": ".png", "JPEG": ".jpg", "WebP": ".webp"}
MOST = 12  # pictures in the strip
# Films are encoded one after the other in a thread of their own: nobody else has to wait for them.
_ENCODER = ThreadPoolExecutor(1, thread_name_prefix="film")
_KNOWN = 200  # ids of a browser that are looked at


class Finished:
    """The parts of the page that concern a finished picture.

    Args:
        store: where the pictures are.
        texts: what is said.

    Attributes:
        viewer: what can take the picture's place: a comparison with the photo, a time-lapse.
        download, format: the button, and the kind of file that it gives.
        compare, timelapse: the buttons; the viewer's script listens to them.
        strip: this browser's pictures so far. In the browser its value is all their ids, too.
    """

    viewer: gr.HTML
    download: gr.DownloadButton
    format: gr.Radio
    compare: gr.Button
    timelapse: gr.Button
    strip: gr.HTML
    ui: Ui

    def __init__(self, store: Store, texts: Words) -> None:
        self._runs, self._files = store.runs, store.files
        self._texts = texts

    def viewer_here(self) -> None:
        """What can take the picture's place, right after it."""
        self.viewer = _part("viewer", self._texts)

    def download_here(self) -> None:
        """The download, with its format."""
        with gr.Column(elem_id="save"):
            self.download = gr.DownloadButton(
                self._texts.DOWNLOAD.format(kind="PNG"), visible=False, elem_id="download", size="md"
            )
            self.format = gr.Radio(
                list(FORMATS), value="PNG", label=self._texts.FORMAT, visible=False, elem_id="format"
            )

    def buttons_here(self) -> None:
        """What opens the viewer."""
        self.compare = quiet_button(self._texts.COMPARE, "compare", visible=False)
        self.timelapse = quiet_button(self._texts.TIMELAPSE, "timelapse", visible=False)

    def strip_here(self) -> None:
        """The pictures so far."""
        self.strip = _part("strip", self._texts, FORGET_JS)

    @property
    def outputs(self) -> list[Component]:
        """All that `cleared` and `offered` change."""
        return [self.viewer, self.download, self.format, self.compare, self.timelapse, self.strip]

    def cleared(self) -> View:
        """While there is no finished picture."""
        return {
            self.viewer: None,
            self.download: gr.DownloadButton(visible=False),
            self.format: gr.Radio(visible=False),
            self.compare: gr.Button(visible=False),
            self.timelapse: gr.Button(visible=False),
        }

    def emptied(self) -> View:
        """While there is no picture at all."""
        return self.cleared() | {self.strip: []}

    def offered(self, id: str | None, kind: Any, ids: Any) -> View:
        """What goes with the picture of this job, and all the pictures of this browser.

        Args:
            id: the job's.
            kind: one of `FORMATS`.
            ids: of this browser's jobs.
        """
        job = self._runs.find_run(id)
        view: View = {self.strip: self._pictures(job, ids)}
        if job is None or not job.finished or self._files.result(job) is None:
            return view | self.cleared()
        timelapse = self._files.timelapse(job)
        return view | {
            self.viewer: self._compared(job),
            self.download: self.downloaded(job, kind),
            self.format: gr.Radio(visible=True),
            self.compare: gr.Button(visible=True),
            self.timelapse: gr.Button(visible=timelapse is not None and len(timelapse.frames()) > 1),
        }

    def downloaded(self, job: Run, kind: Any) -> gr.DownloadButton:
        """The button for the picture of this job, as such a file."""
        kind = kind if kind in FORMATS else "PNG"
        file = self._files.result(job, FORMATS[kind])
        return gr.DownloadButton(self._texts.DOWNLOAD.format(kind=kind), value=file, visible=True)

    def listen(self, ui: Ui, ends: Iterable[Dependency]) -> None:
        """Registers what happens when the parts are used, and when a picture is done.

        Args:
            ui: the shared components.
            ends: after these events there is another picture, or none.
        """
        self.ui = ui
        # A list: the script puts the ids of this browser's pictures in the strip's place.
        given = [ui.mine, self.format, self.strip]
        for end in ends:
            end.then(self.offered, given, self.outputs, js=with_ids("id", "kind"), **QUIET)
        self.format.input(self._format_chosen, {ui.mine, self.format}, self.download, **QUIET)
        self.viewer.select(self._filmed, ui.mine, self.viewer, **QUIET)
        self.strip.busy(lambda: gr.Info(self._texts.STRIP_BUSY), **QUIET)

    def _format_chosen(self, sent: Sent) -> Any:
        job = self._runs.find_run(sent[self.ui.mine])
        return gr.skip() if job is None else self.downloaded(job, sent[self.format])

    async def _filmed(self, id: str | None) -> Any:
        job = self._runs.find_run(id)
        timelapse = self._files.timelapse(job) if job and job.finished else None
        if job is None or timelapse is None:
            return gr.skip()
        frames = await asyncio.to_thread(timelapse.frames)
        value = self._compared(job) | {
            "frames": [
                {
                    "file": _served(file),
                    "label": self._texts.FRAME.format(number=number, last=max(frames)),
                }
                for number, file in frames.items()
            ],
            "rate": RATE,
            "last": len(frames) - 1,
        }
        try:
            made = asyncio.get_running_loop().run_in_executor(_ENCODER, timelapse.video)
            return value | {"film": _served(await made)}
        except StyleTransferError as error:
            return value | {"wrong": self._texts.error(error)}

    def _compared(self, job: Run) -> dict[str, Any]:
        width, height = job.pictures.content.size
        picture, photo = self._files.result(job), self._files.photo(job)
        return {"picture": _served(picture), "photo": _served(photo), "ratio": width / height}

    def _pictures(self, shown: Run | None, ids: Any) -> list[dict[str, Any]]:
        """This browser's jobs, as far as they are kept; the newest finished ones with a picture."""
        ids = [id for id in ids if isinstance(id, str)] if isinstance(ids, Sequence) else []
        if shown and shown.id not in ids:
            ids.insert(0, shown.id)
        jobs = [job for id in dict.fromkeys(ids[:_KNOWN]) if (job := self._runs.find(id))]
        seen = [job for job in jobs if job.finished and job.view is not None][:MOST]
        pictures = {
            job.id: {
                "picture": _served(self._files.thumbnail(job)),
                "current": "true" if job is shown else "false",
                "label": self._label(job, place, len(seen)),
            }
            for place, job in enumerate(seen, 1)
        }
        return [{"id": job.id} | pictures.get(job.id, {}) for job in jobs]

    def _label(self, job: Run, place: int, count: int) -> str:
        steps = job.view.number if isinstance(job.view, Step) else 0
        return self._texts.STRIP_PICTURE.format(place=place, count=count, steps=steps)


def _served(file: Path) -> dict[str, Any]:
    """What becomes an address in the browser on its way there."""
    return FileData(path=str(file)).model_dump()


def _part(name: str, texts: Words, more_js: str = "") -> gr.HTML:
    """What name.html shows and name.js does; their words are the page's."""
    template = text(f"{name}.html")
    words = {word: getattr(texts, word) for word in re.findall(r"{{words.(\w+)}}", template)}
    return gr.HTML(
        None, html_template=template, js_on_load=script(name) + more_js, elem_id=name, words=words
    )
