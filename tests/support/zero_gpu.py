"""ZeroGPU without its hardware: the real `spaces` package, with stand-ins for its lender and the card.

The package itself forks, pickles, waits and raises. It asks a `Lender` over HTTP, which keeps the
visitors' quotas and kills a process at its deadline, as Hugging Face's does.
"""

import base64
import importlib
import json
import os
import secrets
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType, SimpleNamespace
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import gradio as gr
import torch
from gradio.context import LocalContext
from starlette.datastructures import Headers

TOKEN = "x-ip-token"
_VARIABLES = {"SPACES_ZERO_GPU": "true", "ZEROGPU_V2": "true"}


class Lender:
    """Who lends GPUs, at an address of this machine.

    Attributes:
        asked: the seconds of each request for a GPU, in order.
        visitors: who asked, in the same order; None is unknown.
        left: seconds that a visitor has left; who is not named here has enough.
        deadline: after how many seconds a process is killed; None: after as many as it asked for.
        most_a_time: seconds that can be asked for at once.
        refusal: an HTTP status that answers every request for a GPU; None: they are granted.
        processes: the ids of the processes that have got a GPU.
        begun: whether a server has said that it is ready.
        most_at_once: how many GPUs have been lent at the same time.
    """

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.visitors: list[str | None] = []
        self.left: dict[str | None, int] = {}
        self.deadline: float | None = None
        self.refusal: int | None = None
        self.most_a_time = 120
        self.processes: list[int] = []
        self.begun = False
        self.most_at_once = 0
        self._lent: dict[str, int] = {}  # seconds asked for, by the token that allows them
        self._holders: dict[str, int] = {}  # the process, by the same
        self._lock = threading.Lock()

    def answer(self, path: str, sent: dict[str, str]) -> tuple[int, dict[str, object]]:
        """The status and the JSON that answer a request."""
        with self._lock:
            return getattr(self, "_" + path.strip("/").replace("-", "_"))(sent)

    def _startup_report(self, sent: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.begun = True
        return 200, {}

    def _schedule(self, sent: dict[str, str]) -> tuple[int, dict[str, object]]:
        seconds, visitor = int(sent["durationSeconds"]), _visitor(sent.get("token"))
        self.asked.append(seconds)
        self.visitors.append(visitor)
        if self.refusal:
            return self.refusal, {}
        if seconds > self.most_a_time:
            return 429, {"left": self.most_a_time, "wait": -1}
        if seconds > self.left.get(visitor, seconds):
            return 429, {"left": self.left[visitor], "wait": 3 * 3600 + 5 * 60 + 7}
        allowed = secrets.token_urlsafe(8)
        self._lent[allowed] = seconds
        self.most_at_once = max(self.most_at_once, len(self._lent))
        return 200, {
            "idle": False,
            "nvidiaIndex": len(self.asked),
            "nvidiaUUID": "GPU-0",
            "allowToken": allowed,
        }

    def _allow(self, sent: dict[str, str]) -> tuple[int, dict[str, object]]:
        pid, allowed = int(sent["pid"]), sent["allowToken"]
        self.processes.append(pid)
        self._holders[allowed] = pid
        seconds = self._lent[allowed] if self.deadline is None else self.deadline
        late = threading.Timer(seconds, self._take_back, [allowed])
        late.daemon = True
        late.start()
        return 200, {}

    def _release(self, sent: dict[str, str]) -> tuple[int, dict[str, object]]:
        lent = self._lent.pop(sent["allowToken"], None) is not None
        self._end(sent["allowToken"])
        return (200 if lent else 404), {}

    def _take_back(self, allowed: str) -> None:
        with self._lock:
            if self._lent.pop(allowed, None):
                self._end(allowed)

    def _end(self, allowed: str) -> None:
        pid = self._holders.pop(allowed, None)
        if pid is not None:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.kill(pid, signal.SIGKILL)


@contextmanager
def lending(lender: Lender) -> Iterator[str]:
    """The address at which the lender answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            status, told = lender.answer(parts.path, dict(parse_qsl(parts.query)))
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def on_zero_gpu(address: str) -> Iterator[ModuleType]:
    """A copy of the `spaces` package that believes to be on a ZeroGPU Space of this lender.

    It is imported for itself, so that the rest of the tests keep the one that does nothing.
    """
    before = _taken_out()
    with mock.patch.dict(os.environ, _VARIABLES | {"SPACES_ZERO_DEVICE_API_URL": address}):
        package, zero = _imported()
        try:
            yield package
        finally:
            zero.torch.unpatch()
            gradio = importlib.import_module("spaces.zero.gradio")
            gradio.gr.Blocks.launch = gradio._orig_launch
            _taken_out()
            sys.modules.update(before)


def _imported() -> tuple[ModuleType, ModuleType]:
    with (
        warnings.catch_warnings(),
        mock.patch.object(torch.version, "cuda", "12.8"),  # which builds for the CPU do not have
        mock.patch.object(torch.cuda, "_is_in_bad_fork", _never),  # these tests have asked for a GPU
    ):
        warnings.simplefilter("ignore")
        package = importlib.import_module("spaces")
        zero = importlib.import_module("spaces.zero")
    # What needs the card: its start in a new process, and moving tensors onto it.
    zero.torch.init = lambda nvidia_uuid: None
    zero.torch.move = lambda callback=None: None
    return package, zero


def _never() -> bool:
    return False


def _taken_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == "spaces"]
    return {name: sys.modules.pop(name) for name in names}


def token(visitor: str) -> str:
    """What the visitor's browser sends as `TOKEN`: a JSON Web Token, here without a signature."""
    return f"head.{base64.urlsafe_b64encode(json.dumps({'user': visitor}).encode()).decode()}.signature"


def _visitor(token: str | None) -> str | None:
    return token and json.loads(base64.urlsafe_b64decode(token.split(".")[1]))["user"]


@contextmanager
def visiting(visitor: str) -> Iterator[None]:
    """A context in which Gradio handles an event of this visitor."""
    headers = Headers({TOKEN: token(visitor), "x-gradio-user": "app"})
    request = LocalContext.request.set(gr.Request(SimpleNamespace(headers=headers)))
    event = LocalContext.event_id.set("the event")
    try:
        yield
    finally:
        LocalContext.event_id.reset(event)
        LocalContext.request.reset(request)


def has_ended(pid: int, patience: float = 20) -> bool:
    """Whether this child process has ended, at the latest after so many seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
