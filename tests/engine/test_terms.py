"""The terms of the total loss: their values and gradients, also in strips."""

from dataclasses import replace

import pytest
import torch

from styletransfer.engine import content_term as module
from styletransfer.engine.content_term import ContentTerm
from styletransfer.engine.features import whole_features
from styletransfer.engine.gram_style import GramStyle
from styletransfer.engine.losses import content_loss, gram_matrix, style_loss
from styletransfer.engine.masks import Region
from styletransfer.engine.neighbour_style import NeighbourStyle
from styletransfer.network.strips import Strip, cut_into_strips, image_sums
from styletransfer.settings import Settings
from tests.support.samples import random_image, small_network

HEIGHT, WIDTH = 45, 52
PLAIN = Settings(
    content_layers="relu2_1 relu3_1:2",
    style_layers="relu1_1 relu2_2:0.5 pool2 relu3_1",
    scaling="tutorial",
)
PLAIN_WEIGHTS = {"relu2_1": 1, "relu3_1": 2}
KIND = torch.float64


def content_term(network, blocks=0):
    return ContentTerm(network, random_image(HEIGHT, WIDTH, 0, KIND), PLAIN, blocks)


def kept_content(network, blocks=0):
    mask = torch.linspace(0, 1, WIDTH, dtype=KIND).expand(1, 1, HEIGHT, WIDTH)
    return ContentTerm(network, random_image(HEIGHT, WIDTH, 0, KIND), PLAIN, blocks, mask)


def styles():
    return [random_image(40, 36, seed, KIND) for seed in (1, 2)]


def regions(masked):
    """A blend of both styles everywhere, or the one fading into the other from left to right."""
    if not masked:
        return [Region((0.75, 0.25))]
    left = torch.linspace(0, 1, WIDTH, dtype=KIND).expand(1, 1, HEIGHT, WIDTH)
    return [Region((1.0, 0.0), left, 0.5), Region((0.0, 1.0), 1 - left, 0.5)]


def gram_style(network, masked=False):
    return GramStyle(network, styles(), regions(masked), PLAIN)


def neighbour_style(network, masked=False):
    content = random_image(HEIGHT, WIDTH, 0, KIND)
    # relu4_1 in place of pool2, so that one layer is coarser than the grid.
    settings = replace(PLAIN, style_layers="relu1_1 relu2_2:0.5 relu3_1 relu4_1")
    return NeighbourStyle(network, content, styles(), regions(masked), settings)


TERMS = {
    "content": content_term,
    "content with a part kept": kept_content,
    "gram": gram_style,
    "gram with masks": lambda network: gram_style(network, masked=True),
    "neighbours": neighbour_style,
    "neighbours with masks": lambda network: neighbour_style(network, masked=True),
}
every_term = pytest.mark.parametrize("make", TERMS.values(), ids=TERMS)


def judged(term, network, image, blocks):
    """The term's loss, and its gradient."""
    image = image.clone().requires_grad_()
    loss = term.loss(image_sums(network, image, term.layers, term.measure, blocks))
    (gradient,) = torch.autograd.grad(loss, image)
    return loss.item(), gradient


def whole(features):
    height = features.shape[2]
    return Strip(0, height, 0, height, height)


@every_term
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_a_terms_strips_equal_the_whole(monkeypatch, make, blocks):
    network, image = small_network(KIND), random_image(HEIGHT, WIDTH, 3, KIND)
    term = make(network)
    expected, along = judged(term, network, image, 0)
    cut = []

    def small(height, halo, _):
        cut.append(cut_into_strips(height, halo, 12))
        return cut[-1]

    monkeypatch.setattr("styletransfer.network.strips.cut_into_strips", small)
    found, towards = judged(term, network, image, blocks)
    assert min(map(len, cut)) > 1
    assert found == pytest.approx(expected, rel=1e-9)
    assert (towards - along).abs().max() < 1e-9 * along.abs().max()


@every_term
def test_a_term_ignores_the_sums_of_others_and_hands_the_features_on(make):
    network, image = small_network(KIND), random_image(HEIGHT, WIDTH, 3, KIND)
    term = make(network)
    sums = {("another", "relu1_1"): torch.tensor(7.0)}
    for layer, features in network(image, term.layers).items():
        handed_on, measured = term.measure(layer, features, whole(features))
        assert torch.equal(handed_on, features)
        assert not sums.keys() & measured.keys()
        sums |= measured
    expected, _ = judged(term, network, image, 0)
    assert term.loss(sums).item() == pytest.approx(expected)


def test_the_content_term_is_zero_for_the_content_image_and_by_hand_for_others():
    network = small_network(KIND)
    content, image = (random_image(HEIGHT, WIDTH, seed, KIND) for seed in (0, 3))
    term = content_term(network)
    assert judged(term, network, content, 0)[0] == 0
    (one, two), (one_target, two_target) = (
        network(picture, ["relu2_1", "relu3_1"]).values() for picture in (image, content)
    )
    expected = 2 * content_loss(one, one_target) + 2 * 2 * content_loss(two, two_target)
    assert judged(term, network, image, 0)[0] == pytest.approx(expected.item())


def test_what_is_kept_counts_once_more_by_hand():
    network = small_network(KIND)
    content, image = (random_image(HEIGHT, WIDTH, seed, KIND) for seed in (0, 3))
    mask = torch.zeros(1, 1, HEIGHT, WIDTH, dtype=KIND)
    mask[..., 8:32, 12:40] = 1  # whole positions of relu3_1, which are 4 x 4 pixels
    term = ContentTerm(network, content, PLAIN, 0, mask)
    times, finer = module._TIMES_MORE, module._FINER_LAYERS
    assert PLAIN.style_loss == "neighbours"
    assert list(finer) == ["relu3_1"]
    expected = judged(content_term(network), network, image, 0)[0]
    seen, wanted = (network(each, PLAIN_WEIGHTS) for each in (image, content))
    for layer, stride in {"relu2_1": 2, "relu3_1": 4}.items():
        whole_difference = seen[layer] - wanted[layer]
        rows, columns = slice(8 // stride, 32 // stride), slice(12 // stride, 40 // stride)
        difference = whole_difference[..., rows, columns]
        difference -= difference.mean((2, 3), keepdim=True)
        weight = times * PLAIN_WEIGHTS[layer] + finer.get(layer, 0)
        expected += (
            2
            * module._BESIDE_NEIGHBOURS
            * weight
            * (difference.square().sum() / 2 / whole_difference.numel()).item()
        )
    assert judged(term, network, image, 0)[0] == pytest.approx(expected, rel=1e-9)


def test_outside_of_what_is_kept_the_gradient_is_as_without():
    network, image = small_network(KIND), random_image(HEIGHT, WIDTH, 3, KIND)
    content = random_image(HEIGHT, WIDTH, 0, KIND)
    mask = torch.zeros(1, 1, HEIGHT, WIDTH, dtype=KIND)
    mask[..., :8, :8] = 1
    plain = judged(ContentTerm(network, content, PLAIN, 0), network, image, 0)[1]
    kept = judged(ContentTerm(network, content, PLAIN, 0, mask), network, image, 0)[1]
    assert (kept - plain)[..., :8, :8].abs().min() > 0
    assert torch.equal(kept[..., 28:, :], plain[..., 28:, :])  # beyond what relu3_1 sees of the mask
    assert torch.equal(kept[..., :, 28:], plain[..., :, 28:])


def test_an_empty_mask_keeps_nothing():
    network, image = small_network(KIND), random_image(HEIGHT, WIDTH, 3, KIND)
    content, nowhere = random_image(HEIGHT, WIDTH, 0, KIND), torch.zeros(1, 1, HEIGHT, WIDTH, dtype=KIND)
    plain = judged(ContentTerm(network, content, PLAIN, 0), network, image, 0)
    empty = judged(ContentTerm(network, content, PLAIN, 0, nowhere), network, image, 0)
    assert empty[0] == plain[0]
    assert torch.equal(empty[1], plain[1])


@pytest.mark.parametrize(("long", "share"), [(48, 1), (384, 1), (768, 1 / 4)])
def test_what_is_kept_counts_less_in_a_picture_so_large_that_it_remains_by_itself(long, share):
    network, settings = small_network(), replace(PLAIN, style_loss="neighbours")
    content, image, mask = (
        torch.rand(1, 3, 8, long),
        torch.rand(1, 3, 8, long),
        torch.ones(1, 1, 8, long),
    )

    def more(settings):
        kept, plain = (
            judged(ContentTerm(network, content, settings, 0, keep), network, image, 0)[0]
            for keep in (mask, None)
        )
        return kept - plain

    assert more(settings) == pytest.approx(
        20 * share * more(replace(PLAIN, style_loss="gram")), rel=1e-3
    )


def test_the_style_term_of_a_blend_by_hand():
    network, image = small_network(KIND), random_image(HEIGHT, WIDTH, 3, KIND)
    pictures = (image, *(random_image(40, 36, seed, KIND) for seed in (1, 2)))
    layers = {"relu1_1": 1, "relu2_2": 0.5, "pool2": 1, "relu3_1": 1}
    expected = 0.0
    grams = [
        {layer: gram_matrix(features) for layer, features in network(each, layers).items()}
        for each in pictures
    ]
    for layer, weight in layers.items():
        gram, first, second = (each[layer] for each in grams)
        unit = gram.shape[1] ** 2 / 4e6
        expected += weight * style_loss(gram, 0.75 * first + 0.25 * second).item() / unit
    assert judged(gram_style(network), network, image, 0)[0] == pytest.approx(expected)


@every_term
def test_three_steps_downhill_lower_a_term(make):
    network, image = small_network(KIND), random_image(HEIGHT, WIDTH, 3, KIND)
    term = make(network)
    losses = []
    for _ in range(4):
        loss, gradient = judged(term, network, image, 0)
        losses.append(loss)
        image = image - 0.002 * gradient / gradient.abs().mean()
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize("blocks", [0, 2])
def test_whole_features_are_the_networks(monkeypatch, blocks):
    network, image = small_network(KIND), random_image(HEIGHT, WIDTH, 3, KIND)
    monkeypatch.setattr(
        "styletransfer.network.strips.cut_into_strips",
        lambda height, halo, _: cut_into_strips(height, halo, 12),
    )
    layers = ["relu1_1", "relu2_2", "pool2", "relu3_1"]
    found = whole_features(network, image, layers, blocks)
    for layer, expected in network(image, layers).items():
        assert torch.allclose(found[layer], expected, rtol=1e-9)
