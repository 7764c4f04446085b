"""The steps that are left after a restart, painted by the real method with a small network."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import torch

from styletransfer.engine.stylize import stylize
from styletransfer.errors import StyleTransferError
from styletransfer.images import resize
from styletransfer.network.vgg import VGG
from styletransfer.pictures import Pictures
from styletransfer.service.kept import read_kept, write_kept
from styletransfer.service.resuming import PainterLost, despite_losses, rest_of
from styletransfer.service.run import halved
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, random_weights
from tests.support.steps import picture, step

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
    before, _ = read_kept(tmp_path / "kept", pictures)
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


class Cutting:
    """A runner whose process is lost before its `cut`-th step, as often as there are cuts."""

    def __init__(self, *cuts):
        self.cuts = list(cuts)
        self.runs = []

    def __call__(self, pictures, settings):
        self.runs.append((pictures, settings))
        cut = self.cuts.pop(0) if self.cuts else None
        pixels = torch.rand(1, 3, 2, 2)
        for number in range(1, settings.steps + 1):
            if number == cut:
                raise PainterLost
            made = step(number, settings)
            if made.due or number == 1:
                pixels = torch.rand(1, 3, 2, 2)
            sent = yield replace(made, pixels=pixels)
            settings = settings.with_live(sent or settings)


TEN = Settings(size=128, steps=10, scales=1, show_every=3)


def painted(runner, sent=None):
    steps = despite_losses(runner, Pictures(picture(), [picture()]), TEN)
    taken = [next(steps)]
    with suppress(StopIteration):
        while True:
            taken.append(steps.send(sent))
    return taken


def test_a_run_without_losses_is_as_it_was():
    assert [(each.number, each.note) for each in painted(Cutting())] == [
        (number, "") for number in range(1, 11)
    ]


def test_after_a_loss_all_steps_since_the_last_picture_are_painted_again():
    runner = Cutting(6)
    taken = painted(runner)
    # The picture of step 3 is the newest; 4 and 5 are painted again, while the number stands still.
    assert [each.number for each in taken] == [1, 2, 3, 4, 5, 5, 5, 6, 7, 8, 9, 10]
    assert [settings.steps for _, settings in runner.runs] == [10, 7]
    assert runner.runs[1][0].start is not None
    assert runner.runs[1][1].start == "image"


def test_a_loss_is_noted_until_a_picture_is_due():
    notes = [each.note for each in painted(Cutting(6))]
    assert notes[:5] == [""] * 5
    assert notes[5:8] == ["painter_lost"] * 3
    assert notes[8:] == [""] * 4


def test_a_loss_before_the_first_step_begins_anew_without_a_note():
    runner = Cutting(1, 1)
    assert [(each.number, each.note) for each in painted(runner)] == [
        (number, "") for number in range(1, 11)
    ]
    assert [settings.steps for _, settings in runner.runs] == [10, 10, 10]


def test_settings_that_were_changed_before_a_loss_still_count_after_it():
    runner = Cutting(6)
    painted(runner, replace(TEN, style_weight=7))
    assert [settings.style_weight for _, settings in runner.runs] == [TEN.style_weight, 7]


def test_three_losses_without_a_picture_in_between_are_too_many_but_not_with_one():
    assert painted(Cutting(5, 5, 2, 4))[-1].number == 10
    with pytest.raises(StyleTransferError) as caught:
        painted(Cutting(5, 1, 1))
    assert caught.value.code == "painters_lost"
