"""Squared distances in parts of the picture: by hand, their gradients, and how they lie in memory."""

import pytest
import torch
from torch.autograd import gradcheck

from styletransfer.engine.distances import masked_difference, tap_squared_distance
from styletransfer.engine.losses import content_loss


def features(*size, seed=0):
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def distance_by_hand(layer, rows, along, target, weight):
    """Half the sum of w (F - T)^2, by loops over the positions that are compared."""
    part, whole = layer[..., rows, :], 0.0
    for row in range(part.shape[2] // along):
        for column in range(part.shape[3] // along):
            down, across = (slice(each * along, (each + 1) * along) for each in (row, column))
            mean = part[0, :, down, across].mean((1, 2))
            squared = (mean - target[0, :, row, column]).square().sum() / 2
            whole += squared * (1 if weight is None else weight[0, 0, row, column])
    return whole


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("along", [1, 2, 4])
@pytest.mark.parametrize("rows", [slice(0, 11), slice(2, 10), slice(4, 11)], ids=str)
def test_the_tapped_squared_distance_by_loops(rows, along, weighted):
    """Of 11 x 9 positions, so that by 2 and by 4 a row and a column are left over."""
    layer = features(1, 3, 11, 9).requires_grad_()
    height, width = (rows.stop - rows.start) // along, 9 // along
    target = features(1, 3, height, width, seed=1)
    weight = features(1, 1, height, width, seed=2).abs() if weighted else None

    def ours(layer):
        # As in a network: earlier layers are another node, and later layers use the tapped features.
        tapped, distance = tap_squared_distance(layer * 2, rows, along, target, weight)
        return distance, distance.square() + tapped.sin().sum()

    by_hand = distance_by_hand(2 * layer, rows, along, target, weight)
    assert ours(layer)[0].item() == pytest.approx(by_hand.item(), rel=1e-12)
    expected = torch.autograd.grad(by_hand.square() + (2 * layer).sin().sum(), layer)[0]
    found = torch.autograd.grad(ours(layer)[1], layer)[0]
    assert torch.allclose(found, expected, rtol=1e-10, atol=1e-10)
    assert gradcheck(ours, layer)


def test_positions_that_are_not_compared_have_no_gradient():
    layer = features(1, 3, 11, 9).requires_grad_()
    _, distance = tap_squared_distance(layer, slice(2, 9), 2, features(1, 3, 3, 4, seed=1))
    (gradient,) = torch.autograd.grad(distance, layer)
    assert gradient[..., 2:8, :8].abs().min() > 0
    gradient[..., 2:8, :8] = 0
    assert not gradient.any()


def test_a_distance_that_nobody_uses_adds_nothing_to_the_gradient():
    layer = features(1, 3, 4, 6).requires_grad_()
    tapped, _ = tap_squared_distance(layer, slice(0, 4), 2, features(1, 3, 2, 3, seed=1))
    (gradient,) = torch.autograd.grad(tapped.sum(), layer)
    assert torch.equal(gradient, torch.ones_like(layer))


def test_positions_without_weight_count_for_nothing():
    layer, weight = features(1, 3, 4, 6), torch.zeros(1, 1, 2, 3, dtype=torch.float64)
    layer.requires_grad_()
    _, distance = tap_squared_distance(layer, slice(0, 4), 2, features(1, 3, 2, 3, seed=1), weight)
    (gradient,) = torch.autograd.grad(distance, layer)
    assert distance == 0
    assert not gradient.any()


@pytest.mark.parametrize(
    ("precision", "order"),
    [(torch.float32, torch.contiguous_format), (torch.bfloat16, torch.channels_last)],
    ids=str,
)
@pytest.mark.parametrize("followed", [False, True], ids=["last", "followed"])
def test_the_squared_distances_gradient_lies_in_memory_as_the_features_do(precision, order, followed):
    layer = features(1, 4, 6, 5).to(precision).contiguous(memory_format=order).requires_grad_()
    tapped, distance = tap_squared_distance(layer, slice(0, 6), 2, features(1, 4, 3, 2, seed=1).float())
    assert distance.dtype == torch.float32
    (gradient,) = torch.autograd.grad(distance + followed * tapped.sum(), layer)
    assert gradient.dtype == precision
    assert gradient.is_contiguous(memory_format=order)


def test_a_squared_distance_of_half_precision_is_summed_in_float32():
    layer = torch.ones(1, 1, 63, 65, dtype=torch.bfloat16)
    _, distance = tap_squared_distance(layer, slice(0, 63), 1, torch.zeros(1, 1, 63, 65))
    assert distance == 63 * 65 / 2


def test_a_masked_difference_by_hand_and_its_gradient():
    layer, target, mask = features(1, 3, 4, 5), features(1, 3, 4, 5, seed=1), features(1, 1, 4, 5).abs()
    square, shift = masked_difference(layer, target, mask)
    difference = layer - target
    assert square.item() == pytest.approx((mask * difference**2).sum().item() / 60 / 2)
    assert torch.allclose(shift, (mask * difference).sum((2, 3)) / 20)
    layer.requires_grad_()
    assert gradcheck(lambda x: masked_difference(x, target, mask), layer)


def test_a_masked_difference_under_a_mask_of_one_is_the_content_loss():
    layer, target = features(1, 3, 4, 5), features(1, 3, 4, 5, seed=1)
    square, _ = masked_difference(layer, target, torch.ones(1, 1, 4, 5))
    assert square.item() == pytest.approx(content_loss(layer, target).item())


def test_a_masked_difference_in_bfloat16_is_summed_in_float32():
    layer = features(1, 8, 6, 6).bfloat16().requires_grad_()
    square, shift = masked_difference(layer, torch.zeros_like(layer), torch.ones(1, 1, 6, 6))
    assert square.dtype == shift.dtype == torch.float32
    (gradient,) = torch.autograd.grad(square + shift.sum(), layer)
    assert gradient.dtype == torch.bfloat16
