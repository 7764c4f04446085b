"""What the gate lets through, as whoever runs the server has decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .addresses import Network

MB = 1_000_000


@dataclass(frozen=True)
class Rules:
    """The choices of whoever runs the server; the defaults are for a page in a private network.

    A page load takes 90 requests, nearly all of them GET. A minute of painting takes some 200, and a
    minute in the editor of masks up to 150 uploads. The defaults leave room for a school class.

    Attributes:
        hosts: names by which the server is asked for, besides those of this machine.
        trusted_proxies: networks of the proxies whose headers about forwarding are believed.
        frame_ancestors: sources that may show the page in a frame, in the words of that CSP directive.
        allow_urls: whether pictures may be handed in by an address on the public network.
        mcp: whether the tool for assistants is open.
        accounts: passwords by user; empty for a page that is open to everybody.
        requests: requests that one address may make in a minute.
        loads: of those, the ones for the page as a whole, each of which takes 25 ms of a core.
        actions: of those, the ones that start something or hand something in.
        sessions: visits to the page, or calls of the API, that one address may begin in an hour.
        streams: streams of news that one address may hold at a time.
        streams_a_session: of those, the ones of one tab.
        connections: connections that one address may hold at a time, unless it is a trusted proxy.
        upload_bytes: bytes that one address may upload in an hour.
        files: files in one upload.
        file_bytes: bytes of one file.
        json_bytes: bytes of any other body.
        tool_bytes: bytes of a call of the tool for assistants, which has its pictures in it.
    """

    hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    frame_ancestors: tuple[str, ...] = ("'self'",)
    allow_urls: bool = False
    mcp: bool = False
    accounts: Mapping[str, str] = field(default_factory=dict)
    requests: int = 6000
    loads: int = 600
    actions: int = 1200
    sessions: int = 1200
    streams: int = 200
    streams_a_session: int = 4
    connections: int = 400
    upload_bytes: int = 4000 * MB
    files: int = 10
    file_bytes: int = 50 * MB
    json_bytes: int = MB
    tool_bytes: int = 20 * MB

    @property
    def body_bytes(self) -> int:
        """The bytes of one upload, with room for what stands around its files."""
        return self.files * self.file_bytes + MB
