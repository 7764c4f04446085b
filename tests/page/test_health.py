"""`/healthz`, asked without a server."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

from starlette.applications import Starlette
from starlette.testclient import TestClient

from styletransfer.errors import StyleTransferError
from styletransfer.page.health import route
from tests.support.runner import PATIENCE


def asked(problem):
    client = TestClient(Starlette(routes=[route(SimpleNamespace(problem=lambda: problem))]))
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(client.get, "/healthz").result(PATIENCE)


def test_a_server_that_can_paint_says_so():
    answer = asked(None)
    assert (answer.status_code, answer.json()) == (200, {"healthy": True})
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_wrong_is_told_by_its_code_only():
    answer = asked(StyleTransferError("disk_not_writable", why="/srv/secret is read-only"))
    assert (answer.status_code, answer.json()) == (503, {"healthy": False, "code": "disk_not_writable"})
