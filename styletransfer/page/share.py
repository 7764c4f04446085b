"""What a visitor does with a picture beside looking at it: share its look, share it, delete everything.

The parts of the page for it, laid out by `page`, and what happens when they are used. Which of them are
of use depends on the placard above alone, so sharing.css hides the others.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from ..catalogue import style_at
from ..errors import SettingsError
from ..look_link import query_of
from ..service.shares import Shares
from ..service.store import Store
from .components import file_of, settings_of
from .i18n.translate import Words
from .remembered import with_ids

# The address of the page is known to the browser best: there may be any proxy in between.
# Not every browser allows copying once the server has been asked: then the link stands beside a button.
_COPY_JS = """
const root = location.origin + location.pathname.replace(/\\/$/, "");
const copy = async () => {
  const field = element.querySelector("input");
  const said = element.querySelector(".said");
  field.focus();
  field.select();
  let copied = false;
  try {
    await navigator.clipboard.writeText(field.value);
    copied = true;
  } catch {
    copied = document.execCommand("copy");
  }
  said.textContent = copied ? said.dataset.copied : said.dataset.byHand;
};
watch("value", () => {
  const field = element.querySelector("input");
  if (!field) return;
  const path = field.dataset.path;
  field.value = path.startsWith("?") || !path ? root + "/" + path : root + path;
  copy();
});
element.addEventListener("click", (event) => { if (event.target.closest("button")) copy(); });
"""


class ShareBar:
    """The parts of the page that concern links and deleting.

    Args:
        store: where the pictures are.
        shares: which of them have a link.
        texts: what is said.
    """

    def __init__(self, store: Store, shares: Shares, texts: Words) -> None:
        self._runs = store.runs
        self._shares = shares
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
            gr.HTML(f'<p role="alert">{escape(texts.DELETE_SURE)}</p>')
            with gr.Row(elem_id="yes-no"):
                self.yes = gr.Button(texts.DELETE_YES, elem_id="delete-yes", **options)
                self.no = gr.Button(texts.DELETE_NO, elem_id="delete-no", **options)
        self.link = gr.HTML("", js_on_load=_COPY_JS, elem_id="link")

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
            await asyncio.to_thread(self._runs.delete, ids, [file_of(each) for each in files])
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
        query = query_of(settings, style_at(file_of(style)))
        return self._said(self._line(f"?{query}" if query else "", self._texts.LINK_HINT))

    async def _picture_shared(self, id: str | None) -> dict:
        job = self._runs.find_run(id)
        found = await asyncio.to_thread(self._shares.share, job) if job else None
        if found is None:
            return self._said(_told(self._texts.NOT_SHARED))
        return self._said(self._line(f"/picture/{found.name}", self._texts.SHARE_HINT))

    def _said(self, html: str) -> dict:
        return {self.link: html, self.sure: gr.Column(visible=False)}

    def _line(self, path: str, hint: str) -> str:
        """The link in a field; its changing stamp makes the page copy the same one once more."""
        texts = self._texts
        return (
            f'<div data-stamp="{secrets.token_hex(4)}"><div class="line">'
            f'<input type="text" readonly data-path="{escape(path)}" aria-label="{escape(texts.LINK)}">'
            f'<button type="button" class="quiet">{escape(texts.COPY)}</button>'
            f'<span class="said" role="status" data-copied="{escape(texts.COPIED)}" '
            f'data-by-hand="{escape(texts.COPY_BY_HAND)}"></span></div><p>{escape(hint)}</p></div>'
        )


def _told(sentence: str) -> str:
    return f'<p role="alert">{escape(sentence)}</p>'
