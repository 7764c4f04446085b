"""Style statistics: how they are computed, and how long they are cached."""

import gc
import weakref
from dataclasses import replace

import pytest
import torch

from styletransfer.engine import style_statistics as module
from styletransfer.engine.losses import gram_matrix
from styletransfer.engine.objective import Objective
from styletransfer.engine.style_statistics import LayerStatistics, blended, style_statistics
from styletransfer.settings import Settings
from tests.support.samples import random_image, small_network

LAYERS = ("relu1_1", "relu2_1")


@pytest.fixture
def computed(monkeypatch):
    """The shapes of the images whose statistics were computed and not taken from the cache."""
    shapes, image_sums = [], module.image_sums

    def watched(network, image, *rest):
        shapes.append(image.shape)
        return image_sums(network, image, *rest)

    monkeypatch.setattr(module, "image_sums", watched)
    return shapes


def test_statistics_are_gram_matrices_and_mean_activations():
    network, image = small_network(), random_image(24, 33)
    found = style_statistics(network, image, LAYERS)
    assert tuple(found) == LAYERS
    for layer, features in network(image, LAYERS).items():
        assert torch.allclose(found[layer].gram, gram_matrix(features), rtol=1e-5)
        assert torch.allclose(found[layer].means, features.mean((2, 3)), rtol=1e-5)
        assert found[layer].mean_activation.item() == pytest.approx(features.abs().mean().item())


@pytest.mark.parametrize("blocks", [0, 1])
def test_strips_of_large_images_change_them_by_rounding_only(monkeypatch, blocks):
    expected = style_statistics(small_network(), random_image(64, 33), LAYERS)
    monkeypatch.setattr(module, "usual_blocks", lambda pixels: blocks)
    found = style_statistics(small_network(), random_image(64, 33), LAYERS)
    for layer in LAYERS:
        assert torch.allclose(found[layer].gram, expected[layer].gram, rtol=1e-4, atol=1e-6)


def test_a_blend_is_the_mean_by_the_shares_without_those_of_none():
    one, two = (
        {"relu1_1": LayerStatistics(torch.full((1, 2, 2), x), torch.full((1, 2), x), torch.tensor(x))}
        for x in (1.0, 5.0)
    )
    nan = {
        "relu1_1": LayerStatistics(*(torch.full(size, torch.nan) for size in ((1, 2, 2), (1, 2), ())))
    }
    found = blended([one, nan, two], (0.75, 0.0, 0.25))["relu1_1"]
    assert torch.equal(found.gram, torch.full((1, 2, 2), 2.0))
    assert torch.equal(found.means, torch.full((1, 2), 2.0))
    assert found.mean_activation == 2


def test_a_painting_is_looked_at_once_for_many_photos(computed):
    network, style = small_network(), random_image(24, 33, seed=1)
    content, other, image = (random_image(32, 40, seed) for seed in (0, 3, 2))
    settings = Settings(style_loss="gram")
    Objective(network, content, [style], settings)
    expected = Objective(small_network(), other, [style], settings)(image)
    assert computed == [style.shape] * 2
    computed.clear()
    assert Objective(network, other, [style], settings)(image) == expected
    assert computed == []
    Objective(network, other, [style], replace(settings, padding="zeros"))  # has other statistics
    Objective(network, other, [style * 0.5], settings)
    Objective(network, other, [style], replace(settings, style_layers="relu1_1"))
    assert computed == [style.shape] * 3


def test_the_variants_of_a_network_remember_together(computed):
    network, image = small_network(), random_image(24, 33)
    for padding in ("edge", "zeros", "edge"):
        style_statistics(network.variant(padding, "maximum"), image, LAYERS)
    assert len(computed) == 2


def test_few_paintings_are_remembered_the_last_ones(computed):
    network = small_network()
    images = [random_image(24, 33, seed) for seed in range(20)]
    for image in images:
        style_statistics(network, image, LAYERS)
    computed.clear()
    for image in images[4:]:
        style_statistics(network, image, LAYERS)
    assert computed == []
    style_statistics(network, images[4], LAYERS)  # becomes the most recently used one
    for image in images[:4]:
        style_statistics(network, image, LAYERS)
    assert len(computed) == 4
    style_statistics(network, images[4], LAYERS)
    style_statistics(network, images[5], LAYERS)
    assert len(computed) == 5


def test_nothing_is_remembered_of_a_network_that_is_gone():
    network = small_network()
    gram = weakref.ref(style_statistics(network, random_image(24, 33), LAYERS)["relu1_1"].gram)
    assert gram() is not None
    del network
    gc.collect()
    assert gram() is None
