"""What a picture was made with: a text in the picture's file, and the settings read back from it.

The text holds nothing private: no file names and no paths, only hashes, by which whoever has the files
can recognise them.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin

from .errors import SettingsError
from .png_chunks import text_of
from .settings import Settings, knobs

KEY = "styletransfer"  # names the text chunk in a PNG, and the line in EXIF
_LONGEST = 20_000  # characters; a recipe is about 1,000, so a longer text is somebody else's
# What was done before there was the setting. A recipe names every setting that its version had, so one
# without it was painted like this, and can be painted like this again.
_BEFORE: dict[str, Any] = {"style_loss": "gram", "keep_faces": False}


@cache
def version() -> str:
    """The version of this program, such as 0.2.0."""
    pyproject = Path(__file__).resolve().parent.parent / "pyproject.toml"
    if pyproject.is_file():  # run from the repository without being installed, as a Space does
        project = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == "styletransfer":
            return str(project["version"])
    return metadata.version("styletransfer")


def recipe(
    settings: Settings,
    files: Mapping[str, Any],
    steps: int,
    known: Mapping[str, str] | None = None,
    network: str = "",
) -> dict[str, str]:
    """The text to keep in a picture's file under `KEY`, as `images.save_image` takes it.

    Args:
        settings: the settings that the picture was painted with; all of them are kept, the seed too.
        files: name -> path of each picture that it was made from. What is not a path is left out.
        steps: how many steps were painted.
        known: name -> SHA-256 of each file that has been hashed before, and is not read for it again.
        network: what saw the pictures, as `weights.known_as` has it; empty for the default one.
    """
    hashes = dict(known or {})
    for name, file in files.items():
        try:
            hashes[name] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
        except (OSError, TypeError):  # deleted meanwhile, or not a path: the recipe is of use without it
            continue
    values = {knob.name: getattr(settings, knob.name) for knob in knobs()}
    parts = {
        "version": version(),
        "steps made": steps,
        "settings": values,
        "sha256": hashes,
    }
    if network:
        parts["network"] = network
    return {KEY: json.dumps(parts)}


def settings_in(file: Any) -> Settings | None:
    """The settings of the recipe in a picture's file, or None if it holds no valid recipe."""
    return settings_from(text_in(file))


def settings_from(text: str | None) -> Settings | None:
    """The settings of a recipe, or None if it is no valid one.

    Settings that this version does not know are ignored, and missing ones get the values with which
    pictures were painted before there were such settings.
    """
    if text is None or len(text) > _LONGEST:
        return None
    try:
        values = _BEFORE | json.loads(text)["settings"]
        known = {knob.name for knob in knobs()}
        return Settings(**{name: value for name, value in values.items() if name in known})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, SettingsError):
        return None


def recipe_in(file: Any) -> dict[str, Any] | None:
    """All that the recipe in a picture's file says, or None if it holds none.

    Args:
        file: as for `text_in`.
    """
    text = text_in(file)
    if settings_from(text) is None:
        return None
    parts: dict[str, Any] = json.loads(text or "")
    return parts


def tells_of(
    made: Mapping[str, Any], settings: Settings, hashes: Mapping[str, str], network: str = ""
) -> bool:
    """Whether this is the recipe of a finished picture that was made with these settings.

    The version of the program does not count.

    Args:
        made: from `recipe_in`.
        settings: all of them have to be the same.
        hashes: name -> SHA-256 of each file that it should be made from.
        network: as for `recipe`.
    """
    if made.get("network", "") != network:
        return False
    finished = made.get("steps made") == settings.steps and made.get("sha256") == hashes
    return finished and settings_from(json.dumps(made)) == settings


def text_in(file: Any) -> str | None:
    """The text that `images.save_image` has kept under `KEY`; no pixel is decoded.

    Args:
        file: a path, or an open file, which is read from its start.
    """
    try:
        with Image.open(file, formats=["PNG", "JPEG", "WEBP"]) as image:
            if isinstance(image, PngImagePlugin.PngImageFile):
                # Also behind the pixels, where other programs move it.
                found = image.info.get(KEY) or (image.fp and text_of(image.fp, KEY))
                return found if isinstance(found, str) else None
            description = str(image.getexif().get(ExifTags.Base.ImageDescription, ""))
    except Exception:  # every decoder fails in its own way, and a picture needs no recipe
        return None
    lines = dict(line.partition(": ")[::2] for line in description.splitlines())
    return lines.get(KEY)
