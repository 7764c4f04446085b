"""A real server in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
GRACE = 6  # seconds until an abandoned run is stopped

# In a process of its own, as in real life; apart from the grace it is what app.py does.
SERVER = f"""
from styletransfer.service.queue import Limits, Queue
from styletransfer.page.server import launch
from styletransfer.service.worker import Worker
worker = Worker("cpu")
worker.load()
launch(Queue(worker, limits=Limits(grace={GRACE})))
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
