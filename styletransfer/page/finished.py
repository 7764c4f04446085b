"""The components for a finished picture: comparison, time-lapse, download, strip of earlier pictures."""

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
from PIL import Image

from ..catalogue import Example
from ..engine.step import Step
from ..errors import StyleTransferError
from ..service.job import Job
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
# Videos are encoded one after the other in a separate thread, so that no other event waits for them.
_ENCODER = ThreadPoolExecutor(1, thread_name_prefix="film")
# Requests for films that Gradio runs at once. They take seconds, and it runs 40 events in all.
_FILMS = 8
_KNOWN = 200  # ids of a browser's pictures that are looked up


class Finished:
    """The components for a finished picture, and their events.

    Args:
        store: the jobs and their files.
        texts: the texts in the page's language.

    Attributes:
        viewer: the comparison with the photo and the time-lapse, shown in place of the picture.
        download, format: the download button, and the choice of its file format.
        compare, timelapse, repeated: the buttons; the viewer's script listens to them.
        strip: this browser's earlier pictures. Its value also holds the ids of jobs without a picture.
    """

    viewer: gr.HTML
    download: gr.DownloadButton
    format: gr.Radio
    compare: gr.Button
    timelapse: gr.Button
    repeated: gr.Button
    strip: gr.HTML
    ui: Ui

    def __init__(self, store: Store, texts: Words) -> None:
        self._runs, self._files = store.runs, store.files
        self._texts = texts

    def viewer_here(self, example: Example | None) -> None:
        """Makes the viewer, right after the picture that it replaces.

        Args:
            example: which it compares with its photo at first.
        """
        value = example and example_compared(example)
        self.viewer = templated("viewer", self._texts, value=value, elem_classes="layer")

    def download_here(self) -> None:
        """Makes the download button."""
        self.download = gr.DownloadButton(
            self._texts.DOWNLOAD.format(kind="PNG"), visible=False, elem_id="download", size="md"
        )

    def format_here(self) -> None:
        """Makes the choice of the download's format."""
        self.format = gr.Radio(
            list(FORMATS),
            value="PNG",
            label=self._texts.FORMAT,
            visible=False,
            elem_id="format",
            elem_classes="of-picture",
        )

    def buttons_here(self) -> None:
        """Makes the buttons that open the viewer."""
        self.compare = quiet_button(self._texts.COMPARE, "compare", of_picture=True)
        self.timelapse = quiet_button(self._texts.TIMELAPSE, "timelapse", of_picture=True)
        self.repeated = quiet_button(self._texts.REPEATED, "repeated", of_picture=True)

    def strip_here(self) -> None:
        """Makes the strip of earlier pictures."""
        self.strip = templated("strip", self._texts, FORGET_JS)

    @property
    def outputs(self) -> list[Component]:
        """The components that `cleared` and `offered` change."""
        buttons = [self.compare, self.timelapse, self.repeated]
        return [self.viewer, self.download, self.format, *buttons, self.strip]

    def cleared(self) -> View:
        """The components as they are while there is no finished picture."""
        return {
            self.viewer: None,
            self.download: gr.DownloadButton(visible=False),
            self.format: gr.Radio(visible=False),
            self.compare: gr.Button(visible=False),
            self.timelapse: gr.Button(visible=False),
            self.repeated: gr.Button(visible=False),
        }

    def emptied(self) -> View:
        """The components as they are while this browser has no picture at all."""
        return self.cleared() | {self.strip: []}

    def offered(self, id: str | None, kind: Any, ids: Any) -> View:
        """What is shown with this job's picture, and the strip of this browser's pictures.

        Args:
            id: the id of the job.
            kind: one of `FORMATS`.
            ids: the ids of this browser's jobs.
        """
        view: View = {self.strip: self._pictures(self._runs.find(id), ids)}
        job = self._runs.find_run(id)
        if job is None or not job.finished or self._files.result(job) is None:
            return view  # an example may be compared
        timelapse = self._files.timelapse(job)
        return view | {
            self.viewer: self._compared(job),
            self.download: self.downloaded(job, kind),
            self.format: gr.Radio(visible=True),
            self.compare: gr.Button(visible=True),
            self.timelapse: gr.Button(visible=timelapse is not None and len(timelapse.frames()) > 1),
            self.repeated: gr.Button(visible=_tile(job) is not None),
        }

    def downloaded(self, job: Run, kind: Any) -> gr.DownloadButton:
        """The download button for this job's picture in this format."""
        kind = kind if kind in FORMATS else "PNG"
        file = self._files.result(job, FORMATS[kind])
        return gr.DownloadButton(self._texts.DOWNLOAD.format(kind=kind), value=file, visible=True)

    def listen(self, ui: Ui, ends: Iterable[Dependency]) -> None:
        """Registers what happens when the components are used, and when a picture is finished.

        Args:
            ui: the shared components.
            ends: the events after which another picture is shown, or none.
        """
        self.ui = ui
        # A list, because the script replaces the last input by the ids of this browser's pictures.
        given = [ui.job_id, self.format, self.strip]
        for end in ends:
            end.then(self.offered, given, self.outputs, js=with_ids("id", "kind"), **QUIET)
        self.format.input(self._format_chosen, {ui.job_id, self.format}, self.download, **QUIET)
        few = QUIET | {"concurrency_limit": _FILMS}
        self.viewer.select(self._filmed, ui.job_id, self.viewer, **few)
        self.strip.busy(lambda: gr.Info(self._texts.STRIP_BUSY), **QUIET)

    def _format_chosen(self, sent: Sent) -> Any:
        job = self._runs.find_run(sent[self.ui.job_id])
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
                    "file": served(file),
                    "label": self._texts.FRAME.format(number=number, last=max(frames)),
                }
                for number, file in frames.items()
            ],
            "rate": RATE,
            "last": len(frames) - 1,
        }
        try:
            made = asyncio.get_running_loop().run_in_executor(_ENCODER, timelapse.video)
            return value | {"film": served(await made)}
        except StyleTransferError as error:
            return value | {"wrong": self._texts.error(error)}

    def _compared(self, job: Run) -> dict[str, Any]:
        width, height = job.pictures.content.size
        picture = self._files.result(job)
        photo = self._files.photo(job) or picture  # if the disk is full
        files = {"picture": served(picture), "photo": served(photo)}
        return files | {"ratio": width / height, "tile": _tile(job)}

    def _pictures(self, shown: Job | None, ids: Any) -> list[dict[str, Any]]:
        """This browser's jobs that are kept, by id; the newest finished ones with a small picture."""
        ids = [id for id in ids if isinstance(id, str)] if isinstance(ids, Sequence) else []
        if shown and shown.id not in ids:
            ids.insert(0, shown.id)
        # Of several photos some may have been painted while no page was open.
        known = self._runs.with_series(ids[:_KNOWN])
        jobs = [job for id in known if (job := self._runs.find(id))]
        seen = [job for job in jobs if isinstance(job, Run) and job.finished and job.view][:MOST]
        pictures = {
            job.id: {
                "picture": served(small),
                "current": "true" if job is shown else "false",
                "label": self._label(job, place, len(seen)),
            }
            for place, job in enumerate(seen, 1)
            if (small := self._files.thumbnail(job))  # else the disk is full
        }
        return [{"id": job.id} | pictures.get(job.id, {}) for job in jobs]

    def _label(self, job: Run, place: int, count: int) -> str:
        steps = job.view.number if isinstance(job.view, Step) else 0
        return self._texts.STRIP_PICTURE.format(place=place, count=count, steps=steps)


def _tile(job: Run) -> float | None:
    """Width over height of a finished picture that repeats without a seam; None of any other."""
    view = job.view
    return view.width / view.height if job.settings.tile and isinstance(view, Step) else None


def example_compared(example: Example) -> dict[str, Any]:
    """The value of the viewer that compares an example with its photo at once."""
    with Image.open(example.result) as image:
        ratio = image.width / image.height
    files = {"picture": served(example.result), "photo": served(example.photo)}
    return files | {"ratio": ratio, "opened": True}


def served(file: Path) -> dict[str, Any]:
    """The file as Gradio sends it, which the browser gets as a URL."""
    return FileData(path=str(file)).model_dump()


def templated(name: str, texts: Words, more_js: str = "", **options: Any) -> gr.HTML:
    """A component made of name.html and name.js, with texts in the page's language."""
    template = text(f"{name}.html")
    words = {word: getattr(texts, word) for word in re.findall(r"{{words.(\w+)}}", template)}
    options = {"value": None, "elem_id": name, "words": words} | options
    return gr.HTML(html_template=template, js_on_load=script(name) + more_js, **options)
