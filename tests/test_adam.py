import pytest
import torch
from engine import random_image

from styletransfer.adam import Adam


def test_the_first_step_moves_every_pixel_by_its_size_against_the_gradient():
    image, gradient = random_image(8, 6), random_image(8, 6, seed=1) - 0.5
    moved = Adam(0.02).move(image, gradient) - image
    assert torch.allclose(moved, -0.02 * gradient.sign(), atol=1e-5)


def test_it_comes_to_the_goal_and_leaves_its_inputs_alone():
    goal, optimiser = random_image(8, 6), Adam(0.02)
    image = start = torch.full_like(goal, 0.5)
    seen = []
    for _ in range(200):
        seen.append((image, image.clone()))
        image = optimiser.move(image, 2 * (image - goal))
    assert (image - goal).abs().max() < 1e-3
    assert all(torch.equal(now, then) for now, then in seen)
    assert start.unique().tolist() == pytest.approx([0.5])
