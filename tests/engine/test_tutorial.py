"""The presets `tutorial` and `tch-rs` against the formulas of those programs, written out plainly."""

import pytest
import torch
import torch.nn.functional as F

from styletransfer.engine.stylize import stylize
from styletransfer.images import resize, to_tensor
from styletransfer.network.vgg import load_network
from styletransfer.pictures import Pictures
from styletransfer.presets import preset
from styletransfer.settings import Settings
from tests.support.hub import random_tensors
from tests.support.samples import painting, photo

STEPS = 10  # few, because rounding differences grow at every step and reach 1e-4 after 18
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
STYLE, CONTENT = (0, 2, 5, 7, 10), 7  # conv1_1, conv1_2, conv2_1, conv2_2, conv3_1, and conv2_2


@pytest.fixture(scope="module")
def tensors():
    """Random weights of a VGG-16 in its real width, under torchvision's names."""
    return random_tensors("vgg16")


@pytest.fixture(scope="module")
def network(tensors, tmp_path_factory):
    file = tmp_path_factory.mktemp("weights") / "vgg16.pth"
    torch.save(tensors, file)
    return load_network(str(file), "cpu", "float32")


def normalised(image):
    return (to_tensor(resize(image, 128)) - MEAN) / STD


def forward_all(tensors, hidden):
    """The output of every layer of torchvision's `features` up to number 10, by its number."""
    outputs = []
    for number in range(11):
        if number in (4, 9):
            hidden = F.max_pool2d(hidden, 2)
        elif f"features.{number}.weight" in tensors:
            weight, bias = (tensors[f"features.{number}.{each}"] for each in ("weight", "bias"))
            hidden = F.conv2d(hidden, weight, bias, padding=1)
        else:
            hidden = F.relu(hidden)
        outputs.append(hidden)
    return outputs


def gram_matrix(m):
    a, b, c, d = m.shape
    m = m.view(a * b, c * d)
    return m @ m.T / (a * b * c * d)


def losses(layers, content_layers, style_layers):
    style = sum(F.mse_loss(gram_matrix(layers[i]), gram_matrix(style_layers[i])) for i in STYLE)
    return F.mse_loss(layers[CONTENT], content_layers[CONTENT]), style * 1e6


def run(network, **settings):
    chosen = Settings(**preset("tch-rs").settings | {"size": 128, "steps": STEPS} | settings)
    return list(stylize(Pictures(photo(), [painting()]), chosen, network))


def test_the_losses_of_tch_rs_are_those_of_its_example(tensors, network):
    content, style = normalised(photo()), normalised(painting())
    with torch.no_grad():
        content_layers, style_layers = forward_all(tensors, content), forward_all(tensors, style)
    picture = content.clone().requires_grad_()
    optimiser = torch.optim.Adam([picture], lr=1e-1)
    steps = run(network)
    for step in steps:
        content_loss, style_loss = losses(forward_all(tensors, picture), content_layers, style_layers)
        loss = style_loss + content_loss
        assert step.content == pytest.approx(content_loss.item(), rel=1e-4, abs=1e-9)
        assert step.style == pytest.approx(style_loss.item(), rel=1e-4)
        assert step.total == pytest.approx(loss.item(), rel=1e-4)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert not any(step.note for step in steps)
    assert steps[-1].total < 0.5 * steps[0].total  # the agreement is not for lack of movement


def test_the_network_of_the_presets_is_torchvisions():
    assert preset("tch-rs").network == "vgg16.tv_in1k"
    assert preset("TUTORIAL").network == "vgg19.tv_in1k"


def test_the_losses_of_the_tutorial_are_the_same_on_the_way_of_lbfgs(tensors, network):
    """Its formulas are those of tch-rs; they are applied to our pictures, as its optimiser is L-BFGS."""
    with torch.no_grad():
        content_layers, style_layers = (
            forward_all(tensors, normalised(each())) for each in (photo, painting)
        )
    chosen = Settings(**preset("tutorial").settings | {"size": 128, "steps": 4})
    steps = list(stylize(Pictures(photo(), [painting()]), chosen, network))
    for step in steps:
        with torch.no_grad():
            layers = forward_all(tensors, (step.pixels - MEAN) / STD)
        content_loss, style_loss = losses(layers, content_layers, style_layers)
        assert step.content == pytest.approx(content_loss.item(), rel=1e-4, abs=1e-9)
        assert step.total == pytest.approx((content_loss + style_loss).item(), rel=1e-4)
    assert steps[0].content < 1e-9 < steps[-1].content
    assert steps[-1].total < 0.5 * steps[0].total
