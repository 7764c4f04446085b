"""The buttons to share a picture, to share its look, and to delete everything.

Which buttons can be used depends on the placard alone, so share.css hides the other ones.
"""

import asyncio
import secrets
from typing import Any

import gradio as gr

from ..catalogue import style_at
from ..errors import SettingsError, StyleTransferError
from ..look_link import query_of
from ..service import decoding
from ..service.shares import Shares
from ..service.store import Store
from ..settings import Settings
from . import placard
from .assets import function, render, script
from .components import QUIET, Sent, View, file_of, quiet_button
from .easel import Easel
from .i18n.translate import Words
from .photos import several
from .ui import Ui


class Sharing:
    """The components for sharing and deleting, and their events.

    Args:
        store: the jobs and their files.
        shares: the links to finished pictures.
        easel: the components around the picture.
        kept_for: how long pictures are kept, in words.
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

    def __init__(self, store: Store, shares: Shares, easel: Easel, kept_for: str, texts: Words) -> None:
        self._runs, self._paintings = store.runs, store.paintings
        self._kept_for = kept_for
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
        with gr.Column(elem_id="sure", elem_classes="answer", visible=False) as self.sure:
            gr.HTML(render("sentence", kind="", role="alert", sentence=texts.DELETE_SURE))
            with gr.Row(elem_id="yes-no"):
                self.yes = quiet_button(texts.DELETE_YES, "delete-yes")
                self.no = quiet_button(texts.DELETE_NO, "delete-no")
        self.link = gr.HTML(
            "", js_on_load=script("copy", "closing"), elem_id="link", elem_classes="answer"
        )

    def listen(self, ui: Ui) -> None:
        """Registers what happens when the buttons are pressed."""
        self.ui = ui
        # Link and question are never shown together: each click sets both of them.
        answers = [self.sure, self.link]
        look = {ui.boxes["style"], *ui.knobs.inputs}
        self.copy.click(self._look_copied, look, answers, **QUIET)
        self.link.select(self._painting_shared, look, answers, **QUIET)
        self.share.click(self._picture_shared, ui.job_id, answers, **QUIET)
        question = {"queue": False, **QUIET}
        self.delete.click(lambda: (gr.Column(visible=True), ""), None, answers, **question)
        self.no.click(lambda: gr.Column(visible=False), None, self.sure, **question)
        empties = [*self._easel.outputs, *ui.desk, *ui.all_notes, *answers]
        with_own = function("to_delete", INPUTS=2 + len(ui.boxes))
        self.yes.click(self._deleted, self._to_delete, empties, js=with_own, **QUIET)

    @property
    def _to_delete(self) -> list[gr.components.Component]:
        """The inputs of `_deleted`, in the order in which the script passes them on.

        The script replaces the last one, the link, by what this browser knows: the ids of its pictures,
        the keys of the paintings that it has shared, and the files of all strokes that were painted.
        """
        return [self.ui.job_id, self.ui.several, *self.ui.boxes.values(), self.link]

    async def _deleted(self, *values: Any) -> View:
        sent = dict(zip(self._to_delete, values, strict=True))
        ids, keys = (_listed(sent[self.link], name) for name in ("pictures", "paintings"))
        # Each once, because they are counted: the job that is shown is among the browser's, too.
        jobs = dict.fromkeys(id for id in [sent[self.ui.job_id], *ids] if isinstance(id, str))
        files = [file for file in self.ui.files(sent).values() if isinstance(file, str)]
        files += several(sent[self.ui.several])
        files += [file for file in _listed(sent[self.link], "strokes") if isinstance(file, str)]
        await asyncio.to_thread(self._paintings.take_back, keys, files)
        count = await asyncio.to_thread(self._runs.delete, jobs, files)
        said = {self.ui.status: placard.deleted(self._texts, count)}
        return self._easel.emptied() | self.ui.emptied() | self._said("") | said

    def _look_copied(self, sent: Sent) -> View:
        try:
            settings = self.ui.settings(sent)
        except SettingsError as error:
            return self._refused(self._texts.error(error))
        file = file_of(sent[self.ui.boxes["style"]])
        style, name = style_at(file), self._paintings.name_of(file)
        if name:  # it has come by a link itself
            return self._said(self._look(settings, name))
        query = query_of(settings, style)
        own = file is not None and style is None
        offer = self._texts.SHARE_PAINTING_HINT.format(time=self._kept_for) if own else ""
        hint = self._texts.LINK_HINT_OWN if own else self._texts.LINK_HINT
        return self._said(self._line(f"?{query}" if query else "", hint, offer))

    async def _painting_shared(self, sent: Sent) -> View:
        """Shares the visitor's own painting with the look, as asked for by a press of its own."""
        file = file_of(sent[self.ui.boxes["style"]])
        try:
            settings = self.ui.settings(sent)
            # It was exchanged meanwhile, or somebody else has shared it.
            if file is None or style_at(file) or self._paintings.name_of(file):
                return self._look_copied(sent)
            shared = await decoding.aside(self._paintings.share, file)
        except StyleTransferError as error:
            return self._refused(self._texts.error(error))
        return self._said(self._look(settings, shared.name, shared.key))

    def _look(self, settings: Settings, name: str, key: str = "") -> str:
        """The link of a look with a painting that is shared."""
        hint = self._texts.PAINTING_SHARED.format(time=self._kept_for)
        return self._line(f"?{query_of(settings, painting=name)}", hint, key=key)

    async def _picture_shared(self, id: str | None) -> View:
        job = self._runs.find_run(id)
        found = await asyncio.to_thread(self._shares.share, job) if job else None
        if found is None:
            return self._refused(self._texts.NOT_SHARED)
        return self._said(self._line(f"/picture/{found.name}", self._texts.SHARE_HINT))

    def _refused(self, error: str) -> View:
        """Says why there is no link."""
        return self._said(render("answer_not", error=error, texts=self._texts))

    def _said(self, html: str) -> View:
        """Shows this HTML in place of the link, and hides the question."""
        return {self.link: html, self.sure: gr.Column(visible=False)}

    def _line(self, path: str, hint: str, offer: str = "", key: str = "") -> str:
        """A field with the link. Its random stamp makes the page copy an unchanged link again.

        Args:
            path: of the link.
            hint: what it does.
            offer: what sharing the painting means, beside the button that does it; empty for no button.
            key: by which the painting that was shared can be taken back.
        """
        given = {"path": path, "hint": hint, "offer": offer, "key": key}
        return render("link", stamp=secrets.token_hex(4), texts=self._texts, **given)


def _listed(sent: Any, name: str) -> list[Any]:
    """A list that the browser has sent under this name; empty if it has not."""
    listed = sent.get(name) if isinstance(sent, dict) else None
    return listed if isinstance(listed, list) else []
