"""The schedule: which sizes a run paints, and which pictures and settings it refuses."""

import itertools

import pytest
from PIL import Image

from styletransfer.engine.schedule import (
    SMALLEST_SCALE,
    SMALLEST_SIDE,
    scale_sizes,
    schedule,
    seen_sizes,
    shared_steps,
)
from styletransfer.errors import ImageError, SettingsError
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo


def plain(width, height):
    return Image.new("RGB", (width, height), "gray")


@pytest.mark.parametrize("size", [128, 200, 512, 1024])
@pytest.mark.parametrize("shape", [(640, 427), (427, 640), (300, 300), (999, 250)], ids=str)
def test_sizes_double_up_to_the_one_asked_for(size, shape):
    sizes = schedule(Pictures(plain(*shape), [plain(100, 80)]), Settings(size=size, steps=100, scales=5))
    assert max(sizes[-1]) == size
    assert len(sizes) <= 5
    for small, large in itertools.pairwise(sizes):
        assert max(small) == max(large) // 2
    for width, height in sizes:
        assert width / height == pytest.approx(shape[0] / shape[1], rel=1 / min(width, height))


@pytest.mark.parametrize(("style_loss", "smallest"), [("neighbours", 64), ("gram", SMALLEST_SCALE)])
@pytest.mark.parametrize(
    ("content", "style"), [((500, 400), (200, 120)), ((600, 200), (100, 90)), ((80, 90), (90, 400))]
)
def test_no_picture_gets_smaller_than_the_network_can_see(content, style, style_loss, smallest):
    settings = Settings(size=512, steps=100, scales=5, style_loss=style_loss)
    sizes = schedule(Pictures(plain(*content), [plain(*style)]), settings)
    longs = [512, 256, 128, 64, 32]

    def large_enough(long):
        shortest = min(long * min(shape) / max(shape) for shape in (content, style))
        return long >= smallest and shortest >= SMALLEST_SIDE

    assert [max(size) for size in sizes] == [long for long in reversed(longs) if large_enough(long)]


@pytest.mark.parametrize(
    ("size", "longs"), [(128, [128]), (256, [256]), (512, [256, 512]), (1024, [256, 512, 1024])]
)
def test_a_texture_does_not_begin_so_small_that_it_knows_the_paintings_layout(size, longs):
    settings = Settings(size=size, content_weight=0, scales=5, style_loss="gram")
    assert [
        max(each) for each in schedule(Pictures(plain(300, 200), [plain(300, 200)]), settings)
    ] == longs


def test_a_short_side_that_is_just_enough_when_rounded_is_enough():
    assert schedule(Pictures(plain(403, 100), [plain(80, 80)]), Settings(size=128)) == [(128, 32)]


def test_a_brush_scale_that_leaves_too_little_of_the_painting_is_refused():
    content, style = Image.new("RGB", (300, 200)), Image.new("RGB", (100, 300))
    with pytest.raises(
        ImageError, match=r"painting is 100 x 300 .* size 64 \(brush scale 0.25\): .* would be 21"
    ):
        schedule(Pictures(content, [style]), Settings(size=256, brush_scale=0.25))


def test_start_and_start_image_go_together():
    with pytest.raises(ImageError, match=r"^Add a start image, .* start is image"):
        schedule(Pictures(photo(), [painting()]), Settings(start="image"))
    with pytest.raises(SettingsError, match=r"^start must be image .*, got 'noise'$"):
        schedule(Pictures(photo(), [painting()], start=photo()), Settings(start="noise"))


def test_too_small_a_painting_is_refused_however_large_it_would_be_made():
    with pytest.raises(ImageError, match=r"^The painting is 20 x 20 pixels, too small to show"):
        schedule(Pictures(photo(), [plain(20, 20)]), Settings())


def test_the_sizes_of_the_pictures_are_all_that_the_sizes_of_the_scales_need():
    settings = Settings(size=512, steps=100, scales=5)
    pictures = Pictures(plain(600, 200), [plain(100, 90), plain(80, 300)])
    assert scale_sizes((600, 200), [(100, 90), (80, 300)], settings) == schedule(pictures, settings)


@pytest.mark.parametrize(
    ("brush", "sizes"), [(1, [(256, 171), (128, 256)]), (0.5, [(128, 85), (64, 128)])]
)
def test_style_images_are_seen_in_the_pictures_size_times_the_brush_scale(brush, sizes):
    assert seen_sizes([(300, 200), (50, 100)], 256, Settings(brush_scale=brush)) == sizes


@pytest.mark.parametrize(
    ("steps", "scales", "shares"), [(7, 2, [3, 4]), (9, 3, [3, 3, 3]), (5, 4, [1, 1, 1, 2])]
)
def test_scales_share_the_steps_and_the_last_one_gets_the_remainder(steps, scales, shares):
    assert shared_steps(steps, scales) == shares
