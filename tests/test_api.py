"""The HTTP API, by gradio_client as programs use it and by plain HTTP."""

import json
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.settings import knobs

PHOTO, STYLE = catalogue().photos[1].file, catalogue().styles[0].file


@pytest.fixture(scope="module")
def client(server, tmp_path_factory):
    return Client(server, verbose=False, download_files=tmp_path_factory.mktemp("results"))


def pictures() -> dict:
    return {"content": handle_file(PHOTO), "style": handle_file(STYLE)}


def test_there_is_one_endpoint_and_it_has_the_knobs_names_and_defaults(server):
    endpoints = httpx.get(f"{server}/gradio_api/info").json()["named_endpoints"]
    assert list(endpoints) == ["/stylize"]
    parameters = endpoints["/stylize"]["parameters"]
    names = [each["parameter_name"] for each in parameters]
    assert names == ["content", "style", *(knob.name for knob in knobs())]
    defaults = {
        each["parameter_name"]: each["parameter_default"]
        for each in parameters
        if each["parameter_has_default"]
    }
    assert defaults == {knob.name: knob.default for knob in knobs()}
    for knob in knobs():
        assert f"- {knob.name}: {knob.help}" in endpoints["/stylize"]["description"]


def test_the_picture_streams_and_ends_as_a_full_size_png(client):
    job = client.submit(**pictures(), size=160, steps=12, scales=1, show_every=1, api_name="/stylize")
    picture, progress, file = job.result(120)
    sofar = [each for each in job.outputs() if each[0] and each[2] is None]
    assert len({Path(each[0]).read_bytes() for each in sofar}) >= 2
    assert "step 12 of 12" in progress
    for path in (picture, file):
        with Image.open(path) as image:
            assert image.format == "PNG"
            assert max(image.size) == 160


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"size": 5000}, "size must be from 128 to 1024, got 5000"),
        ({"size": "large"}, "size must be a whole number from 128 to 1024, got 'large'"),
        ({"steps": 1.5}, "steps must be a whole number from 1 to 3000, got 1.5"),
        ({"seed": None}, "seed must be a whole number from 0 to 2147483647, got None"),
        ({"start": "middle"}, "start must be one of content, noise, draft, got 'middle'"),
        ({"content_weight": [1]}, "content_weight must be a number from 0 to 10, got [1]"),
    ],
)
def test_a_wrong_value_is_answered_with_the_settings_own_sentence(client, value, sentence):
    with pytest.raises(AppError) as error:
        client.predict(**pictures(), **value, api_name="/stylize")
    assert str(error.value) == sentence


@pytest.mark.parametrize("wrong", ["content", "style"])
def test_a_file_that_is_no_picture_is_answered_without_a_path(client, tmp_path, wrong):
    file = tmp_path / "photo.jpg"
    file.write_text("Dear diary")
    with pytest.raises(AppError) as error:
        client.predict(**pictures() | {wrong: handle_file(file)}, api_name="/stylize")
    assert f"The {wrong} image (photo.jpg) is not a picture" in str(error.value)
    assert "/" not in str(error.value)


def test_a_missing_image_is_answered_over_plain_http(server):
    data = [None, None, *(knob.default for knob in knobs())]
    call = httpx.post(f"{server}/gradio_api/call/stylize", json={"data": data}).json()
    answer = httpx.get(f"{server}/gradio_api/call/stylize/{call['event_id']}", timeout=60).text
    assert "event: error" in answer
    body = json.loads(answer.rpartition("data: ")[2])
    assert "Add a content image" in json.dumps(body)


@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}])
def test_a_picture_of_the_servers_own_is_not_opened(server, tmp_path, meta):
    private = tmp_path / "private.png"
    Image.new("RGB", (64, 64)).save(private)
    file = {"path": str(private), **meta}
    values = {"content": file, "style": file, "size": 128, "steps": 1}
    call = httpx.post(f"{server}/gradio_api/call/v2/stylize", json=values).json()
    answer = httpx.get(f"{server}/gradio_api/call/v2/stylize/{call['event_id']}", timeout=60).text
    assert "event: error" in answer
    assert "private" not in answer


def test_named_values_over_plain_http(server):
    upload = httpx.post(
        f"{server}/gradio_api/upload",
        files=[("files", (file.name, file.read_bytes())) for file in (PHOTO, STYLE)],
    ).json()
    file = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in upload]
    values = {"content": file[0], "style": file[1], "size": 128, "steps": 2, "scales": 1}
    call = httpx.post(f"{server}/gradio_api/call/v2/stylize", json=values).json()
    answer = httpx.get(f"{server}/gradio_api/call/v2/stylize/{call['event_id']}", timeout=60).text
    assert "event: complete" in answer
    last = json.loads(answer.rpartition("data: ")[2])
    png = httpx.get(last[-1]["url"])
    assert png.headers["content-type"] == "image/png"
