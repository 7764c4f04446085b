"""Every file of a visitor is decoded here: in a process of its own, a few at a time.

A hostile file can make a decoder take any time and memory, and Python cannot stop it in a thread. So
each file is read by a new process (`decoder`), which the system limits; that takes 0.15 s more.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image

from ..catalogue import FOLDER
from ..cutout import load_cutout
from ..errors import ImageError
from ..picture_files import Wanted, read, size_of
from .turns import Turns

LARGEST = 4096  # long side in pixels of any picture that is used
_AT_ONCE = 2  # processes
_BYTES = 10**9  # that each may take
_SECONDS = 6  # of computing; the largest files that can be opened take three on one core
_PATIENCE = 30  # seconds for which a picture waits to be read
_CLOCK = 20  # seconds after which it is ended in any case, also while others compute
_ROOT = Path(__file__).resolve().parents[2]
_TOO_LONG = (-24, 152)  # how a process ends that has computed for too long (SIGXCPU)
# One arena: each thread's own would count as memory, though it is not used.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "OPJ_NUM_THREADS": "1"}

_places = threading.BoundedSemaphore(_AT_ONCE)
# Of one visitor no more calls than places: others of theirs would stand in line before everybody else.
_turns = Turns(32, _AT_ONCE, "reading")

# Whose pictures are read in this context, such as a network address; nobody in particular by default.
asker: ContextVar[Hashable] = ContextVar("asker", default=None)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Decoded:
    """A visitor's picture.

    Attributes:
        image: upright, opaque, sRGB, of mode "RGB".
        recipe: the text of a recipe in the file, unchecked; None if there is none.
        format, drawn, shown_alike: as `picture_files.Reading`.
        on_grey, hdr, transparent: as `srgb.Plain`.
    """

    image: Image.Image
    recipe: str | None = None
    format: str = ""
    drawn: bool = False
    shown_alike: bool = False
    on_grey: bool = False
    hdr: bool = False
    transparent: bool = False


async def aside(function: Callable[..., Result], *arguments: Any) -> Result:
    """What the function returns, called in a thread in which it may wait for a place here.

    Those of `asyncio.to_thread` are few, and running pictures need them. Each `asker` has only a few at
    a time, so that somebody's many slow files keep nobody else waiting.
    """
    return await asyncio.wrap_future(_turns.submit(asker.get(), function, *arguments))


def picture(source: Any, name: str, wanted: Wanted) -> Decoded:
    """The picture as it is wanted.

    Args:
        source: the path or the bytes of a visitor's file. What else `load_image` takes, and files of the
            catalogue, are no stranger's, and are read in this process.
        name: what error sentences call the picture.
        wanted: how the picture is wanted.

    Raises:
        ImageError: as `load_image`; it takes too long to read, or too many are being read.
    """
    if not _is_a_strangers(source):
        return Decoded(read(source, name, wanted).plain.image)
    said, data = _answer("picture", source, name, wanted=asdict(wanted))
    image = Image.frombytes("RGB", tuple(said.pop("pixels")), data)
    return Decoded(image, **said)


def cutout(source: Any, name: str, wanted: Wanted) -> tuple[Image.Image, Image.Image | None]:
    """The picture and its opacity, as `cutout.load_cutout` gives them.

    Args:
        source: as for `picture`.
        name: what error sentences call the picture.
        wanted: how the picture is wanted.

    Raises:
        ImageError: as `cutout.load_cutout`; or as `picture`.
    """
    if not _is_a_strangers(source):
        return load_cutout(source, name, wanted)
    # Such a file is decoded twice.
    said, data = _answer("cutout", source, name, wanted=asdict(wanted), seconds=2 * _SECONDS)
    size = tuple(said["pixels"])
    colours = 3 * size[0] * size[1]
    opacity = Image.frombytes("L", size, data[colours:]) if said["cut_out"] else None
    return Image.frombytes("RGB", size, data[:colours]), opacity


def layer(source: Any) -> Image.Image:
    """What somebody painted in the page's editor, as `picture_files.load_layer` gives it.

    Raises:
        ImageError: as `picture_files.load_layer`; or as `picture`.
    """
    said, data = _answer("layer", source, "mask")
    return Image.frombytes("RGBA", tuple(said["pixels"]), data)


def size(source: Any) -> tuple[int, int] | None:
    """(width, height) in pixels of the upright picture, or None if it is not a picture."""
    if not _is_a_strangers(source):
        return size_of(source)
    try:
        if isinstance(source, str):
            return _size_of_file(source, os.stat(source).st_mtime_ns)
        return _size(source)
    except (ImageError, OSError, ValueError):
        return None


@lru_cache(1000)
def _size_of_file(path: str, _changed: int) -> tuple[int, int] | None:
    """As `size`, remembered as long as the file is not changed: settings are moved far more often."""
    return _size(path)


def _size(source: str | bytes) -> tuple[int, int] | None:
    found = _answer("size", source, "picture")[0]["size"]
    return found and (found[0], found[1])


def _is_a_strangers(source: Any) -> bool:
    if not isinstance(source, str):
        return isinstance(source, bytes)
    try:
        return bool(source.strip()) and FOLDER.resolve() not in Path(source).resolve().parents
    except ValueError:  # no path
        return True


def _answer(what: str, source: str | bytes, name: str, **more: Any) -> tuple[dict[str, Any], bytes]:
    """What a new process answers, once there is a place for one."""
    path = source if isinstance(source, str) else None
    limits = {"seconds": _SECONDS, "bytes": _BYTES}
    request = {"what": what, "path": path, "name": name, **limits, **more}
    sent = json.dumps(request).encode() + b"\n" + (b"" if isinstance(source, str) else source)
    if not _places.acquire(timeout=_PATIENCE):
        raise ImageError("too_many_at_once")
    try:
        ended = _run(sent)
    except subprocess.TimeoutExpired:
        raise ImageError("picture_takes_too_long", name=name) from None
    except OSError as error:  # no process, or no memory for one
        raise ImageError("too_many_at_once") from error
    finally:
        _places.release()
    if ended.returncode in _TOO_LONG:
        raise ImageError("picture_takes_too_long", name=name)
    if ended.returncode:  # a decoder has crashed
        raise ImageError("picture_damaged", name=name)
    head, _, data = ended.stdout.partition(b"\n")
    said = json.loads(head)
    if "code" in said:
        raise ImageError.again(said)
    return said, data


def _run(sent: bytes) -> subprocess.CompletedProcess[bytes]:
    paths = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, "-m", "styletransfer.service.decoder"],
        input=sent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_CLOCK,
        env={**os.environ, **_ENVIRONMENT, "PYTHONPATH": paths},
        start_new_session=True,  # Ctrl-C is for the server, which waits for it
        check=False,
    )
