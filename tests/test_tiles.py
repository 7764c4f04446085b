import pytest
import torch
from engine import painting, photo, random_image, random_weights, real_network, small_network

from styletransfer.images import resize, to_tensor
from styletransfer.masks import Region
from styletransfer.objective import Objective
from styletransfer.settings import Settings
from styletransfer.tiles import summed, tiles
from styletransfer.vgg import VGG


def judged(objective, image):
    """The losses, and the gradient of their sum."""
    image = image.clone().requires_grad_()
    losses = objective(image)
    (gradient,) = torch.autograd.grad(losses.total, image)
    return losses, gradient


def in_small_tiles(monkeypatch, area):
    """So that small pictures have many."""
    monkeypatch.setattr("styletransfer.tiles.tile_area", lambda pixels: area)


SIZES = {1: (45, 67, 500), 2: (45, 67, 1000), 3: (101, 150, 6000), 4: (233, 302, 30_000)}


@pytest.mark.parametrize("blocks", SIZES)
@pytest.mark.parametrize("masked", [False, True], ids=["everywhere", "masked"])
@pytest.mark.parametrize(("padding", "pooling"), [("edge", "maximum"), ("zeros", "average")])
def test_losses_and_gradient_are_the_whole_pictures(monkeypatch, blocks, masked, padding, pooling):
    height, width, area = SIZES[blocks]
    in_small_tiles(monkeypatch, area)
    kind = torch.float64
    network = small_network(kind)
    content, style, image = (
        random_image(height + extra, width, seed, kind) for seed, extra in enumerate((0, 9, 0))
    )
    settings = Settings(
        padding=padding,
        pooling=pooling,
        content_layers="relu2_2 conv3_1 relu4_2",
        style_layers="relu1_1 conv2_1 pool2 relu2_2 relu3_1 relu4_1 relu5_1",
        scaling="paper",
    )
    mask = random_image(height, width, 7, kind)[:, :1]
    where = [Region((1.0,), mask, 0.6), Region((1.0,), 1 - mask, 0.4)] if masked else []
    whole = Objective(network, content, [style], settings, where, blocks=0)
    network.kept.clear()
    monkeypatch.setattr("styletransfer.objective.usual_blocks", lambda pixels: blocks)  # of the style
    tiled = Objective(network, content, [style], settings, where)
    assert len(tiles(network, height, width, blocks)) > 3
    (expected, along), (found, towards) = judged(whole, image), judged(tiled, image)
    for term in ("content", "style", "smoothness", "total"):
        assert getattr(found, term).item() == pytest.approx(getattr(expected, term).item(), rel=1e-9)
    assert (towards - along).abs().max() < 1e-9 * along.abs().max()


@pytest.mark.parametrize(("blocks", "area"), [(3, 10_000), (4, 25_000)])
def test_with_the_real_network_too(monkeypatch, blocks, area):
    in_small_tiles(monkeypatch, area)
    content, style = (to_tensor(resize(each, 200)) for each in (photo(), painting()))
    image = content.lerp(random_image(*content.shape[2:]), 0.2)
    whole, tiled = (
        Objective(real_network(), content, [style], Settings(), blocks=each) for each in (0, blocks)
    )
    assert len(tiles(real_network(), *content.shape[2:], blocks)) > 1
    (expected, along), (found, towards) = judged(whole, image), judged(tiled, image)
    assert found.total.item() == pytest.approx(expected.total.item(), rel=1e-3)
    assert (towards - along).norm() < 1e-3 * along.norm()


@pytest.mark.parametrize("architecture", ["vgg16", "vgg19"])
@pytest.mark.parametrize("blocks", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(683, 1024), (4096, 2731), (37, 3000), (31, 95), (16, 16)])
@pytest.mark.parametrize("area", [None, 5000])
def test_every_position_is_in_one_tile(architecture, blocks, size, area):
    network = VGG(random_weights(), architecture=architecture)
    found = tiles(network, *size, blocks, area)
    for layer in ("relu1_1", f"relu{blocks}_1", f"pool{blocks}"):
        times = torch.zeros(
            1,
            1,
            *(length // (2**blocks if "pool" in layer else 2 ** (int(layer[4]) - 1)) for length in size),
        )
        for tile in found:
            assert tile.part(times, layer).numel() > 0
            tile.part(times, layer).add_(1)
        assert (times == 1).all()
        assert sum(tile.share(layer) for tile in found) == pytest.approx(1)


def test_tiles_are_as_small_as_asked():
    for blocks, area in ((2, 100_000), (3, 200_000), (4, 400_000)):
        for size in ((1365, 2048), (8192, 8192)):
            for tile in tiles(small_network(), *size, blocks, area):
                assert tile.down.outer * tile.across.outer <= area


def test_where_none_is_small_enough_they_are_as_small_as_can_be():
    found = tiles(small_network(), 4096, 4096, 4, area=1000)
    assert len(found) == 32 * 32


def test_the_deepest_block_is_whole():
    """Its features are what the tiles hand on."""
    seen = []

    def measure(layer, features, tile):
        seen.append((layer, tile.share(layer)))
        return features, {layer: features.sum()}

    network, image = small_network(), random_image(80, 90)
    found = summed(network, image, ["relu1_1", "relu2_1"], measure, blocks=4)
    assert seen == [("relu1_1", 1), ("relu2_1", 1)]
    for layer, whole in network.features(image, ["relu1_1", "relu2_1"]).items():
        assert found[layer].item() == pytest.approx(whole.sum().item(), rel=1e-5)
