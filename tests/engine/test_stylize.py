import dataclasses
import importlib
import itertools
import math
import weakref
from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops, ImageOps

from styletransfer.engine import lbfgs, scale, stopwatch
from styletransfer.engine.canvas import enlarged
from styletransfer.engine.lbfgs import HISTORY, LBFGS, SHORT_HISTORY
from styletransfer.engine.objective import Objective
from styletransfer.engine.schedule import SMALLEST_SCALE, SMALLEST_SIDE, schedule
from styletransfer.engine.stopwatch import OVERHEAD_PIXELS
from styletransfer.engine.stylize import stylize
from styletransfer.errors import ImageError, StyleTransferError
from styletransfer.images import load_image, resize, to_tensor
from styletransfer.network.vgg import VGG
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import (
    ROOT,
    painting,
    photo,
    random_weights,
    real_network,
    small_network,
)

module = importlib.import_module("styletransfer.engine.stylize")
SMALL = {"size": 2 * SMALLEST_SCALE, "steps": 7, "scales": 2}

needs_cuda = pytest.mark.cuda
both_losses = pytest.mark.parametrize("style_loss", ["neighbours", "gram"])


def run(network=None, **settings):
    """All steps of a run at 128 and 256 px, by default with a small network."""
    chosen = Settings(**SMALL | settings)
    return list(stylize(Pictures(photo(), [painting()]), chosen, network or small_network()))


def plain(width, height):
    return Image.new("RGB", (width, height), "gray")


@pytest.mark.parametrize(
    ("steps", "scales", "longs"),
    [
        (7, 1, [256] * 7),
        (7, 2, [128] * 3 + [256] * 4),
        (2, 2, [128, 256]),
        (1, 2, [256]),
    ],
)
def test_steps_are_numbered_and_shared_among_the_scales(steps, scales, longs):
    found = run(steps=steps, scales=scales)
    assert [step.number for step in found] == list(range(1, steps + 1))
    assert [max(step.width, step.height) for step in found] == longs
    assert {step.steps for step in found} == {steps}
    assert {step.scales for step in found} == {len(set(longs))}
    assert [step.scale for step in found] == [sorted(set(longs)).index(long) + 1 for long in longs]
    for step in found:
        assert step.pixels.shape == (1, 3, step.height, step.width)
        assert step.image.size == (step.width, step.height)


def test_a_step_is_due_every_n_steps_and_at_the_end_of_a_scale(monkeypatch):
    clocked(monkeypatch, 0.01)  # on a busy machine a step may take longer than a picture may wait
    due = [step.number for step in run(steps=11, show_every=4) if step.due]
    assert due == [4, 5, 8, 11]  # 5 of 11 steps are at 128 px


def test_a_size_leaves_no_memory_behind_for_the_next(monkeypatch):
    made, alive = [], []

    def noticed(kind):
        def make(*args, **named):
            found = kind(*args, **named)
            made.append(weakref.ref(found))
            return found

        return make

    for home, name in ((scale, "Objective"), (module, "Descent")):
        monkeypatch.setattr(home, name, noticed(getattr(home, name)))
    # When memory is given back, the objects that used it must have been freed.
    count = lambda: alive.append(sum(each() is not None for each in made))  # noqa: E731
    monkeypatch.setattr(module, "give_back", count)
    run()
    assert alive == [1, 0, 1, 0]  # once the targets have been computed, and after each size


def clocked(monkeypatch, seconds):
    """Replaces the run's clock by one that advances by this much at every reading."""
    clock = itertools.count(step=seconds)
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(perf_counter=lambda: next(clock)))


def test_where_steps_take_long_there_is_a_picture_about_every_two_seconds(monkeypatch):
    clocked(monkeypatch, 0.75)
    due = [step.number for step in run(steps=12, scales=1, show_every=100) if step.due]
    assert due == [3, 5, 7, 9, 11, 12]  # with a third step it would be 2.25 seconds


def test_the_time_left_is_what_follows_if_each_pixel_takes_as_long(monkeypatch):
    clocked(monkeypatch, 1.0)
    steps = run(steps=8, scales=2)
    assert [step.elapsed for step in steps] == sorted(step.elapsed for step in steps)
    first, last = steps[0], steps[-1]
    pixels = [step.width * step.height for step in (first, last)]
    # A second before every scale and a second a step, a part of which does not depend on the pixels.
    larger = (pixels[1] + OVERHEAD_PIXELS) / (pixels[0] + OVERHEAD_PIXELS)
    assert first.remaining == pytest.approx(3 + 4 * larger + pixels[1] / pixels[0])
    assert steps[5].remaining == pytest.approx(2)
    assert last.remaining == 0


@pytest.mark.parametrize(("content_weight", "detailed"), [(5, True), (0, False)])
def test_a_scale_begins_with_the_photos_details_where_the_photo_counts(
    monkeypatch, content_weight, detailed
):
    asked = []

    def spy(pixels, photo, detailed):
        asked.append(detailed)
        return enlarged(pixels, photo, detailed)

    monkeypatch.setattr(module, "enlarged", spy)
    run(size=512, steps=2, scales=2, content_weight=content_weight)
    assert asked == [detailed]


def test_a_scale_ends_with_its_best_picture_and_the_next_one_begins_with_it(monkeypatch):
    seen = []

    class Spy(module.Descent):
        def __init__(self, objective, pixels, *rest, **options):
            super().__init__(objective, pixels, *rest, **options)
            seen.append(pixels)

        def step(self):
            found = super().step()
            if self.best is not found:
                return found
            return found if len(seen) == 2 else dataclasses.replace(found, pixels=found.pixels + 9)

    monkeypatch.setattr(module, "Descent", Spy)
    steps = run(steps=4, scales=2)
    assert steps[0].pixels.min() > 5  # the picture of a step need not be the best one
    assert steps[1].pixels.max() < 5
    assert seen[1].max() < 5


def test_what_a_step_says_of_itself_is_so():
    settings = Settings(size=128, steps=5, scales=1)
    content, style = (to_tensor(resize(each(), 128)) for each in (photo, painting))
    judge = Objective(small_network(), content, [style], settings)
    for step in stylize(Pictures(photo(), [painting()]), settings, small_network()):
        losses = judge(step.pixels)
        for term in ("content", "style", "smoothness", "total"):
            expected = getattr(losses, term).item()
            assert getattr(step, term) == pytest.approx(expected, rel=1e-4, abs=1e-9)
        assert step.elapsed >= 0
        assert step.remaining >= 0
        assert f"step {step.number} of 5" in str(step)
    assert step.remaining == 0


@pytest.mark.parametrize("which", ["photo", "painting"])
def test_too_narrow_a_picture_is_refused(which):
    wide = plain(400, 40)
    pictures = (wide, [plain(80, 80)]) if which == "photo" else (plain(80, 80), [plain(80, 80), wide])
    sentence = (
        f"^The {which} is 400 x 40 pixels, too narrow for size 256: its short side would be 26, "
        f"and must be at least {SMALLEST_SIDE}"
    )
    settings = Settings(size=256)
    with pytest.raises(ImageError, match=sentence):
        next(stylize(Pictures(*pictures), settings, small_network()))
    assert schedule(
        Pictures(*pictures), dataclasses.replace(settings, size=512)
    )  # as the sentence advises


def test_a_style_is_needed():
    with pytest.raises(ImageError, match=r"^Add a painting"):
        next(stylize(Pictures(photo(), []), Settings(), small_network()))


def test_the_content_start_is_the_photo():
    first = run(start="content", scales=1, steps=1)[0]
    assert torch.equal(first.pixels, to_tensor(resize(photo(), 256)))
    assert first.content == 0


@both_losses
@pytest.mark.parametrize("start", ["content", "noise"])
def test_the_same_seed_gives_the_same_picture(start, style_loss):
    first, again = (run(start=start, seed=3, style_loss=style_loss)[-1] for _ in range(2))
    assert torch.equal(first.pixels, again.pixels)


@both_losses
def test_the_same_seed_gives_the_same_picture_on_the_real_network_too(style_loss):
    """Its kernels are others than those of six channels."""
    settings = {"start": "noise", "size": 160, "scales": 1, "steps": 3, "style_loss": style_loss}
    first, again, other = (run(real_network(), seed=seed, **settings)[-1].pixels for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert (first - other).abs().mean() > 0.01


def test_another_seed_gives_another_noise_but_the_same_photo():
    noise = [run(start="noise", seed=seed)[-1].pixels for seed in (3, 4)]
    assert (noise[0] - noise[1]).abs().mean() > 0.01
    assert torch.equal(*(run(start="content", seed=seed)[-1].pixels for seed in (3, 4)))


def test_the_globally_seeded_generator_is_left_alone():
    before = torch.get_rng_state()
    run(start="noise", steps=1)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_picture_once_handed_out_does_not_change():
    handed_out = []
    for step in stylize(Pictures(photo(), [painting()]), Settings(**SMALL), small_network()):
        handed_out.append((step.pixels, step.pixels.clone()))
    assert all(torch.equal(*each) for each in handed_out)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_callers_grad_mode_is_left_alone_and_does_not_matter(enabled):
    expected = run()[-1].pixels
    with torch.set_grad_enabled(enabled):
        steps = stylize(Pictures(photo(), [painting()]), Settings(**SMALL), small_network())
        for step in steps:
            assert torch.is_grad_enabled() == enabled
            assert not step.pixels.requires_grad
    assert torch.equal(step.pixels, expected)


@pytest.mark.parametrize("enabled", [True, False])
def test_closing_in_the_middle_leaves_no_trace(enabled):
    with torch.set_grad_enabled(enabled):
        steps = stylize(Pictures(photo(), [painting()]), Settings(**SMALL), small_network())
        next(steps), next(steps)
        steps.close()
        assert torch.is_grad_enabled() == enabled
        assert list(steps) == []


def test_two_runs_in_turn_do_not_disturb_each_other():
    alone = [step.pixels for step in run(start="noise")]
    settings = Settings(**SMALL, start="noise")
    pair = [stylize(Pictures(photo(), [painting()]), settings, small_network()) for _ in range(2)]
    for expected, *both in zip(alone, *pair, strict=True):
        assert all(torch.equal(step.pixels, expected) for step in both)


@both_losses
@pytest.mark.parametrize("start", ["content", "noise"])
@pytest.mark.parametrize("scaling", ["relative", "paper"])
def test_a_few_steps_lower_the_loss(start, scaling, style_loss):
    # On the random network the first step by neighbours overshoots.
    steps = {"neighbours": 8, "gram": 4}[style_loss]
    found = run(start=start, scaling=scaling, style_loss=style_loss, scales=1, steps=steps)
    assert found[-1].total < found[0].total


@pytest.mark.parametrize(("style_loss", "share"), [("neighbours", 0.65), ("gram", 1 / 3)])
def test_a_whole_run_on_the_real_network_paints_the_photo_in_the_style(style_loss, share):
    """By neighbours some of the loss remains, as no place of the painting is just like the photo's."""
    settings = Settings(size=128, steps=15, style_loss=style_loss)
    found = list(stylize(Pictures(photo(), [painting()]), settings, real_network()))
    content, style = (to_tensor(resize(each(), 128)) for each in (photo, painting))
    judge = Objective(real_network(), content, [style], settings)
    with torch.no_grad():
        before, after = judge(content), judge(to_tensor(found[-1].image))
    assert after.total < share * before.total
    assert after.style < share * before.style
    # The photo is still recognisable: the result is nearer to it than the painting is.
    with torch.no_grad():
        stretched = judge(to_tensor(painting().resize(found[-1].image.size)))
    assert after.content < stretched.content / 2
    assert all(math.isfinite(step.total) for step in found)


@needs_cuda
@both_losses
def test_a_gpu_paints_nearly_the_same_picture(style_loss):
    settings = {"scales": 1, "steps": 3, "style_loss": style_loss}
    here, there = (run(VGG(random_weights(), device), **settings)[-1] for device in ("cpu", "cuda"))
    assert there.pixels.device.type == "cuda"
    assert (there.pixels.cpu() - here.pixels).abs().mean() < 0.01


@both_losses
def test_every_optimiser_lowers_the_total_and_they_differ(style_loss):
    ends, settings = [], {"size": 128, "steps": 12, "scales": 1, "style_loss": style_loss}
    for optimiser in ("lbfgs", "adam", "gradient"):
        steps = run(small_network(), **settings, optimiser=optimiser)
        assert steps[-1].total < 0.95 * steps[0].total
        ends.append(steps[-1].pixels)
    assert not any(torch.equal(*pair) for pair in itertools.combinations(ends, 2))


def test_the_brush_scale_is_the_size_in_which_the_painting_is_looked_at(monkeypatch):
    seen = []

    class Spy(scale.Objective):
        def __init__(self, network, content, styles, *others, **named):
            seen.append((content.shape[2:], styles[0].shape[2:]))
            super().__init__(network, content, styles, *others, **named)

    monkeypatch.setattr(scale, "Objective", Spy)
    content, style = Image.new("RGB", (300, 200)), Image.new("RGB", (90, 180))
    settings = Settings(size=256, steps=2, scales=2, brush_scale=0.5)
    list(stylize(Pictures(content, [style]), settings, small_network()))
    assert seen == [((85, 128), (64, 32)), ((171, 256), (128, 64))]


@pytest.mark.parametrize(("style_loss", "share"), [("neighbours", 0.6), ("gram", 0.3)])
def test_a_run_on_the_real_network_needs_no_mending(style_loss, share):
    """Regression: the cat's second step overshot so much that half of the steps were taken back."""
    content = load_image(ROOT / "examples/photos/cat.jpg")
    settings = Settings(size=128, steps=14, scales=1, style_loss=style_loss)
    steps = list(stylize(Pictures(content, [painting()]), settings, real_network()))
    assert not any(step.note for step in steps)
    assert steps[-1].total < share * steps[0].total


def left_half(size, level=255):
    """A mask that is white (or grey) on the left."""
    mask = Image.new("L", size)
    mask.paste(level, (0, 0, size[0] // 2, size[1]))
    return mask


@both_losses
@pytest.mark.parametrize("colours", ["painting", "photo", "matched"])
def test_outside_of_the_masks_the_picture_is_the_photo_pixel_by_pixel(colours, style_loss):
    settings = Settings(size=128, steps=10, scales=1, colours=colours, style_loss=style_loss)
    masks = [left_half(photo().size)]
    step = deque(
        stylize(Pictures(photo(), [painting()], masks), settings, real_network()), maxlen=1
    ).pop()
    found, plain = (np.asarray(each, dtype=float) for each in (step.image, resize(photo(), 128)))
    width = step.width // 2
    assert (found[:, width + 10 :] == plain[:, width + 10 :]).all()  # the edge is softened by 2.6 px
    inside = np.abs(found - plain)[:, : width - 10].mean()
    assert inside > 15
    # At the edge it fades: in the outer half the picture is nearer to the photo.
    assert 0 < np.abs(found - plain)[:, width : width + 5].mean() < inside
    assert (
        step.total
        < next(stylize(Pictures(photo(), [painting()], masks), settings, real_network())).total
    )


def test_across_scales_and_from_noise_the_rest_remains_the_photo_too():
    settings = Settings(**SMALL | {"start": "noise"})
    for step in stylize(
        Pictures(photo(), [painting()], [left_half((80, 60))]), settings, small_network()
    ):
        image, plain = (np.asarray(each) for each in (step.image, resize(photo(), step.width)))
        assert (image[:, -step.width // 4 :] == plain[:, -step.width // 4 :]).all()
        assert (image[:, : step.width // 4] != plain[:, : step.width // 4]).any()


@both_losses
def test_each_style_is_painted_under_its_own_mask(style_loss):
    """A red and a blue painting, on the real network: each half has the colours of its painting."""
    settings = Settings(size=128, steps=12, scales=1, content_weight=1, style_loss=style_loss)
    styles = [Image.effect_noise((128, 128), 60).convert("RGB") for _ in range(2)]
    tints = [Image.new("RGB", (128, 128), colour) for colour in ("#f33", "#33f")]
    styles = [ImageChops.multiply(*each) for each in zip(styles, tints, strict=True)]
    masks = [left_half(photo().size)]
    for order in (1, -1):
        steps = stylize(Pictures(photo(), styles[::order], masks), settings, real_network())
        step = deque(steps, maxlen=1).pop()
        assert step.cover is None
        redness = step.pixels[0, 0] - step.pixels[0, 2]
        left, right = redness[:, :54].mean().item(), redness[:, 74:].mean().item()
        assert order * (left - right) > 0.2


def test_a_white_mask_is_the_same_as_none():
    white = Image.new("L", (50, 50), 255)
    with_mask = list(
        stylize(Pictures(photo(), [painting()], [white]), Settings(**SMALL), small_network())
    )
    assert torch.equal(with_mask[-1].pixels, run()[-1].pixels)
    assert with_mask[-1].cover is None


@pytest.mark.parametrize("style_loss", ["neighbours", "gram"])
def test_a_blend_of_one_style_only_is_that_style(style_loss):
    settings, other = Settings(**SMALL, blend="1 0", style_loss=style_loss), plain(90, 80)
    both = list(stylize(Pictures(photo(), [painting(), other]), settings, small_network()))
    assert torch.equal(both[-1].pixels, run(style_loss=style_loss)[-1].pixels)


def test_a_run_may_start_from_an_image_of_ones_own():
    settings = Settings(**SMALL, start="image")
    steps = list(stylize(Pictures(photo(), [painting()], start=painting()), settings, small_network()))
    size = steps[0].width, steps[0].height
    assert size == (128, 85)
    assert steps[0].image == ImageOps.fit(painting(), size, Image.Resampling.LANCZOS)
    assert steps[-1].width == 256
    assert steps[-1].total < steps[3].total


def test_a_start_image_of_another_shape_is_cut_and_not_stretched():
    tall = Image.new("RGB", (100, 400), "red")
    tall.paste("blue", (0, 150, 100, 250))
    settings = Settings(size=128, steps=1, scales=1, start="image")
    (step,) = stylize(Pictures(photo(), [painting()], start=tall), settings, small_network())
    assert step.image.getcolors() == [(128 * 85, (0, 0, 255))]


def test_masks_and_shares_without_a_style_are_refused_before_the_first_step():
    white, black = Image.new("L", (9, 9), 255), Image.new("L", (9, 9))
    for masks, blend, sentence in [
        ([white, white], "1", "There are 2 masks"),
        ([black], "1", "The mask of painting 1 is black"),
        ([], "1 2", "blend must have no more numbers"),
    ]:
        settings = Settings(blend=blend)
        with pytest.raises(StyleTransferError, match=f"^{sentence}"):
            schedule(Pictures(photo(), [painting()], masks), settings)
        with pytest.raises(StyleTransferError, match=f"^{sentence}"):
            next(stylize(Pictures(photo(), [painting()], masks), settings, small_network()))


@pytest.mark.parametrize("layers", ["relu5_4", "pool5"])
def test_the_smallest_style_is_large_enough_for_the_deepest_layers(layers):
    settings = Settings(
        size=128, steps=1, scales=1, brush_scale=0.25, style_layers=layers, style_loss="gram"
    )
    (step,) = stylize(Pictures(photo(), [plain(32, 32)]), settings, real_network())
    assert math.isfinite(step.total)


def test_the_masks_edges_are_as_soft_as_asked_for_at_every_scale():
    def softened(softness):
        settings = Settings(**SMALL | {"steps": 2, "mask_softness": softness})
        steps = stylize(
            Pictures(photo(), [painting()], [left_half(photo().size)]), settings, small_network()
        )
        covers = [step.cover[0, 0, 0] for step in steps]
        return [((cover > 0.02) & (cover < 0.98)).sum().item() / len(cover) for cover in covers]

    assert max(softened(0)) < 0.03
    assert softened(3) == [pytest.approx(0.125, abs=0.02)] * 2  # two deviations to either side


def test_adams_first_step_is_as_large_as_asked_for():
    def moved(step_size):
        settings = {"optimiser": "adam", "step_size": step_size, "scales": 1, "steps": 3}
        first, second, _ = run(**settings)
        return (second.pixels - first.pixels).abs().mean().item()

    assert moved(0.2) == pytest.approx(4 * moved(0.05), rel=1e-3)


@pytest.mark.parametrize(("style_loss", "share"), [("neighbours", 0.45), ("gram", 0.3)])
def test_without_the_painting_noise_becomes_the_photo_and_without_the_photo_the_painting(
    style_loss, share
):
    settings = {"size": 128, "steps": 30, "scales": 1, "start": "noise", "style_loss": style_loss}
    for term, weights in (("content", {"style_weight": 0}), ("style", {"content_weight": 0})):
        first, *_, last = run(real_network(), **settings, **weights)
        assert getattr(last, term) < share * getattr(first, term)


@both_losses
@pytest.mark.parametrize("optimiser", ["lbfgs", "adam", "gradient"])
@pytest.mark.parametrize("mask", [None, Image.new("L", (30, 20), "white")])
def test_settings_sent_into_it_count_from_the_next_step_on_also_at_the_next_scale(
    optimiser, mask, style_loss
):
    settings = Settings(**SMALL | {"steps": 8}, optimiser=optimiser, style_loss=style_loss)
    changed = dataclasses.replace(settings, content_weight=1, smoothness=4, size=512, steps=2)
    steps = stylize(Pictures(photo(), [painting()], [mask]), settings, small_network())
    found = [next(steps)]
    for number in range(2, 9):
        found.append(steps.send(changed if number == 4 else None))
    assert next(steps, None) is None
    for step in found:
        weights = (1, 5, 4) if step.number >= 4 else (5, 5, 1)
        terms = (step.content, step.style, step.smoothness)
        expected = sum(weight * term for weight, term in zip(weights, terms, strict=True))
        assert step.total == pytest.approx(expected, rel=1e-4)
    assert [max(step.width, step.height) for step in found] == [128] * 4 + [256] * 4
    assert not any(step.note for step in found)


def test_settings_that_stay_the_same_disturb_nothing():
    settings = Settings(**SMALL)
    steps = stylize(Pictures(photo(), [painting()]), settings, small_network())
    found = [next(steps)] + [steps.send(settings) for _ in range(6)]
    assert [step.total for step in found] == [step.total for step in run()]


@both_losses
def test_weights_changed_on_the_way_lead_to_a_lower_total_of_theirs(style_loss):
    settings = Settings(size=128, steps=40, scales=1, style_loss=style_loss)
    changed = dataclasses.replace(settings, content_weight=0.5, style_weight=9)
    steps = stylize(Pictures(photo(), [painting()]), settings, small_network())
    found = [next(steps)]
    for number in range(2, 41):
        found.append(steps.send(changed if number == 20 else None))
    assert found[20].total < found[19].total  # at once
    assert found[-1].total < 0.9 * found[19].total


def test_of_large_pictures_the_optimiser_keeps_fewer_pairs(monkeypatch):
    kept = []

    class Noted(LBFGS):
        def __init__(self, history=HISTORY, **others):
            kept.append(history)
            super().__init__(history, **others)

    monkeypatch.setattr(module, "LBFGS", Noted)
    monkeypatch.setattr(lbfgs, "LARGE", 128 * 128)
    run(size=256, steps=2, scales=2)
    assert kept == [HISTORY, SHORT_HISTORY]
