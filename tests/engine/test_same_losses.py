"""Regression test: the presets' losses are unchanged, within the differences between processors."""

import pytest

from styletransfer.engine.stylize import stylize
from styletransfer.pictures import Pictures
from styletransfer.presets import presets
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, real_network

# preset -> content, style and total after four steps at 128 pixels, measured on 2026-11-26. With another
# convolution (direct instead of Winograd) or two threads the same code differed by less than 0.001.
LOSSES = {
    "Standard": (0.0083679, 1.072016, 5.43265),
    "Gatys": (0.0095497, 0.236842, 1.26811),
    "Texture": (0.0348186, 0.360478, 1.89976),
    "Photo": (0.0152578, 0.504509, 0.107784),
    "tutorial": (76507.98, 1.695431e11, 1.695432e11),
    "tch-rs": (84967.54, 2.349170e11, 2.349171e11),
}


@pytest.mark.parametrize("preset", LOSSES)
def test_a_preset_has_the_losses_it_has_always_had(preset):
    assert losses_of(**presets()[preset].settings) == pytest.approx(LOSSES[preset], rel=2e-3)


def losses_of(**settings):
    chosen = Settings(**settings | {"size": 128, "steps": 4})
    *_, last = stylize(Pictures(photo(), [painting()]), chosen, real_network())
    return last.content, last.style, last.total
