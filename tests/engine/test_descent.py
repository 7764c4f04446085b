"""Failures during the optimisation, provoked one by one, and how the descent recovers."""

import math

import pytest
import torch

from styletransfer.engine.adam import Adam
from styletransfer.engine.descent import STALLED, Descent
from styletransfer.engine.gradient_descent import GradientDescent
from styletransfer.engine.lbfgs import FIRST_STEP, LBFGS
from styletransfer.engine.objective import Losses
from styletransfer.errors import StyleTransferError, in_english

GOAL = torch.linspace(0, 1, 48).view(1, 3, 4, 4)
START = torch.full((1, 3, 4, 4), 0.5)


class Bowl:
    """The squared distance from GOAL, but with given values at some evaluations (counted from 1)."""

    def __init__(self, **spoilt):
        self.spoilt = {int(number[1:]): factor for number, factor in spoilt.items()}
        self.seen = []

    def __call__(self, image):
        self.seen.append(image.detach())
        total = (image - GOAL).square().sum() * self.spoilt.get(len(self.seen), 1)
        return Losses(total, total, total, total)


def test_a_healthy_descent_needs_no_mending():
    descent = Descent(Bowl(), START)
    found = [descent.step() for _ in range(10)]
    assert not any(each.note for each in found)
    assert found[-1].total < 1e-3 * found[0].total
    assert torch.equal(descent.best.pixels, min(found, key=lambda each: each.total).pixels)


@pytest.mark.parametrize(
    ("factor", "reason"), [(math.nan, "led nowhere"), (math.inf, "led nowhere"), (1e4, "too large")]
)
def test_a_wild_step_is_taken_back(factor, reason):
    bowl = Bowl(_4=factor)
    descent = Descent(bowl, START)
    found = [descent.step() for _ in range(40)]
    assert reason in in_english(found[3].note)
    best = min(found[:3], key=lambda each: each.total)
    assert torch.equal(found[3].pixels, best.pixels)
    assert math.isfinite(found[3].total)
    assert not any(each.note for each in found[4:])
    # It continues from the best picture with half a first step, and still reaches the goal.
    assert (bowl.seen[4] - best.pixels).abs().mean().item() == pytest.approx(FIRST_STEP / 2)
    assert found[-1].total < 1e-2 * found[0].total


def test_adam_is_taken_back_from_what_is_no_number_to_half_its_step():
    bowl = Bowl(_4=math.nan)
    descent = Descent(bowl, START, Adam, 0.1)
    steps = [descent.step() for _ in range(5)]
    assert "led nowhere" in in_english(steps[3].note)
    moved = (bowl.seen[4] - steps[2].pixels).abs().mean((0, 2, 3))
    assert moved.tolist() == pytest.approx([0.05 * each for each in (0.229, 0.224, 0.225)], rel=1e-3)


def test_a_gradient_that_is_no_number_is_noticed():
    def objective(image):
        total = (image - 0.5).abs().sqrt().sum()  # its slope at 0.5 is infinite
        return Losses(total, total, total, total)

    with pytest.raises(StyleTransferError, match="not finite"):
        Descent(objective, START).step()


def test_a_stall_restarts_the_optimiser():
    class Flat(Bowl):
        def __call__(self, image):
            total = super().__call__(image).total * 0 + 1
            return Losses(total, total, total, total)

    descent = Descent(Flat(), START)
    found = [descent.step() for _ in range(STALLED + 2)]
    assert [number for number, each in enumerate(found) if each.note] == [STALLED]
    assert "nothing got better" in in_english(found[STALLED].note)


def test_without_any_picture_there_is_a_sentence():
    with pytest.raises(StyleTransferError, match="not finite numbers"):
        Descent(Bowl(_1=math.nan), START).step()


class Bent(Bowl):
    """A bowl whose goal can be moved."""

    def __init__(self):
        super().__init__()
        self.goal = GOAL

    def __call__(self, image):
        self.seen.append(image.detach())
        total = (image - self.goal).square().sum()
        return Losses(total, total, total, total)


@pytest.mark.parametrize("optimiser", [LBFGS, Adam, GradientDescent])
def test_after_the_objective_changed_it_walks_to_the_new_goal_without_a_jump(optimiser):
    bowl = Bent()
    descent = Descent(bowl, START, optimiser, 0.015)
    for _ in range(6):
        descent.step()
    bowl.goal = GOAL.flip(-1)
    descent.objective_changed()
    after = [descent.step() for _ in range(15)]
    moves = [(b - a).abs().mean() for a, b in zip(bowl.seen, bowl.seen[1:], strict=False)]
    assert torch.equal(after[0].pixels, bowl.seen[6])  # continues from the same picture
    if optimiser is LBFGS:
        assert moves[6].item() == pytest.approx(moves[5].item() / 4, rel=1e-3)
    assert moves[6] < 1.5 * moves[5]
    assert descent.best.total < 0.8 * after[0].total
    assert not any(each.note for each in after)


def test_where_only_the_goal_moved_the_curvature_is_kept_and_the_new_goal_reached_sooner():
    after = {}
    for kept in (True, False):
        bowl = Bent()
        descent = Descent(bowl, START)
        for _ in range(6):
            descent.step()
        bowl.goal = GOAL.flip(-1)
        descent.objective_changed(same_curvature=kept)
        after[kept] = [descent.step().total for _ in range(4)]
    assert after[True][0] == after[False][0]
    assert after[True][-1] < 0.5 * after[False][-1]


def test_a_move_from_before_the_change_that_led_nowhere_is_taken_back():
    bowl = Bowl(_4=math.nan)
    descent = Descent(bowl, START)
    before = [descent.step() for _ in range(3)]
    descent.objective_changed()
    found = descent.step()
    assert math.isfinite(found.total)
    assert torch.equal(found.pixels, min(before, key=lambda each: each.total).pixels)
