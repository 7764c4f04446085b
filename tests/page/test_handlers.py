"""What handlers of the page answer, asked without a browser."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import gradio as gr
import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from styletransfer.catalogue import catalogue
from styletransfer.errors import StyleTransferError
from styletransfer.page.finished import Finished
from styletransfer.page.forecast_line import ForecastLine, told
from styletransfer.page.i18n.translate import ENGLISH
from styletransfer.page.page import build
from styletransfer.page.ui import Ui
from styletransfer.pictures import KEEP, MASKS, STYLES, Pictures
from styletransfer.service.contact_sheet import by_strength
from styletransfer.service.queue import Queue
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
from styletransfer.settings import Settings
from tests.support.answers import answer
from tests.support.coroutines import run
from tests.support.coroutines import run as await_
from tests.support.runner import Runner, no_draft

PICTURE = Image.new("RGB", (96, 64), "orange")
SMALL = Settings(size=128, steps=2, scales=1)


def nothing(*_):
    """A runner without a single step."""
    yield from ()


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return Store(Queue(nothing, drafter=lambda *_: PICTURE))


def test_the_strip_keeps_the_id_of_the_nine_looks_on_the_page(store):
    """The browser forgets the ids that the strip does not have, and could not delete them any more."""
    pictures = Pictures(PICTURE, [PICTURE])
    sheet = store.runs.start_contact_sheet(pictures, SMALL, by_strength(pictures, SMALL))
    assert sheet.wait(30)
    finished = Finished(store, ENGLISH)
    for name in ("viewer", "download", "format", "compare", "timelapse", "repeated", "strip"):
        setattr(finished, name, name)
    assert finished.offered(sheet.id, "PNG", [])["strip"] == [{"id": sheet.id}]


def foretold(line, settings, id=None, **files) -> str:
    """What the line says of these settings and files, while the job with this id is shown."""
    boxes = {name: name for name in ("content", *STYLES, *MASKS, KEEP)}
    line.ui = SimpleNamespace(
        job_id="id", boxes=boxes, painted="painted", settings=lambda sent: settings
    )
    line.ui.masks = lambda sent: Ui.masks(line.ui, sent)
    sent = dict.fromkeys([*boxes, "painted"])
    sent |= {name: {"path": str(file)} for name, file in files.items()}
    return run(line._foretold(sent | {"id": id}))


def test_what_takes_longer_than_a_gpu_is_lent_is_said_before_paint_is_pressed(store, monkeypatch):
    def quota(seconds):
        if seconds > 10:
            raise StyleTransferError("gpu_time_too_long", seconds=round(seconds), most=70)
        return 12

    monkeypatch.setattr(store.queue, "quota", quota)
    line = ForecastLine(store, ENGLISH)
    assert "asks for 12 s" in foretold(line, SMALL)
    assert "at most 70 can be had at once" in foretold(line, replace(SMALL, size=4096, steps=100))


def test_nothing_is_foretold_of_a_next_picture_that_is_the_one_being_painted(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    runner = Runner()
    store = Store(Queue(runner, no_draft))
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), SMALL)
    photo = tmp_path / "photo.jpg"
    PICTURE.save(photo)
    store.runs.remember(run, {"content": str(photo)}, {})
    line = ForecastLine(store, ENGLISH)

    said = partial(foretold, line, id=run.id)
    assert said(SMALL, content=photo) == told("", ENGLISH)
    assert said(replace(SMALL, style_weight=1), content=photo) == told("", ENGLISH)  # acts at once
    assert "for the next picture" in said(replace(SMALL, size=256), content=photo)
    other = tmp_path / "other.jpg"
    PICTURE.save(other)
    assert "for the next picture" in said(SMALL, content=other)
    runner.release(10)
    assert run.wait(30)


async def page_of(store):
    return build(store, Shares(store)).get_config_file()


@pytest.mark.parametrize("box", ["photo", "style"])
def test_the_forecast_is_made_anew_for_another_photo_and_another_painting(store, box):
    page = await_(page_of(store))
    ids = {each["props"].get("elem_id"): each["id"] for each in page["components"]}
    answered = [
        each for each in page["dependencies"] if [ids[box], "change"] in map(list, each["targets"])
    ]
    assert any(each["outputs"] == [ids["outlook"]] for each in answered)


async def app_of(store):
    return gr.mount_gradio_app(FastAPI(), build(store, Shares(store)), "/")


def test_on_borrowed_gpus_too_events_wait_that_come_at_the_same_time(store, monkeypatch):
    """Gradio by itself would refuse there all but the first of them: the press of a button is lost."""
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    client = TestClient(await_(app_of(store)))  # with no server, so that none is answered yet
    event = {"fn_index": 0, "data": [], "session_hash": "tab"}
    answers = [client.post("/gradio_api/queue/join", json=event) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 200]


def test_a_job_that_the_page_cannot_be_told_of_is_not_painted(store, monkeypatch):
    def fails(*_):
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(store.runs, "remember", fails)
    files = {"photo": catalogue().photos[0].file, "style": catalogue().styles[0].file}
    boxes = {name: {"path": str(file)} for name, file in files.items()}
    told = await_(answer(store, "paint", "click", **boxes, **{"knob-size": 128}))
    assert ENGLISH.error(StyleTransferError("page_failed")) in told["status"]
    assert store.queue.jobs() == []


def test_who_has_a_ticket_is_shown_the_job_or_told_to_press_again(store):
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), SMALL)
    assert run.wait(30)
    store.runs.note("ticket", run)

    def settled(job, how):
        return await_(answer(store, "status", "settle", data={"job": job, "how": how}))

    found = settled("ticket", "unanswered")
    assert found["job"] == run.id
    assert f'data-job="{run.id}"' in found["status"]
    assert ENGLISH.error(StyleTransferError("answer_lost")) in settled("other", "unanswered")["status"]
    assert isinstance(settled("other", "shown")["status"], dict)  # it stays as it is
    store.runs.delete([run.id])
    assert ENGLISH.error(StyleTransferError("answer_lost")) in settled("ticket", "unanswered")["status"]


def test_a_finished_tile_can_be_seen_repeated_and_no_other_picture(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    runner = Runner()
    store = Store(Queue(runner, no_draft))
    finished = Finished(store, ENGLISH)
    for name in ("viewer", "download", "format", "compare", "timelapse", "repeated", "strip"):
        setattr(finished, name, name)
    for tile in (True, False):
        job = store.runs.start(Pictures(PICTURE, [PICTURE]), replace(SMALL, tile=tile))
        runner.release(SMALL.steps)
        assert job.wait(30)
        view = finished.offered(job.id, "PNG", [])
        assert view["repeated"].visible is tile
        assert view["viewer"]["tile"] == (1 if tile else None)
