"""The page with two replicas of a real Ray cluster, in a real browser, where Ray is installed."""

import io
import os
import signal

import httpx
import numpy as np
import pytest
from PIL import Image

from benchmarks.replicas import processes_of_replicas
from styletransfer.catalogue import catalogue
from styletransfer.recipe import settings_in
from tests.support.browser import WAIT, WIDE, download, paint, step, visit
from tests.support.processes import gone
from tests.support.ray_cluster import cluster
from tests.support.server import running
from tests.support.stores import eventually

pytestmark = pytest.mark.browser  # all of them need a real server

PHOTOS = [each.file for each in catalogue().photos[1:3]]
STYLE = catalogue().styles[0].file


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The page, which paints in a cluster that it has joined."""
    pytest.importorskip("ray")
    log = tmp_path_factory.mktemp("server") / "log"
    with (
        cluster(),
        running("app.py", "--ray", "auto", "--replicas", "2", log=log) as server,
    ):
        yield server


@pytest.fixture
def visitors(browser, server):
    """Pages of two visitors."""
    contexts = [browser.new_context(**WIDE, base_url=server.url) for _ in PHOTOS]
    for context in contexts:
        context.set_default_timeout(WAIT)
    yield [visit(context) for context in contexts]
    for context in contexts:
        context.close()


def unlikeness(picture, file):
    with Image.open(file) as photo:
        small = [np.asarray(each.convert("L").resize((24, 24)), float) for each in (picture, photo)]
    return -np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1]


def test_two_visitors_at_once_get_their_own_and_a_lost_replica_is_told(visitors, tmp_path):
    for page, photo in zip(visitors, PHOTOS, strict=True):
        paint(page, photo=photo, size=128, steps=3000, scales=1)
    for page in visitors:  # both while none of them ends
        before = step(page)
        eventually(lambda page=page, before=before: step(page) > before + 5)
    for replica in processes_of_replicas():
        os.kill(replica, signal.SIGKILL)
    for page in visitors:
        page.locator("#status", has_text="the process that painted was lost").wait_for()
        page.wait_for_selector(".placard.painting")
    for page in visitors:
        page.click("#stop")
        page.wait_for_selector(".placard.done")
    for page, photo in zip(visitors, PHOTOS, strict=True):
        picture = download(page, tmp_path)
        assert min(PHOTOS, key=lambda each: unlikeness(picture, each)) == photo


def test_settings_count_while_it_paints_and_stop_frees_the_replicas(server):
    with httpx.Client(base_url=server.url, timeout=120) as client:

        def begun():
            files = {"content": PHOTOS[0].read_bytes(), "style": STYLE.read_bytes()}
            settings = {"size": 128, "scales": 1, "steps": 3000}
            return client.post("/runs", files=files, data=settings).raise_for_status().json()["run"]

        def state(run):
            return client.get(f"/runs/{run}").json()

        runs = [begun(), begun()]
        eventually(lambda: all(state(run)["state"] == "painting" for run in runs))
        for run in runs:
            client.patch(f"/runs/{run}", json={"style_weight": 9}).raise_for_status()
            before = state(run)["step"]
            eventually(lambda run=run, before=before: state(run)["step"] > before + 2)
        assert client.get("/healthz").status_code == 200
        for run in runs:
            client.post(f"/runs/{run}/stop").raise_for_status()
            told = client.get(f"/runs/{run}", params={"wait": 60}).json()
            assert told["state"] == "stopped"
            painted = client.get(f"/{told['picture']}").content
            assert settings_in(io.BytesIO(painted)).style_weight == 9
        runs = [begun(), begun()]  # the replicas are free: these are painted, not waiting
        eventually(lambda: all(state(run)["state"] == "painting" for run in runs))
        for run in runs:
            client.post(f"/runs/{run}/stop")


def test_sigterm_ends_the_page_and_its_replicas_and_the_log_is_ours(server):
    replicas = processes_of_replicas()
    assert replicas
    server.process.terminate()
    assert server.process.wait(60) == 0
    assert gone(replicas)
    log = server.log.read_text()
    for foreign in ("Traceback", "raylet", "fork_posix", "INFO ", "Warning", "WARNING"):
        assert foreign not in log, log
    assert "a replica was lost, and is started anew" in log
