"""A real server and raw sockets: connections that say nothing, and more of them than allowed."""

import contextlib
import logging
import socket
import threading
import time
from functools import partial

import pytest
import uvicorn

from styletransfer.page.gate.connections import (
    Connections,
    PatientProtocol,
    Seldom,
    raise_descriptors,
)

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def app(scope, receive, send):
    """Answers once the whole body has come."""
    if scope["type"] == "lifespan":
        return
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextlib.contextmanager
def listening(most=100, patience=0.5, trusts=lambda _: False, in_all=100):
    """A port that a server listens at, and the connections that it counts."""
    connections = Connections(most, in_all, trusts)
    protocol = partial(PatientProtocol, connections, patience)
    config = uvicorn.Config(app, http=protocol, ws="none", lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1], connections
        finally:
            server.should_exit = True
            thread.join()


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(10)
    return contextlib.closing(connection)


def trickle(connection) -> None:
    for _ in range(500):
        connection.sendall(b"A: b\r\n")
        time.sleep(0.02)


def is_answered(connection) -> bool:
    """Whether the whole answer comes, which may be in pieces."""
    received = b""
    while not received.endswith(b"ok") and (piece := connection.recv(1000)):
        received += piece
    return b"200 OK" in received


def is_closed(connection) -> bool:
    """Whether the server closes the connection while this waits."""
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "])
def test_who_never_finishes_the_headers_is_hung_up_on(said):
    with listening() as (port, _), connect(port) as connection:
        connection.sendall(said)
        assert is_closed(connection)


def test_trickling_headers_do_not_put_it_off():
    with listening() as (port, _), connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            trickle(connection)


def test_who_goes_silent_after_a_request_is_hung_up_on():
    with listening() as (port, _), connect(port) as connection:
        connection.sendall(REQUEST)
        assert is_answered(connection)
        connection.sendall(REQUEST[:10])
        while not is_closed(connection):
            pass


def test_a_request_whose_headers_have_come_has_time():
    with listening(patience=1) as (port, _), connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        time.sleep(1.5)
        connection.sendall(b"b")
        assert is_answered(connection)
        connection.sendall(REQUEST)  # and the connection is good for another one
        assert is_answered(connection)


def test_who_asks_for_a_websocket_is_answered_and_fills_no_log(caplog):
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n"
    log = logging.getLogger("uvicorn.error")  # of which nothing reaches the root logger
    with listening() as (port, _), connect(port) as connection:
        log.addHandler(caplog.handler)
        log.setLevel(logging.WARNING)
        connection.sendall(REQUEST[:-2] + upgrade)
        assert is_answered(connection)
        log.removeHandler(caplog.handler)
    assert caplog.records == []


def test_an_address_may_hold_only_so_many_connections():
    with listening(most=3, patience=30) as (port, counted), contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(port)) for _ in range(3)]
        for connection in held:
            connection.sendall(REQUEST)
            assert is_answered(connection)
        assert is_closed(stack.enter_context(connect(port)))
        held[0].close()
        while sum(counted._held.values()) > 2:
            time.sleep(0.01)
        again = stack.enter_context(connect(port))
        again.sendall(REQUEST)
        assert is_answered(again)


def test_a_trusted_proxy_may_hold_any_number():
    with (
        listening(most=1, trusts=lambda peer: peer == "127.0.0.1") as (port, _),
        contextlib.ExitStack() as stack,
    ):
        for _ in range(5):
            connection = stack.enter_context(connect(port))
            connection.sendall(REQUEST)
            assert is_answered(connection)


def test_all_addresses_together_may_hold_only_so_many():
    open_to_any = {"trusts": lambda _: True, "in_all": 2, "patience": 30}
    with listening(**open_to_any) as (port, _), contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(port)) for _ in range(2)]
        for connection in held:
            connection.sendall(REQUEST)
            assert is_answered(connection)
        assert is_closed(stack.enter_context(connect(port)))


def test_that_descriptors_have_run_out_is_said_once_a_minute(caplog):
    now = [1000.0]
    log = logging.getLogger("test of asyncio")
    log.addFilter(Seldom(lambda: now[0]))
    for _ in range(1000):
        log.error("socket.accept() out of system resource\nsocket: <...>")
    log.error("something else")
    assert len(caplog.messages) == 2
    now[0] += 61
    log.error("socket.accept() out of system resource\nsocket: <...>")
    assert len(caplog.messages) == 3


def test_the_limit_of_open_files_is_raised():
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(700, before[0]), before[1]))
        connections = raise_descriptors()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == min(65_536, hard if hard != resource.RLIM_INFINITY else 65_536)
        assert 50 <= connections < soft
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
