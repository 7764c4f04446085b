"""Whose request it is: the visitor's network address, also behind a proxy that the owner trusts."""

import ipaddress
import logging
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_log = logging.getLogger(__name__)

# What a proxy writes about the request that it hands on. From anybody else it is an invention.
_FORWARDED = {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}
# Gradio derives its addresses from this header, which only a proxy of its own writes, and there is none.
_NEVER = {b"x-gradio-server"}
_FOR_US = {b"forwarded", b"x-forwarded-for", b"x-real-ip"}  # read here, and by nobody later

# This machine and private networks, where the proxies of Spaces and of Gradio's public links are.
NEAR = (
    "127.0.0.0/8",
    "::1",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks that these texts name, such as 10.0.0.0/8 or a single address.

    Raises:
        ValueError: one of them is no network.
    """
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts)


def counted(address: str) -> str:
    """What limits count by: an IPv4 address, or the /64 network of an IPv6 address.

    One household has a whole /64, so that a count by IPv6 address would be no limit.
    """
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed or address)


class Addresses:
    """Finds the visitor's address of each request.

    Args:
        proxies: the networks of the proxies that are believed. They must set X-Forwarded-For or
            add the address that they see to its end, as they all do.
    """

    def __init__(self, proxies: Iterable[Network] = ()) -> None:
        self._proxies = tuple(proxies)
        self._told = False

    def trusts(self, address: str) -> bool:
        """Whether this is the address of a proxy that is believed."""
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self._proxies)

    def resolved(self, scope: Scope) -> Scope:
        """The same request as if the visitor had sent it here directly.

        Its client is the visitor. Headers about forwarding are left only where a trusted proxy has
        written them, and then the scheme is the one with which the visitor reached that proxy.
        """
        peer, port = scope.get("client") or ("", 0)
        headers = [(name, value) for name, value in scope["headers"] if name not in _NEVER]
        if not self.trusts(peer):
            self._tell(peer, headers)
            kept = [(name, value) for name, value in headers if name not in _FORWARDED]
            return scope | {"headers": kept, "client": (_plain(peer), port)}
        given = Headers(scope=scope)
        chain = ",".join(given.getlist("x-forwarded-for"))
        scheme = given.get("x-forwarded-proto", "").partition(",")[0].strip()
        return scope | {
            "headers": [(name, value) for name, value in headers if name not in _FOR_US],
            "client": (self._first_stranger(chain) or _plain(peer), port),
            "scheme": scheme if scheme in {"http", "https"} else scope.get("scheme", "http"),
        }

    def _tell(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Tells whoever runs the server, once, of a proxy nearby that has not been named."""
        parsed = _parsed(peer)
        if self._told or parsed is None or not parsed.is_private:
            return
        if any(name == b"x-forwarded-for" for name, _ in headers):
            self._told = True
            _log.warning(
                "All visitors behind the proxy at %s count as one until --trusted-proxies names it.",
                parsed,
            )

    def _first_stranger(self, chain: str) -> str:
        """The last entry that is not a proxy's: whoever is before it could have written any text."""
        for entry in reversed(chain.split(",")):
            parsed = _parsed(entry)
            if parsed is None:
                return ""
            if not self.trusts(str(parsed)):
                return str(parsed)
        return ""


def _plain(address: str) -> str:
    return str(_parsed(address) or address)


def _parsed(text: str) -> Address | None:
    """The address, without a port and not as IPv4 within IPv6; None if the text is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
