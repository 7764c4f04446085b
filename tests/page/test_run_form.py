"""`POST /runs`: what a form may hold, and that the same request twice is one run."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from styletransfer.catalogue import catalogue
from styletransfer.page.run_routes import RunRoutes
from styletransfer.service.queue import Limits, Queue
from styletransfer.service.store import Store
from styletransfer.service.watching import Audience
from tests.support.runner import PATIENCE, Runner, no_draft

SMALL = {"size": "128", "steps": "2", "scales": "1"}


def png(colour="orange") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (96, 64), colour).save(data, "PNG")
    return data.getvalue()


def photo(colour="orange", name="me.png"):
    return {"content": (name, png(colour))}


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.release(1000)


@pytest.fixture
def store(tmp_path, monkeypatch, runner):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    return Store(Queue(runner, no_draft), tmp_path / "data")


def post(store, files=None, key="", address="203.0.113.1", **data):
    app = Starlette(routes=RunRoutes(store, Audience()).routes)
    client = TestClient(app, client=(address, 50000))
    given = {"files": photo() if files is None else files, "data": SMALL | data}
    headers = {"Idempotency-Key": key} if key else {}
    # In a thread: Playwright's event loop runs in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(client.post, "/runs", headers=headers, **given).result(PATIENCE)


def painting(number=0):
    return catalogue().styles[number].file.stem


def uploads(store):
    return [file for file in store.uploads.folder.rglob("*") if file.is_file()]


def test_a_form_starts_a_run_at_the_address_that_it_is_told(store, runner):
    answer = post(store, style=painting(), keep_faces="false", blend="3")
    told = answer.json()
    assert (answer.status_code, told["state"], told["version"]) == (202, "waiting", "1.1")
    assert answer.headers["location"] == f"runs/{told['run']}"
    run = store.runs.find_run(told["run"])
    settings = run.inputs.settings
    assert (settings.size, settings.steps, settings.keep_faces, settings.blend) == (128, 2, False, "3")
    assert run.pictures.content.getpixel((5, 5)) == (255, 165, 0)
    assert run.brief
    assert uploads(store) == []


def test_every_picture_may_be_a_file(store):
    given = ("content", "style", "style_2", "mask", "mask_2", "start_image", "keep")
    answer = post(store, {name: ("a.png", png("white")) for name in given})
    pictures = store.runs.find_run(answer.json()["run"]).pictures
    assert len(pictures.styles) == len(pictures.masks) == 2
    assert pictures.start
    assert pictures.keep


@pytest.mark.parametrize(
    ("given", "status", "code", "parameter"),
    [
        ({"size": "5000"}, 422, "out_of_range", "size"),
        ({"size": "large"}, 422, "not_a_whole_number", "size"),
        ({"keep_faces": "perhaps"}, 422, "not_true_or_false", "keep_faces"),
        ({"style_loss": "gramm"}, 422, "not_a_choice", "style_loss"),
        ({"siz": "128"}, 400, "no_such_parameter", None),
        ({"style": "mona-lisa"}, 422, "no_such_painting", None),
        ({"style": "../../etc/passwd"}, 422, "no_such_painting", None),
        ({"content": "pagoda"}, 400, "field_malformed", "content"),
        ({"steps": ["3", "4"]}, 400, "field_malformed", "steps"),
        ({"seed": "1" * 20_000}, 400, "upload_malformed", None),
        ({"mask_2": None}, 422, "picture_unreadable", "mask_2"),
    ],
)
def test_what_is_wrong_has_a_code_a_parameter_and_a_status(store, given, status, code, parameter):
    files = photo()
    if None in given.values():
        files |= {name: ("diary.png", b"Dear diary") for name in given}
        given = {}
    if "content" in given:
        files = {"keep": ("a.png", png())}
    answer = post(store, files, **{"style": painting()} | given)
    told = answer.json()["error"]
    assert (answer.status_code, told["code"], told["parameter"]) == (status, code, parameter)
    assert "\n" not in told["message"]
    assert store.queue.unfinished == 0
    assert uploads(store) == []


def test_the_fields_of_an_error_are_json(store):
    told = post(store, style=painting(), size="5000").json()["error"]
    assert told["fields"] == {"setting": "size", "minimum": 128, "maximum": 4096, "value": 5000.0}
    told = post(store, {"content": ("a/b\\..\\my diary.jpg", b"Dear")}, style=painting()).json()["error"]
    assert "(my_diary.jpg)" in told["message"]


@pytest.mark.parametrize("missing", ["content", "style"])
def test_a_missing_picture_is_asked_for(store, missing):
    files = {"content": {"style": ("a.png", png())}, "style": photo()}[missing]
    answer = post(store, files)
    told = answer.json()["error"]
    assert (answer.status_code, told["code"], told["parameter"]) == (422, "picture_missing", missing)


def test_what_is_no_form_is_refused(store):
    client = TestClient(Starlette(routes=RunRoutes(store, Audience()).routes))
    for body, kind in (
        (b"{}", "application/json"),
        (b"size=3", "application/x-www-form-urlencoded"),
        (b"", "multipart/form-data"),
    ):
        with ThreadPoolExecutor(1) as pool:
            ask = pool.submit(client.post, "/runs", content=body, headers={"content-type": kind})
            answer = ask.result(PATIENCE)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "upload_malformed"), body


def test_a_full_line_says_when_to_try_again(store):
    store.queue.limits = Limits(per_address=1)
    assert post(store, style=painting()).status_code == 202
    answer = post(store, style=painting())
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "address_is_busy")
    assert int(answer.headers["retry-after"]) > 0


def test_the_same_request_twice_is_one_run(store):
    first = post(store, key="a-1", style=painting()).json()["run"]
    assert post(store, key="a-1", style=painting()).json()["run"] == first
    assert post(store, key="a-2", style=painting()).json()["run"] != first
    assert post(store, style=painting()).json()["run"] != first
    assert post(store, key="a-1", address="203.0.113.2", style=painting()).json()["run"] != first
    assert store.queue.unfinished == 4


def test_the_same_request_is_found_where_no_other_would_be_taken(store):
    store.queue.limits = Limits(per_address=1)
    first = post(store, key="a", style=painting())
    assert post(store, key="a", style=painting()).json()["run"] == first.json()["run"]
    assert post(store, key="b", style=painting()).status_code == 429


@pytest.mark.parametrize(
    "other", [{"steps": "3"}, {"style": painting(1)}, {"files": photo("blue")}], ids=str
)
def test_a_key_belongs_to_one_request(store, other):
    post(store, key="a", style=painting())
    answer = post(store, **{"key": "a", "style": painting()} | other)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "key_reused")


def test_a_request_that_was_refused_leaves_no_key_behind(store):
    assert post(store, key="a", style=painting(), size="5").status_code == 422
    assert post(store, key="a", style=painting()).status_code == 202


@pytest.mark.parametrize("key", ["a b", "a" * 201, "caf\xe9", "\t"])
def test_what_is_no_key_is_refused(store, key):
    answer = post(store, key=key.encode("latin-1"), style=painting())
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "key_malformed")


def test_a_key_goes_with_its_run(store):
    first = post(store, key="a", style=painting()).json()["run"]
    store.runs.delete([first])
    assert dict(store.records.notes("keys")) == {}
    assert post(store, key="a", style=painting()).json()["run"] != first


def test_keys_outlive_the_server(tmp_path, monkeypatch, runner):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    store = Store(Queue(runner, no_draft), tmp_path / "data")
    first = post(store, key="a", style=painting()).json()["run"]
    store.close()
    later = Runner()
    store = Store(Queue(later, no_draft), tmp_path / "data")
    assert post(store, key="a", style=painting()).json()["run"] == first
    assert store.runs.find_run(first).brief
    later.release(1000)
    store.close()


def cut_out() -> bytes:
    """A PNG that is transparent in its right half."""
    image = Image.new("RGBA", (96, 64), "orange")
    image.paste((0, 0, 0, 0), (48, 0, 96, 64))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize("alpha", ["true", "false"])
def test_transparency_is_kept_if_it_is_asked_for(store, runner, alpha):
    answer = post(store, {"content": ("me.png", cut_out())}, style=painting(), alpha=alpha)
    run = store.runs.find_run(answer.json()["run"])
    runner.release(2)
    assert run.wait(PATIENCE)
    with Image.open(store.files.result(run)) as image:
        assert image.mode == ("RGBA" if alpha == "true" else "RGB")
        assert alpha == "false" or image.getpixel((image.width - 1, 0))[3] < 50
    white = run.pictures.content.getpixel((90, 5)) == (255, 255, 255)
    assert white is (alpha == "false")


def test_the_same_request_with_and_without_transparency_is_not_one_run(store):
    files = {"content": ("me.png", cut_out())}
    given = {"key": "one", "style": painting()}
    assert post(store, files, **given, alpha="true").status_code == 202
    assert post(store, files, **given, alpha="true").status_code == 202
    assert post(store, files, **given).json()["error"]["code"] == "key_reused"


def test_a_photo_that_is_transparent_all_over_is_told_by_its_name(store):
    empty = io.BytesIO()
    Image.new("RGBA", (96, 64), (0, 0, 0, 0)).save(empty, "PNG")
    files = {"content": ("me.png", empty.getvalue())}
    told = post(store, files, style=painting(), alpha="true").json()["error"]
    assert (told["code"], told["parameter"]) == ("photo_is_transparent", "content")
