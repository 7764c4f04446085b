import pytest
import torch
import torch.nn.functional as F
from torch.autograd import gradcheck

from styletransfer.network.pooling import max_pool


def picture(height, width, channels=3):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, channels, height, width, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("size", [(4, 6), (5, 6), (4, 7), (5, 7), (2, 2), (3, 3)])
def test_it_is_the_maximum_with_its_gradient(size):
    features = picture(*size).requires_grad_()
    expected = F.max_pool2d(features, 2)
    assert torch.equal(max_pool(features), expected)
    weights = picture(*expected.shape[2:]) + 2
    (expected,) = torch.autograd.grad((expected * weights).sum(), features)
    (found,) = torch.autograd.grad((max_pool(features) * weights).sum(), features)
    assert torch.equal(found, expected)
    assert gradcheck(max_pool, features)


def test_of_equal_ones_exactly_one_has_the_gradient():
    flat = torch.ones(1, 2, 4, 4, requires_grad=True)
    max_pool(flat).sum().backward()
    found = F.avg_pool2d(flat.grad, 2) * 4
    assert torch.equal(found, torch.ones_like(found))
    assert set(flat.grad.unique().tolist()) == {0, 1}
