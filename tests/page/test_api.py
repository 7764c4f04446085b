"""The HTTP API, used with gradio_client and with plain HTTP requests."""

import json
import re
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.errors import MESSAGES
from styletransfer.images import resize
from styletransfer.page.i18n.translate import languages
from styletransfer.pictures import EXTRAS, NAMES, REQUIRED
from styletransfer.settings import knobs

EVERY_PICTURE = (*REQUIRED, *EXTRAS)
PHOTO, STYLE = catalogue().photos[1].file, catalogue().styles[0].file


@pytest.fixture(scope="module")
def client(server, tmp_path_factory):
    return Client(server, verbose=False, download_files=tmp_path_factory.mktemp("results"))


def answer(server, values, **request) -> str:
    """The events in the answer to a call with named values over plain HTTP."""
    url = f"{server}/gradio_api/call/v2/stylize"
    event = httpx.post(url, json=values, **request).json()["event_id"]
    return httpx.get(f"{url}/{event}", timeout=120, headers=request.get("headers")).text


def uploaded(server) -> dict:
    """The uploaded photo and painting, as values of a call over plain HTTP."""
    files = [("files", (file.name, file.read_bytes())) for file in (PHOTO, STYLE)]
    paths = httpx.post(f"{server}/gradio_api/upload", files=files).json()
    sent = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
    return dict(zip(("content", "style"), sent, strict=True))


def pictures() -> dict:
    return {"content": handle_file(PHOTO), "style": handle_file(STYLE)}


def test_every_parameter_is_explained(server):
    endpoint = httpx.get(f"{server}/gradio_api/info").json()["named_endpoints"]["/stylize"]
    for name in (*(f"{knob.name}: {knob.help}" for knob in knobs()), *EXTRAS):
        assert f"- {name}" in endpoint["description"]


def test_the_picture_streams_and_ends_as_a_full_size_png(client):
    job = client.submit(**pictures(), size=160, steps=60, scales=1, show_every=1, api_name="/stylize")
    picture, progress, file = job.result(120)
    sofar = [each for each in job.outputs() if each[0] and each[2] is None]
    assert len({Path(each[0]).read_bytes() for each in sofar}) >= 2
    assert "step 60 of 60" in progress
    for path in (picture, file):
        with Image.open(path) as image:
            assert image.format == "PNG"
            assert max(image.size) == 160


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"size": 5000}, "size must be from 128 to 4096, got 5000"),
        ({"size": "large"}, "size must be a whole number from 128 to 4096, got 'large'"),
        ({"steps": 1.5}, "steps must be a whole number from 1 to 3000, got 1.5"),
        ({"seed": None}, "seed must be a whole number from 0 to 2147483647, got None"),
        ({"start": "middle"}, "start must be one of content, noise, draft, image, got 'middle'"),
        ({"keep_faces": "yes"}, "keep_faces must be true or false, got 'yes'"),
        ({"content_weight": [1]}, "content_weight must be a number from 0 to 10, got [1]"),
    ],
)
def test_a_wrong_value_is_answered_with_the_settings_own_sentence(client, value, sentence):
    with pytest.raises(AppError) as error:
        client.predict(**pictures(), **value, api_name="/stylize")
    assert str(error.value) == sentence
    assert error.value.title in MESSAGES["visitor"]  # the code, for programs


@pytest.mark.parametrize("wrong", list(NAMES))
def test_a_file_that_is_no_picture_is_answered_without_a_path(client, tmp_path, wrong):
    file = tmp_path / "photo.jpg"
    file.write_text("Dear diary")
    with pytest.raises(AppError) as error:
        client.predict(**pictures() | {wrong: handle_file(file)}, api_name="/stylize")
    assert f"The {NAMES[wrong]} (photo.jpg) is not a picture" in str(error.value)
    assert "/" not in str(error.value)


def test_a_missing_image_is_answered_over_plain_http(server):
    data = [None, None, *(knob.default for knob in knobs()), *[None for _ in EXTRAS]]
    call = httpx.post(f"{server}/gradio_api/call/stylize", json={"data": data}).json()
    answer = httpx.get(f"{server}/gradio_api/call/stylize/{call['event_id']}", timeout=60).text
    assert "event: error" in answer
    body = json.loads(answer.rpartition("data: ")[2])
    assert "Add a photo" in json.dumps(body)


def test_a_second_style_a_mask_and_a_start_are_used(client, tmp_path):
    half = Image.new("L", (64, 64))
    half.paste(255, (0, 0, 32, 64))
    half.save(tmp_path / "half.png")
    settings = {"size": 128, "steps": 3, "scales": 1, "mask_softness": 0, "colours": "painting"}
    more = {"mask": handle_file(tmp_path / "half.png"), "start_image": handle_file(STYLE)}
    with Image.open(client.predict(**pictures(), **more, **settings, api_name="/stylize")[-1]) as image:
        painted = np.asarray(image, float)
    with Image.open(PHOTO) as image:
        photo = np.asarray(resize(image.convert("RGB"), 128), float)
    changed = np.abs(painted - photo).mean((0, 2))
    assert changed[:60].min() > 10  # the start image is a painting
    assert changed[70:].max() == 0  # the only style has a mask, outside of which the photo remains
    second = {"style_2": handle_file(catalogue().styles[1].file), "blend": "1 2 3"}
    with pytest.raises(AppError, match="blend must have no more numbers than there are paintings"):
        client.predict(**pictures(), **second, api_name="/stylize")


def test_what_is_to_be_kept_is_nearer_to_the_photo(client, tmp_path):
    half = Image.new("L", (64, 64))
    half.paste(255, (0, 0, 32, 64))
    half.save(tmp_path / "half.png")
    settings = {"size": 128, "steps": 15, "scales": 1, "keep_faces": True}
    kept = {"keep": handle_file(tmp_path / "half.png")}
    with Image.open(PHOTO) as image:
        photo = np.asarray(resize(image.convert("RGB"), 128), float)
    changes = []
    for more in ({}, kept):
        file = client.predict(**pictures(), **more, **settings, api_name="/stylize")[-1]
        with Image.open(file) as image:
            change = (np.asarray(image, float) - photo)[:, :48]
        changes.append(change.std((0, 1)).mean())  # a tint of all that is kept does not count
    assert changes[1] < 0.9 * changes[0]


@pytest.mark.parametrize("values", [{}, {"content": "cat.jpg"}, {"content": [1], "style": 3}])
def test_what_is_no_picture_at_all_is_answered_with_a_sentence_too(server, values):
    assert "Add a photo: a JPEG, PNG" in answer(server, values)


def test_a_run_goes_on_when_the_line_drops_and_is_found_by_its_name(server):
    values = uploaded(server) | {"size": 160, "steps": 60, "scales": 1}
    url = f"{server}/gradio_api/call/v2/stylize"
    event = httpx.post(url, json=values).json()["event_id"]
    with httpx.stream("GET", f"{url}/{event}", timeout=60) as stream:
        lines = []
        for line in stream.iter_lines():
            lines.append(line)
            if "file=" in line:
                break
    said = next(line for line in lines if "run " in line)
    name = re.search(r'"run ([\w-]+)"', said)[1]
    told = {"state": "waiting"}
    while told["state"] in {"waiting", "painting"}:
        told = httpx.get(f"{server}/runs/{name}").raise_for_status().json()
    assert (told["state"], told["step"]) == ("done", 60)
    shown = json.loads(next(line for line in lines if "file=" in line).removeprefix("data: "))[0]["url"]
    assert httpx.get(shown).status_code == 200
    png = httpx.get(f"{server}/{told['picture']}")
    with Image.open(BytesIO(png.content)) as image:
        assert (image.format, max(image.size)) == ("PNG", 160)
    assert httpx.delete(f"{server}/runs/{name}").status_code == 204
    assert httpx.get(f"{server}/runs/{name}").status_code == 404
    assert httpx.get(shown).status_code == 403


def test_the_same_call_twice_is_one_run(server):
    values = uploaded(server) | {"size": 128, "steps": 2, "scales": 1}
    key = {"headers": {"Idempotency-Key": "a-retry", "X-Forwarded-For": "203.0.113.19"}}
    first, second = answer(server, values, **key), answer(server, values, **key)
    names = [set(re.findall(r'"run ([\w-]+)"', said)) for said in (first, second)]
    assert len(names[0]) == 1
    assert names[0] == names[1]
    assert "event: complete" in second
    assert "belongs to a request with other" in answer(server, values | {"steps": 3}, **key)


def test_a_run_whose_stream_was_never_fetched_is_stopped_and_makes_way(server):
    values = uploaded(server)
    endless = values | {"size": 320, "steps": 3000, "scales": 1}
    assert httpx.post(f"{server}/gradio_api/call/v2/stylize", json=endless).json()["event_id"]
    assert "event: complete" in answer(server, values | {"size": 128, "steps": 2, "scales": 1})


def test_runs_whose_stream_nobody_reads_cannot_fill_the_line(server):
    # So long that the first is not over when the last one's pictures have been read.
    values = uploaded(server) | {"size": 128, "steps": 60, "scales": 1}
    someone = {"X-Forwarded-For": "203.0.113.9"}
    url = f"{server}/gradio_api/call/v2/stylize"
    calls = [httpx.post(url, json=values, headers=someone).json()["event_id"] for _ in range(7)]
    answers = [httpx.get(f"{url}/{each}", timeout=120).text for each in calls]
    assert sum("event: complete" in each for each in answers) == 5
    assert sum("5 pictures from your network address are being painted" in each for each in answers) == 2


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}])
def test_a_picture_of_the_servers_own_is_not_opened(server, tmp_path, meta, language):
    private = tmp_path / "private.png"
    Image.new("RGB", (64, 64)).save(private)
    for name in EVERY_PICTURE:
        values = uploaded(server) | {"size": 128, "steps": 1, name: {"path": str(private), **meta}}
        said = answer(server, values, headers={"Accept-Language": language})
        assert "private" not in said
        assert ("event: error" in said) or (not meta and name not in REQUIRED)  # else it is left out


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin", "/", "/etc/passwd", "/no/such/file"])
def test_a_path_of_the_servers_own_stops_nobody(server, path):
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    said = answer(server, {"content": file, "style": file, "size": 128, "steps": 1})
    assert "event: error" in said
    assert path.rpartition("/")[2] not in said or path == "/"
    assert httpx.get(f"{server}/robots.txt", timeout=20).status_code in (200, 404)


def test_named_values_over_plain_http_give_a_png(server):
    values = uploaded(server) | {"size": 128, "steps": 2, "scales": 1}
    url = f"{server}/gradio_api/call/v2/stylize"
    event = httpx.post(url, json=values).json()["event_id"]
    said = httpx.get(f"{url}/{event}", timeout=120).text
    assert "event: complete" in said
    last = json.loads(said.rpartition("data: ")[2])
    png = httpx.get(last[-1]["url"])
    assert png.headers["content-type"] == "image/png"
    again = httpx.get(f"{url}/{event}", timeout=20)  # which would wait for ever
    assert (again.status_code, again.json()["code"]) == (404, "answer_gone")
