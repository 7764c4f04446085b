import itertools
import math

import pytest
import torch

from styletransfer.engine.lbfgs import LBFGS

SHAPE = (1, 2, 4, 5)
SIZE = math.prod(SHAPE)


def random(*size, seed=0):
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def quadratic(image):
    """1/2 x^T A x - b^T x with eigenvalues from 1 to about 10."""
    rotation = torch.linalg.qr(random(SIZE, SIZE))[0]
    matrix = rotation @ torch.diag(torch.linspace(1, 10, SIZE, dtype=torch.float64)) @ rotation.T
    flat = image.flatten()
    return flat @ matrix @ flat / 2 - random(SIZE, seed=1) @ flat


def bent(image):
    """A convex function whose curvature is not constant."""
    return (image.exp() + image.exp().reciprocal() * 2).sum() + quadratic(image)


def gradient(function, image):
    leaf = image.detach().requires_grad_()
    return torch.autograd.grad(function(leaf), leaf)[0]


def descend(function, optimiser, steps, image=None):
    """The `steps` + 1 images from the start on, and the gradients at all but the last one."""
    images, gradients = [random(*SHAPE, seed=2) if image is None else image], []
    for _ in range(steps):
        gradients.append(gradient(function, images[-1]))
        images.append(optimiser.move(images[-1], gradients[-1]))
    return images, gradients


@pytest.mark.parametrize("function", [quadratic, bent])
@pytest.mark.parametrize("history", [3, 10])
def test_it_takes_the_steps_of_torch(function, history):
    steps = 12
    leaf = random(*SHAPE, seed=2).requires_grad_()
    theirs = torch.optim.LBFGS(
        [leaf], lr=1, max_iter=1, history_size=history, tolerance_grad=0, tolerance_change=0
    )
    first = 1 / SIZE  # torch moves by g / sum |g|, a mean move of 1 over the number of pixels
    ours = LBFGS(history=history, first_step=first, longest_step=None, frequency_power=0)
    images, _ = descend(function, ours, steps)

    def closure():
        leaf.grad = gradient(function, leaf)
        return function(leaf.detach())

    for image in images[1:]:
        theirs.step(closure)
        assert torch.allclose(image, leaf.detach(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("power", [0, 0.5])
def test_it_multiplies_by_the_matrix_of_the_book(power):
    """Compares with Nocedal and Wright, eq. 7.16, H <- V^T H V + rho s s^T, starting from gamma F."""
    optimiser = LBFGS(history=4, longest_step=None, frequency_power=power)
    images, gradients = descend(bent, optimiser, 8)
    units = torch.eye(SIZE, dtype=torch.float64)
    start = torch.stack([optimiser._smoothed(unit.view(SHAPE)).flatten() for unit in units])
    pairs = [
        ((images[k + 1] - images[k]).flatten(), (gradients[k + 1] - gradients[k]).flatten())
        for k in range(3, 7)
    ]
    s, y = pairs[-1]
    inverse = start * (s @ y) / (y @ start @ y)
    for s, y in pairs:
        rho = 1 / (y @ s)
        v = units - rho * torch.outer(y, s)
        inverse = v.T @ inverse @ v + rho * torch.outer(s, s)
    move = inverse @ gradients[-1].flatten()
    assert torch.allclose(images[-2] - images[-1], move.view(SHAPE), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("power", [0, 0.5])
def test_the_first_step_has_the_size_asked_for(power):
    for scale in (1e-9, 1, 1e9):
        image, slope = random(1, 3, 8, 6), random(1, 3, 8, 6, seed=1) * scale
        moved = LBFGS(first_step=0.02, frequency_power=power).move(image, slope) - image
        assert moved.abs().mean().item() == pytest.approx(0.02)
        assert torch.sum(moved * slope) < 0  # downhill


def test_no_gradient_no_step():
    image = random(1, 3, 8, 6)
    assert torch.equal(LBFGS().move(image, torch.zeros_like(image)), image)


@pytest.mark.parametrize("power", [0, 0.5])
@pytest.mark.parametrize("function", [quadratic, bent])
def test_it_reaches_the_minimum(function, power):
    images, _ = descend(function, LBFGS(history=SIZE, frequency_power=power), SIZE + 20)
    assert gradient(function, images[-1]).abs().max() < 1e-6
    assert gradient(function, images[0]).abs().max() > 1


def test_negative_curvature_is_not_learned_from():
    optimiser = LBFGS(first_step=0.01, longest_step=None, frequency_power=0)
    # On a concave function, where the descent leads away from the top and gets steeper.
    images, _ = descend(lambda x: -x.square().sum() / 2, optimiser, 3)
    for before, after in itertools.pairwise(images):
        assert (after - before).abs().mean().item() == pytest.approx(0.01)
    # A pair from a convex function is used at once: one more step finds the minimum of x^2 / 2.
    optimiser = LBFGS(first_step=0.01, longest_step=None, frequency_power=0)
    images, _ = descend(lambda x: x.square().sum() / 2, optimiser, 2)
    assert torch.allclose(images[2], torch.zeros(SHAPE).double())


def test_it_changes_nothing_that_it_is_given():
    optimiser = LBFGS()
    for seed in range(4):
        image, slope = random(*SHAPE, seed=seed), random(*SHAPE, seed=seed + 9)
        before = image.clone(), slope.clone()
        optimiser.move(image, slope)
        assert torch.equal(image, before[0])
        assert torch.equal(slope, before[1])


@pytest.mark.parametrize("size", [(8, 6), (7, 5), (1, 9), (8, 7), (5, 1)], ids=str)
def test_the_first_guess_is_symmetric_and_positive_definite(size):
    smooth = LBFGS(frequency_power=0.5)._smoothed
    a, b = random(1, 3, *size), random(1, 3, *size, seed=1)
    assert smooth(a).shape == a.shape
    assert torch.allclose(torch.sum(a * smooth(b)), torch.sum(smooth(a) * b))
    assert torch.sum(a * smooth(a)) > 0
    assert torch.sum(smooth(torch.ones(1, 3, *size))) > 0


def test_the_first_guess_divides_a_wave_by_a_power_of_its_frequency():
    phase = 2 * math.pi * torch.arange(16, dtype=torch.float64) / 16
    for waves in (1, 2, 8):
        across = torch.cos(waves * phase).expand(1, 1, 4, 16)
        expected = across * (waves / 16) ** -0.5
        smooth = LBFGS(frequency_power=0.5)._smoothed(across)
        assert torch.allclose(smooth, expected, atol=1e-6)
        down = LBFGS(frequency_power=0.5)._smoothed(across.mT)
        assert torch.allclose(down, expected.mT, atol=1e-6)


def test_no_later_step_is_longer_than_allowed():
    """A gradient that hardly changes between two steps makes L-BFGS expect a distant minimum."""
    optimiser = LBFGS(first_step=0.01, longest_step=3, frequency_power=0)
    image, slope = torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)
    second = optimiser.move(image, slope)
    third = optimiser.move(second, slope * 0.999)
    assert (third - second).abs().mean().item() == pytest.approx(0.03)
    free = LBFGS(first_step=0.01, longest_step=None, frequency_power=0)
    second = free.move(image, slope)
    assert (free.move(second, slope * 0.999) - second).abs().mean() > 1
