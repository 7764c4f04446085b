"""The doors: which methods and paths are let through to the page at all. All others are 404.

Gradio has many more routes than this page and its programs use, among them some that ask other servers,
read any amount of data, or keep a stream open for whoever asks.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from .refusals import Refused

# The endpoints that programs may call by name, in an expression. The others are the page's own.
PUBLIC = "stylize"

_GET = frozenset({"GET", "HEAD"})
_POST = frozenset({"POST"})


class Kind(Enum):
    """What is behind a door, by which its limits and headers are chosen."""

    PAGE = auto()  # the HTML of the page
    ASSET = auto()  # Gradio's scripts and style sheets, and what is the same for everybody
    DATA = auto()  # JSON about the page, which takes as long as the page
    STATE = auto()  # JSON about a run or the server, which programs and pages ask for again and again
    FILE = auto()  # a visitor's upload, a picture, or an example
    STREAM = auto()  # an answer to one tab that goes on until one side ends it
    WATCH = auto()  # such an answer to all who watch a job; service/watching.py limits how many
    CALL = auto()  # takes JSON and starts something
    UPLOAD = auto()  # takes files
    FORM = auto()  # takes files and values, and starts something
    CHANGE = auto()  # takes JSON, and changes something that goes on
    PICTURE = auto()  # a shared picture or painting, open to whoever has its link
    TOOL = auto()  # takes JSON with pictures in it, answers with a stream; only if the owner wants it
    HEALTH = auto()  # whether the server can paint, open to whoever looks after it
    LOGIN = auto()  # answered by the gate itself


@dataclass(frozen=True)
class Door:
    """One expression for paths, and what is behind them."""

    kind: Kind
    methods: frozenset[str]
    path: re.Pattern[str]


def _door(kind: Kind, methods: frozenset[str], path: str) -> Door:
    return Door(kind, methods, re.compile(path, re.DOTALL))


_API = "/gradio_api"
DOORS = (
    _door(Kind.PAGE, _GET, "/"),
    _door(Kind.ASSET, _GET, r"/(assets|static)/(?!.*\.\.)[\w./@+-]+"),
    _door(Kind.ASSET, _GET, r"(/gradio_api)?/theme\.css"),
    _door(
        Kind.ASSET, _GET, r"/(favicon\.ico|manifest\.json|robots\.txt|icons/[\w.]+|looks/[\w-]+\.jpg)"
    ),
    _door(Kind.PAGE, _GET, "/how-it-works"),
    _door(Kind.ASSET, _GET, r"/how-it-works/(code/)?([a-z_]+/)?[a-z_]+\.(webp|jpg|js|py)"),
    _door(Kind.ASSET, _GET, r"/thumbnails/\w{1,20}/\w{1,20}/[\w-]{1,80}\.webp"),
    _door(Kind.DATA, _GET, r"/config/?"),
    _door(Kind.DATA, _GET, _API + r"/(info/?|openapi\.json)"),
    _door(Kind.STATE, _GET, _API + r"/app_id/?"),
    _door(Kind.FILE, _GET, _API + "/file=.+"),
    _door(Kind.STREAM, _GET, _API + r"/heartbeat/[\w-]{1,64}"),
    _door(Kind.STREAM, _GET, _API + "/(queue/data|upload_progress)"),
    _door(Kind.STREAM, _GET, _API + rf"/call(/v2)?/({PUBLIC})/[\w-]{{1,64}}"),
    _door(Kind.WATCH, _GET, r"/watch/[\w-]{1,64}"),
    _door(Kind.FILE, _GET, r"/watch/[\w-]{1,64}/\d{1,20}\.jpeg"),
    _door(Kind.FILE, _GET, r"/series/[\w-]{1,64}\.zip"),
    _door(Kind.DATA, _GET, "/api"),
    _door(Kind.FORM, _POST, "/runs"),
    _door(Kind.WATCH, _GET, r"/runs/[\w-]{1,64}"),
    _door(Kind.STATE, frozenset({"DELETE"}), r"/runs/[\w-]{1,64}"),
    _door(Kind.CHANGE, frozenset({"PATCH"}), r"/runs/[\w-]{1,64}"),
    _door(Kind.STATE, _POST, r"/runs/[\w-]{1,64}/stop"),
    _door(Kind.FILE, _GET, r"/runs/[\w-]{1,64}/picture\.\w{1,8}"),
    _door(Kind.CALL, _POST, _API + "/(queue/join|run/predict|cancel|reset)/?"),
    _door(Kind.CALL, _POST, _API + rf"/call(/v2)?/({PUBLIC})/?"),
    _door(Kind.UPLOAD, _POST, _API + "/upload"),
    _door(Kind.PICTURE, _GET, r"/(picture|paintings)/[\w.-]{1,80}"),
    _door(Kind.TOOL, _POST, "/mcp"),
    _door(Kind.HEALTH, _GET, "/healthz"),
    _door(Kind.LOGIN, _GET | _POST, "/log(in|out)"),
)

# A scheme; one letter and a colon is a drive of Windows instead.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


def door_of(method: str, path: str) -> Door:
    """The door for a request.

    Args:
        method: its HTTP method.
        path: its path, decoded as the page will see it, without the prefix of a proxy.

    Raises:
        Refused: there is none, or it leads to another server.
    """
    matching = [door for door in DOORS if door.path.fullmatch(path)]
    if not matching:
        raise Refused("nothing_here")
    for door in matching:
        if method in door.methods:
            if door.kind is Kind.FILE and is_elsewhere(path.partition("file=")[2]):
                raise Refused("file_elsewhere")
            return door
    raise Refused("method_not_taken", method=method[:20])


def is_elsewhere(place: str) -> bool:
    """Whether a text that should be a path of this server is an address on the network."""
    place = place.strip().replace("\\", "/").lstrip("\x00\t\r\n ")
    return place.startswith("//") or _SCHEME.match(place) is not None
