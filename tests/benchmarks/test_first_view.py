"""The measurement of the first view: what it counts, on a page whose weight is known."""

import http.server
import threading

import pytest

from benchmarks.first_view import visited

WEIGHT = 40_000  # bytes of the script
PAGE = b"""<!doctype html><p>Wait.</p><script src="/script.js"></script>
<input type="file" hidden><button id="choose" hidden>Choose</button>
<script>
document.querySelector("#choose").onclick = () => document.querySelector("input").click();
fetch("/queue/join").then(() => { document.querySelector("#choose").hidden = false;
  document.body.prepend(Object.assign(document.createElement("div"), {style: "height: 300px"})); });
</script><script>window.gradio_config = {}</script>"""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        script = self.path.endswith(".js")
        body = b"/" * 2 + b"x" * (WEIGHT - 2) if script else PAGE if self.path == "/" else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=3600" if script else "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_it_counts_bytes_by_kind_and_what_moves(browser, site):
    context = browser.new_context()
    first, second = (visited(context, site, kbits=0) for _ in range(2))
    context.close()
    assert WEIGHT / 1000 <= first["kilobytes"]["Script"] < WEIGHT / 1000 + 1
    assert first["requests"]["Document"] == first["requests"]["Script"] == 1
    assert second["kilobytes"]["Script"] == 0  # the browser has kept it
    assert first["early kilobytes"] == round(PAGE.index(b"window.gradio_config") / 1000, 1)
    assert 0 < first["usable"] <= first["whole page"]
    assert first["layout shift"] > 0.05
