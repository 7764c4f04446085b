import pytest
import torch

from styletransfer.engine import style_statistics
from styletransfer.engine.masks import Region
from styletransfer.engine.objective import Objective
from styletransfer.images import resize, to_tensor
from styletransfer.network.operations import ConvolutionReLUPool
from styletransfer.network.strips import cut_into_strips, image_sums
from styletransfer.network.vgg import VGG
from styletransfer.network.weights import DEFAULT_SOURCE, load_weights
from styletransfer.settings import Settings
from tests.support.samples import (
    painting,
    photo,
    random_image,
    random_weights,
    small_network,
)
from tests.support.strips import in_small_strips, judged

both_losses = pytest.mark.parametrize("style_loss", ["neighbours", "gram"])
SIZES = {1: (45, 67), 2: (45, 67), 3: (101, 71), 4: (233, 102)}


@both_losses
@pytest.mark.parametrize("blocks", SIZES)
@pytest.mark.parametrize("masked", [False, True], ids=["everywhere", "masked"])
@pytest.mark.parametrize(
    ("architecture", "padding", "pooling"),
    [("vgg19", "edge", "maximum"), ("vgg19", "zeros", "average"), ("vgg16", "edge", "maximum")],
)
def test_losses_and_gradient_are_the_whole_pictures(
    monkeypatch, style_loss, blocks, masked, architecture, padding, pooling
):
    height, width = SIZES[blocks]
    counts = in_small_strips(monkeypatch, 12)
    kind = torch.float64
    network = VGG(random_weights(dtype=kind, architecture=architecture), architecture=architecture)
    content, style, image = (
        random_image(height + extra, width, seed, kind) for seed, extra in enumerate((0, 9, 0))
    )
    settings = Settings(
        padding=padding,
        pooling=pooling,
        content_layers="relu2_2 conv3_1 relu4_2",
        style_layers="relu1_1 conv2_1 pool2 relu2_2 relu3_1 relu4_1 relu5_1",
        scaling="paper",
        style_loss=style_loss,
    )
    mask = random_image(height, width, 7, kind)[:, :1]
    where = [Region((1.0,), mask, 0.6), Region((1.0,), 1 - mask, 0.4)] if masked else []
    whole = Objective(network, content, [style], settings, where, blocks_in_strips=0)
    style_statistics._STATISTICS.clear()
    # For the picture and for the style image.
    for module in ("objective", "style_statistics", "hypercolumns"):
        monkeypatch.setattr(f"styletransfer.engine.{module}.usual_blocks", lambda pixels: blocks)
    stripped = Objective(network, content, [style], settings, where)
    assert min(counts) > 1
    (expected, along), (found, towards) = judged(whole, image), judged(stripped, image)
    for term in ("content", "style", "smoothness", "total"):
        assert getattr(found, term).item() == pytest.approx(getattr(expected, term).item(), rel=1e-9)
    assert (towards - along).abs().max() < 1e-9 * along.abs().max()


@both_losses
@pytest.mark.parametrize("blocks", [1, 2, 3, 4])
def test_with_the_real_network_too(monkeypatch, style_loss, blocks):
    settings, counts = Settings(style_loss=style_loss), in_small_strips(monkeypatch, 14)
    # In float32 the maximum of a pooling may by rounding be at another place, and its gradient with it.
    _, weights = load_weights(DEFAULT_SOURCE)
    network = VGG([(weight.double(), bias.double()) for weight, bias in weights])
    content, style = (to_tensor(resize(each, 200)).double() for each in (photo(), painting()))
    image = content.lerp(random_image(*content.shape[2:], dtype=torch.float64), 0.2)
    whole, stripped = (
        Objective(network, content, [style], settings, blocks_in_strips=each) for each in (0, blocks)
    )
    (expected, along), (found, towards) = judged(whole, image), judged(stripped, image)
    assert min(counts) > 1
    assert found.total.item() == pytest.approx(expected.total.item(), rel=1e-9)
    assert (towards - along).norm() < 1e-9 * along.norm()


def test_in_huge_pictures_all_is_evaluated_again(monkeypatch):
    in_small_strips(monkeypatch, 20)
    image, network = random_image(64, 40), small_network()

    def gradient():
        leaf = image.clone().requires_grad_()
        found = image_sums(network, leaf, ["relu1_1", "relu3_1"], squares, 2)
        return torch.autograd.grad(sum(found.values()), leaf)[0]

    def squares(layer, features, strip):
        return features, {layer: features[..., strip.own, :].square().sum()}

    expected = gradient()
    calls = []
    from_switches = ConvolutionReLUPool.from_switches

    def watched(self, features, switches):
        calls.append(len(switches))
        return from_switches(self, features, switches)

    monkeypatch.setattr(ConvolutionReLUPool, "from_switches", watched)
    monkeypatch.setattr("styletransfer.network.strips._MOST_POSITIONS_WITH_SWITCHES", 1000)
    assert torch.allclose(gradient(), expected, rtol=1e-4, atol=1e-6)
    # The first block is evaluated again; of the second block the switches are saved.
    assert calls.count(0) > 1
    assert calls.count(3) > 1


@pytest.mark.parametrize("height", [683, 4096, 37, 31, 16, 3, 2, 1])
@pytest.mark.parametrize("halo", [2, 4])
@pytest.mark.parametrize("most", [1, 10, 11, 64, 10_000])
def test_every_row_is_in_one_strip(height, halo, most):
    found = cut_into_strips(height, halo, most)
    for times, each in ((height, found), (height // 2, [strip.pooled() for strip in found])):
        rows = torch.zeros(times)
        for strip in each:
            rows[strip.rows] += 1
            assert torch.equal(rows[strip.with_halo][strip.own], rows[strip.rows])
        assert (rows == 1).all()
    assert sum(strip.share for strip in found) == pytest.approx(1)
    for strip in found:
        assert strip.start % 4 == 0
        assert strip.stop - strip.start >= min(4, height)
        assert strip.start - strip.halo_start == min(halo, strip.start)
        assert strip.halo_stop - strip.stop == min(halo, height - strip.stop)
        assert strip.halo_stop - strip.halo_start <= max(most, 2 * halo + 4) + 3


def test_the_deepest_block_is_whole(monkeypatch):
    """Its input is put together from the strips, so its features have the full height."""
    seen = []

    def measure(layer, features, strip):
        seen.append((layer, strip.share))
        return features, {layer: features[..., strip.own, :].sum()}

    in_small_strips(monkeypatch, 30)
    network, image = small_network(), random_image(80, 90)
    found = image_sums(network, image, ["relu1_1", "relu2_1"], measure, 4)
    assert [layer for layer, _ in seen] == ["relu1_1"] * 4 + ["relu2_1"]
    assert seen[-1] == ("relu2_1", 1)
    for layer, whole in network(image, ["relu1_1", "relu2_1"]).items():
        assert found[layer].item() == pytest.approx(whole.sum().item(), rel=1e-5)
