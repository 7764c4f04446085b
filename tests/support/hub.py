"""A fake Hugging Face Hub: a server of one file that can misbehave, and weights to serve."""

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch

from styletransfer.network.checkpoints import CONFIGURATIONS

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def random_tensors(architecture: str) -> dict[str, torch.Tensor]:
    """Random weights of the convolutions in `CONFIGURATIONS`, under torchvision's names."""
    generator = torch.Generator().manual_seed(0)
    tensors, inputs, number = {}, 3, 0
    for channels in CONFIGURATIONS[architecture]:
        if channels != "M":
            weight = torch.randn(channels, inputs, 3, 3, generator=generator)
            tensors[f"features.{number}.weight"] = weight * (2 / (9 * inputs)) ** 0.5
            tensors[f"features.{number}.bias"] = torch.randn(channels, generator=generator) * 0.1
            inputs, number = channels, number + 1
        number += 1
    return tensors


def safetensors(tensors: Mapping[str, torch.Tensor], classifier: int = 0) -> bytes:
    """A file like timm's: tensors sorted by name, then `classifier` bytes of a classifier."""
    header, values = {"__metadata__": {"format": "pt"}}, b""
    for name in sorted(tensors):
        data = tensors[name].numpy().tobytes()
        offsets = [len(values), len(values) + len(data)]
        kind = {torch.float32: "F32", torch.float16: "F16"}[tensors[name].dtype]
        header[name] = {"dtype": kind, "shape": list(tensors[name].shape), "data_offsets": offsets}
        values += data
    offsets = [len(values), len(values) + classifier]
    header["head.fc.weight"] = {"dtype": "F32", "shape": [classifier // 4], "data_offsets": offsets}
    start = json.dumps(header).encode()
    start += b" " * (-len(start) % 8)
    return len(start).to_bytes(8, "little") + start + values + bytes(classifier)


class Hub(ThreadingHTTPServer):
    """Serves `content` as the one file of every repository.

    Attributes:
        ranges: whether range requests are answered with ranges or with the whole file.
        sha256: the hash that the server declares for the file.
        size: the size that the server declares for the file.
        status: the HTTP status of every answer; None for the right one.
        elsewhere: the URL of another server to redirect to, as the real Hub does, or None.
        hangs: when an answer stops: "at once", "in the middle", or never.
        sent: the number of bytes of the file sent so far.
        requests: (method, path, headers) of all requests for files so far.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.serve(content)
        self.ranges, self.status, self.elsewhere, self.hangs = True, None, None, ""
        self.sent, self.requests = 0, []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}).start()

    def serve(self, content: bytes) -> None:
        self.content = content
        self.size = len(content)
        self.sha256 = hashlib.sha256(content).hexdigest()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self._answer()

    def do_GET(self):
        self._answer()

    def _answer(self):
        hub = self.server
        if not self.path.startswith("/api/"):  # requests that huggingface_hub makes on its own
            hub.requests.append((self.command, self.path, dict(self.headers)))
        if hub.hangs == "at once":
            hub.over.wait()
            return
        if hub.status or not self.path.endswith("/model.safetensors"):
            self.send_response(hub.status or 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if hub.elsewhere:
            self.send_response(302)
            self.send_header("Location", hub.elsewhere + self.path)
            self._declare()
            return
        body, wanted = hub.content, re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted and hub.ranges:
            first, last = map(int, wanted.groups())
            body = body[first : last + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{hub.size}")
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(hub.size))
        self._declare()
        if self.command == "HEAD":
            return
        if hub.hangs:
            body = body[: len(body) // 2]
        hub.sent += len(body)
        self.wfile.write(body)
        if hub.hangs:
            self.wfile.flush()
            hub.over.wait()

    def _declare(self):
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("X-Linked-Size", str(self.server.size))
        self.send_header("X-Linked-ETag", f'"{self.server.sha256}"')
        self.end_headers()

    def log_message(self, *_):
        pass
