"""Listens at an address of this machine and answers until the process is interrupted."""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import uvicorn
from gradio.networking import setup_tunnel

from .gate.connections import Connections, PatientProtocol, Seldom, raise_descriptors
from .gate.gate import Gate
from .gate.rules import Rules

_log = logging.getLogger(__name__)

# As Gradio does it: the first port, and how many ports after it are tried if it is taken.
_PORT, _PORTS = 7860, 100
_BACKLOG = 2048  # connections that wait to be accepted; uvicorn's default
_FAREWELL = 2  # seconds for answers that are being sent when the server ends


def serve(
    gate: Gate, rules: Rules, share: bool = False, listens: Callable[[int], None] = lambda _: None
) -> None:
    """Serves the app until the process is interrupted.

    Args:
        gate: the app, behind its gate.
        rules: the rules for connections.
        share: whether to make a public link, too, by way of Gradio.
        listens: is told the port before the first request comes.

    Raises:
        OSError: no port is free.
        RuntimeError: it could not begin.
        KeyboardInterrupt: the process has been interrupted, and everything is closed.
    """
    name = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    listening = _listening(name)
    port = listening.getsockname()[1]
    listens(port)
    most = raise_descriptors()
    connections = Connections(rules.connections, most, gate.addresses.trusts)
    logging.getLogger("asyncio").addFilter(Seldom())
    config = uvicorn.Config(
        gate,
        http=partial(PatientProtocol, connections),
        ws="none",
        log_level="warning",
        proxy_headers=False,  # the gate reads them
        server_header=False,
        limit_concurrency=most,
        backlog=min(_BACKLOG, most),  # asyncio takes as many at a time, before one too many is closed
        timeout_graceful_shutdown=_FAREWELL,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    print(f"* Running on local URL:  http://{name}:{port}", flush=True)
    try:
        if share:
            _share(gate, name, port)
        while thread.is_alive():
            thread.join(1)  # a join without end would not be interrupted on Windows
        raise RuntimeError("the server has ended by itself; the lines above say why")
    finally:
        server.should_exit = True
        thread.join(_FAREWELL + 1)


def _listening(name: str) -> socket.socket:
    """A socket at the first free port."""
    first = int(os.environ.get("GRADIO_SERVER_PORT", _PORT))
    host = name.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, first + int(os.environ.get("GRADIO_NUM_PORTS", _PORTS))):
        # asyncio sends small answers at once only on sockets that say that they are TCP; on those of
        # `socket.create_server`, which do not, each of them would wait 40 ms for the one before.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":  # elsewhere this would take a port that is in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(_BACKLOG)
            return listening
        except OSError as error:
            listening.close()
            last = error
    raise last


def _share(gate: Gate, name: str, port: int) -> None:
    try:
        url = setup_tunnel(name, port, secrets.token_urlsafe(32), None, None)
    except Exception as error:  # of many kinds, without a common base
        _log.warning("There is no public link: %s", error)
        return
    gate.origins.add(urlsplit(url).hostname or "")
    print(f"* Running on public URL: {url}", flush=True)
