"""The row under the picture: a link to the look, a link to the picture, and deleting it all.

Which of its buttons are of use depends on the placard above alone, so sharing.css hides the others;
nothing here has to be told when a run begins or ends.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from . import links, placard, texts
from .errors import SettingsError
from .inputs import file_of
from .shared import Links
from .shelf import Shelf, settings_of

# The key under which a tab keeps the ids of all the jobs that it has shown.
_TAB_KEY = "styletransfer-jobs"

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
# What the tab has shown, so that it can all be deleted. And once a picture is shown, the address is no
# longer a link's: a reload comes back to the picture.
_LIST_JS = f"""
const look = {json.dumps(links.NAMES)};
new MutationObserver(() => {{
  const job = document.querySelector("#status [data-job]")?.dataset.job;
  if (!job) return;
  const all = JSON.parse(sessionStorage.getItem("{_TAB_KEY}") || "[]");
  if (!all.includes(job)) sessionStorage.setItem("{_TAB_KEY}", JSON.stringify([...all, job]));
  const address = new URL(location.href);
  look.forEach((name) => address.searchParams.delete(name));
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}}).observe(document.querySelector("#status"), {{ subtree: true, childList: true, attributes: true }});
"""
_ALL_JS = f"""(own, newest, ...boxes) => {{
  const all = JSON.parse(sessionStorage.getItem("{_TAB_KEY}") || "[]");
  sessionStorage.removeItem("{_TAB_KEY}");
  return [own, all, ...boxes];
}}"""


@dataclass(frozen=True)
class ShareBar:
    copy: gr.Button
    share: gr.Button
    delete: gr.Button
    sure: gr.Column
    yes: gr.Button
    no: gr.Button
    link: gr.HTML


def share_bar() -> ShareBar:
    """Its components, to be placed where it is called."""
    with gr.Column(elem_id="share-bar", min_width=0):
        with gr.Row(elem_id="sharing"):
            copy = gr.Button(texts.COPY_LINK, elem_id="copy-link", size="sm")
            share = gr.Button(texts.SHARE, elem_id="share", size="sm")
            gr.HTML(f"<p>{escape(texts.KEPT)}</p>", elem_id="kept", js_on_load=_LIST_JS)
            delete = gr.Button(texts.DELETE, elem_id="delete", size="sm")
        with gr.Column(elem_id="sure", visible=False) as sure:
            gr.HTML(f'<p role="alert">{escape(texts.DELETE_SURE)}</p>')
            with gr.Row(elem_id="yes-no"):
                yes = gr.Button(texts.DELETE_YES, elem_id="delete-yes", size="sm")
                no = gr.Button(texts.DELETE_NO, elem_id="delete-no", size="sm")
        link = gr.HTML("", js_on_load=_COPY_JS, elem_id="link")
    return ShareBar(copy, share, delete, sure, yes, no, link)


def wire(
    bar: ShareBar,
    shelf: Shelf,
    shared: Links,
    mine: gr.State,
    boxes: Mapping[str, Component],
    fields: list[Component],
    newest: Component,
    emptied: Callable[[], dict],
    empties: list[Component],
    **common: Any,
) -> None:
    """What happens when its buttons are pressed.

    Args:
        mine: holds the id of the tab's job.
        boxes: by name, where pictures are handed in.
        fields: of the knobs, in their order.
        newest: what the browser keeps of the newest job.
        emptied: the page without any picture of the visitor's, but for what the placard says.
        empties: what that changes.
    """

    def said(html: str) -> dict:
        return {bar.link: html, bar.sure: gr.Column(visible=False)}

    def look_copied(style: Any, *values: Any) -> dict:
        try:
            settings = settings_of(values)
        except SettingsError as error:
            return said(_told(placard.in_page_words(str(error))))
        query = links.query_of(settings, links.style_at(file_of(style)))
        return said(_link(f"?{query}" if query else "", texts.LINK_HINT))

    async def picture_shared(id: str | None) -> dict:
        job = shelf.jobs.find(id)
        found = await asyncio.to_thread(shared.share, job) if job else None
        if found is None:
            return said(_told(texts.NOT_SHARED))
        return said(_link(f"/picture/{found.name}", texts.SHARE_HINT))

    async def deleted(own: Any, ids: Any, *sent: Any) -> dict:
        all_ids = [own, *(ids if isinstance(ids, list) else [])]
        files = [file_of(each) for each in sent]
        await asyncio.to_thread(shelf.delete, [each for each in all_ids if isinstance(each, str)], files)
        return emptied() | said("")

    # One thing at a time: neither a link nor the question stays when the other comes.
    instead = [bar.sure, bar.link]
    bar.copy.click(look_copied, [boxes["style"], *fields], instead, **common)
    bar.share.click(picture_shared, mine, instead, **common)
    bar.delete.click(lambda: (gr.Column(visible=True), ""), None, instead, queue=False, **common)
    bar.no.click(lambda: gr.Column(visible=False), None, bar.sure, queue=False, **common)
    bar.yes.click(
        deleted,
        [mine, newest, *boxes.values()],
        [*empties, bar.sure, bar.link],
        js=_ALL_JS,
        **common,
    )


def _link(path: str, hint: str) -> str:
    """The link in a field; its changing stamp makes the page copy the same one once more."""
    return (
        f'<div data-stamp="{secrets.token_hex(4)}"><div class="line">'
        f'<input type="text" readonly data-path="{escape(path)}" aria-label="{escape(texts.LINK)}">'
        f'<button type="button">{escape(texts.COPY)}</button>'
        f'<span class="said" role="status" data-copied="{escape(texts.COPIED)}" '
        f'data-by-hand="{escape(texts.COPY_BY_HAND)}"></span></div><p>{escape(hint)}</p></div>'
    )


def _told(sentence: str) -> str:
    return f'<p role="alert">{escape(sentence)}</p>'
