"""A real server is killed in the middle of its work and started again on the same data folder."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from styletransfer.catalogue import catalogue
from styletransfer.page.i18n import english as texts
from tests.support.browser import PHOTO, choices_kept, choose, finish, job_of, paint, shows, visit
from tests.support.processes import gone, started_by
from tests.support.server import ROOT, restartable, running

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
    paths = httpx.post(f"{server.url}/gradio_api/upload", files=files, timeout=PATIENCE).json()
    sent = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
    values = dict(zip(("content", "style"), sent, strict=True)) | {"size": 128, "scales": 1} | settings
    httpx.post(
        f"{server.url}/gradio_api/call/v2/stylize", json=values, timeout=PATIENCE
    ).raise_for_status()


def test_three_runs_go_on_in_their_order_after_the_server_was_killed(restart, records, tmp_path):
    server = restart()
    second = [sys.executable, "app.py", "--device", "cpu", "--data", str(tmp_path / "data")]
    run = subprocess.run(second, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert run.returncode == 2
    assert "is the data folder of another server that is running" in run.stderr
    assert "Traceback" not in run.stderr
    for seed in (1, 2, 3):
        begin(server, seed=seed, steps=3000)
        wait_for(lambda seed=seed: len(records()) == seed)
    wait_for(lambda: records()[0][2] > 0)
    server.process.kill()
    server.process.wait()
    killed = records()
    assert [row[3] for row in killed] == [1, 2, 3]
    assert [row[1] for row in killed] == ["painting", "waiting", "waiting"]
    server = restart()
    went_on = wait_for(lambda: (rows := records())[0][2] > killed[0][2] and rows)
    assert [row[:2] for row in went_on] == [row[:2] for row in killed]
    time.sleep(2)  # for further steps, which are not yet kept
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(10) == 0
    assert records()[0][2] > went_on[0][2]
    assert [row[:2] for row in records()] == [row[:2] for row in killed]
    assert "Traceback" not in server.log.read_text()


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="needs the processes as Linux lists them"
)
def test_two_devices_end_by_a_signal_and_all_that_was_painted_is_kept(records, tmp_path):
    data = ["--devices", "cpu,cpu", "--data", str(tmp_path / "data")]
    with running("-m", "styletransfer", "page", *data, log=tmp_path / "log") as server:
        for seed in (1, 2):
            begin(server, seed=seed, steps=3000)
        painting = wait_for(lambda: len(rows := records()) == 2 and all(row[2] for row in rows) and rows)
        processes = started_by(server.process.pid)
        assert len(processes) >= 2
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0
    assert gone(processes)
    for before, after in zip(painting, records(), strict=True):
        assert (after[0], after[1]) == (before[0], "painting")
        assert after[2] >= before[2]
    assert "Traceback" not in server.log.read_text()


def test_what_a_browser_had_is_back_and_open_pages_go_on(restart, visitor):
    server = restart()
    context = visitor(base_url=server.url)
    idle = visit(context)
    finish(idle, steps=2)
    finished = job_of(idle)
    page = visit(context)
    page.wait_for_selector(f".placard.done[data-job='{finished}']")  # everything is filled in again
    paint(page, size=160, steps=3000, scales=1)
    page.wait_for_selector(".placard.painting .when >> text=/step [1-9]/")
    server.process.kill()
    server.process.wait()
    server = restart()
    idle.click("#share")
    link = server.url + idle.locator("#link input").get_attribute("data-path")
    assert httpx.get(link, timeout=PATIENCE).status_code == 200
    page.reload()
    page.locator(".placard.painting .losses", has_text="The server was restarted").wait_for()
    for box in ("photo", "style"):
        page.wait_for_selector(f"#{box} .image-frame img")
        assert page.evaluate(f"document.querySelector('#{box} .image-frame img').naturalWidth")
    page.click("#stop")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector(f"#strip [data-picture='{finished}']")
    idle.click("#go-on")
    idle.wait_for_selector(f".placard:is(.waiting, .painting):not([data-job='{finished}'])")
    idle.click("#stop")
    idle.wait_for_selector(".placard.done")
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(10) == 0


def test_what_is_pressed_while_the_server_is_away_happens_when_it_is_back(
    visitor, monkeypatch, tmp_path
):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with restartable("app.py", "--device", "cpu", log=tmp_path / "log") as start:
        server = start()
        page = visit(visitor(base_url=server.url))
        choose(page, size=128, steps=2, scales=1)
        page.evaluate("window.isStillThis = true")
        choices_kept(page, steps=2)
        earlier = page.get_attribute("#photo .image-frame img", "src")
        assert str(tmp_path) in earlier  # else another server's folder would outlive this one
        server.process.kill()
        server.process.wait()
        page.click("#paint")
        page.locator("#line", has_text=texts.LINE_LOST).wait_for()
        start()
        # The browser hands the photo in once more.
        page.wait_for_selector(".placard.done[data-job]")
        page.wait_for_selector(f"#photo .image-frame img:not([src='{earlier}'])")
        shows(page, size=128, steps=2, scales=1)
        assert page.evaluate("window.isStillThis")
