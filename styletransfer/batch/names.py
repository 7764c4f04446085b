"""What the pictures of a batch are called: a pattern such as `{photo}-{style}` -> names of files."""

import string
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from ..errors import SettingsError, shown

PATTERN = "{photo}-{style}"
FIELDS = ("photo", "style", "suffix")
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")  # of what is written; the first where a pattern has none


class Pattern:
    """A pattern of names: `{style}/{photo}.jpg` makes a folder for each painting, and JPEGs in it.

    Args:
        text: with the fields `{photo}` and `{style}`, the names of the files without their suffixes, of
            several paintings joined by +; and `{suffix}`, the photo's suffix without its dot. What it
            ends in decides the format: .png, .jpg or .webp, by default .png.

    Raises:
        SettingsError: it has another field, or its braces do not match, or it leads out of the folder.
    """

    def __init__(self, text: str = PATTERN) -> None:
        fields = _fields(text)
        if unknown := set(fields) - set(FIELDS):
            raise SettingsError(
                "pattern_field_unknown", value=shown(min(unknown)), fields=", ".join(FIELDS)
            )
        path = PurePath(text)
        if not path.name or path.is_absolute() or ".." in path.parts:
            raise SettingsError("pattern_leads_away", value=shown(text))
        self._text = text if text.lower().endswith(_SUFFIXES) else text + _SUFFIXES[0]

    @property
    def suffix(self) -> str:
        """What the names end in, such as `.png`."""
        return PurePath(self._text).suffix.lower()

    def name(self, photo: Path, paintings: Sequence[Path]) -> PurePath:
        """The name of one picture, a path relative to the folder for results.

        Args:
            photo: its photo.
            paintings: its painting, or those that are blended.
        """
        values: Mapping[str, str] = {
            "photo": photo.stem,
            "style": "+".join(painting.stem for painting in paintings),
            "suffix": photo.suffix[1:],
        }
        return PurePath(self._text.format_map(values))


def _fields(text: str) -> list[str]:
    """The names of the fields in a pattern, `photo.stem` and `photo!r` whole."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise SettingsError("pattern_malformed", value=shown(text)) from error
    return [
        name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
        for _, name, form, conversion in parts
        if name is not None
    ]
