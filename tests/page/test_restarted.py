"""A real server is killed in the middle of its work and started again on the same data folder."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import httpx
import pytest

from styletransfer.catalogue import catalogue
from styletransfer.page.i18n import english as texts
from tests.support.browser import PHOTO, choose, finish, visit
from tests.support.server import ROOT, restartable

pytestmark = pytest.mark.browser  # all of them need a real server

STYLE = catalogue().styles[0].file
PATIENCE = 120  # seconds; long, because busy cores are slow


@pytest.fixture
def restart(tmp_path):
    """A function that starts app.py on the test's data folder, always at the same address."""
    with restartable(
        "app.py", "--device", "cpu", "--data", str(tmp_path / "data"), log=tmp_path / "log"
    ) as start:
        yield start


@pytest.fixture
def records(tmp_path):
    """A function that reads (id, state, steps, seed) of all jobs in the data folder, in order."""

    def read():
        file = tmp_path / "data" / "records.sqlite3"
        query = "SELECT id, state, steps, inputs FROM jobs ORDER BY place"
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            rows = connection.execute(query).fetchall()
        finally:
            connection.close()
        return [(*row[:3], json.loads(row[3])["settings"]["seed"]) for row in rows]

    return read


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def begin(server, **settings):
    """Starts a run over plain HTTP."""
    files = [("files", (file.name, file.read_bytes())) for file in (PHOTO, STYLE)]
    paths = httpx.post(f"{server.url}/gradio_api/upload", files=files).json()
    sent = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
    values = dict(zip(("content", "style"), sent, strict=True)) | {"size": 128, "scales": 1} | settings
    httpx.post(f"{server.url}/gradio_api/call/v2/stylize", json=values).raise_for_status()


def test_three_runs_go_on_in_their_order_after_the_server_was_killed(restart, records):
    server = restart()
    for seed in (1, 2, 3):
        begin(server, seed=seed, steps=40 if seed > 1 else 400)
        wait_for(lambda seed=seed: len(records()) == seed)
    wait_for(lambda: records()[0][2] > 0)
    server.process.kill()
    server.process.wait()
    killed = records()
    assert [row[3] for row in killed] == [1, 2, 3]
    assert [row[1] for row in killed] == ["painting", "waiting", "waiting"]
    server = restart()
    went_on = wait_for(lambda: (rows := records())[0][2] > killed[0][2] and rows)
    assert [row[0] for row in went_on] == [row[0] for row in killed]
    assert [row[1] for row in went_on] == ["painting", "waiting", "waiting"]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_server_with_the_newest_picture_kept(restart, records, sent):
    server = restart()
    begin(server, steps=3000)
    first = wait_for(lambda: records() and records()[0][2])
    time.sleep(2)  # for further steps, which are not yet kept
    server.process.send_signal(sent)
    assert server.process.wait(10) == 0
    assert records()[0][1] == "painting"
    assert records()[0][2] > first
    assert "Traceback" not in server.log.read_text()


def test_a_second_server_on_the_same_folder_is_told_so(restart, tmp_path):
    restart()
    second = [sys.executable, "app.py", "--device", "cpu", "--data", str(tmp_path / "data")]
    run = subprocess.run(second, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert run.returncode == 2
    assert "is the data folder of another server that is running" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_picture_its_link_and_its_boxes_are_back_and_an_unfinished_one_goes_on(restart, visitor):
    server = restart()
    context = visitor(base_url=server.url)
    page = visit(context)
    finish(page, steps=2)
    page.click("#share")
    link = page.locator("#link input").input_value()
    shared = httpx.get(link.replace(page.url.rstrip("/"), server.url))
    assert shared.status_code == 200
    finished = page.get_attribute(".placard", "data-job")
    choose(page, size=128, steps=3000, scales=1)
    page.click("#paint")
    page.wait_for_selector(".placard.painting .when >> text=/step [1-9]/")
    page.wait_for_timeout(2000)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    server = restart()
    again = visit(context)
    again.wait_for_selector(f"#strip [data-picture='{finished}']")
    page.reload()
    page.wait_for_selector(".placard.painting")
    page.locator(".placard .losses", has_text="The server was restarted").wait_for()
    page.wait_for_selector("#photo .image-frame img")
    page.wait_for_selector("#style .image-frame img")
    assert page.evaluate("document.querySelector('#photo .image-frame img').naturalWidth") > 0
    assert httpx.get(link.replace(page.url.rstrip("/"), server.url)).status_code == 200


def test_a_page_that_stayed_open_paints_on_the_next_server(restart, visitor):
    server = restart()
    page = visit(visitor(base_url=server.url))
    choose(page, size=128, steps=2, scales=1)
    server.process.kill()
    server.process.wait()
    restart()
    page.click("#paint")
    page.wait_for_selector(".placard.done")


def test_a_page_whose_uploads_went_with_the_server_says_so(restart, visitor, monkeypatch, tmp_path):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with restartable("app.py", "--device", "cpu", log=tmp_path / "log") as start:
        server = start()
        page = visit(visitor(base_url=server.url))
        choose(page, size=128, steps=2, scales=1)
        server.process.kill()
        server.process.wait()
        start()
        page.click("#paint")
        page.locator(".placard.failed", has_text="The server has started anew").wait_for()
        assert os.listdir(tmp_path / "temporary") == ["styletransfer-page-0"]
        assert page.inner_text("#paint") == texts.PAINT
