"""A look as a link: the painting, the preset and the settings that differ from it, as a query string.

A link may have been written by hand, or by somebody hostile. What has no meaning here is ignored and
reported, and the rest of the link is used.

A link is no record of a picture, as a recipe is: it asks for a look, by the names that the page of today
has for it. So whatever it does not name is as it is on the page of today, also in a link that was made
when a preset or a default was another one; it may as well have been written by hand. Whoever opens an
old link gets its painting and its settings, painted by the style loss that is the best one now, and sees
on the page which one that is.
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
PAINTING = "painting"  # one of somebody's own, by the name under which it is shared
NAMES = (STYLE, PAINTING, PRESET, *(knob.name for knob in knobs()))

# Parameters that others append to links: Gradio, Spaces and mailing lists. They are not reported.
_FOREIGN = {"view", "lang", "ref", "logs", "embed", "session_hash", "deep_link", "mc_cid", "mc_eid"}
_MOST_PAIRS = 60  # the rest of a longer query string is not read
_LONGEST = 40  # characters of a reported parameter


@dataclass(frozen=True)
class Look:
    """How a picture is to be painted, whatever the photo.

    Attributes:
        settings: valid ones; a setting that the link does not name has its default.
        style: a painting of the catalogue, or None if the link names none.
        painting: the name of a painting that somebody has shared, unchecked; empty if there is none.
        left_out: the parameters without a meaning here, as `name=value`, shortened.
        followed: whether at least one parameter has a meaning.
    """

    settings: Settings
    style: Style | None = None
    painting: str = ""
    left_out: tuple[str, ...] = ()
    followed: bool = True


def query_of(settings: Settings, style: Style | None = None, painting: str = "") -> str:
    """The shortest query string for these settings, such as `style=hokusai-poppies&preset=Best&seed=3`.

    It names the preset with the fewest differences, and these; for the defaults it is empty.

    Args:
        settings: of the look.
        style: the catalogue's painting.
        painting: the name under which a painting is shared that is not the catalogue's.
    """
    nearest = min(presets().values(), key=lambda candidate: len(_differences(settings, candidate)))
    pairs: dict[str, Any] = {STYLE: style.file.stem} if style else {}
    if painting:
        pairs[PAINTING] = painting
    if nearest.settings:  # a preset without settings is the defaults, which need no name
        pairs[PRESET] = nearest.name
    pairs |= {
        name: _knob_named(name).text(value) for name, value in _differences(settings, nearest).items()
    }
    return urlencode(pairs, quote_via=quote)


def look_in(pairs: Iterable[tuple[str, str]]) -> Look | None:
    """The look that the names and values of a query string ask for, or None if they ask for nothing."""
    given = [pair for pair in list(pairs)[:_MOST_PAIRS] if not _is_foreign(pair[0])]
    if not given:
        return None
    style: Style | None = None
    painting = ""
    values: dict[str, Any] = {}
    left_out = []
    # The preset first, wherever it stands in the link: the settings are changes to it.
    for name, text in sorted(given, key=lambda pair: pair[0] != PRESET):
        try:
            if name == STYLE:
                style = _style_named(text)
            elif name == PAINTING:
                painting = text
            elif name == PRESET:
                values = preset(text).settings | values
            else:
                values[name] = _knob_named(name).parse(text)
        except (LookupError, SettingsError):
            left_out.append(_shortened(f"{name}={text}"))
    try:
        settings = Settings(**values)
    except SettingsError:  # every value is in its range, but both weights are 0
        weights = [name for name in values if name.endswith("_weight")]
        left_out += [_shortened(f"{name}={text}") for name, text in given if name in weights]
        settings = Settings(**{name: value for name, value in values.items() if name not in weights})
    return Look(settings, style, painting, tuple(left_out), followed=len(left_out) < len(given))


def differing(settings: Settings) -> list[tuple[Knob, str]]:
    """The settings that are not at their defaults, with their values as texts."""
    return [
        (knob, knob.text(getattr(settings, knob.name)))
        for knob in knobs()
        if getattr(settings, knob.name) != knob.default
    ]


def _differences(settings: Settings, preset: Preset) -> dict[str, Any]:
    """Name -> value of the settings that the preset would make differently."""
    preset_settings = Settings(**preset.settings)
    values = {knob.name: getattr(settings, knob.name) for knob in knobs()}
    return {name: value for name, value in values.items() if value != getattr(preset_settings, name)}


def _style_named(name: str) -> Style:
    return {style.file.stem: style for style in catalogue().styles}[name]


def _knob_named(name: str) -> Knob:
    return {knob.name: knob for knob in knobs()}[name]


def _is_foreign(name: str) -> bool:
    return name in _FOREIGN or name.startswith(("_", "utm_")) or name.endswith("clid")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2]} …"
