"""The web server: one page for each language at one address, chosen by the visitor or the browser.

The pages of all languages share the same jobs. Each is built in its language, including the texts for
screen readers only. Gradio's own `I18n` replaces keys by texts in the browser "to translate static text
in the frontend, not values in the backend" (`Blocks.launch`), and its texts have no fields. Most texts
of this page (placard, notes, hints, forecast, errors) are made by event handlers and hold numbers and
names, so `I18n` cannot translate them.
"""

import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..service.previews import Previews
from ..service.shares import Shares
from ..service.store import Store
from ..service.watching import Audience
from . import head, health, how_it_works, run_routes, save_all, shared_paintings, thumbnails, upload
from .api import PARAMETERS
from .early import early_html
from .face import OURS, Face
from .gate.calls import Calls, Function
from .gate.gate import Gate
from .gate.rules import Rules
from .i18n.choice import language_of
from .i18n.translate import languages
from .malformed import answering
from .page import build
from .serving import serve
from .shared_page import routes
from .theme import head_hashes, launch_options
from .watch import Watch

# Sessions whose values Gradio keeps in memory for each language. Of a tab that has been idle while so
# many others came, the id of its job is lost here; a reload brings it from the browser.
_SESSIONS = 1000
# Gradio's scripts, the same in every language: no cache shall keep a copy of them for each cookie.
_SAME_IN_ALL = re.compile(r".*/(assets|static)/")


def launch(store: Store, rules: Rules | None = None, share: bool = False, face: Face = OURS) -> None:
    """Serves the pages for this store of jobs until the process is interrupted.

    Args:
        store: the jobs and their files.
        rules: what is let through to the pages.
        share: whether the page also gets a public link.
        face: the title and the accent colour of the pages.
    """
    # Gradio copies files to be shown out of the folder for temporary files only, and that is also where
    # it and ffmpeg write theirs: they shall not fill another disk.
    tempfile.tempdir = str(store.folder.path)
    shares = Shares(store)
    audience, previews = Audience(), Previews(store.files)
    prefix = os.environ.get("GRADIO_ROOT_PATH", "")
    tool = _tool(store, audience) if rules and rules.mcp else None
    functions: dict[int, Function] = {}
    apps, pages = {}, []
    for tag, texts in languages().items():
        words = face.worded(texts)
        page = build(store, shares, words)
        page.state_session_capacity = _SESSIONS
        functions |= {
            index: Function(function.queue, len(function.inputs)) for index, function in page.fns.items()
        }
        beside = [
            *head.routes(words),
            *routes(shares, words, face),
            *shared_paintings.routes(store.paintings),
            *how_it_works.routes(words),
            *Watch(store.runs, audience, previews, words).routes,
            *run_routes.RunRoutes(store, audience).routes,
            health.route(store.health),
            *([tool.route] if tool else []),
            upload.route(store, words),
            save_all.route(store, words),
            thumbnails.route(),
        ]
        bare = _bare(beside, prefix)
        shared, early = store.paintings.find, early_html(words, face)
        bare.add_middleware(head.OwnHead, texts=words, shared=shared, early=early)
        options = {"app_kwargs": answering(page)} | launch_options(tag, face)
        apps[tag] = gr.mount_gradio_app(bare, page, "/", **options)
        # Only of a page that has been launched does Gradio check that files in a request are uploads.
        page.has_launched = page.is_running = True
        pages.append(page)
    hashes = [each for tag in apps for each in head_hashes(tag)]
    # The prefix may also be a whole address.
    calls = Calls(functions, PARAMETERS)
    gate = Gate(_together(apps, tool), rules, calls, hashes, urlsplit(prefix).path.rstrip("/"), face)
    gate.on_refused = store.journal.refused
    serve(gate, rules or Rules(), share, partial(_listening, pages))


def _listening(pages: Iterable[gr.Blocks], port: int) -> None:
    """Tells the pages at which port they are served, as Gradio's own server would.

    A process that is lent a GPU is a fork of this one, and would hold its connections open. Whoever
    lends it closes those of the port that it finds here.
    """
    for page in pages:
        page.server = SimpleNamespace(config=SimpleNamespace(port=port))


def _tool(store: Store, audience: Audience) -> Any:
    """The `Tool`, whose package is there only where it was asked for."""
    from .tool import Tool

    return Tool(store, audience)


def _together(apps: Mapping[str, FastAPI], tool: Any = None) -> Starlette:
    """The apps of all languages as one, which begins and ends all of them, and the tool with them."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for each in apps.values():
                await stack.enter_async_context(each.router.lifespan_context(each))
            if tool is not None:
                await stack.enter_async_context(tool.running())
            yield

    return Starlette(routes=[Mount("/", _ByLanguage(apps))], lifespan=lifespan)


def _bare(routes: list[BaseRoute], prefix: str) -> FastAPI:
    """An app without FastAPI's documentation pages, which load scripts from other servers."""
    app = FastAPI(routes=routes, docs_url=None, redoc_url=None, openapi_url=None)
    app.root_path = prefix  # for the addresses in the pages of shared pictures
    return app


class _ByLanguage:
    """Passes a request to the page in the language that it is to be answered in."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).add_vary_header("Accept-Language, Cookie")
            await send(message)

        same = _SAME_IN_ALL.match(scope["path"])
        await self._apps[language_of(scope)](scope, receive, send if same else varied)
