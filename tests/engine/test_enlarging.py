"""Painting a finished picture larger: which sizes are left, and what the first of them begins with."""

import numpy as np
import pytest
from PIL import Image

from styletransfer.engine.enlarging import larger, start_of
from styletransfer.engine.schedule import scale_sizes, shared_steps
from styletransfer.images import resize
from styletransfer.settings import Settings

PHOTO, PAINTINGS = (3000, 2000), [(800, 600)]


@pytest.mark.parametrize("size", [544, 1024, 1760, 3328])
def test_only_sizes_above_the_small_one_are_painted_with_as_many_steps_each(size):
    small = Settings(size=512, steps=61, scales=4, seed=7, style_weight=3)
    further = larger(small, size, PHOTO, PAINTINGS)
    sizes = [max(each) for each in scale_sizes(PHOTO, PAINTINGS, further)]
    assert sizes[-1] == size
    assert 512 < sizes[0] <= 1024
    assert shared_steps(further.steps, len(sizes)) == [15] * len(sizes)
    assert (further.start, further.seed, further.style_weight) == ("image", 7, 3)


def test_steps_stay_within_what_is_allowed():
    one_scale = Settings(size=128, steps=3000, scales=1)
    assert larger(one_scale, 1024, PHOTO, PAINTINGS).steps == 3000


def grain(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 90).convert("RGB")


def test_it_begins_with_the_small_picture_and_the_details_of_the_photo():
    photo = grain(320, 240)
    small = resize(photo, 160)
    further = larger(Settings(size=160, scales=1), 320, photo.size, [photo.size])
    # A picture that is the photo itself becomes the photo itself, with all that 160 pixels left out.
    start = np.asarray(start_of(small, photo, further), float)
    assert np.abs(start - np.asarray(photo, float)).mean() < 4
    assert np.abs(np.asarray(resize(small, 320), float) - np.asarray(photo, float)).mean() > 30
    # Where the photo does not count, nothing of it comes in.
    without = Settings(size=320, scales=1, content_weight=0)
    grey = start_of(Image.new("RGB", (160, 120), "grey"), photo, without)
    assert {low for low, high in grey.getextrema()} == {high for low, high in grey.getextrema()} == {128}
