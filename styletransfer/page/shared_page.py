"""The page of one shared picture, `/picture/<name>`: a route beside Gradio's, without any script.

All addresses in it are relative, so that they hold behind every proxy; only what other sites read out of
it, the Open Graph tags, has to be absolute.
"""

import re
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path

import httpx
from gradio.route_utils import get_root_url
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from ..look_link import differing, query_of
from ..service.shares import Share, Shares
from ..settings import Knob
from . import status as placard
from .i18n.translate import ENGLISH, Words

_HEADERS = {
    # Asked for each time: who deletes a picture wants it gone. In no shared cache: hosts differ.
    "Cache-Control": "private, no-cache",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # the address is a secret among those who have it
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
}


def routes(shares: Shares, texts: Words = ENGLISH) -> list[Route]:
    """What the server is to answer besides Gradio's own routes, in one language."""

    def page(request: Request) -> Response:
        shared = shares.find(request.path_params["name"])
        if shared is None:
            return _gone(texts)
        return HTMLResponse(_picture(shared, _root(request), texts), headers=_HEADERS)

    def image(request: Request) -> Response:
        shared = shares.find(request.path_params["name"])
        if shared is None or not shared.file.is_file():
            return _gone(texts)
        return FileResponse(shared.file, media_type="image/jpeg", headers=_HEADERS)

    handlers: dict[str, Callable] = {"/picture/{name}.jpg": image, "/picture/{name}": page}
    return [Route(path, handler) for path, handler in handlers.items()]


def _root(request: Request) -> str:
    """The public address of the app, as Gradio finds it out for its own files."""
    try:
        return get_root_url(request, request.url.path, getattr(request.app, "root_path", ""))
    except httpx.InvalidURL:  # no proxy's header looks like that
        return ""


def _picture(shared: Share, root: str, texts: Words) -> str:
    painting = texts.OWN_PAINTING
    if shared.style:
        painting = placard.painting_caption(texts.style(shared.style), texts)
    title = texts.PICTURE_TITLE.format(painting=painting)
    size = texts.ONLY_SIZE.format(width=shared.width, height=shared.height)
    steps = texts.STEPS_MADE.format(n=shared.steps) if shared.steps else texts.ONLY_A_DRAFT
    image = f"{root}/picture/{shared.name}.jpg"
    tags = {
        "og:type": "website",
        "og:site_name": texts.TITLE,
        "og:title": title,
        "og:description": texts.PICTURE_DESCRIPTION.format(size=size, steps=steps),
        "og:url": f"{root}/picture/{shared.name}",
        "og:image": image,
        "og:image:type": "image/jpeg",
        "og:image:width": str(shared.width),
        "og:image:height": str(shared.height),
        "og:image:alt": title,
        "twitter:card": "summary_large_image",
        "twitter:title": title,
        "twitter:description": texts.PICTURE_DESCRIPTION.format(size=size, steps=steps),
        "twitter:image": image,
        "twitter:image:alt": title,
    }
    rows = [(texts.PICTURE_PAINTING, painting)]
    if shared.paintings > 1:
        rows.append((texts.MORE_PAINTINGS, str(shared.paintings - 1)))
    rows += [(texts.PICTURE_SIZE, size), (texts.PICTURE_STEPS, str(shared.steps or texts.ONLY_A_DRAFT))]
    told = {"size", "steps"}
    rows += [
        (texts.knob(knob).label, _value(knob, value, texts))
        for knob, value in differing(shared.settings)
        if knob.name not in told
    ]
    recipe = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in rows
    )
    query = query_of(shared.settings, shared.style)
    body = (
        f'<img src="{escape(shared.name)}.jpg" width="{shared.width}" height="{shared.height}" '
        f'alt="{escape(title)}"><section><h1>{escape(title)}</h1><dl>{recipe}</dl>'
        f'<p><a class="button" href="../?{escape(query)}">{escape(texts.PAINT_LIKE_THIS)}</a></p>'
        "</section>"
    )
    return _html(title, body, tags, texts)


def _value(knob: Knob, value: str, texts: Words) -> str:
    names = {choice: name for name, choice in texts.choices(knob)}
    return names.get(value, value)


def _gone(texts: Words) -> Response:
    body = (
        f"<section><h1>{escape(texts.PICTURE_GONE)}</h1><p>{escape(texts.PICTURE_GONE_DETAIL)}</p>"
        f'<p><a class="button" href="../">{escape(texts.PAINT_YOUR_OWN)}</a></p></section>'
    )
    headers = _HEADERS | {"Cache-Control": "no-store"}
    return HTMLResponse(_html(texts.PICTURE_GONE, body, {}, texts), 404, headers)


def _html(title: str, body: str, tags: dict[str, str], texts: Words) -> str:
    metas = "".join(
        f'<meta {"property" if name.startswith("og:") else "name"}="{name}" content="{escape(value)}">\n'
        for name, value in tags.items()
    )
    return (
        f'<!doctype html>\n<html lang="{texts.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n{metas}<style>\n{_style()}</style>\n</head>\n"
        f'<body>\n<header><a href="../">{escape(texts.TITLE)}</a></header>\n<main>{body}</main>\n'
        "</body>\n</html>\n"
    )


@cache
def _style() -> str:
    """The page's own colours, light and dark, and the little that is laid out here."""
    css = (Path(__file__).parent / "static" / "page.css").read_text(encoding="utf-8")
    light, dark = (
        re.search(rf"^{name} {{(.*?)^}}", css, re.DOTALL | re.MULTILINE)[1]
        for name in (":root", r"\.dark")
    )
    own = (Path(__file__).parent / "static" / "shared_page.css").read_text(encoding="utf-8")
    return f":root {{{light}}}\n@media (prefers-color-scheme: dark) {{ :root {{{dark}}} }}\n{own}"
