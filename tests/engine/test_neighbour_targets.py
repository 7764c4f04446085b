"""Targets kept from one run to the next: the pictures are the same, and memory is bounded."""

import pytest
import torch

from styletransfer.engine.neighbour_targets import StyleTargets, key_of, neighbour_targets
from styletransfer.engine.stylize import stylize
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, random_image, small_network

SHORT = Settings(size=128, steps=6, scales=2, keep_faces=False)


def painted(network, kept=None, settings=SHORT, content=None):
    pictures = Pictures(content or photo(), [painting()])
    *_, last = stylize(pictures, settings, network, kept)
    return last.pixels


def test_pictures_are_the_same_with_targets_of_an_earlier_run():
    network, kept = small_network(), StyleTargets()
    upright = photo().transpose(2)
    painted(network, kept, content=upright)
    assert len(kept) == 2  # of two sizes
    assert torch.equal(painted(network, kept), painted(network))
    assert len(kept) == 2  # nothing was computed again


@pytest.mark.parametrize(
    "changed",
    [{"style_layers": "relu1_1"}, {"scaling": "paper"}, {"padding": "zeros"}, {"pooling": "average"}],
    ids=str,
)
def test_targets_of_other_settings_are_others(changed):
    network, kept = small_network(), StyleTargets()
    painted(network, kept)
    settings = Settings(**vars(SHORT) | changed)
    assert torch.equal(painted(network, kept, settings), painted(network, settings=settings))
    assert len(kept) == 4


def targets_of(network, seed):
    styles = [random_image(64, 64, seed)]
    key = key_of(network, styles, SHORT)
    return key, neighbour_targets(network, styles, SHORT)


def test_the_oldest_make_room():
    network = small_network()
    pairs = [targets_of(network, seed) for seed in range(3)]
    kept = StyleTargets(most_bytes=2 * pairs[0][1].bytes)

    def get(number):
        key, made = pairs[number]
        asked = []
        assert kept.get(key, lambda: asked.append(1) or made) is made
        return bool(asked)

    assert [get(0), get(1), get(0)] == [True, True, False]
    assert get(2)  # takes the place of 1, which was not used for longest
    assert kept.bytes == 2 * pairs[0][1].bytes
    assert [get(0), get(1)] == [False, True]


def test_what_is_too_large_is_not_kept():
    key, made = targets_of(small_network(), 0)
    kept = StyleTargets(most_bytes=made.bytes - 1)
    assert kept.get(key, lambda: made) is made
    assert (len(kept), kept.bytes) == (0, 0)
