"""What a picture was made with: a text in its file, and the settings read back from it.

Nothing private: no names or places of files, only hashes by which their owner knows them again.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from .errors import SettingsError
from .settings import Settings, knobs

KEY = "styletransfer"  # of the text chunk in a PNG, and of the line in EXIF
_LONGEST = 20_000  # characters; what is longer is not ours


@cache
def version() -> str:
    """This program's."""
    pyproject = Path(__file__).resolve().parent.parent / "pyproject.toml"
    if pyproject.is_file():  # run from its folder, as a Space is
        return tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["version"]
    return metadata.version("styletransfer")


def recipe(settings: Settings, files: Mapping[str, Any], steps: int) -> dict[str, str]:
    """What `images.save_image` is to keep in the file.

    Args:
        settings: all of them, the seed too.
        files: the pictures it was made from, by name: paths. Others are left out.
        steps: how many were made.
    """
    hashes = {}
    for name, file in files.items():
        try:
            hashes[name] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
        except (OSError, TypeError):  # gone meanwhile: the recipe holds without
            continue
    values = {knob.name: getattr(settings, knob.name) for knob in knobs()}
    parts = {
        "version": version(),
        "steps made": steps,
        "settings": values,
        "sha256": hashes,
    }
    return {KEY: json.dumps(parts)}


def settings_in(file: Any) -> Settings | None:
    """The settings of the recipe in a picture, or None where there is none that can be used.

    Settings that this version does not know are left out, and those missing are at their defaults.
    """
    try:
        with Image.open(file, formats=["PNG", "JPEG", "WEBP"]) as image:
            text = _text_in(image)
        if not isinstance(text, str) or len(text) > _LONGEST:
            return None
        values = json.loads(text)["settings"]
        known = {knob.name for knob in knobs()}
        return Settings(**{name: value for name, value in values.items() if name in known})
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, AttributeError, SettingsError):
        return None  # no picture, no recipe, or one that somebody has spoiled


def _text_in(image: Image.Image) -> str | None:
    """What `images.save_image` has kept in it under `KEY`."""
    if image.format == "PNG":
        return image.info.get(KEY) or image.text.get(KEY)
    description = str(image.getexif().get(ExifTags.Base.ImageDescription, ""))
    lines = dict(line.partition(": ")[::2] for line in description.splitlines())
    return lines.get(KEY)
