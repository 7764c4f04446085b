"""The web server: one page for each language at one address, chosen by the browser's language.

The pages of all languages share the same jobs. Each is built in its language, including the texts for
screen readers only. Gradio's own `I18n` replaces keys by texts in the browser "to translate static text
in the frontend, not values in the backend" (`Blocks.launch`), and its texts have no fields. Most texts
of this page (placard, notes, hints, forecast, errors) are made by event handlers and hold numbers and
names, so `I18n` cannot translate them.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import gradio as gr
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..service.previews import Previews
from ..service.shares import Shares
from ..service.store import Store
from ..service.watching import Audience
from . import head, how_it_works, run_routes, upload
from .gate.gate import Gate
from .gate.rules import Rules
from .i18n.translate import languages, preferred
from .page import build
from .serving import serve
from .shared_page import routes
from .theme import head_hashes, launch_options
from .watch import Watch

# Sessions whose values Gradio keeps in memory for each language. Of a tab that has been idle while so
# many others came, the id of its job is lost here; a reload brings it from the browser.
_SESSIONS = 1000


def launch(store: Store, rules: Rules | None = None, share: bool = False) -> None:
    """Serves the pages for this store of jobs until the process is interrupted.

    Args:
        store: the jobs and their files.
        rules: what is let through to the pages.
        share: whether the page also gets a public link.
    """
    # Gradio copies files to be shown out of the folder for temporary files only, and that is also where
    # it and ffmpeg write theirs: they shall not fill another disk.
    tempfile.tempdir = str(store.folder.path)
    shares = Shares(store)
    audience, previews = Audience(), Previews(store.files)
    prefix = os.environ.get("GRADIO_ROOT_PATH", "")
    functions: dict[int, bool] = {}
    apps = {}
    for tag, words in languages().items():
        page = build(store, shares, words)
        page.state_session_capacity = _SESSIONS
        functions |= {index: function.queue for index, function in page.fns.items()}
        beside = [
            *head.routes(words),
            *routes(shares, words),
            *how_it_works.routes(words),
            *Watch(store.runs, audience, previews, words).routes,
            *run_routes.routes(store),
            upload.route(store, words),
        ]
        bare = _bare(beside, prefix)
        bare.add_middleware(head.OwnHead, texts=words)
        apps[tag] = gr.mount_gradio_app(bare, page, "/", **launch_options(tag))
        # Only of a page that has been launched does Gradio check that files in a request are uploads.
        page.has_launched = page.is_running = True
    hashes = [each for tag in apps for each in head_hashes(tag)]
    # The prefix may also be a whole address.
    gate = Gate(_together(apps), rules, functions, hashes, urlsplit(prefix).path.rstrip("/"))
    serve(gate, rules or Rules(), share)


def _together(apps: Mapping[str, FastAPI]) -> Starlette:
    """The apps of all languages as one, which begins and ends all of them."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for each in apps.values():
                await stack.enter_async_context(each.router.lifespan_context(each))
            yield

    return Starlette(routes=[Mount("/", _ByLanguage(apps))], lifespan=lifespan)


def _bare(routes: list[BaseRoute], prefix: str) -> FastAPI:
    """An app without FastAPI's documentation pages, which load scripts from other servers."""
    app = FastAPI(routes=routes, docs_url=None, redoc_url=None, openapi_url=None)
    app.root_path = prefix  # for the addresses in the pages of shared pictures
    return app


class _ByLanguage:
    """Passes a request to the page in the language of its Accept-Language header."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).add_vary_header("Accept-Language")
            await send(message)

        tag = preferred(Headers(scope=scope).get("accept-language", ""))
        await self._apps[tag](scope, receive, varied)
