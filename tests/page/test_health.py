"""`/healthz`, asked without a server."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

from starlette.applications import Starlette
from starlette.testclient import TestClient

from styletransfer.errors import StyleTransferError
from styletransfer.page.health import route
from tests.support.asgi import asked as asked_of
from tests.support.asgi import scope_of
from tests.support.coroutines import run
from tests.support.runner import PATIENCE


def asked(problem):
    client = TestClient(Starlette(routes=[route(SimpleNamespace(problem=lambda: problem))]))
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(client.get, "/healthz").result(PATIENCE)


def test_a_server_that_can_paint_says_so():
    answer = asked(None)
    assert (answer.status_code, answer.json()) == (200, {"healthy": True})
    assert answer.headers["cache-control"] == "no-store"


def test_however_many_ask_one_looks():
    looking, looks, end = threading.Event(), [], threading.Event()

    def look():
        looks.append(1)
        looking.set()
        end.wait(PATIENCE)

    async def many():
        app = Starlette(routes=[route(SimpleNamespace(problem=look))])
        waiting = [asyncio.create_task(asked_of(app, scope_of(path="/healthz"))) for _ in range(50)]
        while not looking.is_set():
            await asyncio.sleep(0)
        end.set()
        return [(await each).status for each in waiting]

    assert run(many()) == [200] * 50
    assert len(looks) == 1


def test_what_is_wrong_is_told_by_its_code_only():
    answer = asked(StyleTransferError("disk_not_writable", why="/srv/secret is read-only"))
    assert (answer.status_code, answer.json()) == (503, {"healthy": False, "code": "disk_not_writable"})
