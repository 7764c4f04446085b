"""The server that is tried: `app.py` in a process of its own, which is killed and started again."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import httpx

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 600  # seconds for a start or an end, on a machine that much else is running on


class ServerFailed(Exception):
    """The server does not start, or does not answer."""


class Life(NamedTuple):
    """How one process of the server is ended: by which signal, with what exit status, and how soon."""

    ended_by: str
    status: int
    seconds: float


class Server:
    """One server after another at the same port, with the same folder.

    Args:
        folder: where the data folder and the folder for temporary files are.
        log: the file that gets everything the processes write.
        options: of `app.py`; `{data}` in them stands for the data folder.

    Attributes:
        port: the port of all of them.
        process: the one that runs, or ran last.
        lives: how the earlier ones were ended.
    """

    process: subprocess.Popen

    def __init__(self, folder: Path, log: Path, options: Sequence[str]) -> None:
        self.port = _free_port()
        self.lives: list[Life] = []
        self._up_since: float | None = None
        self._served = 0.0
        self._log = log.open("a")
        self._options = [each.format(data=folder / "data") for each in options]
        self._temporary = folder / "temporary"
        self._temporary.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """The address without the proxy."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def up(self) -> bool:
        """Whether it is meant to answer."""
        return self._up_since is not None

    def served(self) -> float:
        """For how many seconds it has been up, in all its lives; stands still while it is down."""
        since = self._up_since
        return self._served + (0.0 if since is None else time.monotonic() - since)

    async def start(self) -> float:
        """Starts a process, and returns the seconds until it answers.

        Raises:
            ServerFailed: it has ended, or does not answer.
        """
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "app.py", *self._options],
            cwd=ROOT,
            env=os.environ | {"GRADIO_SERVER_PORT": str(self.port), "TMPDIR": str(self._temporary)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        async with httpx.AsyncClient(trust_env=False) as client:
            while self.process.poll() is None and time.monotonic() - began < _PATIENCE:
                try:
                    await client.get(self.url, timeout=10)
                except httpx.TransportError:
                    await asyncio.sleep(0.2)
                else:
                    self._up_since = time.monotonic()
                    return time.monotonic() - began
        raise ServerFailed(
            f"the server does not answer ({self.process.poll()}); what it said is in {self._log.name}"
        )

    async def end(self, sign: signal.Signals) -> Life:
        """Ends the process with this signal, and at last with SIGKILL."""
        self._served, self._up_since = self.served(), None
        began = time.monotonic()
        self.process.send_signal(sign)
        while self.process.poll() is None:
            await asyncio.sleep(0.05)
            if time.monotonic() - began > _PATIENCE:
                self.process.kill()
        life = Life(sign.name, self.process.wait(), time.monotonic() - began)
        self.lives.append(life)
        return life

    def close(self) -> None:
        """Kills the process, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
