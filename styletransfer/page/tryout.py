"""A painting touched is a painting tried: a quick draft of the photo in its manner, on the stage.

It is made by the draft's network, not by the device that paints, and exists in the answer to the browser
only: no file of it is written.
"""

import threading
from collections.abc import Iterable
from html import escape
from typing import Any

import gradio as gr
from gradio.events import Dependency

from ..errors import ImageError
from ..picture_files import Wanted
from ..pictures import NAMES
from ..service import decoding
from ..service.queue import Queue
from .assets import function, render, script
from .components import QUIET, Sent, file_of
from .data_url import data_url
from .i18n.translate import Words
from .ui import Ui

_SIZE = 512  # long side of a draft in pixels; it takes half a second on two cores
_AT_ONCE = 3  # drafts that are made or wait; further ones are left out, for they would come too late


class Tryout:
    """The layer of the stage with the photo that was chosen or a draft of it, and what is said of it.

    Attributes:
        layer: its value is `{"draft": URL}`, or `{"draft": ""}` where there is only the photo to show.
        caption: sentences of which the style sheet shows the one that applies.
    """

    layer: gr.HTML
    caption: gr.HTML
    ui: Ui

    def __init__(self, queue: Queue, texts: Words) -> None:
        self._queue = queue
        self._texts = texts
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def layer_here(self) -> None:
        """Makes the layer, which is empty and hidden at first."""
        self.layer = gr.HTML(
            None,
            html_template=f'<p class="spoken">{escape(self._texts.TRIED)}</p>',
            js_on_load=script("tried", "coming"),
            elem_id="tried",
            elem_classes="layer",
        )

    def caption_here(self) -> None:
        """Makes the sentences."""
        texts = self._texts
        said = {
            "photo": texts.TRIED_PHOTO,
            "both": texts.TRIED_BOTH,
            "draft": texts.TRIED_DRAFT,
            "first": texts.TRIED_DRAFT_FIRST,
        }
        sentences = [render("sentence", kind=kind, role="", sentence=said[kind]) for kind in said]
        coming = render("on_its_way", texts=texts)
        self.caption = gr.HTML("".join([*sentences, coming]), elem_id="tried-caption")

    def listen(self, ui: Ui, shown: Iterable[Dependency]) -> None:
        """Registers what happens when a visitor has put a photo or a painting into its box.

        Args:
            ui: the shared components.
            shown: the events after which the boxes hold what is painted from.
        """
        self.ui = ui
        photo, painting = ui.boxes["content"], ui.boxes["style"]
        photo.input(None, None, None, js=function("try_photo"), queue=False, **QUIET)
        for each in shown:
            each.then(self._tried, {photo, painting}, self.layer, trigger_mode="always_last", **QUIET)

    async def _tried(self, sent: Sent) -> Any:
        photo, painting = (file_of(sent[self.ui.boxes[name]]) for name in ("content", "style"))
        if painting is None or photo is None:
            return {"draft": ""}
        return {"draft": await decoding.aside(self._draft, photo, painting)}

    def _draft(self, photo: Any, painting: Any) -> str:
        """The draft as a data URL; empty where there is none."""
        if not self._places.acquire(blocking=False):
            return ""
        try:
            images = [
                decoding.picture(file, NAMES[name], Wanted(largest=_SIZE)).image
                for name, file in (("content", photo), ("style", painting))
            ]
            picture = self._queue.drafted(images[0], images[1:])
            return data_url(picture, 85) if picture else ""
        except ImageError:  # it is said in the note under the box
            return ""
        finally:
            self._places.release()
