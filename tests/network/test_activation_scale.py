"""The scale of activations, without which float16 would not hold them."""

import math

import pytest
import torch

from styletransfer.network.activation_scale import (
    activation_scale,
    largest_activation,
    probes,
    scaled,
)
from styletransfer.network.vgg import VGG
from styletransfer.network.weights import load_weights
from tests.support.samples import random_image, random_weights

FLOAT16 = torch.finfo(torch.float16)
LAYERS = ("conv1_1", "relu1_2", "pool2", "conv4_2", "relu5_1")


def strong_weights(times: float = 2.0**16):
    """Those of a network whose activations float16 does not hold."""
    (weight, bias), *others = random_weights()
    return [(weight * times, bias * times), *((each, bias * times) for each, bias in others)]


def largest_of(activations) -> float:
    return max(each.abs().max().item() for each in activations.values())


@pytest.mark.parametrize("options", [{}, {"padding": "zeros", "pooling": "average"}], ids=str)
def test_a_power_of_two_scales_every_activation_and_changes_nothing_else(options):
    variant = {"padding": "edge", "pooling": "maximum"} | options
    image, scale = random_image(48, 40), 2.0**-9
    plain = VGG(random_weights()).variant(**variant)(image, LAYERS)
    found = VGG(scaled(random_weights(), scale)).variant(**variant)(image, LAYERS)
    assert all(torch.equal(found[layer], plain[layer] * scale) for layer in LAYERS)


def test_activations_beyond_float16_are_scaled_into_it():
    image = random_image(48, 40)
    exact = VGG(strong_weights())(image, LAYERS)
    assert largest_of(exact) > FLOAT16.max
    network = VGG(strong_weights(), precision=torch.float16)
    found = network(image, LAYERS)
    assert 0 < largest_of(found) < 256
    for layer in LAYERS:
        expected = exact[layer] * network.activation_scale
        assert (found[layer].float() - expected).norm() < 0.01 * expected.norm()


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16, None], ids=str)
def test_only_float16_is_scaled(precision):
    assert VGG(strong_weights(), precision=precision).activation_scale == 1


def test_a_networks_own_scale_is_a_power_of_two_and_follows_its_activations():
    whole, eighth = (activation_scale(strong_weights(times), "vgg19") for times in (2.0**16, 2.0**13))
    assert math.log2(whole).is_integer()
    assert eighth == 8 * whole


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf])
def test_what_has_no_magnitude_is_not_scaled(value):
    weights = [(weight * 0 + value, bias * 0) for weight, bias in random_weights()]
    assert activation_scale(weights, "vgg19") == 1


def ascended(weights, layer: str, steps: int) -> torch.Tensor:
    """A picture in [0, 1] that gradient ascent has made for a large activation of this layer."""
    network, image = VGG(weights), random_image(48, 48) * 0.4 + 0.3
    for _ in range(steps):
        image.requires_grad_()
        (slope,) = torch.autograd.grad(network(image, [layer])[layer].abs().max(), image)
        image = (image.detach() + 0.2 * slope.sign()).clamp(0, 1)
    return image


def test_the_embedded_network_stays_far_within_float16():
    architecture, weights = load_weights("vgg19")
    scale = activation_scale(weights, architecture)
    worst = ascended(weights, "conv4_1", 6)
    largest = largest_activation(weights, architecture, torch.cat([probes()[..., :48, :48], worst]))
    assert largest > FLOAT16.max  # unscaled it would not be held
    # A longer ascent has reached 91 880 (LOG.md). A product of two activations has to fit as well.
    for reached in (largest, 91_880):
        assert (reached * scale) ** 2 < FLOAT16.max
        assert reached * scale < FLOAT16.max / 300


def test_the_embedded_network_computes_finite_features_in_float16():
    architecture, weights = load_weights("vgg19")
    network = VGG(weights, architecture=architecture, precision=torch.float16)
    for image in probes()[1::3, :, :48, :48]:
        features = network(image[None], ["relu1_1", "relu2_1", "relu3_1", "conv4_1", "relu5_1"])
        assert all(each.isfinite().all() for each in features.values())
        assert largest_of(features) < 256
