"""The pictures that the arguments name: read before the first step, and known by hashes from then on."""

import hashlib
import os
import select
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PIL import Image

from .arguments import Request
from .cutout import load_cutout
from .errors import ImageError
from .images import load_image
from .pictures import KEEP, NAMES, Pictures, named
from .terminal import without_stderr

T = TypeVar("T")

_PATIENCE = 3  # seconds that a pipe may be silent until it is said what is waited for
_MOST = 2**30  # bytes; of the largest picture that can be opened, 16 bits and four channels, it is 0.7


def read_pictures(request: Request) -> tuple[Pictures, dict[str, str]]:
    """The pictures, and each file's SHA-256 under the API's name. No file is needed after that.

    Raises:
        ImageError: as `load_image`, or one is a terminal or another device.
    """
    hashes: dict[str, str] = {}
    piped: dict[str, bytes] = {}  # a pipe can be read only once, though it is named twice

    def read(file: str, what: str, load: Callable[..., T], *more: str | None) -> T:
        if file not in piped and _is_pipe(file, what):
            piped[file] = _through_pipe(file, what)
        with without_stderr():
            image = load(piped.get(file, file), what, *more)
        if file not in piped:
            with open(file, "rb") as opened:
                hashes[file] = hashlib.file_digest(opened, "sha256").hexdigest()
        else:
            hashes[file] = hashlib.sha256(piped[file]).hexdigest()
        return image

    def loaded(file: str, what: str, background: str | None = None) -> Image.Image:
        return read(file, what, load_image, background)

    opacity = None
    if request.settings.alpha:
        photo, opacity = read(request.content, "photo", load_cutout)
    else:
        photo = loaded(request.content, "photo")
    pictures = Pictures(
        content=photo,
        styles=[loaded(file, "painting") for file in request.styles],
        masks=[
            loaded(file, f"mask of painting {number}", "black") if file else None
            for number, file in enumerate(request.masks, 1)
        ],
        start=loaded(request.start, "start image") if request.start else None,
        keep=loaded(request.keep, NAMES[KEEP], "black") if request.keep else None,
        opacity=opacity,
    )
    files = named(request.content, request.styles, request.masks, request.start, request.keep)
    return pictures, {name: hashes[file] for name, file in files.items()}


def _is_pipe(file: str, what: str) -> bool:
    try:
        kind = os.stat(file).st_mode
    except OSError:  # `load_image` says what is wrong
        return False
    if stat.S_ISCHR(kind) or stat.S_ISBLK(kind):
        raise ImageError("picture_is_a_device", name=f"{what} ({Path(file).name})")
    return stat.S_ISFIFO(kind)


def _through_pipe(file: str, what: str) -> bytes:
    """What comes through the pipe, such as a named one or /dev/stdin, until its writers close it."""
    name = f"{what} ({Path(file).name})"
    # Without blocking, because opening a named pipe would wait for a writer, silently.
    with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as pipe:
        if not select.select([pipe], [], [], _PATIENCE)[0]:
            print(
                f"Waiting for the {name}, which is a pipe; Ctrl-C ends it", file=sys.stderr, flush=True
            )
            select.select([pipe], [], [])
        os.set_blocking(pipe.fileno(), True)
        data = pipe.read(_MOST)
    if len(data) == _MOST:
        raise ImageError("picture_unreadable", name=name)
    return data
