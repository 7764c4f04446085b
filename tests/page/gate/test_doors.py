"""Which requests reach the page at all."""

import pytest

from styletransfer.page.gate.doors import Kind, door_of, is_elsewhere
from styletransfer.page.gate.refusals import Refused

API = "/gradio_api"


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/", Kind.PAGE),
        ("HEAD", "/", Kind.PAGE),
        ("GET", "/assets/index-DphvyggB.js", Kind.ASSET),
        ("GET", "/static/js/iframeResizer.contentWindow.min.js", Kind.ASSET),
        ("GET", "/theme.css", Kind.ASSET),
        ("GET", "/favicon.ico", Kind.ASSET),
        ("GET", "/robots.txt", Kind.ASSET),
        ("GET", "/config", Kind.DATA),
        ("GET", f"{API}/info", Kind.DATA),
        ("GET", f"{API}/app_id", Kind.STATE),
        ("GET", f"{API}/file=/data/a b/picture.png", Kind.FILE),
        ("GET", f"{API}/file=C:\\data\\picture.png", Kind.FILE),
        ("GET", f"{API}/heartbeat/4fd1a", Kind.STREAM),
        ("GET", f"{API}/heartbeat/5b3c2e0e-1f5d-4f0e-a1e6-3d5f7b0f6a11", Kind.STREAM),
        ("GET", f"{API}/queue/data", Kind.STREAM),
        ("GET", f"{API}/upload_progress", Kind.STREAM),
        ("GET", f"{API}/call/stylize/0a1b", Kind.STREAM),
        ("GET", f"{API}/call/v2/stylize/0a1b", Kind.STREAM),
        ("GET", "/watch/Ab-1_x", Kind.WATCH),
        ("GET", "/watch/Ab-1_x/1795730652591528.jpeg", Kind.FILE),  # as `Previews` numbers them
        ("GET", "/series/Ab-1_x.zip", Kind.FILE),
        ("GET", "/api", Kind.DATA),
        ("GET", "/healthz", Kind.HEALTH),
        ("POST", "/runs", Kind.FORM),
        ("GET", "/runs/Ab-1_x", Kind.WATCH),
        ("DELETE", "/runs/Ab-1_x", Kind.STATE),
        ("PATCH", "/runs/Ab-1_x", Kind.CHANGE),
        ("POST", "/runs/Ab-1_x/stop", Kind.STATE),
        ("GET", "/runs/Ab-1_x/picture.webp", Kind.FILE),
        ("POST", f"{API}/queue/join", Kind.CALL),
        ("POST", f"{API}/run/predict", Kind.CALL),
        ("POST", f"{API}/call/v2/stylize", Kind.CALL),
        ("POST", f"{API}/cancel", Kind.CALL),
        ("POST", f"{API}/upload", Kind.UPLOAD),
        ("GET", "/picture/Ab_1-x.jpg", Kind.PICTURE),
        ("GET", "/paintings/Ab_1-x.jpg", Kind.PICTURE),
    ],
)
def test_what_the_page_and_its_programs_ask_for_has_a_door(method, path, kind):
    assert door_of(method, path).kind is kind


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{API}/component_server"),
        ("GET", f"{API}/dev/reload"),
        ("GET", f"{API}/proxy=https://a-b.hf.space/x"),
        ("GET", f"{API}/stream/a/b/1/playlist.m3u8"),
        ("POST", f"{API}/stream/abc"),
        ("GET", f"{API}/startup-events"),
        ("GET", f"{API}/deep_link"),
        ("GET", f"{API}/file/etc/passwd"),
        ("POST", f"{API}/run/stylize"),
        ("POST", f"{API}/api/predict"),
        ("POST", f"{API}/call/upload"),
        ("POST", f"{API}/call/paint"),
        ("POST", f"{API}/process_recording"),
        ("POST", f"{API}/vibe-edit"),
        ("GET", f"{API}/vibe-code"),
        ("GET", f"{API}/run-history/buckets"),
        ("GET", f"{API}/queue/status"),
        ("GET", "/monitoring/summary"),
        ("GET", "/svelte/svelte.js"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/assets/../secret"),
        ("GET", "/assets/a%00"),
        ("GET", "//gradio_api/info"),
        ("GET", "/picture/a/b"),
        ("GET", "/how-it-works/numbers.json"),
        ("GET", "/how-it-works/code/../cli.py"),
        ("GET", "/\n"),
        ("GET", ""),
    ],
)
def test_everything_else_is_not_there(method, path):
    with pytest.raises(Refused) as refused:
        door_of(method, path)
    assert refused.value.status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"])
def test_a_door_takes_its_own_methods_only(method):
    with pytest.raises(Refused) as refused:
        door_of(method, "/config")
    assert refused.value.status == 405


ELSEWHERE = [
    "http://127.0.0.1:1/x.png",
    "https://example.org/x.png",
    "HTTP://example.org/x.png",
    "http:/example.org/x.png",
    "//example.org/x.png",
    "\\\\example.org\\x.png",
    "\\/example.org/x.png",
    " http://example.org",
    "\x00http://example.org",
    "ftp://example.org/x",
    "file:///etc/passwd",
    "data:text/html,x",
]


@pytest.mark.parametrize("place", ELSEWHERE)
def test_no_file_is_fetched_from_elsewhere(place):
    with pytest.raises(Refused) as refused:
        door_of("GET", f"{API}/file={place}")
    assert refused.value.status == 403


@pytest.mark.parametrize("place", ["/data/x.png", "C:\\x.png", "c:/x.png", "x.png", "/a/http:x"])
def test_a_path_is_here(place):
    assert not is_elsewhere(place)
