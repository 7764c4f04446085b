"""A reverse proxy that shows a server under a path, and ends answers that take long, as proxies do."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

# Of one connection only, and what the proxy says itself.
_OWN = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class Proxy(ThreadingHTTPServer):
    """The proxy.

    Args:
        target: the server's address.
        prefix: the path, such as "/paint".
        strips: whether the server is asked without the path, as by nginx's `proxy_pass` with a slash.

    Attributes:
        longest: seconds after which an answer is cut off.
        cut: the paths of the answers that were cut off.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, target: str, prefix: str, strips: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target, self.prefix, self.strips = target, prefix, strips
        self.longest: float = 60
        self.cut: list[str] = []
        self.client = httpx.Client(timeout=None, limits=httpx.Limits(max_connections=None))

    @property
    def url(self) -> str:
        """The address of the page, as visitors have it."""
        return f"http://127.0.0.1:{self.server_port}{self.prefix}/"


@contextmanager
def proxied(target: str, prefix: str, strips: bool = True) -> Iterator[Proxy]:
    """Such a proxy, which ends with the context."""
    proxy = Proxy(target, prefix, strips)
    threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        proxy.client.close()


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def _pass(self) -> None:
        path = self.path
        if not path.startswith(f"{self.server.prefix}/"):
            self.send_error(404)  # another site's
            return
        if self.server.strips:
            path = path.removeprefix(self.server.prefix)
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = [(name, value) for name, value in self.headers.items() if name.lower() not in _OWN]
        headers += [
            ("X-Forwarded-For", self.client_address[0]),
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Host", self.headers["Host"]),
        ]
        request = {"headers": headers, "content": sent}
        with (
            suppress(OSError, httpx.TransportError),  # the visitor has gone, or the server has
            self.server.client.stream(self.command, self.server.target + path, **request) as answer,
        ):
            self._answer(answer)

    do_GET = do_HEAD = do_POST = do_DELETE = _pass

    def _answer(self, answer: httpx.Response) -> None:
        self.send_response(answer.status_code)
        for name, value in answer.headers.multi_items():
            if name not in _OWN:
                self.send_header(name, value)
        self.end_headers()  # HTTP/1.0: the end of the connection is the end of the body
        late = threading.Timer(self.server.longest, self._cut)
        late.start()
        try:
            for chunk in answer.iter_raw():
                self.wfile.write(chunk)
        finally:
            late.cancel()

    def _cut(self) -> None:
        self.server.cut.append(self.path)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_) -> None:
        pass
