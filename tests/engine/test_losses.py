import pytest
import torch
from torch.autograd import gradcheck

from styletransfer.engine.losses import (
    content_loss,
    covariance,
    gram_matrix,
    style_loss,
    tap_moments,
    total_variation,
)


def features(*size, seed=0):
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_gram_matrix_by_hand():
    # Two channels at two positions: (1, 2) and (3, 4).
    gram = gram_matrix(torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]]))
    assert gram.tolist() == [[[2.5, 5.5], [5.5, 12.5]]]


def test_gram_matrix_is_symmetric_and_positive_semi_definite():
    gram = gram_matrix(features(2, 5, 3, 4))  # (2, 5, 5)
    assert torch.allclose(gram, gram.transpose(1, 2))
    assert torch.linalg.eigvalsh(gram).min() > -1e-12


def test_gram_matrix_knows_no_positions():
    layer = features(1, 4, 3, 5)
    shuffled = layer.flatten(2)[:, :, torch.randperm(15)].reshape(1, 4, 5, 3)
    assert torch.allclose(gram_matrix(shuffled), gram_matrix(layer))


def test_pictures_of_a_batch_do_not_mix():
    first, second = features(1, 3, 4, 4), features(1, 3, 4, 4, seed=1)
    both = gram_matrix(torch.cat([first, second]))
    assert torch.allclose(both, torch.cat([gram_matrix(first), gram_matrix(second)]))


def test_content_loss_by_hand():
    # Differences 1, 2, 0, 3: half of the mean of 1, 4, 0, 9.
    layer, target = torch.tensor([[[[1.0, 2.0], [3.0, 7.0]]]]), torch.tensor([[[[2.0, 0], [3, 4]]]])
    assert content_loss(layer, target).item() == 1.75


def test_style_loss_by_hand():
    # Differences 1, 0, 0, 3: a quarter of the mean of 1, 0, 0, 9.
    gram, target = torch.tensor([[[2.0, 1.0], [1.0, 4.0]]]), torch.tensor([[[1.0, 1.0], [1.0, 1.0]]])
    assert style_loss(gram, target).item() == 0.625


def test_total_variation_by_hand():
    # Squared differences across: 1, 9; down: 9, 25. The two means are added.
    assert total_variation(torch.tensor([[[[0.0, 1.0], [3.0, 6.0]]]])).item() == 5 + 17


def test_no_difference_no_loss():
    layer = features(1, 4, 3, 5)
    assert content_loss(layer, layer) == 0
    assert style_loss(gram_matrix(layer), gram_matrix(layer)) == 0
    assert total_variation(torch.full((1, 3, 4, 6), 0.7)) == 0


def test_a_line_of_pixels_varies_only_along_itself():
    line = torch.tensor([0.0, 1.0, 3.0])  # differences 1 and 2
    assert total_variation(line.view(1, 1, 1, 3)) == 2.5
    assert total_variation(line.view(1, 1, 3, 1)) == 2.5
    assert total_variation(torch.ones(1, 3, 1, 1)) == 0


def test_a_tiled_picture_has_the_losses_of_one_tile():
    layer, target = features(1, 4, 3, 5), features(1, 4, 3, 5, seed=1)
    tiled = layer.repeat(1, 1, 2, 3)
    assert torch.allclose(gram_matrix(tiled), gram_matrix(layer))
    assert torch.allclose(content_loss(tiled, target.repeat(1, 1, 2, 3)), content_loss(layer, target))


def test_a_slope_varies_the_same_at_every_size():
    for size in (8, 64):
        slope = torch.arange(size) * 0.01  # each pixel 0.01 brighter than the one to its left
        assert total_variation(slope.expand(1, 3, 5, size)).item() == pytest.approx(1e-4)


def test_the_papers_sums_are_the_documented_multiples():
    layer, target = features(1, 4, 3, 5), features(1, 4, 3, 5, seed=1)
    channels, positions = 4, 15
    sum_of_squares = ((layer - target) ** 2).sum() / 2  # Gatys et al. 2016, eq. 1
    assert torch.allclose(sum_of_squares, channels * positions * content_loss(layer, target))

    grams = [torch.einsum("bihw,bjhw->bij", each, each) for each in (layer, target)]  # eq. 3
    paper = ((grams[0] - grams[1]) ** 2).sum() / (4 * channels**2 * positions**2)  # eq. 4
    assert torch.allclose(paper, style_loss(gram_matrix(layer), gram_matrix(target)))


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (gram_matrix, None),
        (lambda layer, target: content_loss(layer, target), features(1, 3, 2, 4, seed=1)),
        (lambda layer, target: style_loss(gram_matrix(layer), target), features(1, 3, 3, seed=1)),
        (total_variation, None),
    ],
    ids=["gram_matrix", "content_loss", "style_loss", "total_variation"],
)
def test_gradients_agree_with_differences(loss, target):
    layer = features(1, 3, 2, 4).requires_grad_()
    assert gradcheck(loss, (layer,) if target is None else (layer, target))


@pytest.mark.parametrize("shape", [(1, 3, 1, 4), (2, 3, 5, 1), (1, 1, 1, 1)])
def test_the_variation_of_a_single_line_has_a_gradient(shape):
    assert gradcheck(total_variation, features(*shape).requires_grad_())


@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_the_content_losses_gradient_lies_in_memory_as_the_features_do(order):
    layer, target = (features(1, 4, 3, 5, seed=seed).contiguous(memory_format=order) for seed in (0, 1))
    layer.requires_grad_()
    (gradient,) = torch.autograd.grad(content_loss(layer, target), layer)
    assert gradient.is_contiguous(memory_format=order)


def test_the_gram_matrix_of_some_rows():
    layer = features(1, 4, 5, 6)
    same, gram, _ = tap_moments(layer, slice(1, 4))
    assert torch.equal(same, layer)
    assert torch.allclose(gram, gram_matrix(layer[..., 1:4, :].contiguous()))


def test_a_guide_multiplies_the_features():
    layer, guide = features(1, 4, 3, 5), torch.rand(1, 1, 3, 5, dtype=torch.float64)
    _, gram, _ = tap_moments(layer, guide=guide)
    assert torch.allclose(gram, gram_matrix(layer * guide))


def test_gram_matrix_and_means_make_the_covariance_under_a_guide_too():
    layer, guide = features(1, 4, 3, 5), features(1, 1, 3, 5, seed=2)
    guide /= guide.square().mean().sqrt()
    for each, weights in ((None, None), (guide, guide.square().flatten())):
        _, gram, means = tap_moments(layer, guide=each)
        expected = torch.cov(layer[0].flatten(1), correction=0, aweights=weights)
        assert torch.allclose(covariance(gram, means)[0], expected)


WHERE = torch.rand(1, 1, 2, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize(
    ("rows", "guide"),
    [(slice(None), None), (slice(1, 3), None), (slice(1, 3), WHERE)],
    ids=["whole", "rows", "guided"],
)
def test_tapped_features_pass_on_both_gradients(rows, guide):
    layer = features(1, 3, 4, 5).requires_grad_()
    target = gram_matrix(features(1, 3, 3, 4, seed=1))

    def loss(layer):
        # As in a network: earlier layers are another node, later layers use the tapped features.
        tapped, gram, means = tap_moments(layer * 2, rows, guide)
        tapped, again, _ = tap_moments(tapped, rows)
        both = style_loss(gram, target) + means.square().sum()
        return both + style_loss(again, target) / 3 + tapped.sin().sum()

    assert gradcheck(loss, layer)
