import pytest
import torch

from styletransfer.engine.adam import Adam
from tests.support.samples import random_image


def test_the_first_step_moves_every_pixel_by_its_size_against_the_gradient():
    image, gradient = random_image(8, 6), random_image(8, 6, seed=1) - 0.5
    moved = Adam(0.1).move(image, gradient) - image
    deviations = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    assert torch.allclose(moved, -0.1 * deviations * gradient.sign(), atol=1e-5)


def test_these_are_torchs_steps_on_normalised_pixels():
    goal, image = random_image(8, 6), torch.full((1, 3, 8, 6), 0.5)
    mean, deviations = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).view(2, 3, 1, 1)
    ours = Adam(0.1)
    normalised = ((image - mean) / deviations).requires_grad_()
    theirs = torch.optim.Adam([normalised], lr=0.1)
    for _ in range(30):
        # So flat that Adam's epsilon matters, and with it the unit of the gradient.
        image = ours.move(image, 1e-8 * (image - goal))
        loss = 0.5e-8 * (normalised * deviations + mean - goal).square().sum()
        theirs.zero_grad()
        loss.backward()
        theirs.step()
    assert torch.allclose(image, normalised.detach() * deviations + mean, atol=1e-5)
    assert (image - goal).abs().mean() > 0.01  # not yet at the minimum


def test_it_comes_to_the_goal_and_leaves_its_inputs_alone():
    goal, optimiser = random_image(8, 6), Adam(0.1)
    image = start = torch.full_like(goal, 0.5)
    seen = []
    for _ in range(200):
        seen.append((image, image.clone()))
        image = optimiser.move(image, 2 * (image - goal))
    assert (image - goal).abs().max() < 1e-3
    assert all(torch.equal(now, then) for now, then in seen)
    assert start.unique().tolist() == pytest.approx([0.5])
