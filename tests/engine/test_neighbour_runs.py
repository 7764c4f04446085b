"""Runs by neighbours: when they are chosen anew, shares, weights, and odd pictures."""

import importlib
import math
from dataclasses import replace

import pytest
import torch
from PIL import Image

from styletransfer.engine.objective import Losses, Objective
from styletransfer.engine.stylize import stylize
from styletransfer.network.vgg import VGG
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, random_weights, real_network, small_network

module = importlib.import_module("styletransfer.engine.stylize")
both_losses = pytest.mark.parametrize("style_loss", ["neighbours", "gram"])


def run(network=None, pictures=None, **settings):
    """All steps of a run at 128 px, by default with the small network."""
    chosen = Settings(**{"size": 128, "steps": 8, "scales": 1} | settings)
    pictures = pictures or Pictures(photo(), [painting()])
    return list(stylize(pictures, chosen, network or small_network()))


def flat(colour, size=(120, 90)):
    return Image.new("RGB", size, colour)


def mask(box, size=(128, 85)):
    """A mask that is white in a box (left, top, right, bottom)."""
    found = Image.new("L", size)
    found.paste(255, box)
    return found


@pytest.fixture
def noted(monkeypatch):
    """What happens in a run, in order: steps, ("adapt", whether anything changed), and changes."""
    events = []

    class Noted(module.Descent):
        def step(self):
            events.append("step")
            return super().step()

        def objective_changed(self, *, same_curvature=False):
            events.append("targets changed" if same_curvature else "weights changed")
            super().objective_changed(same_curvature=same_curvature)

    adapt = Objective.adapt

    def adapted(self, image):
        events.append(("adapt", adapt(self, image)))
        return events[-1][1]

    monkeypatch.setattr(module, "Descent", Noted)
    monkeypatch.setattr(Objective, "adapt", adapted)
    return events


def steps_before(events, wanted):
    return [events[:at].count("step") for at, event in enumerate(events) if event == wanted]


@pytest.mark.parametrize(
    ("steps", "after"), [(5, []), (8, []), (9, [5]), (14, [5]), (15, [5, 11]), (20, [5, 11])]
)
def test_neighbours_are_chosen_anew_before_every_sixth_step_but_not_in_the_last_three(
    noted, steps, after
):
    run(steps=steps)
    assert steps_before(noted, ("adapt", True)) == [0, *after]
    assert steps_before(noted, "targets changed") == after
    assert "weights changed" not in noted


def test_gram_matrices_and_a_style_without_weight_are_never_disturbed(noted):
    run(steps=20, style_loss="gram")
    assert ("adapt", True) not in noted
    noted.clear()
    run(steps=20, style_weight=0)
    assert ("adapt", False) in noted
    assert steps_before(noted, ("adapt", True)) == [0]
    assert not {"targets changed", "weights changed"} & set(noted)


def test_the_last_picture_is_the_best_since_neighbours_were_last_chosen():
    steps = run(steps=20)
    assert steps[-1].total == min(step.total for step in steps[11:])


def test_weights_sent_into_it_choose_the_neighbours_anew(noted):
    settings = Settings(size=128, steps=5, scales=1)
    for changed, adapts, at in (({"style_weight": 10}, True, [0, 2]), ({"style_weight": 0}, False, [2])):
        noted.clear()
        steps = stylize(Pictures(photo(), [painting()]), settings, small_network())
        next(steps), next(steps)
        steps.send(replace(settings, **changed))
        assert steps_before(noted, ("adapt", adapts)) == at
        assert steps_before(noted, "weights changed") == [2]
        assert len(list(steps)) == 2


@both_losses
def test_a_loss_that_is_no_number_on_the_way_is_mended(monkeypatch, style_loss):
    evaluate, count = Objective.__call__, iter(range(100))

    def spoilt(self, image):
        losses = evaluate(self, image)
        factor = math.nan if next(count) == 4 else 1.0
        return Losses(losses.content, losses.style, losses.smoothness, losses.total * factor)

    monkeypatch.setattr(Objective, "__call__", spoilt)
    steps = run(steps=14, style_loss=style_loss)
    assert [step.number for step in steps if step.note == "step_led_nowhere"] == [5]
    assert all(math.isfinite(step.total) and step.pixels.isfinite().all() for step in steps)


def redness(pixels):
    return (pixels[:, 0] - pixels[:, 2]).mean().item()


RED, BLUE = flat("#c03020"), flat("#2030c0")


def test_regions_take_the_colours_of_their_own_flat_paintings():
    masks = [mask((0, 0, 64, 85)), mask((64, 0, 128, 85))]
    settings = {"content_weight": 0.5, "steps": 40}
    for styles, sign in (([RED, BLUE], 1), ([BLUE, RED], -1)):
        *_, last = run(real_network(), Pictures(photo(), styles, masks), **settings)
        left, right = last.pixels[..., :56], last.pixels[..., 72:]
        assert sign * (redness(left) - redness(right)) > 0.2


def test_the_larger_a_paintings_share_the_more_of_its_colour():
    styles = [Image.effect_noise((96, 96), 60).convert("RGB") for _ in range(2)]
    styles = [
        Image.blend(each, flat(tint, (96, 96)), 0.6)
        for each, tint in zip(styles, ("red", "blue"), strict=True)
    ]
    found = [
        redness(run(real_network(), Pictures(photo(), styles), blend=blend)[-1].pixels)
        for blend in ("1 3", "1 1", "3 1")
    ]
    assert found == sorted(found)
    assert found[-1] - found[0] > 0.05


@both_losses
def test_the_more_the_style_weighs_the_lower_its_loss_and_the_higher_the_contents(style_loss):
    found = [
        run(real_network(), style_weight=weight, style_loss=style_loss, steps=9)[-1]
        for weight in (0.3, 1, 3, 10)
    ]
    assert [step.content for step in found] == sorted(step.content for step in found)
    assert [step.style for step in found] == sorted((step.style for step in found), reverse=True)


@both_losses
def test_a_style_without_weight_leaves_the_photo(style_loss):
    first, *_, last = run(style_weight=0, smoothness=0, style_loss=style_loss)
    assert torch.allclose(last.pixels, first.pixels, atol=1e-3)


@pytest.mark.parametrize(
    "knobs", [{"brush_scale": 2}, {"colours": "matched"}, {"smoothness": 10}], ids=str
)
def test_a_knob_changes_the_picture(knobs):
    plain, changed = run()[-1], run(**knobs)[-1]
    assert (plain.pixels - changed.pixels).abs().mean() > 0.001
    if "smoothness" in knobs:
        assert changed.smoothness < plain.smoothness


def test_a_finished_picture_is_painted_on():
    last = run(real_network())[-1]
    pictures = Pictures(photo(), [painting()], start=last.image)
    first, *_, further = run(real_network(), pictures, start="image")
    assert further.total < first.total
    assert first.total < 1.3 * last.total


def test_vgg16_paints_by_neighbours_too():
    network = VGG(random_weights(architecture="vgg16"), architecture="vgg16")
    first, *_, last = run(network, start="noise")
    assert last.total < 0.95 * first.total


FLAT_AND_NARROW = {
    "a flat painting": Pictures(photo(), [RED]),
    "a black painting": Pictures(photo(), [flat("black")]),
    "a black photo": Pictures(flat("black"), [painting()]),
    "a white photo": Pictures(flat("white"), [painting()]),
    "both flat": Pictures(flat("white"), [RED]),
    "two flat paintings": Pictures(photo(), [RED, BLUE]),
    "the photo as its own painting": Pictures(photo(), [photo()]),
    "the smallest painting": Pictures(photo(), [painting().resize((32, 32))]),
    "a part without a painting": Pictures(photo(), [painting()], [mask((0, 0, 50, 85))]),
    "masks of one pixel": Pictures(
        photo(), [painting(), RED], [mask((60, 0, 61, 85)), mask((0, 84, 128, 85))]
    ),
}


@both_losses
@pytest.mark.parametrize("pictures", FLAT_AND_NARROW.values(), ids=FLAT_AND_NARROW)
def test_of_odd_pictures_a_picture_is_made_that_is_not_burnt_out(pictures, style_loss):
    """All losses are numbers; at most a tenth of the values lies more than 0.1 outside of [0, 1]."""
    steps = run(real_network(), pictures, style_loss=style_loss, mask_softness=0)
    assert all(math.isfinite(step.total) for step in steps)
    pixels = steps[-1].pixels
    assert pixels.isfinite().all()
    assert pixels.sub(0.5).abs().gt(0.6).double().mean() < 0.1
    assert steps[-1].total <= steps[0].total
