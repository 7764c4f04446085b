"""What the interface for programs takes, as JSON values: `GET /api`."""

from typing import Any

from ..catalogue import catalogue
from ..pictures import NAMES, REQUIRED
from ..presets import presets
from ..recipe import version
from ..service.queue import Limits
from ..settings import Knob, knobs
from .answers import VERSION
from .upload import LARGEST

_KINDS = {int: "integer", float: "number", bool: "boolean", str: "string"}


def about(limits: Limits) -> dict[str, Any]:
    """The version, the parameters, the presets, the paintings and the limits."""
    return {
        "version": VERSION,
        "program": f"styletransfer {version()}",
        "pictures": [
            {"name": name, "help": words, "required": name in REQUIRED} for name, words in NAMES.items()
        ],
        "settings": [schema(knob) | {"name": knob.name, "live": knob.live} for knob in knobs()],
        "presets": {name: preset.settings for name, preset in presets().items()},
        "paintings": {style.file.stem: style.caption for style in catalogue().styles},
        "limits": {
            "unfinished": limits.per_address,
            "waiting": limits.waiting,
            "kept_seconds": limits.keep_brief,
            "kept_runs": limits.finished_brief,
            "unwatched_seconds": limits.grace,
            "file_bytes": LARGEST,
        },
    }


def schema(knob: Knob) -> dict[str, Any]:
    """One setting in the words of JSON Schema."""
    told = {
        "type": _KINDS[knob.kind],
        "default": knob.default,
        "minimum": knob.minimum,
        "maximum": knob.maximum,
        "enum": knob.choices and list(knob.choices),
        "description": f"{knob.label}. {knob.help}",
    }
    return {name: value for name, value in told.items() if value is not None}
