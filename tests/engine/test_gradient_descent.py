from itertools import pairwise

import torch

from styletransfer.engine.descent import Descent
from styletransfer.engine.gradient_descent import GradientDescent
from styletransfer.engine.objective import Losses
from tests.support.samples import random_image


def test_the_first_step_is_as_long_as_asked_for_and_later_ones_go_by_the_gradient():
    image, gradient = random_image(8, 6), random_image(8, 6, seed=1) - 0.5
    optimiser = GradientDescent(0.01)
    first = optimiser.move(image, gradient)
    assert torch.allclose((first - image).abs().mean(), torch.tensor(0.01))
    assert torch.allclose(optimiser.move(first, gradient / 4) - first, (first - image) / 4, atol=1e-7)
    assert torch.equal(image, random_image(8, 6))


def test_a_gradient_of_zero_moves_nothing():
    image = random_image(8, 6)
    assert torch.equal(GradientDescent(0.01).move(image, torch.zeros_like(image)), image)


def test_on_a_bowl_it_closes_the_gap_by_the_same_factor_at_every_step():
    """x - goal shrinks by 1 - eta c for the curvature c: what plain gradient descent is."""
    goal = random_image(8, 6)
    image, optimiser, gaps = torch.full_like(goal, 0.5), GradientDescent(0.03), []
    for _ in range(6):
        gaps.append((image - goal).norm())
        image = optimiser.move(image, image - goal)
    ratios = torch.stack([after / before for before, after in pairwise(gaps)])
    assert torch.allclose(ratios, ratios[0].expand(5), atol=1e-4)
    assert 0 < ratios[0] < 1


def test_where_its_steps_are_too_long_it_begins_anew_with_half_of_them():
    goal = random_image(8, 6)

    def bowl(image):
        total = (image - goal).square().sum()
        return Losses(total, total, total, total)

    descent = Descent(bowl, torch.full_like(goal, 0.5), GradientDescent, first_step=0.9)
    notes = [descent.step().note for _ in range(12)]
    assert "step_too_large" in notes
    assert descent.best.total < 0.1 * bowl(torch.full_like(goal, 0.5)).total
