"""What the first view of the page costs, in Chromium: bytes, requests, and seconds on a slow line.

    python -m benchmarks.first_view [--url URL] [--kbits 400] [--visits 2] [--json]

Without an address it starts a server of its own. The first visit is one of a new browser, further ones
are those of the same browser, which has kept what it may. The line is made slow by Chromium's own means:
400 kbit/s, 400 ms to and fro. Usable means that "Choose a photo" was pressed and its dialogue has
opened; the bytes of the HTML up to there are told, too. The whole page is there when Gradio has asked
for an earlier job and its own main button stands in its place. Needs Playwright and Chromium (the
system's, or one that $CHROMIUM_PATH names).
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from .machine import machine

_LATENCY = 400  # milliseconds
_PATIENCE = 240_000  # milliseconds until the page has to be usable
_BUTTON = ":is(#early .next, #choose)"  # of the early view, or of Gradio's page
_DATA = b"window.gradio_config"  # with this the large part of the HTML begins
_SETTLED = 2000  # milliseconds for what comes after that, such as the pictures in view

# Collects in the page what can only be seen from inside: paints, and how far things have moved.
_OBSERVE = """
window.seen = { shifts: 0, largest: 0 };
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.seen.shifts += each.value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  window.seen.largest = list.getEntries().at(-1).startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""
_TOLD = """() => ({
  first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  ...window.seen,
})"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", help="of a server that is running already")
    parser.add_argument(
        "--kbits", type=float, default=400, help="of the line in a second; 0 for no limit"
    )
    parser.add_argument("--visits", type=int, default=2, help="of the same browser, one after the other")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with contextlib.nullcontext(options.url) if options.url else _server() as url, _browser() as browser:
        context = browser.new_context(viewport={"width": 1360, "height": 900})
        visits = [visited(context, url, options.kbits) for _ in range(options.visits)]
    report = {"machine": machine(), "kbits": options.kbits, "visits": visits}
    print(json.dumps(report, indent=2) if options.json else _table(visits))


def visited(context: BrowserContext, url: str, kbits: float) -> dict[str, Any]:
    """One visit: kilobytes and requests by kind, and seconds.

    Args:
        context: the browser, with what it has kept.
        url: of the page.
        kbits: of the line in a second; 0 for no limit.
    """
    page = context.new_page()
    page.add_init_script(_OBSERVE)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    if kbits:
        rate = kbits * 1000 / 8
        limits = {"offline": False, "latency": _LATENCY}
        line.send(
            "Network.emulateNetworkConditions",
            limits | {"downloadThroughput": rate, "uploadThroughput": rate},
        )
    kinds: dict[str, str] = {}
    sizes, requests = Counter[str](), Counter[str]()
    line.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))

    def loaded(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "Other")
        sizes[kind] += event["encodedDataLength"]
        requests[kind] += 1

    line.on("Network.loadingFinished", loaded)
    began = time.perf_counter()
    with page.expect_response("**/queue/join*", timeout=_PATIENCE):
        page.goto(url, wait_until="commit", timeout=_PATIENCE)
        with page.expect_file_chooser(timeout=_PATIENCE):
            page.click(_BUTTON, timeout=_PATIENCE)
        usable = time.perf_counter() - began
    page.wait_for_selector("#choose", timeout=_PATIENCE)
    whole = time.perf_counter() - began
    page.wait_for_timeout(_SETTLED)
    seen = page.evaluate(_TOLD)
    page.close()
    return {
        "kilobytes": {kind: round(size / 1000, 1) for kind, size in sizes.most_common()},
        "requests": dict(requests),
        "first paint": round(seen["first"] / 1000, 2),
        "largest paint": round(seen["largest"] / 1000, 2),
        "usable": round(usable, 2),
        "early kilobytes": round(_before_data(url) / 1000, 1),
        "whole page": round(whole, 2),
        "layout shift": round(seen["shifts"], 4),
    }


def _before_data(url: str) -> int:
    """The bytes of the HTML, compressed as it is sent, up to the page's data: the early view's."""
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
        if answer.headers.get("content-encoding") != "gzip":
            return (raw + _DATA).index(_DATA)
    reader, html = zlib.decompressobj(zlib.MAX_WBITS | 16), b""
    for place in range(len(raw)):
        html += reader.decompress(raw[place : place + 1])
        if _DATA in html:
            return place + 1
    return len(raw)


def _table(visits: list[dict[str, Any]]) -> str:
    rows = []
    for number, visit in enumerate(visits, 1):
        size, count = sum(visit["kilobytes"].values()), sum(visit["requests"].values())
        rows.append(f"visit {number}: {size:.0f} kB in {count} requests")
        for kind, kilobytes in visit["kilobytes"].items():
            rows.append(f"  {kind:<12} {kilobytes:>8.1f} kB {visit['requests'][kind]:>4}")
        for name in ("first paint", "largest paint", "usable", "whole page"):
            rows.append(f"  {name:<14} {visit[name]:>6.2f} s")
        rows.append(f"  early view     {visit['early kilobytes']:>6.1f} kB")
        rows.append(f"  layout shift   {visit['layout shift']:>6.4f}")
    return "\n".join(rows)


@contextlib.contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        installed = shutil.which("chromium") or shutil.which("chromium-headless-shell")
        path = os.environ.get("CHROMIUM_PATH") or installed
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=quiet)
        yield browser
        browser.close()


@contextlib.contextmanager
def _server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "app.py", "--device", "cpu"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        yield _answering(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(30)


def _answering(url: str) -> str:
    """The address, once there is an answer."""
    for _ in range(240):
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url)
            return url
        time.sleep(0.5)
    raise SystemExit(f"the server at {url} does not answer")


if __name__ == "__main__":
    main()
