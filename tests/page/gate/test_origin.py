"""Names of the server, and requests that other websites send."""

import socket

import pytest

from styletransfer.page.gate.origin import Origins
from styletransfer.page.gate.refusals import Refused
from tests.support.asgi import scope_of

EVIL = "http://evil.test"


def status(hosts=(), **request) -> int:
    """200, or the status of the refusal."""
    try:
        Origins(hosts).check(scope_of(**request))
    except Refused as refused:
        return refused.status
    return 200


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:7860",
        "localhost",
        "LOCALHOST:80",
        "a.localhost",
        "[::1]:7860",
        "192.168.1.5",
        "localhost.",
        socket.gethostname(),
    ],
)
def test_this_machine_is_known_by_its_names_and_by_any_address(host):
    assert status(headers={"host": host}) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "127.0.0.1.evil.test",
        "localhost.evil.test",
        "",
        "127.0.0.1@evil.test",
        "a b",
        "x/127.0.0.1",
    ],
)
def test_a_name_that_points_here_is_not_ours(host):
    assert status(headers={"host": host}) == 421
    assert status(["paint.example.org"], headers={"host": host}) == 421


def test_the_owner_may_add_names():
    assert status(["paint.example.org"], headers={"host": "Paint.example.org:443"}) == 200
    assert status([".example.org"], headers={"host": "a.b.example.org"}) == 200
    assert status([".example.org"], headers={"host": "evilexample.org"}) == 421
    assert status(["*"], headers={"host": "evil.test"}) == 200


def test_the_name_that_a_trusted_proxy_was_asked_for_has_to_be_ours_too():
    assert status(headers={"x-forwarded-host": "evil.test"}) == 421
    assert status(["paint.example.org"], headers={"x-forwarded-host": "paint.example.org, b"}) == 200


POST = {"method": "POST", "path": "/gradio_api/queue/join"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:7860"},
        {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"host": "localhost", "origin": "http://localhost:80"},
        {"host": "127.0.0.1", "origin": "https://127.0.0.1"},  # a proxy speaks HTTPS for us
        {"host": "[::1]:7860", "origin": "http://[::1]:7860"},
    ],
)
def test_programs_and_the_page_itself_may_post(headers):
    assert status(**POST, headers=headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://localhost:7860"},  # another origin than 127.0.0.1
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "http://127.0.0.1:7860.evil.test"},
        {"origin": "http://127.0.0.1:x"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_other_websites_may_not_post(headers):
    assert status(**POST, headers=headers) == 403
    assert status([".example.org"], **POST, headers=headers) == 403
    assert status(["*"], **POST, headers=headers) == 403


def test_links_from_other_websites_may_be_followed():
    assert status(headers={"sec-fetch-site": "cross-site", "origin": EVIL}) == 200


def test_a_named_host_may_post_behind_a_proxy_that_writes_its_own_name():
    headers = {"host": "127.0.0.1:7860", "origin": "https://paint.example.org"}
    assert status(["paint.example.org"], **POST, headers=headers) == 200
    assert status(**POST, headers=headers) == 403
