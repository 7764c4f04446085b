"""The grid of every fourth pixel, compared with the network's feature maps and plain loops."""

import pytest
import torch

from styletransfer.engine.hypercolumns import (
    GRID,
    Hypercolumns,
    hypercolumns,
    on_the_grid,
    places_a_position,
    positions_a_place,
)
from tests.support.samples import random_image, small_network
from tests.support.strips import in_small_strips

LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "pool4")
KIND = torch.float64


def seen(height=45, width=54, layers=LAYERS):
    """The hypercolumns of a random image, and the whole feature maps they are made of."""
    network, image = small_network(KIND), random_image(height, width, dtype=KIND)
    return hypercolumns(network, image, layers), network(image, layers)


@pytest.mark.parametrize(
    ("layer", "positions", "places"),
    [
        ("relu1_2", 4, 1),
        ("pool1", 2, 1),
        ("relu2_1", 2, 1),
        ("conv3_1", 1, 1),
        ("relu4_4", 1, 2),
        ("pool4", 1, 4),
    ],
)
def test_how_many_positions_share_a_place_or_places_a_position(layer, positions, places):
    assert positions_a_place(layer) == positions
    assert places_a_position(layer) == places


def test_a_finer_map_is_averaged_and_what_fills_no_place_is_left_out():
    features = random_image(11, 9, dtype=KIND)
    found = on_the_grid(features, "relu1_1")
    assert found.shape == (1, 3, 2, 2)
    for row in range(2):
        for column in range(2):
            part = features[..., 4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
            assert torch.allclose(found[..., row, column], part.mean((2, 3)))
    assert on_the_grid(features, "relu3_1") is features
    assert on_the_grid(features, "relu4_1") is features


@pytest.mark.parametrize("size", [(45, 54), (32, 32), (47, 67)], ids=str)
def test_the_maps_are_the_networks_on_the_grid(size):
    found, features = seen(*size)
    assert found.size == (size[0] // GRID, size[1] // GRID)
    for layer in LAYERS:
        assert torch.equal(found.maps[layer], on_the_grid(features[layer], layer))


@pytest.mark.parametrize("blocks", [1, 2, 4])
def test_strips_give_the_same_maps(monkeypatch, blocks):
    expected, _ = seen(101, 54)
    counts = in_small_strips(monkeypatch, 12)
    monkeypatch.setattr("styletransfer.engine.hypercolumns.usual_blocks", lambda pixels: blocks)
    found, _ = seen(101, 54)
    assert max(counts) > 1
    for layer in LAYERS:
        assert torch.allclose(found.maps[layer], expected.maps[layer], rtol=1e-9, atol=1e-12)


def test_size_alone_decides_whether_it_is_in_strips(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "styletransfer.engine.hypercolumns.usual_blocks", lambda pixels: asked.append(pixels) or 0
    )
    seen(45, 54)
    assert asked == [45 * 54]


def test_hypercolumns_have_no_gradient():
    image = random_image(32, 32).requires_grad_()
    found = hypercolumns(small_network(), image, LAYERS)
    assert not any(each.requires_grad for each in found.maps.values())


def test_every_place_takes_the_position_that_it_lies_in():
    """Of 45 x 54 pixels there are 11 x 13 places, but only 5 x 6 positions of relu4_1."""
    found, _ = seen()
    for layer in LAYERS:
        features, along = found.maps[layer], places_a_position(layer)
        numbers = found.positions_of_places(layer)
        assert numbers.shape == found.size == (11, 13)
        for row in range(11):
            for column in range(13):
                own = (
                    min(row // along, features.shape[2] - 1),
                    min(column // along, features.shape[3] - 1),
                )
                assert numbers[row, column] == own[0] * features.shape[3] + own[1]


def test_a_coarse_layer_alone_makes_as_many_places_as_its_positions_hold():
    found, features = seen(layers=("relu4_1",))
    assert features["relu4_1"].shape[2:] == (5, 6)
    assert found.size == (10, 12)


def test_samples_are_of_the_same_places_and_no_more_than_asked_for():
    found, _ = seen()
    for most in (1, 7, 40, 142):
        sample = found.sampled(most)
        assert len({len(each) for each in sample.values()}) == 1
        assert 1 <= len(sample["relu1_1"]) <= most
    whole = found.sampled(11 * 13)
    for layer, features in found.maps.items():
        rows = features[0].flatten(1).T
        assert torch.equal(whole[layer], rows[found.positions_of_places(layer).flatten()])


def test_samples_are_spread_over_the_whole_image():
    rows = torch.arange(64.0)[:, None].expand(64, 96)
    sample = Hypercolumns({"relu3_1": rows[None, None].clone()}).sampled(100)["relu3_1"]
    assert sample.min() < 8
    assert sample.max() > 55


def test_projected_is_the_product_of_the_whole_hypercolumn():
    """By hand: all layers' features at a place side by side, times the axes."""
    found, _ = seen()
    generator = torch.Generator().manual_seed(1)
    axes = {
        layer: torch.randn(features.shape[1], 5, generator=generator, dtype=KIND)
        for layer, features in found.maps.items()
    }
    projected = found.projected(axes)
    assert projected.shape == (11, 13, 5)
    stacked = torch.cat(
        [
            features[0].flatten(1).T[found.positions_of_places(layer).flatten()]
            for layer, features in found.maps.items()
        ],
        1,
    )
    expected = stacked @ torch.cat(list(axes.values()))
    assert torch.allclose(projected.view(-1, 5), expected)
    assert torch.equal(found.maps["relu1_1"], seen()[0].maps["relu1_1"])  # nothing was added to it


def test_half_precision_is_projected_in_float32():
    features = random_image(8, 8).to(torch.bfloat16)
    found = Hypercolumns({"relu3_1": features})
    assert found.projected({"relu3_1": torch.eye(3)}).dtype == torch.float32
    assert found.sampled(4)["relu3_1"].dtype == torch.float32
