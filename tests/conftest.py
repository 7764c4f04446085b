"""A real server with the real network, once for all tests, and a real browser to visit it with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import SERVER, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    """The address of a running page."""
    process, url = serve(["-c", SERVER], tmp_path_factory.mktemp("server") / "log")
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
