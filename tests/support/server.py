"""A real server in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
GRACE = 6  # seconds until an abandoned run is stopped

# What app.py does in a process of its own, but the grace is short and tests may say who they are.
SERVER = f"""
from importlib.util import find_spec
from styletransfer.service.queue import Limits, Queue
from styletransfer.page.gate.addresses import networks
from styletransfer.page.gate.rules import Rules
from styletransfer.page.server import launch
from styletransfer.network.process import tune_process
from styletransfer.network.vgg import choose_device
from styletransfer.service.store import Store
from styletransfer.service.worker import Worker
tune_process(choose_device("cpu"))
worker = Worker("cpu")
worker.load()
store = Store(Queue(worker, limits=Limits(per_address=5, grace={GRACE})))
mcp = find_spec("mcp_types") is not None
launch(store, Rules(trusted_proxies=networks(["127.0.0.1"]), mcp=mcp))
"""


class Server(NamedTuple):
    process: subprocess.Popen
    url: str
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def restartable(*arguments: str, log: Path) -> Iterator[Callable[[], Server]]:
    """A function that starts such a server as `running` does, each time at the same address."""
    port = free_port()
    with ExitStack() as servers:
        yield lambda: servers.enter_context(running(*arguments, log=log, port=port))


@contextmanager
def running(
    *arguments: str, log: Path, port: int | None = None, folder: Path = ROOT, **variables: str
) -> Iterator[Server]:
    """A server that Python runs with these arguments, once it answers; it is ended afterwards.

    Args:
        arguments: of Python.
        log: the file for what it prints.
        port: where it answers; by default a free one.
        folder: where it runs.
        variables: of its environment.
    """
    port = port or free_port()
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=os.environ | {"GRADIO_SERVER_PORT": str(port)} | variables,
            stdout=out,
            stderr=subprocess.STDOUT,
            umask=0,  # so that only the server itself keeps its files from others
        )
    server = Server(process, f"http://127.0.0.1:{port}", log)
    try:
        _wait_for_an_answer(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_an_answer(server: Server) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(server.url, timeout=5).status_code in {200, 401}:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not answer:\n{server.log.read_text()}")
