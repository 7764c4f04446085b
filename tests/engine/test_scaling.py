"""The units of each scaling, compared with values computed by hand, and the factors made of them."""

import pytest
import torch

from styletransfer.engine.objective import Objective
from styletransfer.engine.scaling import SCALINGS
from styletransfer.engine.style_statistics import LayerStatistics
from styletransfer.network.activation_scale import scaled
from styletransfer.network.vgg import VGG
from styletransfer.settings import Settings, knobs
from tests.support.samples import random_image, random_weights

# Two channels at two positions: mean square 2.5, mean of the absolute values 1.5.
FEATURES = torch.tensor([[[[1.0, -2.0]], [[0.0, -3.0]]]]) * (5 / 7) ** 0.5
# The same features as rows, one for each position.
ROWS = FEATURES[0].flatten(1).T
# Mean square (16 + 4 + 4 + 0) / 4 = 6.
# The covariance is ((3, 2), (2, 0)), mean square 17 / 4, and the mean square of the means 1 / 2.
STATISTICS = LayerStatistics(
    torch.tensor([[[4.0, 2.0], [2.0, 0.0]]]), torch.tensor([[1.0, 0.0]]), torch.tensor(3.0)
)

every_scaling = pytest.mark.parametrize("scaling", SCALINGS.values(), ids=SCALINGS)


def test_every_choice_of_the_setting_has_a_scaling():
    (choices,) = (knob.choices for knob in knobs() if knob.name == "scaling")
    assert tuple(SCALINGS) == choices


@pytest.mark.parametrize(
    ("name", "content", "style", "neighbour"),
    [
        ("relative", 2.5 / 2 / 0.03, (17 / 8, 1 / 4), 2.5 / 2 / 2),
        ("paper", (1.5**2 * 5 / 7) / 0.1, (3**4,), 1.5**2 * 5 / 7),
        ("tutorial", 1 / 2, (2**2 / 4e6,), 1 / 2),
    ],
)
def test_the_units_are_those_worked_out_by_hand(name, content, style, neighbour):
    assert SCALINGS[name].content_unit(FEATURES) == pytest.approx(content, rel=1e-6)
    assert SCALINGS[name].style_units(STATISTICS) == pytest.approx(style, rel=1e-6)
    assert SCALINGS[name].neighbour_unit(ROWS) == pytest.approx(neighbour, rel=1e-6)


@pytest.mark.parametrize(("name", "square", "fourth"), [("relative", 9, 81), ("paper", 9, 81)])
def test_units_grow_as_the_losses_of_stronger_features_do(name, square, fourth):
    tripled = LayerStatistics(STATISTICS.gram * 9, STATISTICS.means * 3, STATISTICS.mean_activation * 3)
    scaling = SCALINGS[name]
    assert scaling.content_unit(FEATURES * 3) / scaling.content_unit(FEATURES) == pytest.approx(square)
    assert scaling.neighbour_unit(ROWS * 3) / scaling.neighbour_unit(ROWS) == pytest.approx(square)
    assert scaling.style_units(tripled)[0] / scaling.style_units(STATISTICS)[0] == pytest.approx(fourth)


def test_a_plain_paintings_covariance_is_not_measured_by_itself():
    means = torch.tensor([[1.0, 2.0]])
    plain = LayerStatistics(means.mT @ means[None], means, torch.tensor(1.5))
    assert torch.equal(SCALINGS["relative"].compared(plain.gram, means)[0], torch.zeros(1, 2, 2))
    unit, _ = SCALINGS["relative"].style_units(plain)
    assert unit == pytest.approx(0.01 * plain.gram.square().mean().item() / 2)


def test_only_the_relative_scaling_compares_other_than_gram_matrices():
    for name, scaling in SCALINGS.items():
        (gram, *others) = scaling.compared(STATISTICS.gram, STATISTICS.means)
        assert torch.equal(gram, STATISTICS.gram) is (name != "relative")
        assert len(others) == (name == "relative")


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float64])
@every_scaling
def test_units_do_not_depend_on_the_features_precision(scaling, precision):
    unit = scaling.content_unit(FEATURES)
    assert scaling.content_unit(FEATURES.to(precision)) == pytest.approx(unit, rel=1e-2)
    unit = scaling.neighbour_unit(ROWS)
    assert scaling.neighbour_unit(ROWS.to(precision)) == pytest.approx(unit, rel=1e-2)


@pytest.mark.parametrize("scaling", [SCALINGS["relative"], SCALINGS["paper"]])
def test_the_unit_of_many_features_of_half_precision_is_summed_in_float32(scaling):
    many = torch.full((3000, 7), 0.5, dtype=torch.bfloat16)
    assert scaling.neighbour_unit(many) == pytest.approx(scaling.neighbour_unit(many.double()), rel=1e-5)


@every_scaling
def test_factors_are_shares_of_the_weights_over_units(scaling):
    factors = scaling.factors({"relu1_1": 3, "relu2_1": 1, "relu3_1": 0}, dict.fromkeys(LAYERS, 2.0))
    whole = 4 if scaling.averaged else 1
    assert factors == {"relu1_1": 3 / whole / 2, "relu2_1": 1 / whole / 2, "relu3_1": 0}


LAYERS = ("relu1_1", "relu2_1", "relu3_1")


@every_scaling
def test_a_target_without_features_has_a_unit_of_one(scaling):
    factors = scaling.factors({"relu1_1": 2.0}, {"relu1_1": 0.0})
    assert factors == {"relu1_1": 1.0 if scaling.averaged else 2.0}


@pytest.mark.parametrize("style_loss", ["neighbours", "gram"])
@pytest.mark.parametrize("scaling", SCALINGS)
def test_losses_are_the_same_by_a_network_whose_activations_are_scaled(scaling, style_loss):
    content, style, image = (random_image(64, 96, seed) for seed in range(3))
    settings = Settings(scaling=scaling, style_loss=style_loss)
    other = VGG(scaled(random_weights(), 2.0**-6))
    other.activation_scale = 2.0**-6
    found, expected = (
        Objective(network, content, [style**3], settings)(image)
        for network in (other, VGG(random_weights()))
    )
    for name in ("content", "style", "total"):
        assert getattr(found, name).item() == pytest.approx(getattr(expected, name).item(), rel=1e-4)
