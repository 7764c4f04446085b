"""Crops of paintings: cutting them, and finding the whole painting again."""

import pytest
from PIL import Image

from styletransfer.errors import ImageError
from styletransfer.service.crops import Crops


@pytest.fixture
def painting(tmp_path):
    image = Image.new("RGB", (200, 100), "white")
    image.paste("teal", (100, 0, 200, 100))
    image.save(tmp_path / "mine.png")
    return str(tmp_path / "mine.png")


def test_a_part_is_cut_and_knows_its_whole(painting, tmp_path):
    crops = Crops(tmp_path / "crops", {})
    file = crops.cut(painting, [0.5, 0.2, 1, 0.7])
    with Image.open(file) as part:
        assert part.size == (100, 50)
        assert max(abs(a - b) for a, b in zip(part.getpixel((50, 25)), (0, 128, 128), strict=True)) < 4
    moved = tmp_path / "elsewhere" / file.name  # where Gradio's copy would be
    found = crops.source_of(str(moved))
    assert (found.source, found.box) == (painting, (0.5, 0.2, 1, 0.7))
    assert crops.source_of(painting).source == painting


@pytest.mark.parametrize("box", [[0, 0, 0.5, 0.31], [0.5, 0, 0.4, 1]])
def test_a_part_that_is_too_small_is_refused_with_what_would_do(painting, tmp_path, box):
    with pytest.raises(ImageError, match=r"short side must be at least 32\. Draw a larger one"):
        Crops(tmp_path, {}).cut(painting, box)


@pytest.mark.parametrize("box", [None, [], [0, 0, 1], ["a", 0, 1, 1], [float("nan")] * 4])
def test_what_is_no_rectangle_is_refused(painting, tmp_path, box):
    with pytest.raises(ImageError):
        Crops(tmp_path, {}).cut(painting, box)


def test_a_whole_that_is_gone_is_not_offered(painting, tmp_path):
    crops = Crops(tmp_path / "crops", {})
    file = str(crops.cut(painting, [0, 0, 1, 0.5]))
    (tmp_path / "mine.png").unlink()
    assert crops.source_of(file).source == file
