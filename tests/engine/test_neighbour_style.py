"""The style loss by neighbours as a term: values by hand, whose neighbours it takes, and when anew.

The small network has so few channels that no dimension is left out of the search, and in the scaling of
the tutorial no unit depends on the images: so everything can be compared with plain formulas.
"""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import avg_pool2d, normalize

from styletransfer.engine.masks import Region
from styletransfer.engine.neighbour_style import NeighbourStyle
from styletransfer.errors import SettingsError
from styletransfer.network.strips import Strip, image_sums
from styletransfer.settings import Settings
from tests.support.samples import random_image, small_network

KIND = torch.float64
HEIGHT, WIDTH = 48, 64
# Before the ReLU no two positions of random pictures have the same features.
STRIDES = {"relu1_1": 1, "relu2_1": 2, "conv3_1": 4, "conv4_1": 8}
WEIGHTS = {"relu1_1": 4, "relu2_1": 1, "conv3_1": 9, "conv4_1": 0.25}
SETTINGS = Settings(
    style_layers=" ".join(f"{layer}:{weight}" for layer, weight in WEIGHTS.items()), scaling="tutorial"
)


def picture(seed, height=HEIGHT, width=WIDTH):
    return random_image(height, width, seed, KIND)


def made(settings=SETTINGS, content=None, styles=None, regions=(), network=None):
    """A term for a random photo of 48 x 64 and a random painting of 56 x 40 pixels."""
    content = picture(0) if content is None else content
    styles = [picture(1, 56, 40)] if styles is None else styles
    shares = settings.shares(len(styles))
    everywhere = [Region(tuple(share / sum(shares) for share in shares))]
    network = network or small_network(KIND)
    return NeighbourStyle(network, content, styles, regions or everywhere, settings)


def loss_of(term, image):
    return term.loss(image_sums(small_network(KIND), image, term.layers, term.measure, 0)).item()


def targets(term, layer="conv3_1"):
    """What each position of a layer is compared with, (positions, C), from the gradient at zero.

    The gradient of 1/2 w (F - T)^2 by F = 0 is -w T.
    """
    stride = STRIDES[layer]
    zeros = torch.zeros(1, 6, HEIGHT // stride, WIDTH // stride, dtype=KIND, requires_grad=True)
    height = zeros.shape[2]
    _, sums = term.measure(layer, zeros, Strip(0, height, 0, height, height))
    return -torch.autograd.grad(sums["style", layer], zeros)[0][0].flatten(1).T


def rows(image, layer="conv3_1"):
    """The features of all positions, (positions, C)."""
    return small_network(KIND)(image, [layer])[layer][0].flatten(1).T


def taken_from(found, image):
    """Whether each target is the features of a position of this image, (positions,)."""
    return torch.cdist(found, rows(image), compute_mode="donot_use_mm_for_euclid_dist").amin(1) < 1e-9


def on_grid(image):
    """Layer -> features at every place of the grid of 4 pixels, by hand; (C, H / 4, W / 4)."""
    found = {}
    for layer, features in small_network(KIND)(image, STRIDES).items():
        if STRIDES[layer] < 4:
            features = avg_pool2d(features, 4 // STRIDES[layer])
        if STRIDES[layer] > 4:
            features = features.repeat_interleave(2, 2).repeat_interleave(2, 3)
        found[layer] = features[0]
    return found


def test_the_loss_by_hand():
    """Every place with every place of the painting; all sides are multiples of eight."""
    content, style, image = picture(0), picture(1, 56, 40), picture(2)
    of_photo, of_style, of_image = (on_grid(each) for each in (content, style, image))

    def stacked(maps):
        parts = [features.flatten(1) * WEIGHTS[layer] ** 0.5 for layer, features in maps.items()]
        whole = torch.cat(parts).T
        return normalize(whole - whole.mean(0), dim=1)

    number = (stacked(of_photo) @ stacked(of_style).T).argmax(1)
    expected = 0.0
    for layer, weight in WEIGHTS.items():
        target = of_style[layer].flatten(1)[:, number].view_as(of_photo[layer])
        found = of_image[layer]
        if STRIDES[layer] > 4:  # four places share a position: it is compared with their mean
            target, found = avg_pool2d(target[None], 2), avg_pool2d(found[None], 2)
        # A layer's weight is multiplied by the square of its channels: the small network's, 6.
        expected += weight * 36 * (found - target).square().mean().item()
    assert loss_of(made(content=content, styles=[style]), image) == pytest.approx(expected)


@pytest.mark.parametrize("scaling", ["relative", "paper", "tutorial"])
def test_a_painting_that_is_its_own_photo_finds_itself(scaling):
    image = picture(1)
    term = made(replace(SETTINGS, scaling=scaling), content=image, styles=[image])
    assert loss_of(term, image) == pytest.approx(0, abs=1e-12)
    assert loss_of(term, picture(2)) > 0.01


def test_every_target_is_a_place_of_the_painting():
    style = picture(1, 56, 40)
    found = targets(made(styles=[style]))
    assert taken_from(found, style).all()
    assert not taken_from(found, picture(3)).any()


@pytest.mark.parametrize("layers", ["relu5_1", "pool5:2 relu5_4", "relu5_1 relu3_1:0"])
def test_a_layer_above_block_5_is_needed(layers):
    sentence = (
        "^style_layers must name a layer of blocks 1 to 4 for the style loss by neighbours, "
        f"such as relu3_1, got '{layers}'"
    )
    with pytest.raises(SettingsError, match=sentence) as caught:
        made(replace(SETTINGS, style_layers=layers))
    assert caught.value.code == "no_layer_for_neighbours"


def test_layers_of_block_5_and_without_weight_are_left_out():
    term = made(replace(SETTINGS, style_layers="relu1_1 relu2_1:0 conv3_1 relu5_1"))
    assert term.layers == ("relu1_1", "conv3_1")


@pytest.mark.parametrize("layers", ["relu4_1", "pool4", "pool1", "conv1_2 pool3", "relu2_2"])
def test_any_choice_of_layers_has_a_loss(layers):
    term = made(replace(SETTINGS, style_layers=layers), content=picture(0, 45, 61))
    assert 0 < loss_of(term, picture(2, 45, 61)) < float("inf")


def test_shares_are_those_of_the_targets():
    first, second = picture(1, 56, 40), picture(2, 40, 48)
    for blend, expected in (("3 1", 0.75), ("1 3", 0.25), ("1 1", 0.5)):
        found = targets(made(replace(SETTINGS, blend=blend), styles=[first, second]))
        assert taken_from(found, first).double().mean().item() == pytest.approx(expected, abs=0.02)
        assert (taken_from(found, first) != taken_from(found, second)).all()


def test_a_painting_that_looks_less_like_the_photo_gets_its_share_too():
    content = picture(0)
    for styles in ([content, picture(1) ** 4, picture(2) ** 0.2], [picture(1) ** 4, content]):
        found = targets(made(content=content, styles=styles))
        for style in styles:
            share = taken_from(found, style).double().mean().item()
            assert share == pytest.approx(1 / len(styles), abs=0.03)


def halves(at=32):
    """Masks of what is left and right of a column."""
    left = torch.zeros(1, 1, HEIGHT, WIDTH, dtype=KIND)
    left[..., :at] = 1
    return left, 1 - left


def test_a_region_takes_neighbours_from_its_own_painting_only():
    styles, (left, right) = [picture(1), picture(2)], halves()
    where = [Region((1.0, 0.0), left, 0.5), Region((0.0, 1.0), right, 0.5)]
    found = targets(made(styles=styles, regions=where)).view(HEIGHT // 4, WIDTH // 4, -1)
    for part, own, other in ((found[:, :8], *styles), (found[:, 8:], *reversed(styles))):
        assert taken_from(part.flatten(0, 1), own).all()
        assert not taken_from(part.flatten(0, 1), other).any()


@pytest.mark.parametrize("at", [32, 20])
def test_a_painting_that_is_in_no_region_changes_nothing(at):
    _, right = halves(at)
    found, again = (
        targets(made(styles=[other, picture(2)], regions=[Region((0.0, 1.0), right, 0.5)]), "conv4_1")
        for other in (picture(1), picture(3) ** 4)
    )
    assert torch.allclose(found, again, atol=1e-9)


def test_where_regions_overlap_their_targets_are_mixed_as_their_masks_are():
    styles, quarter = [picture(1), picture(2)], torch.full((1, 1, HEIGHT, WIDTH), 0.25, dtype=KIND)
    shares = ((1.0, 0.0), (0.0, 1.0))
    where = [Region(shares[0], quarter, 0.25), Region(shares[1], 1 - quarter, 0.75)]
    for layer in ("conv3_1", "conv4_1"):
        first, second = (targets(made(styles=styles, regions=[Region(each)]), layer) for each in shares)
        mixed = targets(made(styles=styles, regions=where), layer)
        assert torch.allclose(mixed, 0.25 * first + 0.75 * second)


@pytest.mark.parametrize("masks", [halves(), [halves(20)[0]], [halves(61)[1]]])
def test_outside_of_all_regions_there_is_no_gradient(masks):
    where = [Region((1.0,), mask, mask.mean().item()) for mask in masks]
    found = targets(made(regions=where))
    inside = avg_pool2d(sum(masks), 4).flatten() > 0
    assert (found[inside].abs().amax(1) > 0).all()
    assert (found[~inside] == 0).all()


def test_an_empty_mask_is_a_region_without_neighbours():
    nothing = torch.zeros(1, 1, HEIGHT, WIDTH, dtype=KIND)
    assert loss_of(made(regions=[Region((1.0,), nothing, 0.0)]), picture(2)) == 0


def test_neighbours_are_searched_for_a_mixture_of_photo_and_picture():
    """At equal weights 0.4 of it is the picture, with one and a half times the style's weight a half."""
    content, image = picture(0), picture(2)
    for weights, share in (((5, 5), 0.4), ((2, 3), 0.5), ((0, 5), 1), ((5, 0), 0)):
        settings = replace(SETTINGS, content_weight=weights[0], style_weight=weights[1])
        term = made(settings, content)
        assert torch.equal(targets(term), targets(made(content=content)))  # at first, the photo's
        assert term.adapt(image, settings) == (share > 0)
        expected = targets(made(content=content.lerp(image, share)))
        assert torch.allclose(targets(term), expected)


def test_neighbours_change_with_the_ratio_of_the_weights_and_not_without_a_style_weight():
    content, image, term = picture(0), picture(2), made()
    term.adapt(image, SETTINGS)
    before = targets(term)
    assert not term.adapt(image, replace(SETTINGS, style_weight=0))
    assert torch.equal(targets(term), before)
    assert term.adapt(image, replace(SETTINGS, content_weight=10, style_weight=10))
    assert torch.equal(targets(term), before)  # the ratio is the same
    assert term.adapt(image, replace(SETTINGS, style_weight=10))
    assert not torch.equal(targets(term), before)
    assert term.adapt(content, SETTINGS)
    assert torch.equal(targets(term), targets(made()))


def test_a_picture_that_needs_a_gradient_is_no_part_of_the_targets():
    image = picture(2).requires_grad_()
    term = made()
    term.adapt(image, SETTINGS)
    assert not targets(term).requires_grad
    assert image.grad is None


def test_a_tiled_picture_has_about_the_loss_of_one_tile():
    """The loss is a mean: at relu1_1, where few positions see the seams."""
    settings = replace(SETTINGS, style_layers="relu1_1")
    content, image = picture(0), picture(2)
    plain = loss_of(made(settings, content), image)
    tiled = loss_of(made(settings, content.repeat(1, 1, 2, 3)), image.repeat(1, 1, 2, 3))
    assert tiled == pytest.approx(plain, rel=0.05)
