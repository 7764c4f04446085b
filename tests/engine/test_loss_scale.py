"""The scale of the loss, without which gradients would be lost in float16."""

import math

import pytest
import torch

from styletransfer.engine.descent import Descent
from styletransfer.engine.loss_scale import loss_scale
from styletransfer.engine.objective import Losses, Objective
from styletransfer.network.vgg import VGG
from styletransfer.settings import Settings
from tests.support.samples import random_image, random_weights
from tests.support.strips import judged

GOAL = torch.linspace(0, 1, 48).view(1, 3, 4, 4)
START = torch.full((1, 3, 4, 4), 0.5)


def test_it_grows_with_the_pixels_and_falls_with_the_weight():
    whole = loss_scale(torch.float16, 2**16, 1.0)
    assert math.log2(whole).is_integer()
    assert loss_scale(torch.float16, 2**18, 1.0) == 4 * whole
    assert loss_scale(torch.float16, 2**16, 8.0) == whole / 8


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16, torch.float64], ids=str)
def test_elsewhere_nothing_is_scaled(precision):
    assert loss_scale(precision, 2**16, 1.0) == 1


@pytest.mark.parametrize("style_loss", ["neighbours", "gram"])
def test_without_it_the_gradient_would_be_lost(style_loss):
    # With weights as small as that a small picture's gradients are those of a large one.
    light = {"content_weight": 0.001, "style_weight": 0.001, "smoothness": 0.0}
    settings = Settings(style_loss=style_loss, **light)
    content, style, image = (random_image(64, 96, seed) for seed in range(3))
    networks = [VGG(random_weights(16), precision=each) for each in (torch.float16, torch.float32)]
    half, exact = (Objective(each, content, [style**3], settings) for each in networks)
    (found, scaled), (_, expected) = judged(half, image), judged(exact, image)
    assert found.scale > 1
    leaf = image.clone().requires_grad_()
    (lost,) = torch.autograd.grad(half(leaf).total, leaf)
    of_scaled, of_lost = (
        torch.cosine_similarity(each.flatten(), expected.flatten(), dim=0) for each in (scaled, lost)
    )
    assert of_scaled > 0.99
    assert of_lost < 0.9


class Halved:
    """The squared distance from GOAL, followed back through float16."""

    def __init__(self, scale, factor=1.0):
        self.scale, self.factor, self.calls = scale, factor, 0

    def __call__(self, image):
        self.calls += 1
        total = (image.half().float() - GOAL).square().sum() * self.factor
        return Losses(total, total, total, total, self.scale)


def test_a_gradient_beyond_float16_is_evaluated_again_with_less():
    objective = Halved(scale=2.0**20)
    descent = Descent(objective, START)
    found = descent.step()
    assert objective.calls == 3  # gradients of 1 fit up to 2**15
    assert found.note == ""
    assert torch.allclose(found.gradient, 2 * (START - GOAL), rtol=1e-3)
    descent.step()
    assert objective.calls == 4  # it keeps to what was allowed


def test_a_loss_that_is_no_number_is_not_evaluated_again():
    objective = Halved(scale=2.0**20)
    descent = Descent(objective, START)
    descent.step()
    calls, objective.factor = objective.calls, math.nan
    assert descent.step().note == "step_led_nowhere"
    assert objective.calls == calls + 1
