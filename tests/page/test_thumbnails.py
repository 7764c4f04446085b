"""The small copies of the catalogue's pictures."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps
from starlette.applications import Starlette
from starlette.testclient import TestClient

from styletransfer.catalogue import catalogue
from styletransfer.page.gate.doors import Kind, door_of
from styletransfer.page.thumbnails import address, route, thumbnail

ART = catalogue()
WAVE = ART.styles[0].file


@pytest.fixture(scope="module")
def client():
    return TestClient(Starlette(routes=[route()]))


def test_a_browser_gets_a_small_copy_and_keeps_it(client):
    answer = client.get("/" + address(WAVE, "wall"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]
    with Image.open(BytesIO(answer.content)) as small, Image.open(WAVE) as painting:
        assert small.size == (192, 192)
        whole = ImageOps.fit(painting.convert("RGB"), small.size)
        apart = np.asarray(small.convert("RGB"), float) - np.asarray(whole, float)
    assert np.abs(apart).mean() < 8


def test_a_card_shows_the_whole_picture(client):
    result = ART.examples[0].result
    answer = client.get("/" + address(result, "card"))
    with Image.open(BytesIO(answer.content)) as small, Image.open(result) as whole:
        assert max(small.size) == 480
        assert small.width / small.height == pytest.approx(whole.width / whole.height, rel=0.01)


@pytest.mark.parametrize("path", ["wall/styles/none", "huge/styles/hokusai-great-wave", "wall/none/cat"])
def test_there_is_nothing_else(client, path):
    assert client.get(f"/thumbnails/{path}.webp").status_code == 404


def test_another_picture_of_the_same_name_has_another_address(tmp_path):
    addresses = set()
    for number, colour in enumerate(("red", "blue")):
        file = tmp_path / str(number) / "styles" / "same.png"
        file.parent.mkdir(parents=True)
        Image.new("RGB", (9, 9), colour).save(file)
        addresses.add(address(file, "wall"))
    assert len(addresses) == 2


def test_the_gate_lets_them_through():
    assert door_of("GET", "/" + address(WAVE, "wall").partition("?")[0]).kind is Kind.ASSET


def test_the_whole_wall_weighs_little():
    sizes = [len(thumbnail(style.file, "wall")) for style in ART.styles]
    assert max(sizes) < 16_000
    assert sum(sizes) / len(sizes) < 10_000
