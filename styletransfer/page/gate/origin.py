"""By which names this server is asked for, and which websites may send it requests.

A browser carries out what any website tells it, also against a server on this machine or network.
Two checks keep other websites out. The name in Host must be ours, because a website can let its own name
point to this machine's address, and would then share our origin ("DNS rebinding"). And what changes
something must come from a page of our own, which browsers say in Origin and Sec-Fetch-Site. Programs
send neither of these two headers, and are let through.
"""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from ...errors import shown
from .refusals import Refused

_SAFE = {"GET", "HEAD"}
_PORTS = {"http": 80, "https": 443}


class Origins:
    """The names of this server, and the check of requests against them.

    Args:
        hosts: names besides those of this machine. One that begins with a dot stands for all names that
            end so; a single star for every name.

    Attributes:
        hosts: the same, to which `add` adds.
    """

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self.hosts = {host.lower() for host in hosts}
        own = socket.gethostname().lower()
        self._here = {"localhost", own, own.partition(".")[0], f"{own.partition('.')[0]}.local"}

    def add(self, host: str) -> None:
        """Adds a name by which this server is asked for, too."""
        self.hosts.add(host.lower())

    def check(self, scope: Scope) -> None:
        """Checks the names in a request whose headers about forwarding can be believed.

        Raises:
            Refused: it is for another server, or comes from another website.
        """
        headers = Headers(scope=scope)
        asked = [headers.get("host", "")]
        if "x-forwarded-host" in headers:
            asked.append(headers["x-forwarded-host"].partition(",")[0].strip())
        for host in asked:
            if not self._is_ours(_split(host)[0]):
                raise Refused("host_unknown", host=shown(host))
        origin = headers.get("origin")
        if scope["method"] in _SAFE:
            return
        if origin is not None and not self._is_same(origin, asked):
            raise Refused("origin_foreign", origin=shown(origin))
        if origin is None and headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            raise Refused("origin_foreign", origin=shown(headers.get("referer", "")))

    def _is_ours(self, name: str) -> bool:
        # Only names can be made to point here. Whoever asks for an address in figures got here by it.
        return (
            _is_address(name) or name in self._here or name.endswith(".localhost") or self._named(name)
        )

    def _named(self, name: str) -> bool:
        if "*" in self.hosts or name in self.hosts:
            return True
        return any(host.startswith(".") and name.endswith(host) for host in self.hosts)

    def _is_same(self, origin: str, asked: Iterable[str]) -> bool:
        scheme, _, host = origin.partition("://")
        default = _PORTS.get(scheme.lower())
        if default is None:  # such as "null"
            return False
        name, port = _split(host)
        if any((name, port or default) == (host, at or default) for host, at in map(_split, asked)):
            return True
        return "*" not in self.hosts and self._named(name)  # a proxy has put its own name into Host


def _split(host: str) -> tuple[str, int | None]:
    """The name, in lower case without brackets, and the port of a Host header; ("", None) if wrong."""
    try:
        parts = urlsplit(f"//{host}")
        if parts.path or parts.query or parts.fragment or parts.username is not None:
            return "", None
        return (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "", None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
