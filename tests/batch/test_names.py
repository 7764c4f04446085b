from pathlib import Path, PurePath

import pytest

from styletransfer.batch.names import Pattern
from styletransfer.errors import SettingsError

PHOTO, WAVE, STREET = Path("in/a.b.JPG"), Path("wave.png"), Path("street.jpg")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{photo}-{style}", "a.b-wave.png"),
        ("{style}/{photo}.jpg", "wave/a.b.jpg"),
        ("{photo} {suffix}.WebP", "a.b JPG.WebP"),
        ("{{{photo}}}", "{a.b}.png"),
    ],
)
def test_a_pattern_makes_names(pattern, name):
    assert Pattern(pattern).name(PHOTO, [WAVE]) == PurePath(name)


def test_the_names_of_several_paintings_are_joined():
    assert Pattern("{style}.png").name(PHOTO, [WAVE, STREET]) == PurePath("wave+street.png")


@pytest.mark.parametrize(
    "pattern", ["{picture}", "{}", "{0}", "{photo.parent}", "{photo!r}", "{photo:>9}", "{photo[0]}"]
)
def test_other_fields_are_refused(pattern):
    with pytest.raises(
        SettingsError, match="fields photo, style, suffix, each in braces, got"
    ) as caught:
        Pattern(pattern)
    assert caught.value.code == "pattern_field_unknown"


@pytest.mark.parametrize("pattern", ["{photo", "photo}", "{photo}{"])
def test_braces_have_to_match(pattern):
    with pytest.raises(SettingsError, match="a closing brace for each opening one"):
        Pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "/tmp/{photo}", "../{photo}", "{style}/../../{photo}"])
def test_no_pattern_leads_out_of_the_folder(pattern):
    with pytest.raises(SettingsError, match="below the folder for the pictures"):
        Pattern(pattern)
