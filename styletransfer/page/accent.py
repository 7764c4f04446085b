"""An accent colour in place of the page's own, made readable on the walls of light and dark mode.

Buttons are filled with the accent, and links and outlined buttons are written in it on the wall. So it
is darkened in light mode, or lightened in dark mode, as little as it takes to be read there, and what is
written on it is white or black, whichever can be read better.
"""

import re
from functools import cache

from .assets import text

_READABLE = 4.5  # the contrast of text by WCAG 2.2, level AA
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_WALLS = re.compile(r"--(?:wall|paper): (#[0-9a-f]{6});")
_MODES = {"colours": "#000000", "colours_dark": "#ffffff"}  # a mode's style sheet -> where readable lies

_RGB = tuple[float, float, float]


def is_colour(given: str) -> bool:
    """Whether this is a colour as the server's option takes it: #RRGGBB."""
    return _COLOUR.fullmatch(given) is not None


@cache
def accents(colour: str) -> tuple[str, str]:
    """The declarations of the accent and of what is written on it, in light and in dark mode.

    Args:
        colour: as #RRGGBB.
    """
    light, dark = (_declared(colour, sheet, end) for sheet, end in _MODES.items())
    return light, dark


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.2: from 1 for the same to 21 for black and white."""
    darker, lighter = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (lighter + 0.05) / (darker + 0.05)


def _declared(colour: str, sheet: str, end: str) -> str:
    walls = _WALLS.findall(text(f"{sheet}.css"))
    mixed = (_mixed(colour, end, percent / 100) for percent in range(101))
    accent = next(each for each in mixed if min(contrast(each, wall) for wall in walls) >= _READABLE)
    written = max(("#ffffff", "#000000"), key=lambda each: contrast(each, accent))
    return f"--accent: {accent}; --on-accent: {written};"


def _mixed(colour: str, end: str, share: float) -> str:
    """The colour with this share of another one, as #rrggbb."""
    parts = zip(_rgb(colour), _rgb(end), strict=True)
    return "#" + "".join(f"{round(255 * (one + share * (other - one))):02x}" for one, other in parts)


def _rgb(colour: str) -> _RGB:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255


def _luminance(rgb: _RGB) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
