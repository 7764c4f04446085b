"""The web server: one page for each language at one address, chosen by the browser's language.

The pages of all languages share the same jobs. Each is built in its language, including the texts for
screen readers only. Gradio's own `I18n` replaces keys by texts in the browser "to translate static text
in the frontend, not values in the backend" (`Blocks.launch`), and its texts have no fields. Most texts
of this page (placard, notes, hints, forecast, errors) are made by event handlers and hold numbers and
names, so `I18n` cannot translate them.
"""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..service.previews import Previews
from ..service.shares import Shares
from ..service.store import Store
from ..service.watching import Audience
from . import run_routes, upload
from .i18n.translate import languages, preferred
from .page import build
from .shared_page import routes
from .theme import launch_options
from .watch import Watch


def launch(store: Store, **options: Any) -> None:
    """Serves the pages for this store of jobs until the process ends.

    Args:
        store: the jobs and their files.
        options: arguments of Gradio's `launch`, besides those in `theme.launch_options`.
    """
    # Gradio copies files to be shown out of the folder for temporary files only, and that is also where
    # it and ffmpeg write theirs: they shall not fill another disk.
    tempfile.tempdir = str(store.folder.path)
    shares = Shares(store)
    pages = {tag: build(store, shares, words) for tag, words in languages().items()}
    audience, previews = Audience(), Previews(store.files)
    shared = {
        tag: [
            *routes(shares, words),
            *Watch(store.runs, audience, previews, words).routes,
            *run_routes.routes(store),
            upload.route(store, words),
        ]
        for tag, words in languages().items()
    }
    first = pages.pop("en")
    others = {
        tag: gr.mount_gradio_app(_bare(shared[tag]), page, "/", **launch_options(tag))
        for tag, page in pages.items()
    }

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for each in others.values():
                await stack.enter_async_context(each.router.lifespan_context(each))
            yield

    by_language = Middleware(_ByLanguage, others=others)
    app = {"routes": shared["en"], "middleware": [by_language], "lifespan": lifespan}
    first.launch(app_kwargs=app, **launch_options("en"), **options)


def _bare(routes: list[BaseRoute]) -> FastAPI:
    """An app without FastAPI's documentation pages, which load scripts from other servers."""
    return FastAPI(routes=routes, docs_url=None, redoc_url=None, openapi_url=None)


class _ByLanguage:
    """Middleware that passes a request to the page in the language of its Accept-Language header."""

    def __init__(self, app: ASGIApp, others: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).add_vary_header("Accept-Language")
            await send(message)

        tag = preferred(Headers(scope=scope).get("accept-language", ""))
        await self._others.get(tag, self._app)(scope, receive, varied)
