"""Bodies of requests: size, pace, depth, and what is in them."""

import asyncio
import json

import pytest
from starlette.formparsers import MultiPartException

from styletransfer.page.gate.bodies import Clock, Upload, check_depth, check_pictures, parsed, whole
from styletransfer.page.gate.refusals import Refused
from tests.support.asgi import scope_of
from tests.support.coroutines import run

FORM = {"content-type": "multipart/form-data; boundary=abc"}


def source(*chunks, ends=True):
    """A `receive` that hands out these chunks, and then nothing, or the end of the connection."""
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": not ends or place < len(chunks)}
        for place, chunk in enumerate(chunks, 1)
    ]

    async def receive():
        if waiting:
            return waiting.pop(0)
        if ends:
            await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    return receive


def read(*chunks, most=100, headers=(), ends=True):
    return run(whole(Clock(source(*chunks, ends=ends)), scope_of(headers=headers), most))


def test_a_body_is_read_whole():
    assert read(b'{"a"', b": 1}") == b'{"a": 1}'
    assert read(b"{", b"", ends=False) is None


def test_a_body_that_is_too_large_is_refused_before_it_is_read():
    with pytest.raises(Refused) as refused:
        run(whole(Clock(source()), scope_of(headers={"content-length": "101"}), 100))
    assert refused.value.status == 413


@pytest.mark.parametrize("headers", [{}, {"content-length": "5"}, {"content-length": "-1"}])
def test_a_body_that_turns_out_too_large_is_refused(headers):
    with pytest.raises(Refused) as refused:
        read(*[b"x" * 10] * 1000, headers=headers)
    assert refused.value.status == 413


def test_a_body_that_trickles_is_given_up():
    async def trickle():
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(Refused) as refused:
        run(whole(Clock(trickle, patience=0.4), scope_of(), 100))
    assert refused.value.status == 408


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"a":' * 500_000 + b"1" + b"}" * 500_000,
        b'["\\"[",' * 41 + b"]" * 41,
        b"[" * 41 + b'"' + b"]" * 100,
    ],
)
def test_what_is_nested_deep_is_refused_unread(body):
    with pytest.raises(Refused) as refused:
        check_depth(body)
    assert refused.value.status == 400


def test_what_is_wide_or_unbalanced_is_not_deep():
    check_depth(b"[" + b"[]," * 9000 + b"[]]")
    with pytest.raises(Refused):
        check_depth(b"[" + b"[]," * 200_000 + b"[]]")
    check_depth(b"[" * 40 + b"]" * 40)
    check_depth(b"][" * 1000)
    check_depth(b"{")
    with pytest.raises(Refused):
        check_depth(b"[" * 41 + b"]" * 41)


def test_brackets_in_texts_are_no_depth():
    check_depth(json.dumps({"a": "[{" * 1000, 'b"[': ["\\", '"[[[[', {}]}).encode() * 50)


@pytest.mark.parametrize(
    "body", [b"", b"[1]", b"1", b'"a"', b"{", b'{"a": 1} {}', b"\xff", b'{"a": NaN}']
)
def test_only_a_json_object_is_taken(body):
    with pytest.raises(Refused) as refused:
        parsed(body)
    assert refused.value.code == "body_not_json"


FILE = {"meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize(
    "value",
    [
        {"path": "http://192.0.2.1/x.png", **FILE},
        {"path": None, "url": "https://example.org/x.png", **FILE},
        {"data": [1, [{"a": {"path": "HTTP://example.org/x"}}]]},
        {"path": "//example.org/x"},
        {"path": "/data/x.png", "more": {"url": "ftp://example.org"}},
    ],
)
def test_a_picture_by_address_is_refused(value):
    with pytest.raises(Refused) as refused:
        check_pictures(value)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "value",
    [
        # As the page sends its own pictures: the path counts, and the address is this server's.
        {"path": "/data/x.png", "url": "http://127.0.0.1:7860/gradio_api/file=/data/x.png", **FILE},
        {"path": None, "url": "data:image/png;base64,AAAA"},
        {"data": ["https://example.org is a text", None, 3]},
        {"path": 3},
    ],
)
def test_the_pages_own_values_pass(value):
    check_pictures([value])


@pytest.mark.parametrize(
    ("place", "passes"),
    [
        ("https://example.org/x.png", True),
        ("http://93.184.216.34/x.png", True),
        ("http://127.0.0.1/x.png", False),
        ("http://[::1]/x.png", False),
        ("http://10.1.2.3/x.png", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("http://localhost/x.png", False),
        ("http://a.localhost/x.png", False),
        ("http://metadata/x.png", False),
        ("http://metadata.google.internal/x.png", False),
        ("ftp://example.org/x.png", False),
        ("//example.org/x.png", False),
        ("http://[", False),
    ],
)
def test_the_owner_may_allow_public_addresses_and_only_them(place, passes):
    if passes:
        check_pictures({"path": place}, allow_public=True)
    else:
        with pytest.raises(Refused):
            check_pictures({"path": place}, allow_public=True)


def part(name: str, size: int = 5) -> bytes:
    head = f'--abc\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return head.encode() + b"x" * size + b"\r\n"


def uploaded(*chunks, most=1000, files=3, spend=lambda size: 0, ends=True, headers=FORM):
    """What the page is handed, and why it was cut off."""
    upload = Upload(Clock(source(*chunks, ends=ends)), scope_of(headers=headers), most, files, spend)

    async def read():
        body = b""
        while True:
            message = await upload.receive()
            body += message["body"]
            if not message["more_body"]:
                return body

    return run(read()), upload.refused


def test_an_upload_passes_unchanged():
    body = part("a") + part("b") + part("c") + b"--abc--\r\n"
    assert uploaded(body) == (body, None)
    assert uploaded(*(body[at : at + 1] for at in range(len(body)))) == (body, None)


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_files_are_counted_wherever_the_chunks_end(size):
    body = part("a") + part("b") + part("c") + part("d") + b"--abc--\r\n"
    _, refused = uploaded(*(body[at : at + size] for at in range(0, len(body), size)))
    assert refused.code == "too_many_files"


def test_an_upload_is_cut_off_where_it_gets_too_large():
    handed, refused = uploaded(part("a", 400), *[b"x" * 100] * 100)
    assert refused.status == 413
    assert len(handed) < 1200


def test_an_upload_is_cut_off_where_the_visitors_allowance_ends():
    left = [500]

    def spend(size):
        left[0] -= size
        return 0 if left[0] >= 0 else 77

    _, refused = uploaded(part("a", 100), b"x" * 300, b"x" * 300, spend=spend)
    assert (refused.code, refused.fields) == ("too_many_uploads", {"seconds": 77})


@pytest.mark.parametrize("chunks", [[part("a")[:-2], b"x" * 900, b"x" * 900], [part("a")[:-10]]])
def test_what_was_written_of_a_broken_upload_is_removed(tmp_path, chunks):
    from gradio.route_utils import GradioMultiPartParser
    from starlette.datastructures import Headers

    handed, _ = uploaded(*chunks, ends=False)

    async def stream():
        yield handed

    parser = GradioMultiPartParser(Headers(FORM), stream(), upload_dir=tmp_path, max_file_size=1e6)
    with pytest.raises(MultiPartException):
        run(parser.parse())
    assert list(tmp_path.iterdir()) == []
