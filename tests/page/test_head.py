"""What messengers and phones read of the page: one set of tags, our icons, our manifest."""

import json
import re
from io import BytesIO

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from styletransfer.page import head
from styletransfer.page.i18n.translate import ENGLISH, languages

GRADIOS = """<html
	lang="en"
><head>
<base href="./" />
<meta
  property="og:image"
  content="https://example.org/gradio.jpg"
/>
<meta name="twitter:creator" content="@Gradio" />
<link rel="manifest" href="/manifest.json" />
</head><body><meta property="og:title" content="a text on the page"></body>"""


@pytest.fixture
def asked():
    """A function that gives the answer of an app within the layer."""

    def index(request):
        return HTMLResponse(GRADIOS)

    def data(request):
        return JSONResponse({"html": GRADIOS})

    routes = [*head.routes(ENGLISH), Route("/", index), Route("/config", data)]
    app = head.OwnHead(Starlette(routes=routes), ENGLISH)
    return TestClient(app).get


def contents(html: str, name: str) -> list[str]:
    return re.findall(rf'(?:property|name)="{name}" content="([^"]*)"', html.partition("</head>")[0])


def test_there_is_one_set_of_tags_and_it_is_ours(asked):
    answer = asked("/")
    html = answer.text
    assert len(html.encode()) == int(answer.headers["content-length"])
    assert contents(html, "og:title") == [ENGLISH.TITLE]
    assert contents(html, "og:image") == ["http://testserver/icons/preview.jpg"]
    assert contents(html, "twitter:creator") == []
    assert html.count('rel="manifest"') == 1
    assert "a text on the page" in html
    assert asked("/config").json() == {"html": GRADIOS}


def test_the_html_names_the_language_that_it_is_in():
    app = head.OwnHead(
        Starlette(routes=[Route("/", lambda _: HTMLResponse(GRADIOS))]), languages()["fr"]
    )
    assert re.findall(r'lang="([^"]*)"', TestClient(app).get("/").text) == ["fr"]


def test_a_link_to_a_look_shows_its_painting(asked):
    html = asked("/?style=hokusai-great-wave&steps=9").text
    assert "Great Wave" in contents(html, "og:title")[0]
    assert contents(html, "og:url") == ["http://testserver/?style=hokusai-great-wave&amp;steps=9"]
    picture = contents(html, "og:image")[0].removeprefix("http://testserver")
    assert Image.open(BytesIO(asked(picture).content)).format == "JPEG"
    assert asked("/looks/another.jpg").status_code == 404


def test_nothing_in_an_address_becomes_html(asked):
    for address in ('/?style="><script>', "/?steps=9&x=<script>alert(1)</script>"):
        assert asked(address).text.count("<script") == asked("/").text.count("<script") == 1


def test_icons_and_manifest_are_of_one_kind(asked):
    manifest = json.loads(asked("/manifest.json").text)
    assert manifest["name"] == ENGLISH.TITLE
    for icon in manifest["icons"]:
        image = Image.open(BytesIO(asked(icon["src"].removeprefix(".")).content))
        assert icon["sizes"] == f"{image.width}x{image.height}"
        assert image.format == "PNG"
    assert Image.open(BytesIO(asked("/favicon.ico").content)).format == "ICO"
    assert Image.open(BytesIO(asked("/icons/preview.jpg").content)).size == (1200, 630)


def test_a_look_with_a_painting_of_somebodys_own_shows_that_painting():
    name = "Ab_1-x" * 4
    there = {name}.__contains__
    html = head.tags("https://a.test", f"painting={name}&seed=3", ENGLISH, there)
    assert contents(html, "og:image") == [f"https://a.test/paintings/{name}.jpg"]
    assert contents(html, "og:title") == [ENGLISH.LOOK_TITLE_OWN]
    assert contents(html, "og:url") == [f"https://a.test/?painting={name}&amp;seed=3"]
    gone = head.tags("https://a.test", "painting=another-one&seed=3", ENGLISH, there)
    assert contents(gone, "og:image") == ["https://a.test/icons/preview.jpg"]
    assert "another-one.jpg" not in gone
