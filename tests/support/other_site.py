"""Another site, which shows the page in a frame: docs/embedding.html, as its owner would serve it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.samples import ROOT


class Site(ThreadingHTTPServer):
    """The site.

    Attributes:
        frame: the address of what its frame shows.
    """

    daemon_threads = True
    frame = ""

    @property
    def url(self) -> str:
        """Its address, by a name that makes it another site than 127.0.0.1."""
        return f"http://localhost:{self.server_port}"


@contextmanager
def served() -> Iterator[Site]:
    """The site, which ends with the context."""
    with Site(("127.0.0.1", 0), _Handler) as site:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}).start()
        try:
            yield site
        finally:
            site.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        html = (ROOT / "docs" / "embedding.html").read_text(encoding="utf-8")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(html.replace("http://127.0.0.1:7860/", self.server.frame).encode())

    def log_message(self, *_) -> None:
        pass
