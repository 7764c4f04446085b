"""The buttons to share a picture, to share its look, and to delete everything.

Which buttons can be used depends on the placard alone, so share.css hides the other ones.
"""

import asyncio
import secrets
from typing import Any

import gradio as gr

from ..catalogue import style_at
from ..errors import SettingsError
from ..look_link import query_of
from ..service.shares import Shares
from ..service.store import Store
from . import placard
from .assets import render, script
from .components import QUIET, Sent, View, file_of, quiet_button
from .easel import Easel
from .i18n.translate import Words
from .remembered import with_ids
from .ui import Ui


class Sharing:
    """The components for sharing and deleting, and their events.

    Args:
        store: the jobs and their files.
        shares: the links to finished pictures.
        easel: the components around the picture.
        texts: the texts in the page's language.

    Attributes:
        share, copy, delete: the buttons under the picture.
        sure, yes, no: the question before anything is deleted, and its answers.
        link: the link that was asked for, or why there is none.
    """

    share: gr.Button
    copy: gr.Button
    delete: gr.Button
    sure: gr.Column
    yes: gr.Button
    no: gr.Button
    link: gr.HTML
    ui: Ui

    def __init__(self, store: Store, shares: Shares, easel: Easel, texts: Words) -> None:
        self._runs = store.runs
        self._shares = shares
        self._easel = easel
        self._texts = texts

    def share_here(self) -> None:
        """Makes the button Share picture."""
        self.share = gr.Button(self._texts.SHARE, elem_id="share", size="md")

    def buttons_here(self) -> None:
        """Makes the buttons Share look and Delete now."""
        self.copy = quiet_button(self._texts.COPY_LINK, "copy-link")
        self.delete = quiet_button(self._texts.DELETE, "delete")

    def answers_here(self) -> None:
        """Makes what the buttons show under them: the link, or the question before deleting."""
        texts = self._texts
        with gr.Column(elem_id="sure", visible=False) as self.sure:
            gr.HTML(_told(texts.DELETE_SURE))
            with gr.Row(elem_id="yes-no"):
                self.yes = quiet_button(texts.DELETE_YES, "delete-yes")
                self.no = quiet_button(texts.DELETE_NO, "delete-no")
        self.link = gr.HTML("", js_on_load=script("copy"), elem_id="link")

    def listen(self, ui: Ui) -> None:
        """Registers what happens when the buttons are pressed."""
        self.ui = ui
        # Link and question are never shown together: each click sets both of them.
        answers = [self.sure, self.link]
        self.copy.click(self._look_copied, {ui.boxes["style"], *ui.knobs.inputs}, answers, **QUIET)
        self.share.click(self._picture_shared, ui.job_id, answers, **QUIET)
        question = {"queue": False, **QUIET}
        self.delete.click(lambda: (gr.Column(visible=True), ""), None, answers, **question)
        self.no.click(lambda: gr.Column(visible=False), None, self.sure, **question)
        empties = [*self._easel.outputs, *ui.desk, ui.under_masks, *ui.all_notes, *answers]
        names = [f"box{n}" for n in range(len(ui.boxes))]
        self.yes.click(self._deleted, self._to_delete, empties, js=with_ids("id", *names), **QUIET)

    @property
    def _to_delete(self) -> list[gr.components.Component]:
        """The inputs of `_deleted`, in the order in which the script passes them on.

        The script replaces the last one, the link, by the ids of this browser's pictures.
        """
        return [self.ui.job_id, *self.ui.boxes.values(), self.link]

    async def _deleted(self, *values: Any) -> View:
        sent = dict(zip(self._to_delete, values, strict=True))
        ids = sent[self.link] if isinstance(sent[self.link], list) else []
        # Each once, because they are counted: the job that is shown is among the browser's, too.
        jobs = dict.fromkeys(id for id in [sent[self.ui.job_id], *ids] if isinstance(id, str))
        count = await asyncio.to_thread(self._runs.delete, jobs, self.ui.files(sent).values())
        said = {self.ui.status: placard.deleted(self._texts, count)}
        return self._easel.emptied() | self.ui.emptied() | self._said("") | said

    def _look_copied(self, sent: Sent) -> View:
        try:
            settings = self.ui.settings(sent)
        except SettingsError as error:
            return self._said(_told(self._texts.error(error)))
        painting = style_at(file_of(sent[self.ui.boxes["style"]]))
        query = query_of(settings, painting)
        return self._said(self._line(f"?{query}" if query else "", self._texts.LINK_HINT))

    async def _picture_shared(self, id: str | None) -> View:
        job = self._runs.find_run(id)
        found = await asyncio.to_thread(self._shares.share, job) if job else None
        if found is None:
            return self._said(_told(self._texts.NOT_SHARED))
        return self._said(self._line(f"/picture/{found.name}", self._texts.SHARE_HINT))

    def _said(self, html: str) -> View:
        """Shows this HTML in place of the link, and hides the question."""
        return {self.link: html, self.sure: gr.Column(visible=False)}

    def _line(self, path: str, hint: str) -> str:
        """A field with the link. Its random stamp makes the page copy an unchanged link again."""
        return render("link", stamp=secrets.token_hex(4), path=path, hint=hint, texts=self._texts)


def _told(sentence: str) -> str:
    return render("sentence", kind="", role="alert", sentence=sentence)
