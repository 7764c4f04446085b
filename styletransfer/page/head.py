"""The page's head: what messengers, search engines and the home screen of a phone know of the page.

Gradio's template has tags of its own, twice, and some name Gradio; messengers take the first ones. So
they are replaced, in the HTML of each answer, by one set that knows the address and the look of a link.
"""

import re
from collections.abc import Callable

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ..catalogue import Style, catalogue
from ..look_link import look_in
from .assets import STATIC, render, script
from .captions import painting_caption
from .gate.html import with_html
from .i18n.translate import Words
from .shared_page import root_of

# The page's colours in light and dark mode (colours.css), for the frame that a phone draws around it.
_FRAME = {"light": "#f4f1eb", "dark": "#171615"}
_FOREIGN = re.compile(
    rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>|<link\s+rel="(?:manifest|icon)"[^>]*>'
)
_DATA = b"<script>window.gradio_config"
_BODY = re.compile(rb"<body\b[^>]*>")
_SHEET = re.compile(rb'<link rel="stylesheet"[^>]*?href="([^"]+)"[^>]*>')
_ICONS = STATIC / "icons"
_SIZES = (192, 512)  # what Chromium asks of an app that can be installed
_AN_HOUR = {"Cache-Control": "public, max-age=3600"}


def routes(texts: Words) -> list[Route]:
    """The routes of the icons, the preview picture and the manifest, in place of Gradio's."""

    def icon(request: Request) -> Response:
        return FileResponse(_ICONS / request.url.path.rpartition("/")[2], headers=_AN_HOUR)

    def manifest(_: Request) -> Response:
        return JSONResponse(_manifest(texts), headers=_AN_HOUR, media_type="application/manifest+json")

    def painting(request: Request) -> Response:
        name = request.path_params["name"]
        files = [style.file for style in catalogue().styles if _name(style) == name]
        return FileResponse(files[0], headers=_AN_HOUR) if files else Response(status_code=404)

    names = [f"icons/{file.name}" for file in _ICONS.iterdir()]
    files = [Route(f"/{name}", icon) for name in [*names, "favicon.ico"]]
    return [*files, Route("/manifest.json", manifest), Route("/looks/{name}.jpg", painting)]


def tags(root: str, query: str, texts: Words, shared: Callable[[str], object] = lambda _: None) -> str:
    """The tags, as HTML.

    Args:
        root: the public address of the page, without a slash at the end.
        query: of the address, which may ask for a look.
        texts: the texts in the page's language.
        shared: finds a painting that somebody has shared, by its name.
    """
    look = look_in(QueryParams(query).multi_items())
    address = f"{root}/?{query}" if look and look.followed else f"{root}/"
    title, picture, alt = texts.TITLE, f"{root}/icons/preview.jpg", texts.PREVIEW_ALT
    if look and look.style:
        alt = painting_caption(texts.style(look.style), texts)
        title, picture = texts.LOOK_TITLE.format(painting=alt), f"{root}/looks/{_name(look.style)}.jpg"
    if look and look.painting and shared(look.painting):
        alt, title = texts.SHARED_PAINTING, texts.LOOK_TITLE_OWN
        picture = f"{root}/paintings/{look.painting}.jpg"
    named = {
        "description": texts.DESCRIPTION,
        "og:type": "website",
        "og:site_name": texts.TITLE,
        "og:title": title,
        "og:description": texts.DESCRIPTION,
        "og:url": address,
        "og:image": picture,
        "og:image:type": "image/jpeg",
        "og:image:alt": alt,
        "twitter:card": "summary_large_image",
    }
    frames = {scheme: _FRAME[scheme] for scheme in ("light", "dark")}
    return render("head", title=texts.TITLE, tags=named, frames=frames, icon=f"./icons/{_SIZES[0]}.png")


def _name(style: Style) -> str:
    return style.file.stem


def _manifest(texts: Words) -> dict[str, object]:
    """What a browser has to know to install the page as an app (https://www.w3.org/TR/appmanifest)."""
    return {
        "name": texts.TITLE,
        "short_name": texts.SHORT_TITLE,
        "description": texts.DESCRIPTION,
        "lang": texts.language,
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": _FRAME["light"],
        "theme_color": _FRAME["light"],
        "icons": [
            {"src": f"./icons/{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
            for size in _SIZES
        ],
    }


class OwnHead:
    """A layer around the app of one language that puts our tags in the place of Gradio's.

    Args:
        app: the app.
        texts: the texts in its language.
        shared: finds a painting that somebody has shared, by its name.
        early: the HTML of what is seen first.
    """

    def __init__(
        self,
        app: ASGIApp,
        texts: Words,
        shared: Callable[[str], object] = lambda _: None,
        early: str = "",
    ) -> None:
        self._app, self._texts, self._shared = app, texts, shared
        self._early = early.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on as it is but the page's HTML."""
        if scope["type"] != "http" or scope["method"] != "GET" or _path(scope) != "/":
            await self._app(scope, receive, send)
            return
        await with_html(self._app, self._with_tags, scope, receive, send)

    def _with_tags(self, html: bytes, scope: Scope) -> bytes:
        request = Request(scope)
        head, end, rest = html.partition(b"</head>")
        ours = tags(root_of(request), request.url.query, self._texts, self._shared)
        tag = self._texts.language
        ours += f"\n<script>\n{script('language', LANGUAGE=tag)}</script>\n<base "
        head = _FOREIGN.sub(b"", head).replace(b"<base ", ours.encode(), 1)
        # Gradio declares every page as English, and screen readers would pronounce it so.
        head = head.replace(b'lang="en"', f'lang="{tag}"'.encode(), 1)
        # The page's data and scripts, nearly all of the HTML, come behind what is seen first.
        start, data, scripts = head.partition(_DATA)
        opened = _BODY.search(rest)
        if not self._early or not opened:
            return head + end + rest
        before, after = rest[: opened.end()], rest[opened.end() :]
        sheets = [href.decode() for href in _SHEET.findall(scripts)]
        start += f"<script>\n{script('sheets', SHEETS=sheets)}</script>\n".encode()
        return start + end + before + self._early + data + _SHEET.sub(b"", scripts) + after


def _path(scope: Scope) -> str:
    return scope["path"].removeprefix(scope.get("root_path", "")) or "/"
