"""Feature maps in bfloat16 and float16, with sums and pictures in float32."""

import pytest
import torch
import torch.nn.functional as F

from styletransfer.engine import memory
from styletransfer.engine.forecast import Pace, forecast
from styletransfer.engine.losses import gram_matrix, tap_moments
from styletransfer.engine.objective import Objective
from styletransfer.engine.stylize import stylize
from styletransfer.errors import SettingsError
from styletransfer.network import arithmetic
from styletransfer.network.convolution import split, split_weight
from styletransfer.network.pooling import max_pool
from styletransfer.network.precision import PRECISIONS
from styletransfer.network.vgg import VGG, load_network
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, random_image, random_weights, small_network
from tests.support.strips import in_small_strips, judged

needs_cuda = pytest.mark.cuda
both_losses = pytest.mark.parametrize("style_loss", ["neighbours", "gram"])
HALVES = (torch.bfloat16, torch.float16)
each_half = pytest.mark.parametrize("half", HALVES, ids=str)


def half_network(half, **options):
    return VGG(random_weights(channels=16), precision=half, **options)


def features(half, channels=8, height=33, width=47, seed=0):
    """(1, C, H, W) like the output of a ReLU, in channels-last memory format."""
    generator = torch.Generator().manual_seed(seed)
    found = torch.randn(1, channels, height, width, generator=generator).relu()
    return found.to(half).contiguous(memory_format=torch.channels_last)


@each_half
def test_a_split_image_loses_nothing_of_its_own_precision(half):
    image, weight = random_image(20, 30), random_weights()[0][0]
    parts, weights = split(image, half), split_weight(weight, half)
    assert parts.dtype == weights.dtype == half
    plain = F.conv2d(image, weight)
    found = F.conv2d(parts.float(), weights.float())
    rounded = F.conv2d(image.to(half).float(), weight.to(half).float())
    assert (found - plain).norm() < 1e-4 * plain.norm()
    least = {torch.bfloat16: 1e-3, torch.float16: 1e-4}[half]
    assert (rounded - plain).norm() > least * plain.norm()


def test_a_move_smaller_than_bfloat16_can_tell_is_seen():
    half = torch.bfloat16
    image = torch.full((1, 3, 4, 4), 0.8984)
    moved = image + 0.0005
    assert torch.equal(moved.to(half), image.to(half))
    assert not torch.equal(split(moved, half), split(image, half))


@each_half
def test_the_gradient_by_an_image_is_that_of_its_parts(half):
    image, weight = random_image(20, 30), random_weights()[0][0]
    image.requires_grad_()
    given = torch.randn(1, 6, 18, 28, generator=torch.Generator().manual_seed(1))
    (plain,) = torch.autograd.grad(F.conv2d(image, weight), image, given)
    parts, weights = split(image, half), split_weight(weight, half)
    (found,) = torch.autograd.grad(F.conv2d(parts.float(), weights.float()), image, given)
    assert found.dtype == torch.float32
    assert (found - plain).norm() < 0.01 * plain.norm()


@each_half
@pytest.mark.parametrize("positions", [(33, 47), (4, 5), (32, 16)], ids=str)
def test_a_gram_matrix_is_summed_in_float32(half, positions):
    given = features(half, 8, *positions)
    found, exact = gram_matrix(given), gram_matrix(given.double())
    assert found.dtype == torch.float32
    assert (found - exact).norm() < 2e-3 * exact.norm()


@each_half
def test_more_positions_make_a_gram_matrix_no_less_exact(half):
    # A single product in bfloat16 would be rounded to 8 bits, whatever the number of positions.
    given = features(half, 4, 256, 256)
    found, exact = gram_matrix(given), gram_matrix(given.double())
    assert (found - exact).norm() < 3e-4 * exact.norm()


@each_half
def test_a_gram_matrix_whose_sums_go_beyond_float16_is_right(half):
    given = torch.full((1, 2, 32, 48), 200.0, dtype=half)
    assert torch.allclose(gram_matrix(given), torch.full((1, 2, 2), 4e4), rtol=1e-2)


@each_half
@pytest.mark.parametrize("guided", [False, True], ids=["everywhere", "masked"])
@pytest.mark.parametrize("followed", [False, True], ids=["last", "followed"])
def test_the_gradient_of_a_gram_matrix_is_that_of_float32(half, guided, followed):
    given, rows = features(half), slice(4, 20)
    guide = torch.rand(1, 1, 16, 47, generator=torch.Generator().manual_seed(2)) if guided else None
    target = gram_matrix(features(half, seed=3).float())

    def gradient(features):
        features = features.clone().requires_grad_()
        same, gram, _ = tap_moments(features, rows, guide)
        loss = (gram - target.to(gram.dtype)).square().sum()
        if followed:
            loss = loss + same.to(gram.dtype).square().sum() / 1000
        return torch.autograd.grad(loss, features)[0]

    found, exact = gradient(given), gradient(given.double())
    assert found.dtype == half
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert (found - exact).norm() < 0.02 * exact.norm()


@each_half
@pytest.mark.parametrize("size", [(8, 12), (9, 13)], ids=str)
def test_pooling_is_pytorchs(half, size):
    given = features(half, 4, *size).requires_grad_()
    ours, plain = max_pool(given), F.max_pool2d(given, 2)
    assert torch.equal(ours, plain)
    gradient = torch.randn_like(plain)
    found, expected = (torch.autograd.grad(each, given, gradient)[0] for each in (ours, plain))
    assert torch.equal(found, expected)


@each_half
@both_losses
@pytest.mark.parametrize("knobs", [{}, {"padding": "zeros", "pooling": "average"}], ids=str)
def test_losses_and_gradient_are_those_of_float32_but_for_rounding(half, knobs, style_loss):
    settings = Settings(**knobs, style_loss=style_loss)
    networks = half_network(half), VGG(random_weights(channels=16))
    content, style, image = (random_image(64, 96, seed) for seed in range(3))
    style = style**3  # with statistics of its own: the loss of two like pictures is all rounding
    found, expected = (
        judged(Objective(network, content, [style], settings), image) for network in networks
    )
    for name in ("content", "style", "smoothness", "total"):
        ours, plain = (getattr(losses, name) for losses, _ in (found, expected))
        assert ours.dtype == torch.float32
        assert ours.item() == pytest.approx(plain.item(), rel=0.06)
    ours, plain = found[1].flatten(), expected[1].flatten()
    assert ours.dtype == torch.float32
    assert torch.cosine_similarity(ours, plain, dim=0) > 0.97


@each_half
@both_losses
@pytest.mark.parametrize("blocks", [1, 2, 4])
def test_strips_give_the_whole_pictures_losses(half, monkeypatch, blocks, style_loss):
    counts = in_small_strips(monkeypatch, 12)
    content, style, image = (random_image(101, 71, seed) for seed in range(3))
    network, settings = half_network(half), Settings(style_loss=style_loss)
    (whole, of_whole), (stripped, of_strips) = (
        judged(Objective(network, content, [style], settings, blocks_in_strips=each), image)
        for each in (0, blocks)
    )
    assert max(counts) > 2
    assert stripped.total.item() == pytest.approx(whole.total.item(), rel=5e-3)
    assert torch.cosine_similarity(of_whole.flatten(), of_strips.flatten(), dim=0) > 0.99


@each_half
@both_losses
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=needs_cuda)])
def test_a_run_goes_downhill(half, device, style_loss):
    start = {"neighbours": "noise", "gram": "content"}[style_loss]
    settings = Settings(size=128, steps=12, scales=1, start=start, style_loss=style_loss)
    steps = list(stylize(Pictures(photo(), [painting()]), settings, half_network(half, device=device)))
    assert steps[-1].total < 0.5 * steps[0].total
    assert steps[-1].pixels.dtype == torch.float32


@pytest.mark.parametrize("fastest", ["bfloat16", "float16", "float32"])
def test_the_fastest_precision_is_chosen_and_another_can_be(monkeypatch, fastest):
    chosen = PRECISIONS[fastest], "a reason"
    monkeypatch.setattr(arithmetic, "fastest_precision", lambda device: chosen)
    weights = random_weights()
    load = {"load": lambda source: ("vgg19", weights)}
    assert load_network(device="cpu", **load).precision == chosen[0]
    for asked in PRECISIONS:
        network = load_network(device="cpu", precision=asked, **load)
        assert network.precision == PRECISIONS[asked]
    expected = "precision must be one of float32, bfloat16, float16, got 'half'"
    with pytest.raises(SettingsError, match=expected):
        load_network(device="cpu", precision="half")


@each_half
def test_features_take_half_of_the_memory_and_the_forecast_knows(half):
    for blocks in (0, 2, 3, 4):
        less, plain = (
            memory.needed((1024, 683), [(64, 64)], blocks_in_strips=blocks, precision=each)
            for each in (half, None)
        )
        assert less < plain
    less, plain = (forecast(Pace(each), Settings(size=512)) for each in (half, torch.float32))
    assert less.seconds < plain.seconds
    assert less.bytes < plain.bytes


@each_half
def test_the_small_network_is_as_precise_as_its_weights(half):
    assert small_network()(random_image(32, 32), ["relu1_1"])["relu1_1"].dtype == torch.float32
    assert half_network(half)(random_image(32, 32), ["relu1_1"])["relu1_1"].dtype == half
