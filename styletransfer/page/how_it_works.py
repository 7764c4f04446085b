"""The page `/how-it-works`: seven things to play with, plain HTML with one script, beside Gradio.

Its figures and numbers are files in `static/how_it_works/`, which `python -m examples.how_it_works`
computes; its texts are in `i18n/how_it_works/`. All of its addresses are relative.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from .assets import STATIC, render, text
from .how_sections import CODE, LAYERS, PACKAGE, sections
from .i18n.how_texts import how_texts
from .i18n.translate import Words
from .language_switch import language_switch
from .shared_page import colours

_FOLDER = STATIC / "how_it_works"
_HEADERS = {
    "Cache-Control": "private, no-cache",  # it is another page in another language
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline';"
    " script-src 'self'; base-uri 'none'; form-action 'none'",
}
_FIGURES = {".webp", ".jpg"}
_AN_HOUR = {"Cache-Control": "public, max-age=3600"}


def routes(texts: Words) -> list[Route]:
    """The routes of the page in one language, of its figures, its script and the code that it names."""

    def page(_: Request) -> Response:
        return HTMLResponse(_page(texts), headers=_HEADERS)

    def script(_: Request) -> Response:
        return PlainTextResponse(text("how_it_works.js"), headers=_AN_HOUR, media_type="text/javascript")

    def figure(request: Request) -> Response:
        names = {file.name: file for file in _FOLDER.iterdir() if file.suffix in _FIGURES}
        file = names.get(request.path_params["name"])
        return FileResponse(file, headers=_AN_HOUR) if file else Response(status_code=404)

    def code(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in {file for each in CODE.values() for file, _ in each}:
            return Response(status_code=404)
        return PlainTextResponse((PACKAGE / name).read_text(encoding="utf-8"), headers=_AN_HOUR)

    handlers: dict[str, Callable] = {
        "/how-it-works": page,
        "/how-it-works/page.js": script,
        "/how-it-works/code/{name:path}": code,
        "/how-it-works/{name}": figure,
    }
    return [Route(path, handler) for path, handler in handlers.items()]


@cache
def numbers() -> dict[str, Any]:
    """What `examples.how_it_works` has written: a table for each section, with its figures."""
    found: dict[str, Any] = json.loads((_FOLDER / "numbers.json").read_text(encoding="utf-8"))
    return found


def _page(texts: Words) -> str:
    told = how_texts(texts.language)
    return render(
        "how_it_works/page",
        texts=texts,
        told=told,
        originals=numbers()["originals"],
        sections=sections(numbers(), told, texts),
        layers=LAYERS,
        style=colours() + "".join(map(text, ("layers.css", "languages.css", "how_it_works.css"))),
        switch=language_switch(texts),
    )
