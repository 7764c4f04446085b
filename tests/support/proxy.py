"""A connection that can be cut: forwards a port of this machine to another one."""

import contextlib
import socket
import threading


class Line:
    """Forwards connections to a port, as long as it is not cut.

    Attributes:
        url: where it listens.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._listen()

    def cut(self) -> None:
        """Ends all connections, and refuses new ones."""
        with self._lock:  # no connection is being made
            _end(self._listener)
            self._listener.close()
            for end in self._ends:
                _end(end)
            self._ends.clear()

    def mend(self) -> None:
        """Accepts connections again."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._listen()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                here, _ = listener.accept()
                with self._lock:
                    if listener is not self._listener or listener.fileno() < 0:
                        here.close()
                        return
                    there = socket.create_connection(("127.0.0.1", self._to))
                    self._ends += [here, there]
                for ends in ((here, there), (there, here)):
                    threading.Thread(target=_forward, args=ends, daemon=True).start()


def _forward(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        _end(end)
        end.close()


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
