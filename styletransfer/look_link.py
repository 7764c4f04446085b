"""A look as a link: the painting, the preset and what differs from it, as a query string and back.

Whatever stands in a link was perhaps written by hand or by somebody hostile: what cannot be followed is
left out and named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from .catalogue import Style, catalogue
from .errors import SettingsError
from .presets import Preset, preset, presets
from .settings import Knob, Settings, knobs

STYLE, PRESET = "style", "preset"
NAMES = (STYLE, PRESET, *(knob.name for knob in knobs()))

# What others hang on to every link: Gradio and Spaces their own, networks and mail programs theirs.
_OTHERS = {"view", "lang", "ref", "logs", "embed", "session_hash", "deep_link", "mc_cid", "mc_eid"}
_MOST = 60  # pairs that are looked at
_LONGEST = 40  # characters of one that is named


@dataclass(frozen=True)
class Look:
    """How a picture is to be painted, whatever the photo.

    Attributes:
        style: out of the catalogue, or None where the link names none.
        left_out: what could not be followed, as it stood in the link, shortened.
        followed: whether anything could be.
    """

    settings: Settings
    style: Style | None = None
    left_out: tuple[str, ...] = ()
    followed: bool = True


def query_of(settings: Settings, style: Style | None = None) -> str:
    """`style=...&preset=...&seed=3`: no more than differs from the nearest preset; perhaps empty."""
    nearest = min(presets().values(), key=lambda each: len(_differences(settings, each)))
    pairs: dict[str, Any] = {STYLE: style.file.stem} if style else {}
    if nearest.settings:  # not the defaults
        pairs[PRESET] = nearest.name
    pairs |= {name: _text(value) for name, value in _differences(settings, nearest).items()}
    return urlencode(pairs, quote_via=quote)


def look_in(pairs: Iterable[tuple[str, str]]) -> Look | None:
    """What the names and values of a query string ask for, or None where they ask for nothing."""
    style, values, left_out = None, {}, []
    given = [pair for pair in list(pairs)[:_MOST] if not _of_others(pair[0])]
    # The preset first, wherever it stands: the others are said of it.
    for name, text in sorted(given, key=lambda pair: pair[0] != PRESET):
        try:
            if name == STYLE:
                style = next(each for each in catalogue().styles if each.file.stem == text)
            elif name == PRESET:
                values = preset(text).settings | values
            else:
                values[name] = next(each for each in knobs() if each.name == name).parse(text)
        except (StopIteration, SettingsError):
            left_out.append(_short(f"{name}={text}"))
    try:
        settings = Settings(**values)
    except SettingsError:  # each value is right, and both weights are 0
        left_out += [_short(f"{name}={text}") for name, text in given if name.endswith("_weight")]
        kept = {name: value for name, value in values.items() if not name.endswith("_weight")}
        settings = Settings(**kept)
    if not given:
        return None
    return Look(settings, style, tuple(left_out), followed=len(left_out) < len(given))


def differing(settings: Settings) -> list[tuple[Knob, str]]:
    """Each setting that is not at its default, with its value as a text."""
    return [
        (knob, _text(getattr(settings, knob.name)))
        for knob in knobs()
        if getattr(settings, knob.name) != knob.default
    ]


def _differences(settings: Settings, start: Preset) -> dict[str, Any]:
    before = Settings(**start.settings)
    values = {knob.name: getattr(settings, knob.name) for knob in knobs()}
    return {name: value for name, value in values.items() if value != getattr(before, name)}


def _text(value: Any) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _of_others(name: str) -> bool:
    return name in _OTHERS or name.startswith(("_", "utm_")) or name.endswith("clid")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2]} …"
