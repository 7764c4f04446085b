"""The catalogue: what is said of every picture, the pictures' sizes, and that they may be given on."""

import tomllib
from collections import Counter
from datetime import UTC, datetime

import pytest
from PIL import Image

from styletransfer.catalogue import FOLDER, MOODS, catalogue
from styletransfer.presets import presets

ART = catalogue()
DATA = tomllib.loads((FOLDER / "catalogue.toml").read_text(encoding="utf-8"))


def names(each) -> str:
    return each.file.stem


@pytest.mark.parametrize("style", ART.styles, ids=names)
def test_a_painting_is_described_and_of_a_size_to_learn_from(style):
    assert style.title
    assert style.artist
    assert style.mood in MOODS
    assert style.source.package
    assert style.source.licence in {"GPL-3.0-or-later", "CC0-1.0", "public domain"}
    assert style.caption.startswith(f"{style.artist}, {style.title}")
    assert not style.caption.endswith(", ")
    with Image.open(style.file) as image:
        assert 400 <= max(image.size) <= 768
        assert min(image.size) >= 320
    assert style.file.stat().st_size <= 200_000


def test_every_painter_has_been_dead_for_seventy_years():
    died = DATA["died"]
    assert died.keys() == {style.artist for style in ART.styles}
    assert max(died.values()) < datetime.now(UTC).year - 70


def test_there_are_forty_paintings_and_some_of_every_mood():
    assert len(ART.styles) >= 40
    assert len({names(style) for style in ART.styles}) == len(
        ART.styles
    )  # links and favourites name them
    assert min(Counter(style.mood for style in ART.styles)[mood] for mood in MOODS) >= 2


def test_an_undated_painting_is_called_by_artist_and_title():
    undated = next(style for style in ART.styles if not style.year)
    assert undated.caption == f"{undated.artist}, {undated.title}"


@pytest.mark.parametrize("photo", ART.photos, ids=names)
def test_a_photo_is_described_and_free_to_use(photo):
    assert photo.title
    assert any(licence in photo.credit for licence in ("CC0", "CC BY", "public domain"))
    with Image.open(photo.file) as image:
        assert 400 <= max(image.size) <= 1024
    assert photo.file.stat().st_size <= 250_000


@pytest.mark.parametrize("example", ART.examples, ids=lambda example: example.result.stem)
def test_a_finished_picture_is_as_large_as_the_best_preset_paints(example):
    with Image.open(example.result) as image, Image.open(example.photo) as photo:
        assert max(image.size) == presets()["Best"].settings["size"]
        assert image.width / image.height == pytest.approx(photo.width / photo.height, rel=0.01)


def test_what_people_photograph_most_is_among_the_finished_pictures():
    shown = {example.photo.stem for example in ART.examples}
    assert shown >= {"astronaut", "mill-workers", "dogs", "cat", "lake", "street", "skyline"}


def test_no_picture_lies_there_that_the_catalogue_does_not_list():
    listed = {each.file for each in (*ART.photos, *ART.styles)} | {each.result for each in ART.examples}
    there = {file for name in ("photos", "styles", "results") for file in (FOLDER / name).iterdir()}
    assert there == listed


def test_all_pictures_together_stay_small_enough_to_be_installed():
    listed = [each.file for each in (*ART.photos, *ART.styles)]
    assert sum(file.stat().st_size for file in listed) < 9_000_000
