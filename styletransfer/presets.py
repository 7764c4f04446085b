"""The presets of `presets.toml`: settings to start from, with a name and an explanation."""

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from .errors import SettingsError, shown
from .settings import Settings


@dataclass(frozen=True)
class Preset:
    """Settings to start from.

    Attributes:
        help: a sentence that explains it.
        settings: those that differ from the defaults, by name.
        front: whether it stands in front on the page, or in the laboratory.
        network: the network that it is meant for, or "" for the default one.
    """

    name: str
    help: str
    settings: dict[str, Any]
    front: bool = True
    network: str = ""


@cache
def presets() -> dict[str, Preset]:
    """Name -> preset, in the order of the file. All of them are valid `Settings`."""
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    by_name = {name: Preset(name, **row) for name, row in data.items()}
    for preset in by_name.values():
        Settings(**preset.settings)  # raises if one is out of range
    return by_name


def preset(name: str) -> Preset:
    """The preset with this name, in upper or lower case.

    Raises:
        SettingsError: no preset has this name.
    """
    for candidate in presets().values():
        if candidate.name.lower() == name.lower():
            return candidate
    raise SettingsError("no_such_preset", presets=", ".join(presets()), value=shown(name))


def preset_of(settings: Settings) -> Preset | None:
    """The preset that makes exactly these settings, or None. The photo's `alpha` is no part of it."""
    compared = replace(settings, alpha=False)
    return next(
        (preset for preset in presets().values() if Settings(**preset.settings) == compared), None
    )


def changed_by_any() -> dict[str, Any]:
    """Name -> default of every setting that some preset changes: a new choice of preset resets these."""
    names = {name for preset in presets().values() for name in preset.settings}
    defaults = Settings()
    return {name: getattr(defaults, name) for name in sorted(names)}
