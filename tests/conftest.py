"""A real server with the real network, once for all tests, and a real browser to visit it with."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent
GRACE = 6  # seconds until an abandoned run is stopped

# In a process of its own, as in real life; apart from the grace it is what app.py does.
_SERVER = f"""
from styletransfer.jobs import Jobs
from styletransfer.pages import launch
from styletransfer.painter import Painter
painter = Painter("cpu")
painter.load()
launch(Jobs(painter, grace={GRACE}))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(command: list[str], log: Path) -> tuple[subprocess.Popen, str]:
    """A server started by this command, once it answers, and its address."""
    port = free_port()
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | {"GRADIO_SERVER_PORT": str(port)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return process, url
        except httpx.TransportError:
            time.sleep(0.2)
    process.kill()
    process.wait()
    raise AssertionError(f"the server did not answer:\n{log.read_text()}")


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    """The address of a running page."""
    process, url = serve(["-c", _SERVER], tmp_path_factory.mktemp("server") / "log")
    yield url
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def browser():
    """Chromium: $CHROMIUM_PATH, else Playwright's own, else the system's, else newly installed."""
    playwright = pytest.importorskip("playwright.sync_api").sync_playwright().start()
    path = _chromium(playwright.chromium.executable_path)
    if path is None:
        playwright.stop()
        command = f"{sys.executable} -m playwright install --with-deps chromium"
        missing = f"no Chromium found; install one with '{command}'"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    browser = playwright.chromium.launch(
        executable_path=path,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )
    yield browser
    browser.close()
    playwright.stop()


def _chromium(own: str) -> str | None:
    system = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    for path in (os.environ.get("CHROMIUM_PATH"), own, *map(shutil.which, system)):
        if path and Path(path).exists():
            return path
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(install, capture_output=True, check=False, timeout=300)
    return own if Path(own).exists() else None
