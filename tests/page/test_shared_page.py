"""The page of a shared picture: its contents, and what it does not reveal."""

import re
from dataclasses import replace
from html import unescape
from io import BytesIO
from urllib.parse import parse_qsl

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from styletransfer.catalogue import catalogue
from styletransfer.look_link import look_in
from styletransfer.page import shared_paintings
from styletransfer.page.i18n import english as texts
from styletransfer.page.shared_page import routes
from styletransfer.service.shares import Shares
from tests.support.finished import STYLE, finished, store_of_drafts


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return store_of_drafts()


@pytest.fixture
def shares(store):
    return Shares(store)


@pytest.fixture
def client(shares):
    return TestClient(Starlette(routes=routes(shares)), base_url="http://here.test")


def tags(html):
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', html)
    return {name: unescape(value) for name, value in found}


def test_the_page_shows_the_picture_and_its_recipe(store, shares, client):
    shared = shares.share(finished(store, seed=3, style_weight=8))
    answer = client.get(f"/picture/{shared.name}")
    assert answer.status_code == 200
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "private" in answer.headers["cache-control"]
    words = unescape(re.sub(r"<[^>]+>", "|", answer.text))
    for part in (STYLE.caption, "Seed||3", "Follow the style (style weight)||8", "128 × 96 pixels"):
        assert part in words
    assert "<script" not in answer.text
    picture = client.get(f"/picture/{shared.name}.jpg")
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["x-robots-tag"] == "noindex"
    with Image.open(BytesIO(picture.content)) as image:
        red, _, blue = image.getpixel((5, 5))
        assert image.size == (128, 96)
        assert "styletransfer" not in str(image.info)
    assert blue > 200 > red  # the blue draft, not the photo


def test_each_of_its_paintings_is_named(store, shares, client):
    first, second = catalogue().styles[1], catalogue().styles[2]
    job = finished(store, style="/uploads/mine.jpg")
    part = store.uploads.crops.cut(str(first.file), (0, 0, 0.5, 0.5))
    job.pictures = replace(job.pictures, styles=(job.pictures.content,) * 3)
    store.runs.remember(
        job, {"style": "/uploads/mine.jpg", "style_2": str(part), "style_3": str(second.file)}, {}
    )
    shared = shares.share(job)
    assert shared.styles == (None, first, second)
    html = unescape(client.get(f"/picture/{shared.name}").text)
    for label, value in (("1", texts.OWN_PAINTING), ("2", first.caption), ("3", second.caption)):
        assert f"<dt>Painting {label}</dt><dd>{value}</dd>" in html
    assert f"<h1>A photo, painted in the manner of {first.caption}, and 2 more</h1>" in html
    assert Shares(store).find(shared.name) == shared  # as written to the records


def test_a_link_of_an_earlier_version_is_read(store):
    job = finished(store)
    written = {"file": "x.jpg", "size": [4, 3], "settings": {}, "steps": 9}
    store.records.save_share("old", job.id, written | {"style": str(STYLE.file), "paintings": 2})
    shared = Shares(store).find("old")
    assert (shared.styles, shared.style, shared.paintings) == ((STYLE, None), STYLE, 2)


def test_a_shared_painting_is_served_by_its_name_alone(store):
    file = store.uploads.place() / "mine.png"
    Image.new("RGB", (90, 60), "teal").save(file)
    shared = store.paintings.share(str(file))
    client = TestClient(Starlette(routes=shared_paintings.routes(store.paintings)))
    answer = client.get(f"/paintings/{shared.name}.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "no-cache" in answer.headers["cache-control"]
    assert Image.open(BytesIO(answer.content)).size == (90, 60)
    for name in (shared.key, "x" * 22, store.paintings.find(shared.name).stem):
        assert client.get(f"/paintings/{name}.jpg").status_code == 404
    store.paintings.take_back([shared.key])
    assert client.get(f"/paintings/{shared.name}.jpg").status_code == 404


def test_its_tags_are_absolute_and_complete(store, shares, client):
    shared = shares.share(finished(store))
    found = tags(client.get(f"/picture/{shared.name}").text)
    assert found["og:image"] == f"http://here.test/picture/{shared.name}.jpg" == found["twitter:image"]
    assert found["og:url"] == f"http://here.test/picture/{shared.name}"
    assert (found["og:image:width"], found["og:image:height"]) == ("128", "96")
    assert found["twitter:card"] == "summary_large_image"
    assert STYLE.caption in found["og:title"]
    assert "128" in found["og:description"]


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({"x-forwarded-proto": "https", "x-forwarded-host": "a-b.hf.space"}, "https://a-b.hf.space"),
        ({"x-forwarded-proto": "https"}, "https://here.test"),
        ({"x-forwarded-proto": "https,http", "x-forwarded-host": "a.test, b"}, "https://a.test"),
    ],
)
def test_addresses_behind_proxies(store, shares, client, headers, root):
    shared = shares.share(finished(store))
    found = tags(client.get(f"/picture/{shared.name}", headers=headers).text)
    assert found["og:image"] == f"{root}/picture/{shared.name}.jpg"


@pytest.mark.parametrize("root", ["/studio", "https://example.org/studio"])
def test_addresses_below_a_root_path(store, shares, root):
    app = Starlette(routes=routes(shares))
    app.root_path = root
    shared = shares.share(finished(store))
    html = TestClient(app, base_url="https://example.org").get(f"/picture/{shared.name}").text
    assert tags(html)["og:image"] == f"https://example.org/studio/picture/{shared.name}.jpg"


@pytest.mark.parametrize("host", ['"><script>alert(1)</script>', "a b", "[", "x" * 5000, "\\"])
def test_a_hostile_host_is_escaped(store, shares, client, host):
    shared = shares.share(finished(store))
    answer = client.get(f"/picture/{shared.name}", headers={"x-forwarded-host": host})
    assert answer.status_code == 200
    assert "<script" not in answer.text


def test_hostile_settings_are_escaped(store, shares, client):
    job = finished(store, style="/tmp/<b>mine</b>.jpg")
    shared = shares.share(job)
    object.__setattr__(shared.settings, "blend", '"><script>alert(1)</script>')
    html = client.get(f"/picture/{shared.name}").text
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "mine" not in html  # the visitor's file name is not revealed
    assert texts.OWN_PAINTING in html


def test_its_button_leads_to_the_look(store, shares, client):
    shared = shares.share(finished(store, seed=3, style_layers="relu1_1:2 relu3_1"))
    html = client.get(f"/picture/{shared.name}").text
    href = unescape(re.search(r'class="button" href="([^"]+)"', html)[1])
    assert href.startswith("../?")
    look = look_in(parse_qsl(href.partition("?")[2]))
    assert (look.settings, look.style) == (shared.settings, STYLE)


def test_the_name_gives_no_power_over_the_job_and_nothing_of_its_inputs(store, shares, client):
    job = finished(store)
    shared = shares.share(job)
    assert shares.share(job) == shared  # the same link at every call
    html = client.get(f"/picture/{shared.name}").text
    assert job.id not in html
    assert "holiday" not in html
    assert shared.name != job.id
    assert store.queue.find(shared.name) is None
    assert client.get(f"/picture/{job.id}").status_code == 404


@pytest.mark.parametrize("name", ["x", "x.jpg", "..%2F..%2Fetc%2Fpasswd", "%00", "<script>", "a" * 4000])
def test_a_wrong_name_gets_a_kind_page(client, name):
    answer = client.get(f"/picture/{name}")
    assert answer.status_code == 404
    if "%2F" not in name:
        assert texts.PICTURE_GONE in answer.text
        assert 'href="../"' in answer.text
        assert answer.headers["x-robots-tag"] == "noindex"
    assert "<script" not in answer.text


def test_with_the_job_the_link_goes(store, shares, client):
    job = finished(store)
    shared = shares.share(job)
    store.queue.forget(job)
    assert not shared.file.exists()
    for end in ("", ".jpg"):
        assert client.get(f"/picture/{shared.name}{end}").status_code == 404
    assert shares.share(job) is None
