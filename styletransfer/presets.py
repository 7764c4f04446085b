"""The starting points of `presets.toml`: a name, a sentence, the settings that it changes, a network."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .errors import SettingsError, shown
from .settings import Settings


@dataclass(frozen=True)
class Preset:
    name: str
    help: str
    settings: dict[str, Any]
    front: bool = True  # in front on the page, or under "Advanced"
    network: str = ""  # the one that it is meant for, where that is not the default


@cache
def presets() -> dict[str, Preset]:
    """Every preset by its name, in the file's order; each makes valid `Settings`."""
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    found = {name: Preset(name, **row) for name, row in data.items()}
    for preset in found.values():
        Settings(**preset.settings)
    return found


def preset(name: str) -> Preset:
    """The preset of this name, in whatever case it is written.

    Raises:
        SettingsError: there is none.
    """
    for each in presets().values():
        if each.name.lower() == name.lower():
            return each
    raise SettingsError("no_such_preset", presets=", ".join(presets()), value=shown(name))


def preset_of(settings: Settings) -> Preset | None:
    """The preset whose settings these are, or None."""
    return next((each for each in presets().values() if Settings(**each.settings) == settings), None)


def changed_by_any() -> dict[str, Any]:
    """Every setting that some preset changes, with its default: what choosing another one resets."""
    names = {name for each in presets().values() for name in each.settings}
    defaults = Settings()
    return {name: getattr(defaults, name) for name in sorted(names)}
