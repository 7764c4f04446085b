"""How a program comes back to its run by its name, asked without a server."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from styletransfer.page.run_routes import RunRoutes
from styletransfer.pictures import Pictures
from styletransfer.service.queue import Limits, Queue
from styletransfer.service.store import Store
from styletransfer.service.watching import Audience
from styletransfer.settings import Settings
from tests.support.finished import finished, store_of_drafts
from tests.support.runner import PATIENCE, Runner, no_draft

PICTURE = Image.new("RGB", (96, 64), "orange")


@pytest.fixture(autouse=True)
def copies(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


def asked(store, path, method="GET", audience=None, **request):
    # In a thread: Playwright's event loop runs in this one.
    client = TestClient(Starlette(routes=RunRoutes(store, audience or Audience()).routes))
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(client.request, method, path, **request).result(PATIENCE)


def test_a_run_tells_how_far_it_is_and_to_be_asked_counts_as_being_watched():
    runner = Runner()
    store = Store(Queue(runner, no_draft))
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), Settings(size=128, steps=2, scales=1))
    assert runner.event()[0] == "began"
    assert asked(store, f"/runs/{run.id}").json()["state"] == "waiting"
    runner.release()
    assert runner.event()[0] == "step"
    run._last_watched -= 100
    told = asked(store, f"/runs/{run.id}").json()
    assert (told["state"], told["step"], told["steps"], told["picture"]) == ("painting", 1, 2, None)
    assert set(told["losses"]) == {"content", "style", "total"}
    assert run.unwatched() < 50
    assert asked(store, f"/runs/{run.id}/picture.png").status_code == 404
    runner.release(2)
    assert run.wait(PATIENCE)
    assert asked(store, f"/runs/{run.id}").json()["state"] == "done"


def test_a_failed_run_tells_why():
    runner = Runner()
    runner.fails = RuntimeError("boom")
    store = Store(Queue(runner, no_draft))
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), Settings(size=128, steps=2, scales=1))
    runner.release(2)
    assert run.wait(PATIENCE)
    told = asked(store, f"/runs/{run.id}").json()
    assert (told["state"], told["error"]["code"], told["picture"]) == ("failed", "server_failed", None)


@pytest.mark.parametrize(("suffix", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
def test_the_picture_of_a_stopped_run_can_be_fetched_in_every_format(suffix, kind, tmp_path):
    store = store_of_drafts()
    run = finished(store)
    told = asked(store, f"/runs/{run.id}").json()
    assert (told["state"], told["picture"]) == ("stopped", f"runs/{run.id}/picture.png")
    answer = asked(store, f"/runs/{run.id}/picture.{suffix}")
    file = tmp_path / "fetched"
    file.write_bytes(answer.content)
    with Image.open(file) as image:
        assert image.format == kind
    assert answer.headers["cache-control"] == "no-store"


def test_a_question_that_waits_is_answered_at_the_end_and_watches_meanwhile():
    runner = Runner()
    store = Store(Queue(runner, no_draft))
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), Settings(size=128, steps=1, scales=1))
    assert runner.event()[0] == "began"
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(asked, store, f"/runs/{run.id}?wait=60")
        while run.unwatched():
            assert not answer.done()
        runner.release()
        assert answer.result(PATIENCE).json()["state"] == "done"
    assert asked(store, f"/runs/{run.id}?wait=60").json()["state"] == "done"  # at once


def test_a_question_waits_no_longer_than_it_says():
    runner = Runner()
    store = Store(Queue(runner, no_draft))
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), Settings(size=128, steps=1, scales=1))
    assert asked(store, f"/runs/{run.id}?wait=1").json()["state"] == "waiting"
    runner.release()
    assert run.wait(PATIENCE)


@pytest.mark.parametrize("wait", ["61", "-1", "1.5", "soon", "000099", "", "\u0665"])
def test_a_wait_that_is_none_is_refused_with_what_is_right(wait):
    store = store_of_drafts()
    answer = asked(store, f"/runs/{finished(store).id}?wait={wait}")
    assert answer.status_code == 422
    told = answer.json()["error"]
    assert (told["code"], told["parameter"]) == ("not_a_whole_number", "wait")
    assert told["fields"]["maximum"] == 60


def test_where_too_many_wait_already_it_is_said():
    runner = Runner()
    store = Store(Queue(runner, no_draft))
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), Settings(size=128, steps=1, scales=1))
    answer = asked(store, f"/runs/{run.id}?wait=60", audience=Audience(most=0))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "too_many_watch")
    assert answer.headers["retry-after"]
    runner.release()
    assert run.wait(PATIENCE)


def test_a_deleted_run_is_unknown_like_any_other_name():
    store = store_of_drafts()
    run = finished(store)
    assert asked(store, f"/runs/{run.id}", "DELETE").status_code == 204
    for path in (f"/runs/{run.id}", "/runs/nobody", f"/runs/{run.id}/picture.png"):
        answer = asked(store, path)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "run_gone"
    assert asked(store, f"/runs/{finished(store).id}/picture.exe").status_code == 404


class Obedient(Runner):
    """A runner whose steps say by their style loss with which style weight they were painted."""

    def __call__(self, pictures, settings):
        with closing(super().__call__(pictures, settings)) as steps:
            for each in steps:
                settings = (yield replace(each, style=settings.style_weight)) or settings


def test_live_settings_of_a_run_count_from_the_next_step_on():
    runner = Obedient()
    store = Store(Queue(runner, no_draft))
    settings = Settings(size=128, steps=3, scales=1, style_weight=2)
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), settings)
    runner.release()
    while run.step is None:
        assert not run.wait(0.01)
    assert asked(store, f"/runs/{run.id}").json()["live"]["style_weight"] == 2
    answer = asked(store, f"/runs/{run.id}", "PATCH", json={"style_weight": 9, "smoothness": 0.5})
    assert answer.status_code == 200
    assert answer.json()["live"] == {"content_weight": 5, "style_weight": 9, "smoothness": 0.5}
    runner.release(2)
    assert run.wait(PATIENCE)
    # What is painted ahead is a step: the runner had begun it when the run was asked.
    assert [point.style for point in run.losses][-1] == 9
    assert run.painted_settings.style_weight == 9


@pytest.mark.parametrize(
    ("values", "status", "code", "parameter"),
    [
        ({"style_weight": 1e9}, 422, "out_of_range", "style_weight"),
        ({"style_weight": "much"}, 422, "not_a_number", "style_weight"),
        ({"style_weight": 3, "steps": 5}, 422, "setting_not_live", "steps"),
        ({"content": 3}, 422, "setting_not_live", "content"),
        ({"stile_weight": 3}, 400, "no_such_parameter", None),
        ([3], 400, "body_not_json", None),
    ],
)
def test_what_cannot_be_changed_is_told_and_nothing_is_changed(values, status, code, parameter):
    runner = Runner()
    store = Store(Queue(runner, no_draft))
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), Settings(size=128, steps=1, scales=1))
    answer = asked(store, f"/runs/{run.id}", "PATCH", json=values)
    told = answer.json()["error"]
    assert (answer.status_code, told["code"], told["parameter"]) == (status, code, parameter)
    assert run.next_settings == run.settings
    runner.release()
    assert run.wait(PATIENCE)


def test_a_body_that_is_no_json_is_told():
    store = store_of_drafts()
    answer = asked(store, f"/runs/{finished(store).id}", "PATCH", content=b"style_weight=3")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "body_not_json")


def test_settings_of_a_run_that_has_ended_stay_as_they_are_and_that_is_told():
    store = store_of_drafts()
    run = finished(store)
    answer = asked(store, f"/runs/{run.id}", "PATCH", json={"style_weight": 3})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "run_ended")
    assert run.current_settings.style_weight == Settings().style_weight


def test_a_run_that_is_stopped_keeps_what_it_has_painted():
    runner = Runner()
    store = Store(Queue(runner, no_draft))
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), Settings(size=128, steps=9, scales=1))
    runner.release()
    while run.step is None:
        assert not run.wait(0.01)
    answer = asked(store, f"/runs/{run.id}/stop", "POST")
    assert (answer.status_code, answer.json()["state"]) == (202, "painting")
    runner.release(8)
    assert run.wait(PATIENCE)
    told = asked(store, f"/runs/{run.id}").json()
    assert (told["state"], told["picture"]) == ("stopped", f"runs/{run.id}/picture.png")
    assert told["step"] < 9
    assert asked(store, f"/runs/{run.id}/picture.png").status_code == 200
    assert asked(store, f"/runs/{run.id}/stop", "POST").json()["state"] == "stopped"  # once more


def test_a_run_that_waits_is_stopped_without_a_picture():
    runner = Runner()
    store = Store(Queue(runner, no_draft))
    first, second = (
        store.runs.start(Pictures(PICTURE, [PICTURE]), Settings(size=128, steps=1, scales=1))
        for _ in range(2)
    )
    assert asked(store, f"/runs/{second.id}/stop", "POST").status_code == 202
    assert second.wait(PATIENCE)
    told = asked(store, f"/runs/{second.id}").json()
    assert (told["state"], told["picture"]) == ("stopped", None)
    runner.release()
    assert first.wait(PATIENCE)


def test_a_run_that_is_not_there_can_be_neither_changed_nor_stopped():
    store = store_of_drafts()
    for path, method in (("/runs/nobody", "PATCH"), ("/runs/nobody/stop", "POST")):
        answer = asked(store, path, method, json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "run_gone")


def test_runs_of_programs_take_no_room_from_pages():
    store = store_of_drafts()
    limits = Limits(finished=2, finished_brief=1)
    store.queue.limits = limits
    theirs = [finished(store) for _ in range(2)]
    programs = []
    for _ in range(3):
        programs.append(finished(store))
        programs[-1].brief = True
    found = [store.queue.find(job.id) is not None for job in [*theirs, *programs]]
    assert found == [True, True, False, False, True]
