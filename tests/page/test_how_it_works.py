"""The page /how-it-works: that it is whole in every language, and that what it says is true."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from importlib import import_module
from urllib.parse import parse_qsl

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from examples.how_it_works.__main__ import FIGURES
from styletransfer.look_link import look_in
from styletransfer.page.assets import STATIC
from styletransfer.page.gate.doors import Kind, door_of
from styletransfer.page.how_it_works import numbers, routes
from styletransfer.page.how_sections import CODE, LAYERS
from styletransfer.page.i18n.how_texts import FOLDER, how_texts
from styletransfer.page.i18n.translate import ENGLISH, Words, languages

FILES = STATIC / "how_it_works"
ALL = list(languages().values())


def client(words: Words = ENGLISH) -> TestClient:
    return TestClient(Starlette(routes=routes(words)))


@pytest.fixture(params=ALL, ids=lambda words: words.language)
def words(request) -> Words:
    return request.param


class Page(HTMLParser):
    """The attributes of each tag, by the tag's name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found = {}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.setdefault(tag, []).append(dict(attributes))


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def leaves(texts, path=()):
    for name, text in texts.items():
        if isinstance(text, dict):
            yield from leaves(text, (*path, name))
        else:
            yield (*path, name), text


def test_every_language_has_all_of_it_with_the_same_fields(words):
    assert (FOLDER / f"{words.language}.toml").is_file()
    english = dict(leaves(how_texts("en")))
    told = dict(leaves(how_texts(words.language)))
    own = dict(leaves(how_texts.__wrapped__(words.language)))
    assert set(own) == set(told) == set(english)
    for name, text in english.items():
        assert fields(told[name]) == fields(text), name
        assert told[name].strip(), name
    if words.language != "en":
        assert [name for name, text in told.items() if text == english[name] and len(text) > 25] == []


def test_what_a_language_leaves_out_is_said_in_english():
    assert how_texts("xx") == how_texts("en")


def test_every_section_stands_on_the_page_with_its_text_and_formula(words):
    answer = client(words).get("/how-it-works")
    assert answer.status_code == 200
    html = unescape(answer.text)
    told = how_texts(words.language)
    names = re.findall(r'<section id="(\w+)"', html)
    assert names == [name for name in FIGURES if name != "originals"]
    for name in names:
        assert told[name]["title"] in html
        assert told[name]["text"] in html
    page = Page(answer.text)
    assert page.found["html"] == [{"lang": words.language}]
    assert len(page.found["math"]) == len(names)
    assert "{" not in re.sub(r"<style>.*?</style>", "", html, flags=re.S)


def test_pictures_keep_their_place_and_are_loaded_when_they_are_near():
    images = Page(client().get("/how-it-works").text).found["img"]
    for image in images:
        file = FILES / image["src"].removeprefix("how-it-works/")
        with Image.open(file) as picture:
            assert (str(picture.width), str(picture.height)) == (image["width"], image["height"])
    assert all("loading" in image for image in images[2:])  # below the photo and the painting


def test_it_asks_only_for_what_is_there_and_the_gate_lets_it_through():
    asked = client()
    page = Page(asked.get("/how-it-works").text)
    assert door_of("GET", "/how-it-works").kind is Kind.PAGE
    wanted = {each["src"] for tag in ("img", "script") for each in page.found[tag]}
    wanted |= {each["href"].partition("#")[0] for each in page.found["a"]}
    wanted = {each for each in wanted if each.startswith("how-it-works/")}
    assert len(wanted) >= 3 * (len(numbers()) - 1)
    for each in wanted:
        assert door_of("GET", f"/{each}").kind is Kind.ASSET, each
        assert asked.get(f"/{each}").status_code == 200, each


def test_nothing_else_is_handed_out():
    asked = client()
    for name in ("code/cli.py", "code/../errors.py", "numbers.json", "page.jinja", "x.webp"):
        assert asked.get(f"/how-it-works/{name}").status_code == 404


def test_its_policy_allows_its_own_files_only_and_it_has_nothing_against_that():
    answer = client().get("/how-it-works")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    page = Page(answer.text)
    assert all("src" in script for script in page.found["script"])
    every = [attributes for each in page.found.values() for attributes in each]
    assert [name for attributes in every for name in attributes if name.startswith("on")] == []
    assert "http" not in re.sub(r"<style>.*?</style>", "", answer.text, flags=re.S)


def test_the_code_that_it_names_exists():
    for name, each in CODE.items():
        for file, thing in each:
            module = "styletransfer." + file.removesuffix(".py").replace("/", ".")
            assert hasattr(import_module(module), thing), (name, thing)
            keyword = "class" if thing[0].isupper() else "def"
            assert f"{keyword} {thing}" in client().get(f"/how-it-works/code/{file}").text


def test_links_to_the_first_page_are_looks_that_it_follows_wholly():
    links = [each["href"] for each in Page(client().get("/how-it-works").text).found["a"]]
    looks = [look_in(parse_qsl(link.removeprefix("./?"))) for link in links if link.startswith("./?")]
    assert len(looks) >= 2 * (len(numbers()) - 1)
    assert all(look.followed and look.left_out == () and look.style for look in looks)
    told = json.loads((FILES / "numbers.json").read_text("utf-8"))["content"]["queries"]
    layers = [look_in(parse_qsl(query)).settings.content_layers for query in told]
    assert layers == list(LAYERS)


def test_hostile_texts_are_escaped(monkeypatch):
    hostile = """<script>alert("1")</script>'"""

    def spoilt(texts):
        return {
            name: spoilt(text) if isinstance(text, dict) else text + hostile
            for name, text in texts.items()
        }

    told = spoilt(how_texts("en"))
    monkeypatch.setattr("styletransfer.page.how_it_works.how_texts", lambda _: told)
    page = Page(client().get("/how-it-works").text)
    assert page.found["script"] == [{"src": "how-it-works/page.js", "defer": None}]


def test_the_figures_are_not_heavy():
    assert sum(file.stat().st_size for file in FILES.iterdir()) < 1_500_000


def test_the_server_has_it_behind_its_gate_and_the_first_page_links_to_it(server, words):
    asks = {"Accept-Language": words.language}
    told = how_texts(words.language)
    assert f"[{told['link']}](how-it-works)" in httpx.get(server, headers=asks).text
    answer = httpx.get(f"{server}/how-it-works", headers=asks)
    assert told["title"] in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert httpx.get(f"{server}/how-it-works/page.js").status_code == 200
