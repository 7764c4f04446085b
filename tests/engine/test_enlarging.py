"""Painting a finished picture larger: which sizes are left, and how many steps each has."""

import pytest

from styletransfer.engine.enlarging import larger
from styletransfer.engine.schedule import scale_sizes, shared_steps
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
