"""The process that reads one visitor's file: `python -m styletransfer.service.decoder`.

It gets its request on stdin and answers on stdout, each a line of JSON and after that bytes. Of this
package it imports only what works without torch, so that it starts quickly.
"""

import contextlib
import json
import os
import sys
import warnings
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import AvifImagePlugin

from ..cutout import load_cutout
from ..errors import ImageError
from ..picture_files import Wanted, load_layer, read, size_of
from ..recipe import text_in

_STATM = "/proc/self/statm"

Answer = tuple[dict[str, Any], bytes]


def main() -> None:
    """Answers the request on stdin."""
    warnings.simplefilter("ignore")
    request = json.loads(sys.stdin.buffer.readline())
    _limit(request["seconds"], request["bytes"])
    source = request["path"]
    if source is None:
        source = sys.stdin.buffer.read()
    try:
        answer, data = _ANSWERS[request["what"]](source, request)
    except ImageError as error:
        answer, data = error.written, b""
    except MemoryError:
        answer, data = {"code": "picture_exceeds_memory", "fields": {"name": request["name"]}}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + data)
    sys.stdout.buffer.flush()
    os._exit(0)  # at once: what libraries do at their end is not needed


def _picture(source: str | bytes, request: dict[str, Any]) -> Answer:
    wanted = Wanted(**request["wanted"])
    reading = read(source, request["name"], wanted)
    image = reading.plain.image
    recipe = text_in(BytesIO(source) if isinstance(source, bytes) else source)
    answer = {
        "pixels": image.size,
        "on_grey": reading.plain.on_grey,
        "hdr": reading.plain.hdr,
        "transparent": reading.plain.transparent,
        "format": reading.format,
        "drawn": reading.drawn,
        "shown_alike": reading.shown_alike,
        "recipe": recipe,
    }
    return answer, image.tobytes()


def _cutout(source: str | bytes, request: dict[str, Any]) -> Answer:
    photo, opacity = load_cutout(source, request["name"], Wanted(**request["wanted"]))
    answer = {"pixels": photo.size, "cut_out": opacity is not None}
    return answer, photo.tobytes() + (b"" if opacity is None else opacity.tobytes())


def _layer(source: str | bytes, _: dict[str, Any]) -> Answer:
    layer = load_layer(BytesIO(source) if isinstance(source, bytes) else source)
    return {"pixels": layer.size}, layer.tobytes()


def _size(source: str | bytes, _: dict[str, Any]) -> Answer:
    return {"size": size_of(source)}, b""


_ANSWERS = {"picture": _picture, "cutout": _cutout, "layer": _layer, "size": _size}


def _limit(seconds: int, most: int) -> None:
    """Limits threads, computing and memory of this process, as far as the system lets it.

    Threads of the libraries would each reserve memory, and save no computing.

    Args:
        seconds: of computing, after which the system ends it.
        most: bytes that it may take beside those with which it starts.
    """
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pillow_heif.options.DECODE_THREADS = 1
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open(_STATM) as file:  # on Linux
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + most, used + most))


if __name__ == "__main__":
    main()
