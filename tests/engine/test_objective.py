import dataclasses
import itertools
from dataclasses import replace

import pytest
import torch

from styletransfer.engine.losses import gram_matrix
from styletransfer.engine.masks import Region
from styletransfer.engine.objective import Objective
from styletransfer.images import fitted_size, load_image, resize, to_tensor
from styletransfer.network.vgg import VGG
from styletransfer.settings import Settings
from tests.support.samples import (
    ROOT,
    painting,
    photo,
    random_image,
    random_weights,
    real_network,
    small_network,
)

both_scalings = pytest.mark.parametrize("scaling", ["relative", "paper"])
both_losses = pytest.mark.parametrize("style_loss", ["neighbours", "gram"])
every_scaling = pytest.mark.parametrize("scaling", ["relative", "paper", "tutorial"])


def objective(settings=None, network=None, content=None, styles=None, where=()):
    """An objective for a random photo of 40 x 32 pixels and a random painting of 36 x 48."""
    content = random_image(32, 40) if content is None else content
    styles = [random_image(48, 36, seed=1)] if styles is None else styles
    return Objective(network or small_network(), content, styles, settings or Settings(), where)


@both_losses
@every_scaling
@pytest.mark.parametrize("weights", [*itertools.product([0, 2.5], [1.5], [0, 2]), (2, 0, 1)], ids=str)
def test_the_total_is_the_weighted_sum(style_loss, scaling, weights):
    content, style, smoothness = weights
    settings = Settings(
        content_weight=content,
        style_weight=style,
        smoothness=smoothness,
        scaling=scaling,
        style_loss=style_loss,
    )
    losses = objective(settings)(random_image(32, 40, seed=2))
    assert min(losses.content, losses.style, losses.smoothness) > 0
    expected = content * losses.content + style * losses.style + smoothness * losses.smoothness
    assert losses.total.item() == pytest.approx(expected.item())


@both_losses
@every_scaling
def test_weights_do_not_change_the_terms(style_loss, scaling):
    image, settings = random_image(32, 40, seed=2), Settings(scaling=scaling, style_loss=style_loss)
    plain = objective(settings)(image)
    heavy = objective(replace(settings, content_weight=10, style_weight=1, smoothness=3))(image)
    assert (plain.content, plain.style, plain.smoothness) == (
        heavy.content,
        heavy.style,
        heavy.smoothness,
    )


@every_scaling
def test_the_content_image_has_no_content_loss_and_the_style_image_no_style_loss(scaling):
    content, style = random_image(32, 40), random_image(32, 40, seed=1)
    judge = objective(Settings(scaling=scaling, style_loss="gram"), content=content, styles=[style])
    assert judge(content).content == 0
    assert judge(content).style > 0
    assert judge(style).content > 0
    assert judge(style).style.item() == pytest.approx(0, abs=1e-9)


@every_scaling
def test_where_the_photo_does_not_count_the_style_image_is_its_own_neighbour(scaling):
    content, style = random_image(32, 40), random_image(32, 40, seed=1)
    judge = objective(Settings(scaling=scaling, content_weight=0), content=content, styles=[style])
    assert judge(style).style > 0.01  # the photo's neighbours
    assert judge.adapt(style)
    assert judge(style).style.item() == pytest.approx(0, abs=1e-9)
    assert judge(content).style > 0.01


def test_a_flat_picture_is_smooth():
    assert objective()(torch.full((1, 3, 32, 40), 0.3)).smoothness == 0


def test_styles_count_equally_in_any_order():
    first, second = random_image(48, 36, seed=1), random_image(32, 32, seed=2) ** 3
    image, settings = random_image(32, 40, seed=3), Settings(style_loss="gram")

    def style_loss(*styles):
        return objective(settings, styles=styles)(image).style.item()

    assert style_loss(first, second) == pytest.approx(style_loss(second, first), rel=1e-5)
    assert style_loss(first, first) == pytest.approx(style_loss(first), rel=1e-5)
    assert style_loss(first, second) != pytest.approx(style_loss(first), rel=1e-2)


def test_shares_blend_the_gram_matrices():
    """By hand: the target is the mean of the Gram matrices, weighted by the shares."""
    first, second = random_image(48, 36, seed=1), random_image(32, 32, seed=2) ** 3
    image, network = random_image(32, 40, seed=3), small_network()
    settings = Settings(style_loss="gram", blend="3 1", scaling="paper", style_layers="relu2_1")
    found = objective(settings, network, styles=[first, second])(image).style.item()

    features = [network(each, ["relu2_1"])["relu2_1"] for each in (first, second, image)]
    one, two, gram = (gram_matrix(each) for each in features)
    target = (3 * one + two) / 4
    unit = ((3 * features[0].abs().mean() + features[1].abs().mean()) / 4) ** 4
    assert found == pytest.approx(((gram - target).square().mean() / 4 / unit).item(), rel=1e-4)


def test_shares_of_the_relative_scaling_blend_as_if_the_styles_were_one_image():
    """By hand: covariance and means over the positions of both, the first three times."""
    first, second = random_image(48, 36, seed=1), random_image(48, 36, seed=2) ** 3
    image, network = random_image(32, 40, seed=3), small_network()
    settings = Settings(style_loss="gram", blend="3 1", style_layers="relu2_1")
    found = objective(settings, network, styles=[first, second])(image).style.item()

    one, two, ours = (
        network(each, ["relu2_1"])["relu2_1"][0].flatten(1) for each in (first, second, image)
    )
    both = torch.cat([one, one, one, two], 1)
    pairs = [(ours.mean(1), both.mean(1)), [torch.cov(each, correction=0) for each in (ours, both)]]
    parts = [(each - aim).square().mean() / aim.square().mean() for each, aim in pairs]
    assert found == pytest.approx((sum(parts) / 2).item(), rel=1e-4)


@both_scalings
def test_the_order_of_the_shares_is_that_of_the_styles(scaling):
    first, second = random_image(48, 36, seed=1), random_image(32, 32, seed=2) ** 3
    image = random_image(32, 40, seed=3)

    def style_loss(blend, *styles):
        settings = Settings(blend=blend, scaling=scaling, style_loss="gram")
        return objective(settings, styles=styles)(image).style.item()

    assert style_loss("1 0", first, second) == style_loss("1", first)
    assert style_loss("0 7", first, second) == style_loss("1", second)
    assert style_loss("3 1", first, second) == pytest.approx(style_loss("1 3", second, first))
    assert style_loss("3 1", first, second) != pytest.approx(style_loss("1 3", first, second), rel=1e-2)
    assert style_loss("3", first, second) == style_loss("3 1", first, second)
    assert style_loss("0.5 9", first, first) == pytest.approx(style_loss("1", first), rel=1e-5)


@both_scalings
def test_a_style_without_a_share_is_as_if_it_were_not_given(scaling):
    first, second = random_image(48, 36, seed=1), random_image(32, 32, seed=2) ** 3
    image = random_image(32, 40, seed=3)

    def style_loss(blend, *styles):
        return objective(Settings(blend=blend, scaling=scaling), styles=styles)(image).style.item()

    assert style_loss("1 0", first, second) == style_loss("1", first)
    assert style_loss("0 7", first, second) == style_loss("1", second)


def halves():
    """Masks of the left and the right half of 32 x 40 pixels."""
    left = torch.zeros(1, 1, 32, 40)
    left[..., :20] = 1
    return left, 1 - left


@both_losses
@both_scalings
def test_one_region_everywhere_is_the_plain_loss(style_loss, scaling):
    image = random_image(32, 40, seed=2)
    settings = Settings(scaling=scaling, style_loss=style_loss)
    plain = objective(settings)(image)
    assert objective(settings, where=[Region((1.0,))])(image) == plain
    masked = objective(settings, where=[Region((1.0,), torch.ones(1, 1, 32, 40))])(image)
    assert masked.style.item() == pytest.approx(plain.style.item(), rel=1e-5)


def test_without_masks_nothing_is_multiplied(monkeypatch):
    monkeypatch.setattr("styletransfer.engine.gram_style.guides", None)
    assert objective(Settings(style_loss="gram"))(random_image(32, 40, seed=2)).style > 0


def test_each_region_is_compared_with_its_own_style():
    """A picture composed of two halves has the losses of its halves, weighted by area.

    At relu1_1 only, where almost no position depends on both halves.
    """
    settings = Settings(style_layers="relu1_1", style_loss="gram")
    one, two = random_image(32, 20, seed=1), random_image(32, 20, seed=2) ** 3
    both = torch.cat([one, two], 3)
    left, right = halves()

    def style_loss(*where):
        return objective(settings, styles=[one, two], where=where)(both).style.item()

    mine, others = (1.0, 0.0), (0.0, 1.0)
    right_way = style_loss(Region(mine, left, 0.5), Region(others, right, 0.5))
    wrong_way = style_loss(Region(others, left, 0.5), Region(mine, right, 0.5))
    assert right_way < 0.01 * wrong_way
    parts = [style_loss(Region(others, left, 0.5)), style_loss(Region(mine, right, 0.5))]
    assert wrong_way == pytest.approx(sum(parts))


def test_a_small_region_is_painted_as_strongly_as_all_of_the_picture():
    """Compares the gradient at relu1_1 of a picture that repeats itself."""
    settings = Settings(style_layers="relu1_1", style_loss="gram")
    image = random_image(32, 4, seed=2).repeat(1, 1, 1, 10).requires_grad_()
    left = halves()[0]

    def gradient(*where):
        style = objective(settings, where=where)(image).style
        return torch.autograd.grad(style, image)[0][..., 4:12].abs().mean().item()

    # Only nearly equal, because the repeated pixels at the edge have another share.
    assert gradient(Region((1.0,), left, 0.5)) == pytest.approx(gradient(), rel=0.1)


@both_losses
def test_the_gradient_stays_in_its_region(style_loss):
    image = random_image(32, 40, seed=2).requires_grad_()
    settings = Settings(style_layers="relu1_1", style_loss=style_loss)
    objective(settings, where=[Region((1.0,), halves()[0], 0.5)])(image).style.backward()
    assert image.grad[..., :20].abs().min() > 0
    assert (image.grad[..., 21:] == 0).all()


@both_losses
@pytest.mark.parametrize("value", [0.0, 1e-30, 1 / 255])
def test_a_region_that_is_next_to_nothing_is_no_trouble(style_loss, value):
    dot = torch.zeros(1, 1, 32, 40)
    dot[..., 5, 7] = value
    image = random_image(32, 40, seed=2).requires_grad_()
    where = [Region((1.0,), dot, dot.mean().item())]
    losses = objective(Settings(style_loss=style_loss), where=where)(image)
    losses.total.backward()
    assert losses.total.isfinite()
    assert image.grad.isfinite().all()


def without_biases(first_layer_times):
    """A network without biases, whose features are proportional to the scale of its first layer."""
    weights = [(weight, torch.zeros_like(bias)) for weight, bias in random_weights()]
    weights[0] = (weights[0][0] * first_layer_times, weights[0][1])
    return VGG(weights)


@both_losses
@both_scalings
def test_losses_forget_the_features_magnitude(style_loss, scaling):
    image = random_image(32, 40, seed=2)
    settings = Settings(scaling=scaling, style_loss=style_loss)
    plain = objective(settings, without_biases(1))(image)
    tripled = objective(settings, without_biases(3))(image)
    assert tripled.content.item() == pytest.approx(plain.content.item(), rel=1e-4)
    assert tripled.style.item() == pytest.approx(plain.style.item(), rel=1e-4)


def test_relative_losses_by_hand():
    """Compares with the formulas, written out again, for some layers and weights."""
    settings = Settings(
        style_loss="gram", content_layers="conv2_2 relu1_1:3", style_layers="relu1_2:1 relu2_1:4"
    )
    network, image = small_network(), random_image(32, 40, seed=2)
    content, style = random_image(32, 40), random_image(48, 36, seed=1)
    losses = objective(settings, network)(image)

    def features(picture, layer):
        return network(picture, [layer])[layer][0].flatten(1)

    def content_part(layer):
        target = features(content, layer)
        return (features(image, layer) - target).square().mean() / target.square().mean()

    def style_part(layer):
        both = features(image, layer), features(style, layer)
        pairs = [[each.mean(1) for each in both], [torch.cov(each, correction=0) for each in both]]
        return sum((found - aim).square().mean() / aim.square().mean() for found, aim in pairs) / 2

    expected = 0.03 * (content_part("conv2_2") + 3 * content_part("relu1_1")) / 4
    assert losses.content.item() == pytest.approx(expected.item(), rel=1e-4)
    expected = (style_part("relu1_2") + 4 * style_part("relu2_1")) / 5
    assert losses.style.item() == pytest.approx(expected.item(), rel=1e-4)


def test_the_tutorials_losses_by_hand():
    settings = Settings(
        content_layers="conv2_2 relu1_1:3",
        style_layers="relu1_2:1 relu2_1:4",
        scaling="tutorial",
        style_loss="gram",
    )
    network, image = small_network(), random_image(32, 40, seed=2)
    content, style = random_image(32, 40), random_image(48, 36, seed=1)
    losses = objective(settings, network)(image)

    def features(picture, layer):
        return network(picture, [layer])[layer][0].flatten(1)

    def content_part(layer):
        return (features(image, layer) - features(content, layer)).square().mean()

    def style_part(layer):
        gram, target = (
            each @ each.T / each.numel() for each in (features(image, layer), features(style, layer))
        )
        return (gram - target).square().mean()

    expected = content_part("conv2_2") + 3 * content_part("relu1_1")
    assert losses.content.item() == pytest.approx(expected.item(), rel=1e-4)
    expected = 1e6 * (style_part("relu1_2") + 4 * style_part("relu2_1"))
    assert losses.style.item() == pytest.approx(expected.item(), rel=1e-4)


@both_losses
@pytest.mark.parametrize("knob", [{"padding": "zeros"}, {"pooling": "average"}], ids=str)
def test_pictures_and_targets_are_seen_by_the_same_network(style_loss, knob):
    """Targets and picture must be padded and pooled alike, and unlike the default."""
    content, style = random_image(32, 40), random_image(32, 40, seed=1)
    settings = Settings(style_loss=style_loss, content_weight=0)
    judge = objective(replace(settings, **knob), content=content, styles=[style])
    assert judge(content).content == 0
    judge.adapt(style)
    assert judge(style).style.item() == pytest.approx(0, abs=1e-9)
    image = random_image(32, 40, seed=2)
    default = objective(settings, content=content, styles=[style])(image)
    assert judge(image).style.item() != pytest.approx(default.style.item(), rel=1e-3)


def test_relative_losses_of_feature_maps_of_zeros_are_the_same_for_all_pairs():
    black = torch.zeros(1, 3, 32, 40)  # without biases all its features are 0
    found = [
        objective(
            Settings(style_loss="gram"),
            network=without_biases(1),
            content=random_image(32, 40, seed=seed) ** (seed + 1),
            styles=[random_image(32, 40, seed=seed + 5) ** (seed + 1)],
        )(black)
        for seed in range(3)
    ]
    for losses in found[1:]:
        assert losses.content.item() == pytest.approx(found[0].content.item(), rel=1e-4)
        assert losses.style.item() == pytest.approx(found[0].style.item(), rel=1e-4)


@both_losses
@every_scaling
def test_gradients_agree_with_differences(style_loss, scaling):
    judge = objective(
        Settings(scaling=scaling, style_loss=style_loss),
        small_network(torch.float64),
        random_image(32, 33, dtype=torch.float64),
        [random_image(32, 32, seed=1, dtype=torch.float64)],
    )
    image = random_image(32, 33, seed=2, dtype=torch.float64).requires_grad_()
    for term in ("content", "style", "smoothness", "total"):
        assert torch.autograd.gradcheck(
            lambda x, term=term: getattr(judge(x), term), image, fast_mode=True, eps=1e-7, atol=1e-6
        )


@both_losses
@both_scalings
def test_gradients_with_regions_agree_with_differences(style_loss, scaling):
    left = torch.linspace(0, 1, 33, dtype=torch.float64).expand(1, 1, 32, 33)
    judge = objective(
        Settings(scaling=scaling, style_loss=style_loss),
        small_network(torch.float64),
        random_image(32, 33, dtype=torch.float64),
        [random_image(32, 32, seed=seed, dtype=torch.float64) for seed in (1, 3)],
        [Region((1.0, 0.0), left, 0.5), Region((0.0, 1.0), 1 - left, 0.5)],
    )
    image = random_image(32, 33, seed=2, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: judge(x).style, image, fast_mode=True, eps=1e-7, atol=1e-6)


@both_losses
def test_the_gradient_reaches_the_picture_only(style_loss):
    content, style = (random_image(32, 40, seed=seed).requires_grad_() for seed in (0, 1))
    image = random_image(32, 40, seed=2).requires_grad_()
    judge = objective(Settings(style_loss=style_loss), content=content, styles=[style])
    judge.adapt(image)
    judge(image).total.backward()
    assert image.grad.abs().sum() > 0
    assert content.grad is style.grad is None


@both_losses
@both_scalings
def test_the_balance_of_the_terms_is_about_the_same_at_two_sizes(style_loss, scaling):
    """The ratio of content to style loss of another photo at 256 px, divided by that at 128 px.

    With the sums of the paper the result would be four times as large.
    """
    other = load_image(ROOT / "examples/photos/cat.jpg")
    ratios = []
    for size in (128, 256):
        content, style = (to_tensor(resize(each(), size)) for each in (photo, painting))
        settings = Settings(size=size, scaling=scaling, style_loss=style_loss)
        judge = Objective(real_network(), content, [style], settings)
        with torch.no_grad():
            losses = judge(to_tensor(other.resize(fitted_size(*photo().size, size))))
        ratios.append((losses.content / losses.style).item())
    assert 0.45 < ratios[1] / ratios[0] < 1.8


def test_losses_are_frozen():
    losses = objective()(random_image(32, 40, seed=2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        losses.total = 0
