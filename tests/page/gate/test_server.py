"""The gate around the real page: what gets through, with raw sockets where clients are too polite."""

import contextlib
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest
from gradio_client import Client, handle_file

from styletransfer.catalogue import catalogue

PHOTO = catalogue().photos[1].file
API = "/gradio_api"


def raw(server: str, request: bytes) -> bytes:
    """The beginning of the answer to a request that is sent as it is."""
    place = urlsplit(server)
    with contextlib.closing(socket.create_connection((place.hostname, place.port))) as connection:
        connection.settimeout(20)
        connection.sendall(request)
        return connection.recv(4000)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"{API}/file=http://127.0.0.1:1/x.png", 403),
        (f"{API}/file=%68ttp://127.0.0.1:1/x.png", 403),
        (f"{API}/file=%5c%5c127.0.0.1/x.png", 403),
        (f"{API}/file=//127.0.0.1/x.png", 403),
        (f"{API}/file=%2568ttp://127.0.0.1:1/x.png", 403),  # Gradio finds no such file
        (f"{API}%2fdev%2freload", 404),
        (f"{API}/dev/reload", 404),
        (f"{API}/../{API}/startup-events", 404),
        ("//gradio_api/dev/reload", 404),
        ("/monitoring/summary", 404),
        ("/docs", 404),
    ],
)
def test_no_spelling_of_a_path_gets_around_the_doors(server, target, status):
    answer = raw(server, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status}".encode()), answer


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ("Host: evil.test\r\n", 421),
        ("Host: localhost\r\nX-Forwarded-Host: evil.test\r\n", 421),
        ("Host: localhost\r\n", 200),
    ],
)
def test_the_page_is_shown_under_its_own_names_only(server, headers, status):
    answer = raw(server, f"HEAD / HTTP/1.1\r\n{headers}\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status}".encode())


def test_a_website_cannot_upload_through_a_visitors_browser(server):
    files = {"files": ("x.png", b"x")}
    answer = httpx.post(f"{server}{API}/upload", files=files, headers={"origin": "http://evil.test"})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert (
        httpx.post(f"{server}{API}/upload", files=files, headers={"origin": server}).status_code == 200
    )


def test_a_large_body_is_refused_before_it_is_sent(server):
    head = f"POST {API}/queue/join HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\n"
    assert raw(server, head.encode()).startswith(b"HTTP/1.1 413")


def test_a_large_body_without_a_length_is_cut_off(server):
    def chunks():
        for _ in range(100):
            yield b"x" * 100_000

    with contextlib.suppress(httpx.WriteError):  # the connection may close first
        assert httpx.post(f"{server}{API}/queue/join", content=chunks()).status_code == 413


def test_too_many_files_at_once_are_refused(server):
    files = [("files", (f"{number}.txt", b"x")) for number in range(11)]
    answer = httpx.post(f"{server}{API}/upload", files=files)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_files")
    assert len(httpx.post(f"{server}{API}/upload", files=files[:10]).json()) == 10


def test_what_a_request_gets_wrong_is_said(server):
    named = f"{server}{API}/call/v2/stylize"
    answer = httpx.post(named, json={"siz": 128})
    assert (answer.status_code, answer.json()["code"]) == (400, "no_such_parameter")
    assert "content_weight" in answer.json()["detail"]
    answer = httpx.post(f"{server}{API}/call/stylize", json={"data": [None]})
    assert (answer.status_code, answer.json()["code"]) == (400, "values_missing")
    assert httpx.get(f"{server}/?page=none").status_code == 400
    stream = httpx.get(f"{server}{API}/queue/data?session_hash=nobodys")  # which has an end
    assert "session_not_found" in stream.text


def test_a_picture_by_address_is_refused_before_it_is_fetched(server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(1)
        place = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
        picture = {"path": place, "meta": {"_type": "gradio.FileData"}}
        answer = httpx.post(f"{server}{API}/call/v2/stylize", json={"content": picture})
        assert answer.status_code == 403
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_run_is_deleted_without_a_body(server):
    answer = httpx.delete(f"{server}/runs/nobodys")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "run_gone"


def test_a_run_is_changed_by_json_and_stopped_without_a_body(server):
    for answer in (
        httpx.patch(f"{server}/runs/nobodys", json={"style_weight": 3}),
        httpx.post(f"{server}/runs/nobodys/stop"),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "run_gone"
    answer = httpx.patch(f"{server}/runs/nobodys", content=b"style_weight=3")
    assert (answer.status_code, answer.json()["code"]) == (400, "body_not_json")


def test_the_pages_private_functions_have_no_names(server):
    for name in ("paint", "_paint", "predict", "lambda"):
        assert httpx.post(f"{server}{API}/call/{name}", json={"data": []}).status_code == 404
    body = {"data": [], "fn_index": 9999, "session_hash": "a"}
    assert httpx.post(f"{server}{API}/queue/join", json=body).status_code == 400
    assert httpx.post(f"{server}{API}/run/predict", json=body).status_code == 400


def test_gradios_client_uploads_paints_and_downloads(server, tmp_path):
    client = Client(server, verbose=False, download_files=tmp_path)
    picture = handle_file(str(PHOTO))
    done = client.predict(picture, picture, size=128, steps=2, scales=1, api_name="/stylize")
    assert done[-1].endswith(".png")


@pytest.mark.parametrize(
    "asked", ["bytes=1-2-3", "bytes=0-0,2-3", "bytes=-", "bytes=9-1", "bytes=\xb2-\xb3"]
)
def test_an_odd_range_gets_a_whole_file_or_416(server, asked):
    path = httpx.post(f"{server}{API}/upload", files={"files": ("x.txt", b"0123456789")}).json()[0]
    url = f"{server}{API}/file={path}"
    answer = httpx.get(url, headers={"range": asked.encode("latin-1"), "x-echo": "me"})
    assert answer.status_code in {200, 416}
    part = httpx.get(url, headers={"range": "bytes=2-4", "x-echo": "me"})
    assert (part.status_code, part.text) == (206, "234")
    assert "x-echo" not in part.headers
    assert "sandbox" in part.headers["content-security-policy"]


def test_a_tab_holds_a_few_streams_only(server):
    with contextlib.ExitStack() as stack:
        beats = f"{server}{API}/heartbeat/tab1"
        held = [stack.enter_context(httpx.stream("GET", beats)) for _ in range(4)]
        assert [each.status_code for each in held] == [200] * 4
        assert httpx.get(beats).status_code == 429
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with httpx.stream("GET", beats) as again:
            if again.status_code == 200:
                return
        time.sleep(0.2)
    pytest.fail("a stream that was left is still counted")
