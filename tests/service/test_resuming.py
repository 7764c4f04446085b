"""The steps that are left after a restart, painted by the real method with a small network."""

from dataclasses import replace

import numpy as np
import pytest

from styletransfer.engine.stylize import stylize
from styletransfer.images import resize
from styletransfer.network.vgg import VGG
from styletransfer.pictures import Pictures
from styletransfer.service.kept import read_kept, write_kept
from styletransfer.service.resuming import rest_of
from styletransfer.service.run import halved
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, random_weights

SETTINGS = Settings(
    size=256, steps=9, scales=3, keep_faces=False
)  # 64, 128 and 256 pixels, 3 steps each


@pytest.fixture(scope="module")
def runner():
    network = VGG(random_weights())
    return lambda pictures, settings: stylize(pictures, settings, network)


@pytest.fixture(scope="module")
def pictures():
    return Pictures(resize(photo(), 256), [resize(painting(), 256)])


@pytest.fixture(scope="module")
def whole(runner, pictures):
    """All steps of an uninterrupted run, as they would be kept."""
    return [halved(step) for step in runner(pictures, SETTINGS)]


@pytest.mark.parametrize("kept", [1, 2, 3, 5, 6, 8])
def test_they_are_numbered_as_if_nothing_had_happened(runner, pictures, whole, kept):
    before = whole[kept - 1]
    rest = list(rest_of(runner, pictures, SETTINGS, before))
    assert [step.number for step in rest] == list(range(kept + 1, 10))
    assert {(step.steps, step.scales) for step in rest} == {(9, 3)}
    assert [step.scale for step in rest] == sorted(step.scale for step in rest)
    assert rest[0].scale == before.scale + (kept % 3 == 0)
    assert [max(step.width, step.height) for step in rest] == [32 << step.scale for step in rest]
    assert min(step.elapsed for step in rest) > before.elapsed


def test_they_go_on_from_the_kept_picture_and_not_from_the_photo(runner, pictures, whole):
    before = whole[7]
    first = next(rest_of(runner, pictures, SETTINGS, before))
    assert np.abs(np.asarray(first.image, float) - np.asarray(before.image, float)).max() <= 1


@pytest.mark.parametrize("kept", [2, 3])
def test_a_tile_goes_on_in_its_own_sizes(runner, pictures, kept, tmp_path):
    settings = replace(SETTINGS, tile=True, size=250)  # whose sides are rounded, unlike the photo's
    steps = list(runner(pictures, settings))
    write_kept(steps[kept - 1], [], tmp_path / "kept")
    before, _ = read_kept(tmp_path / "kept", pictures.content)
    assert before.photo.shape == before.pixels.shape
    rest = list(rest_of(runner, pictures, settings, before))
    assert {step.image.size for step in rest} <= {step.image.size for step in steps}
    assert rest[-1].image.size == steps[-1].image.size == (256, 160)


def test_after_the_last_step_none_is_left(runner, pictures, whole):
    assert list(rest_of(runner, pictures, SETTINGS, whole[-1])) == []


def test_settings_still_act_from_the_next_step_on(runner, pictures, whole):
    steps = rest_of(runner, pictures, SETTINGS, whole[5])
    first = next(steps)
    changed = Settings(**{**vars(SETTINGS), "content_weight": 0.0})
    second = steps.send(changed)
    assert second.total == pytest.approx(
        5 * second.style + changed.smoothness * second.smoothness, rel=0.2
    )
    assert first.total > second.total
    steps.close()
