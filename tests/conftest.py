"""Fixtures for a real server, a real browser and the command line, and the markers of slow tests."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import pytest
import torch

from styletransfer import cli
from styletransfer.engine.stylize import stylize
from tests.support.samples import PAINTING, PHOTO, small_network
from tests.support.server import SERVER, Server, running


def pytest_configure() -> None:
    """Sets torch to one thread, here and in the processes that tests start.

    Small tensors gain nothing by a second thread, and on shared cores two threads wait for each other.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests that need a server or a browser; skips CUDA tests where there is no CUDA device."""
    cuda = torch.cuda.is_available()
    for item in items:
        if not {"server", "serve", "browser"}.isdisjoint(item.fixturenames):
            item.add_marker("browser")
        if item.get_closest_marker("cuda") and not cuda:
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Gives every test, and the servers that it starts, the environment that the first one had.

    A page made in this process tells Gradio its folder by `GRADIO_TEMP_DIR` (`Uploads`). The servers of
    later tests would share that folder, and find there what they are to have lost.
    """
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(scope="module", autouse=True)
def environment_of_module() -> Iterator[None]:
    """The same for what a module's own fixtures set."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    """The address of a running page, the same for all tests."""
    with running("-c", SERVER, log=tmp_path_factory.mktemp("server") / "log") as server:
        yield server.url


@pytest.fixture(scope="module")
def serve(tmp_path_factory) -> Iterator[Callable[..., Server]]:
    """A function that starts Python with these arguments as a server, ended after the test module."""
    with ExitStack() as servers:

        def start(*arguments: str) -> Server:
            log = tmp_path_factory.mktemp("server") / "log"
            return servers.enter_context(running(*arguments, log=log))

        yield start


@pytest.fixture(scope="session")
def browser():
    """Chromium: from $CHROMIUM_PATH, else Playwright's, else the system's, else newly installed.

    Of the system's, the one without windows comes first, as in Playwright: it takes less processor time.
    """
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
    system = map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))
    google = map(shutil.which, ("google-chrome", "google-chrome-stable"))
    for path in (os.environ.get("CHROMIUM_PATH"), own, *system, *google):
        if path and Path(path).exists():
            return path
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(install, capture_output=True, check=False, timeout=300)
    return own if Path(own).exists() else None


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Runs the command line in this process and in an empty folder; returns its exit code."""
    monkeypatch.chdir(tmp_path)
    handlers = {each: signal.getsignal(each) for each in signal.valid_signals()}

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            cli.main([str(each) for each in arguments])
        return caught.value.code

    yield run
    for each, handler in handlers.items():
        if signal.getsignal(each) is not handler:
            signal.signal(each, handler)


@pytest.fixture
def paint(command, monkeypatch):
    """Runs the command line in this process with a small network, and calls `then` after a step."""

    def run(*arguments, after=0, then=lambda: None):
        def steps(*everything):
            if not after:
                then()
            for step in stylize(*everything):
                yield step
                if step.number == after:
                    then()

        monkeypatch.setattr(cli, "stylize", steps)
        monkeypatch.setattr(cli, "load_network", lambda source, device, precision: small_network())
        monkeypatch.setattr(cli, "tune_process", run.tuned.append)  # not this process
        return command(PHOTO, PAINTING, "--size", "256", "--scales", "2", "-o", "out.png", *arguments)

    run.tuned = []
    return run


@pytest.fixture
def mistake(command, tmp_path, capfd):
    """Runs the command line in this process; returns the only line that it writes to stderr."""

    def run(*arguments):
        assert command(*arguments) == 2
        out, err = capfd.readouterr()
        assert out == ""
        assert err.startswith("styletransfer: ")
        assert err.endswith("\n")
        assert len(err.splitlines()) == 1
        assert not list(tmp_path.glob("out*"))
        return err

    return run
