"""Saved pictures have names that say what they are."""

import pytest

from styletransfer.service.file_names import picture_name


@pytest.mark.parametrize(
    ("photo", "painting", "name"),
    [
        (
            "/in/ab12/IMG_1234.HEIC",
            "/art/hokusai-great-wave.jpg",
            "IMG-1234-hokusai-great-wave-60x40",
        ),
        ("/in/Müllers Katze (2).jpg", "/in/大波.png", "Müllers-Katze-2-大波-60x40"),
        ("/in/.jpg", None, "jpg-60x40"),
        ("../../etc/pass wd", "a/..", "pass-wd-60x40"),
        ("x" * 200, 'y\n\0"<>|?*:\\z', "x" * 60 + "-y-z-60x40"),
        ("大" * 200, "é" * 99, "大" * 20 + "-" + "é" * 30 + "-60x40"),
        (None, {"path": "x"}, "60x40"),
    ],
)
def test_a_name_says_what_was_painted_like_what(photo, painting, name):
    assert picture_name({"content": photo, "style": painting}, 60, 40) == name


def test_a_draft_is_called_so():
    assert picture_name({"content": "cat.jpg"}, 60, 40, "draft") == "cat-draft-60x40"
