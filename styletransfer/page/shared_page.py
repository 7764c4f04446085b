"""The page of a shared picture at `/picture/<name>`: plain HTML without scripts, served beside Gradio.

All URLs in it are relative, so that they are right behind any proxy, except those in the Open Graph tags
for other sites, which have to be absolute.
"""

from collections.abc import Callable

import httpx
from gradio.route_utils import get_root_url
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from ..catalogue import Style
from ..look_link import differing, query_of
from ..service.shares import Share, Shares
from ..settings import Knob
from .assets import render, text
from .captions import painting_caption
from .face import OURS, Face
from .i18n.translate import ENGLISH, Words
from .language_switch import language_switch

HEADERS = {
    # Browsers ask again every time, because a picture may have been deleted. Shared caches must not keep
    # the page, because its tags depend on the host.
    "Cache-Control": "private, no-cache",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # the URL is known only to those who have the link
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
}


def routes(shares: Shares, texts: Words = ENGLISH, face: Face = OURS) -> list[Route]:
    """The routes of shared pictures, in one language, for the server that runs Gradio."""
    style = style_sheet(face)

    def page(request: Request) -> Response:
        shared = shares.find(request.path_params["name"])
        if shared is None:
            return _gone(texts, style)
        return HTMLResponse(_picture(shared, root_of(request), texts, style), headers=HEADERS)

    def image(request: Request) -> Response:
        shared = shares.find(request.path_params["name"])
        if shared is None or not shared.file.is_file():
            return _gone(texts, style)
        return FileResponse(shared.file, media_type="image/jpeg", headers=HEADERS)

    handlers: dict[str, Callable] = {"/picture/{name}.jpg": image, "/picture/{name}": page}
    return [Route(path, handler) for path, handler in handlers.items()]


def root_of(request: Request) -> str:
    """The public URL of the app, which Gradio derives for its own files; empty if that fails."""
    try:
        return get_root_url(request, request.url.path, getattr(request.app, "root_path", ""))
    except httpx.InvalidURL:  # a malicious or broken X-Forwarded-Host header
        return ""


def _picture(shared: Share, root: str, texts: Words, style: str) -> str:
    named = next(filter(None, shared.styles), None)
    painting = _captioned(named, texts)
    if shared.paintings > 1:
        painting = texts.AND_MORE_PAINTINGS.format(painting=painting, n=shared.paintings - 1)
    title = texts.PICTURE_TITLE.format(painting=painting)
    return render(
        "shared_picture",
        home="../",
        title=title,
        shared=shared,
        tags=_tags(shared, title, root, texts),
        recipe=_recipe(shared, texts),
        query=query_of(shared.settings, shared.style),
        style=style,
        switch=language_switch(texts),
        texts=texts,
    )


def _tags(shared: Share, title: str, root: str, texts: Words) -> dict[str, str]:
    """The meta tags for previews on other sites: Open Graph (https://ogp.me) and Twitter cards."""
    steps = texts.STEPS_MADE.format(n=shared.steps) if shared.steps else texts.ONLY_A_DRAFT
    description = texts.PICTURE_DESCRIPTION.format(size=_size(shared, texts), steps=steps)
    address = f"{root}/picture/{shared.name}"
    return {
        "og:type": "website",
        "og:site_name": texts.TITLE,
        "og:title": title,
        "og:description": description,
        "og:url": address,
        "og:image": f"{address}.jpg",
        "og:image:type": "image/jpeg",
        "og:image:width": str(shared.width),
        "og:image:height": str(shared.height),
        "og:image:alt": title,
        "twitter:card": "summary_large_image",
        "twitter:title": title,
        "twitter:description": description,
        "twitter:image": f"{address}.jpg",
        "twitter:image:alt": title,
    }


def _captioned(style: Style | None, texts: Words) -> str:
    return painting_caption(texts.style(style), texts) if style else texts.OWN_PAINTING


def _recipe(shared: Share, texts: Words) -> list[tuple[str, str]]:
    """Rows of label and value: paintings, size, steps, and settings that differ from the defaults."""
    several = shared.paintings > 1
    rows = [
        (texts.STYLE_N.format(n=n) if several else texts.PICTURE_PAINTING, _captioned(style, texts))
        for n, style in enumerate(shared.styles, 1)
    ]
    steps = str(shared.steps or texts.ONLY_A_DRAFT)
    rows += [(texts.PICTURE_SIZE, _size(shared, texts)), (texts.PICTURE_STEPS, steps)]
    return rows + [
        (texts.knob(knob).label, _value(knob, value, texts))
        for knob, value in differing(shared.settings)
        if knob.name not in {"size", "steps"}
    ]


def _size(shared: Share, texts: Words) -> str:
    return texts.ONLY_SIZE.format(width=shared.width, height=shared.height)


def _value(knob: Knob, value: str, texts: Words) -> str:
    if knob.kind is bool:
        return texts.YES if value == knob.text(True) else texts.NO
    if knob.kind is float:
        return texts.number(value)
    names = {choice: name for name, choice in texts.choices(knob)}
    return names.get(value, value)


def _gone(texts: Words, style: str) -> Response:
    switch = language_switch(texts)
    html = render("shared_gone", home="../", style=style, switch=switch, texts=texts)
    return HTMLResponse(html, 404, HEADERS | {"Cache-Control": "no-store"})


def style_sheet(face: Face = OURS) -> str:
    """The style sheet: the colours of the main page, light or dark as preferred, and the layouts."""
    layouts = text("layers.css") + text("shared_page.css") + text("languages.css")
    return colours() + face.plain_style() + layouts


def colours() -> str:
    """The main page's colours as variables of a style sheet, light or dark as the visitor prefers."""
    light, dark = text("colours.css"), text("colours_dark.css").replace(".dark", ":root")
    return f"{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"
