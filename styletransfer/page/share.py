"""What a visitor does with a picture beside looking at it: share its look, share it, delete everything.

The parts of the page for it, laid out by `page`, and what happens when they are used. Which of them are
of use depends on the placard above alone, so share.css hides the others.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr
from gradio.components import Component

from .. import look_link as links
from ..errors import SettingsError
from ..service.shares import Links
from ..service.store import Shelf, settings_of
from .assets import render, script
from .components import file_of
from .i18n.translate import Words
from .remembered import with_ids


class ShareBar:
    """The parts of the page that concern links and deleting.

    Args:
        shelf: where the pictures are.
        shared: which of them have a link.
        texts: what is said.
    """

    def __init__(self, shelf: Shelf, shared: Links, texts: Words) -> None:
        self._shelf = shelf
        self._shared = shared
        self._texts = texts

    def buttons(self) -> None:
        texts, options = self._texts, {"size": "md", "elem_classes": "quiet"}
        self.share = gr.Button(texts.SHARE, elem_id="share", **options)
        self.copy = gr.Button(texts.COPY_LINK, elem_id="copy-link", **options)
        self.delete = gr.Button(texts.DELETE, elem_id="delete", **options)

    def answers(self) -> None:
        """What the buttons bring, right under them: the link, or the question."""
        texts, options = self._texts, {"size": "md", "elem_classes": "quiet"}
        with gr.Column(elem_id="sure", visible=False) as self.sure:
            gr.HTML(_told(texts.DELETE_SURE))
            with gr.Row(elem_id="yes-no"):
                self.yes = gr.Button(texts.DELETE_YES, elem_id="delete-yes", **options)
                self.no = gr.Button(texts.DELETE_NO, elem_id="delete-no", **options)
        self.link = gr.HTML("", js_on_load=script("copy"), elem_id="link")

    def wire(
        self,
        mine: Component,
        boxes: Mapping[str, Component],
        fields: list[Component],
        emptied: Callable[[], dict],
        empties: list[Component],
        **options: Any,
    ) -> None:
        """Registers what happens when the buttons are pressed.

        Args:
            mine: the id of the job whose picture is shown.
            boxes: by name, where pictures are handed in.
            fields: of the knobs, in their order.
            emptied: the page without any picture of the visitor's.
            empties: what that changes.
            options: of the page's events.
        """

        async def deleted(id: Any, *sent: Any) -> dict:
            *files, ids = sent
            ids = [
                each for each in [id, *(ids if isinstance(ids, list) else [])] if isinstance(each, str)
            ]
            await asyncio.to_thread(self._shelf.delete, ids, [file_of(each) for each in files])
            return emptied() | self._said("")

        # One thing at a time: neither a link nor the question stays when the other comes.
        answers = [self.sure, self.link]
        self.copy.click(self._look_copied, [boxes["style"], *fields], answers, **options)
        self.share.click(self._picture_shared, mine, answers, **options)
        question = {"queue": False, **options}
        self.delete.click(lambda: (gr.Column(visible=True), ""), None, answers, **question)
        self.no.click(lambda: gr.Column(visible=False), None, self.sure, **question)
        names = [f"box{n}" for n in range(len(boxes))]
        # The link's part only carries the ids here.
        given, js = [mine, *boxes.values(), self.link], with_ids("id", *names)
        self.yes.click(deleted, given, [*empties, *answers], js=js, **options)

    def _look_copied(self, style: Any, *values: Any) -> dict:
        try:
            settings = settings_of(values)
        except SettingsError as error:
            return self._said(_told(self._texts.error(error)))
        query = links.query_of(settings, links.style_at(file_of(style)))
        return self._said(self._line(f"?{query}" if query else "", self._texts.LINK_HINT))

    async def _picture_shared(self, id: str | None) -> dict:
        job = self._shelf.jobs.find(id)
        found = await asyncio.to_thread(self._shared.share, job) if job else None
        if found is None:
            return self._said(_told(self._texts.NOT_SHARED))
        return self._said(self._line(f"/picture/{found.name}", self._texts.SHARE_HINT))

    def _said(self, html: str) -> dict:
        return {self.link: html, self.sure: gr.Column(visible=False)}

    def _line(self, path: str, hint: str) -> str:
        """The link in a field; its changing stamp makes the page copy the same one once more."""
        return render("link", stamp=secrets.token_hex(4), path=path, hint=hint, texts=self._texts)


def _told(sentence: str) -> str:
    return render("sentence", kind="", role="alert", sentence=sentence)
