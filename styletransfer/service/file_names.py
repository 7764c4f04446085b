"""The names under which pictures are saved: what was painted like what, how large."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

_LONGEST = 60  # bytes of the photo's and of the painting's name; file systems allow 255 in all
_UNFIT = re.compile(r"[^\w]+|_+")  # \w are the letters and digits of all scripts


def picture_name(files: Mapping[str, Any], width: int, height: int, kind: str = "") -> str:
    """A name without a suffix, such as `beach-hokusai-great-wave-768x512`.

    Args:
        files: the paths of the photo, "content", and the painting, "style", as far as they are known.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        kind: of the picture, if it is not the finished one, such as "draft".
    """
    words = [_words(files.get(name)) for name in ("content", "style")]
    return "-".join(filter(None, [*words, kind, f"{width}x{height}"]))


def _words(path: Any) -> str:
    if not isinstance(path, str):
        return ""
    words = _UNFIT.sub("-", PurePath(path).stem).strip("-")
    return words.encode()[:_LONGEST].decode(errors="ignore").rstrip("-")
