"""Hostile files: each ends as a picture or as a sentence, soon and in bounded memory."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from styletransfer.errors import MESSAGES, ImageError
from styletransfer.picture_files import Wanted
from styletransfer.service import decoding
from tests.support.server import ROOT

MOST = 10**9  # bytes over an idle process
PAGE = Wanted(None, decoding.LARGEST, 32)
# What needs a process of its own most, and some of what does not.
APART = [
    *("a-hundred-megapixels.png", "a-hundred-megapixels.jpg", "many-passes.jpg", "profile.png"),
    *("more-pixels-than-declared.png", "declares-60000.heic", "declares-60000.avif", "canvas.webp"),
    *("screen-65535.gif", "tag-322-4.tif", "declares-30000.jp2", "numbers.ppm", "drawing.eps"),
    *("layers.psd", "drawing.svg", "nothing.png", "frames.gif", "hdr.heic", "cut-at-0.5.webp"),
    *("flipped-1.jpg", "orientation-word.jpg", "recipe-nested.png", "no-numbers.tif"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the hostile files lie, once they have been read."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def came(folder):
    """What reading each file came to, in a process of its own."""
    command = [sys.executable, "-m", "tests.support.reading_hostile", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, f"it hung or crashed at the last of these:\n{ended.stderr[-3000:]}"
    return json.loads(ended.stdout)


def test_there_are_many_of_many_kinds(came, folder):
    made = [file.name for file in folder.iterdir()]
    assert len(made) >= 150
    assert len({name.rpartition(".")[2] for name in made}) >= 12
    assert len(came["came"]) == 2 * len(made)
    assert came["bytes"] < 100_000_000


def test_each_ends_as_a_picture_or_as_a_sentence(came):
    sentences = {*MESSAGES["visitor"], "picture"}
    assert {name: what for name, what in came["came"].items() if what not in sentences} == {}


def test_both_are_among_them(came):
    kinds = Counter(came["came"].values())
    assert kinds["picture"] > 100
    assert (
        min(kinds[code] for code in ("picture_damaged", "picture_unreadable", "too_many_pixels")) >= 20
    )


def test_none_takes_more_than_a_gigabyte(came):
    assert came["kilobytes"] * 1024 < MOST


def test_the_page_and_the_command_line_agree(came):
    by_way = [
        {name.partition(" as ")[0]: what for name, what in came["came"].items() if name.endswith(way)}
        for way in ("line", "page")
    ]
    assert by_way[0] == by_way[1]


@pytest.mark.parametrize("name", APART)
def test_a_file_that_is_read_apart_ends_as_in_the_process_itself(name, folder, came):
    if f"{name} as the page" not in came["came"]:
        pytest.skip("this Pillow has no AVIF")
    try:
        decoded = decoding.picture(str(folder / name), "photo", PAGE)
        what = "picture"
        assert max(decoded.image.size) <= decoding.LARGEST
    except ImageError as error:
        what = error.code
    expected = came["came"][f"{name} as the page"]
    assert what in (expected, "picture_exceeds_memory", "picture_takes_too_long")
