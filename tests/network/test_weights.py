import os
import subprocess
import sys

import huggingface_hub
import pytest
import torch
from huggingface_hub import constants
from torchvision.models.vgg import make_layers

from styletransfer.errors import NetworkError
from styletransfer.network import checkpoints, weights
from styletransfer.network.vgg import load_network
from styletransfer.service.worker import Worker
from tests.support.hub import COMMIT, Hub, random_tensors, safetensors
from tests.support.samples import PAINTING, PHOTO, ROOT, random_image

SOURCE = "vgg16.tv_in1k"
PLACE = f"timm/{SOURCE}/model.safetensors"
CLASSIFIER = 1_000_000  # bytes of the classifier in the fake file
DEFAULT = r"The default network, vgg19, needs neither a file nor a download\.$"


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """The real architectures with four channels a layer."""
    for name, channels in checkpoints.CONFIGURATIONS.items():
        narrow = ["M" if each == "M" else 4 for each in channels]
        monkeypatch.setitem(checkpoints.CONFIGURATIONS, name, narrow)


@pytest.fixture
def home(monkeypatch, tmp_path):
    """Empty caches of huggingface_hub, and short timeouts."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(tmp_path / "assets"))
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.5)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)
    yield tmp_path
    huggingface_hub.close_session()


def _use(monkeypatch, url):
    # What HF_ENDPOINT sets when huggingface_hub is imported.
    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


@pytest.fixture
def hub(monkeypatch, home):
    hub = Hub(safetensors(random_tensors("vgg16"), CLASSIFIER))
    _use(monkeypatch, hub.url)
    yield hub
    hub.close()


def refused(source, what):
    with pytest.raises(NetworkError, match=rf"(?s)^{what}.* {DEFAULT}") as caught:
        load_network(source, "cpu")
    return str(caught.value)


def assert_torchvisions(network, architecture):
    """Checks that the features are those of torchvision's network with torchvision's preprocessing."""
    image = random_image(40, 33)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    reference = make_layers(checkpoints.CONFIGURATIONS[architecture])
    reference[0].padding_mode = "replicate"
    names = random_tensors(architecture)
    reference.load_state_dict({name.removeprefix("features."): names[name] for name in names})
    found = network(image, network.layers)
    assert len(reference) == len(network.layers)
    hidden = (image - mean) / std
    for name, module in zip(network.layers, reference, strict=True):
        hidden = module(hidden.clone())
        assert torch.allclose(found[name], hidden, atol=1e-5), name


def test_of_the_file_on_the_hub_only_the_features_are_read(hub):
    network = load_network(SOURCE, "cpu", "float32")
    assert_torchvisions(network, "vgg16")
    header = 8 + int.from_bytes(hub.content[:8], "little")
    assert hub.sent == len(hub.content) - CLASSIFIER
    assert [(method, path) for method, path, _ in hub.requests] == [
        ("HEAD", f"/timm/{SOURCE}/resolve/main/model.safetensors"),
        *[("GET", f"/timm/{SOURCE}/resolve/{COMMIT}/model.safetensors")] * 3,
    ]
    pieces = [headers.get("Range") for _, _, headers in hub.requests[1:]]
    assert pieces == ["bytes=0-7", f"bytes=8-{header - 1}", f"bytes={header}-{hub.sent - 1}"]


def test_features_that_do_not_lie_together_are_read_too(hub):
    tensors = random_tensors("vgg16")
    hub.serve(safetensors(tensors | {"features.1.running_mean": torch.zeros(100_000)}))
    assert_torchvisions(load_network(SOURCE, "cpu", "float32"), "vgg16")
    assert hub.sent == len(hub.content) - 400_000


def test_the_second_time_needs_no_network(hub, monkeypatch):
    load_network(SOURCE, "cpu")
    hub.requests.clear()
    assert_torchvisions(load_network(SOURCE, "cpu", "float32"), "vgg16")
    assert not hub.requests
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert_torchvisions(load_network(SOURCE, "cpu", "float32"), "vgg16")


def test_what_was_kept_and_is_damaged_is_downloaded_again(hub, home):
    load_network(SOURCE, "cpu")
    (kept,) = home.rglob("features.pth")
    kept.write_bytes(kept.read_bytes()[:1000])
    assert_torchvisions(load_network(SOURCE, "cpu", "float32"), "vgg16")
    assert len(kept.read_bytes()) > 1000


def test_where_nothing_can_be_kept_it_works_all_the_same(hub, home, caplog):
    (home / "assets").write_text("a file where the folder should be")
    assert_torchvisions(load_network(SOURCE, "cpu", "float32"), "vgg16")
    assert "downloaded again" in caplog.text


def test_a_whole_copy_in_the_hubs_cache_is_used(hub, monkeypatch):
    huggingface_hub.hf_hub_download(f"timm/{SOURCE}", weights.HUB_FILE)
    hub.requests.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert_torchvisions(load_network(SOURCE, "cpu", "float32"), "vgg16")
    assert not hub.requests


def test_the_token_is_sent(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    load_network(SOURCE, "cpu")
    assert {headers["authorization"] for _, _, headers in hub.requests} == {"Bearer hf_secret"}


def test_the_server_that_the_hub_sends_one_to_gets_no_token(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    store = Hub(hub.content)
    hub.elsewhere = store.url
    assert_torchvisions(load_network(SOURCE, "cpu", "float32"), "vgg16")
    store.close()
    assert store.sent == len(hub.content) - CLASSIFIER
    assert not hub.sent
    assert not [headers for _, _, headers in store.requests if "authorization" in headers]


def test_without_ranges_the_whole_file_is_read_once_and_held_against_its_hash(hub):
    hub.ranges = False
    assert_torchvisions(load_network(SOURCE, "cpu", "float32"), "vgg16")
    assert hub.sent == len(hub.content)


@pytest.mark.parametrize("ranges", [True, False])
def test_a_wrong_checksum_is_refused_where_the_whole_file_is_read(hub, home, ranges):
    hub.ranges, right = ranges, hub.sha256
    hub.sha256 = "0" * 64
    if ranges:
        assert_torchvisions(load_network(SOURCE, "cpu", "float32"), "vgg16")
    else:
        refused(
            SOURCE, rf"{PLACE} cannot be read from {hub.url}: it has SHA-256 {right}, expected 0{{64}}\."
        )
        assert not list(home.rglob("features.pth"))


def test_a_whole_file_with_no_checksum_is_refused(hub):
    hub.ranges, hub.sha256 = False, "b1946ac9"
    refused(SOURCE, ".*the server knows no ranges and declares no SHA-256 for the whole file")


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_ends_early_is_refused(hub, home, ranges):
    """Whether the declared size is right or cut short as well."""
    hub.ranges = ranges
    hub.content = hub.content[: len(hub.content) // 2 - CLASSIFIER // 2]
    refused(SOURCE, f"{PLACE} cannot be read from {hub.url}: .*")
    hub.serve(hub.content)
    refused(SOURCE, f"{PLACE} is cut off or damaged: features.* must lie in its {hub.size} bytes")
    assert not list(home.rglob("features.pth"))


def test_a_tensor_of_the_wrong_shape_is_refused_before_it_is_downloaded(hub):
    hub.serve(safetensors(random_tensors("vgg16") | {"features.5.weight": torch.zeros(4, 4, 5, 5)}))
    refused(
        SOURCE,
        rf"features\.5\.weight in {PLACE} must be float32 of shape \(4, 4, 3, 3\), "
        r"got float32 of shape \(4, 4, 5, 5\)\.",
    )
    assert hub.sent < 5000


def test_a_tensor_of_the_wrong_type_is_refused(hub):
    half = {name: tensor.half() for name, tensor in random_tensors("vgg16").items()}
    hub.serve(safetensors(half))
    refused(SOURCE, rf"features\.0\.weight in {PLACE} must be float32 .*, got F16 of")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_tensor_that_is_not_finite_is_refused(hub, home, value):
    tensors = random_tensors("vgg16")
    tensors["features.28.bias"][3] = value
    hub.serve(safetensors(tensors))
    refused(SOURCE, rf"features\.28\.bias in {PLACE} must be finite, and has NaN or infinity in it\.")
    assert not list(home.rglob("features.pth"))


def test_another_network_in_its_place_is_refused(hub):
    hub.serve(safetensors(random_tensors("vgg19")))
    refused(SOURCE, f"{PLACE} must hold a vgg16, and holds a vgg19")


@pytest.mark.parametrize("hangs", ["at once", "in the middle"])
def test_a_server_that_hangs_is_given_up(hub, hangs):
    hub.hangs = hangs
    refused(SOURCE, f"{PLACE} cannot be read from {hub.url}: .*timed out; check the network connection")


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_is_told(hub, status):
    hub.status = status
    refused(SOURCE, rf"{PLACE} cannot be read from {hub.url}: the server answers HTTP {status}\.")


def test_without_network_access_it_says_so(home, monkeypatch):
    hub = Hub(b"")
    hub.close()
    _use(monkeypatch, hub.url)
    refused(SOURCE, rf"{PLACE} cannot be read from {hub.url}: .*refused; check the network connection\.")
    # The name resolves to no address, as without a connection.
    _use(monkeypatch, "http://hub.invalid")
    refused(SOURCE, rf"{PLACE} cannot be read from http://hub\.invalid: .*; check the network")


def test_offline_mode_is_told(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refused(SOURCE, ".*HF_HUB_OFFLINE is set, and there is no copy here yet")
    assert not hub.requests


@pytest.mark.parametrize("architecture", ["vgg16", "vgg19"])
@pytest.mark.parametrize("suffix", checkpoints.SUFFIXES)
def test_a_file_of_ones_own(tmp_path, architecture, suffix):
    path, tensors = tmp_path / f"mine{suffix}", random_tensors(architecture)
    if suffix == ".pth":
        tensors["features.0.weight"] = torch.nn.Parameter(tensors["features.0.weight"])
        torch.save(tensors | {"classifier.0.weight": torch.zeros(9)}, path)
    else:
        path.write_bytes(safetensors(tensors))
    network = Worker("cpu", str(path), "float32").network()
    assert network.architecture == architecture
    assert_torchvisions(network, architecture)
    assert not any(tensor.requires_grad for tensor in network.buffers())


class Trap:
    """An object that writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_code_in_a_file_is_not_run(tmp_path):
    torch.save(random_tensors("vgg16") | {"trap": Trap(tmp_path / "sprung")}, tmp_path / "bad.pth")
    message = refused(str(tmp_path / "bad.pth"), r"bad\.pth must be a whole file of tensors by name")
    assert not (tmp_path / "sprung").exists()
    assert str(tmp_path) not in message


@pytest.mark.parametrize("suffix", checkpoints.SUFFIXES)
def test_a_file_of_ones_own_that_is_not_right(tmp_path, suffix):
    path = tmp_path / f"mine{suffix}"

    def write(tensors):
        torch.save(tensors, path) if suffix == ".pth" else path.write_bytes(safetensors(tensors))
        return path.read_bytes()

    refused(str(path), rf"mine\{suffix} cannot be read: No such file or directory\.")
    for junk in (b"", b"12345678", b"no such thing at all", bytes(100), b"\x80" * 1000):
        path.write_bytes(junk)
        refused(str(path), rf"mine\{suffix} must be a ")
    data = write(random_tensors("vgg19"))
    path.write_bytes(data[: len(data) // 2])
    refused(str(path), rf"mine\{suffix} (is cut off or damaged|must be a whole file)")
    write({"features.0.weight": torch.zeros(4, 3, 3, 3)})
    refused(str(path), rf"mine\{suffix} must hold a VGG-16 or a VGG-19 under torchvision's names")
    write(random_tensors("vgg16") | {"features.7.bias": torch.zeros(5)})
    refused(
        str(path), rf"features\.7\.bias in mine\{suffix} must be float32 of shape \(4,\), got float32"
    )
    write(random_tensors("vgg16") | {"features.7.bias": torch.full((4,), torch.nan)})
    refused(str(path), rf"features\.7\.bias in mine\{suffix} must be finite")


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b'{"features.0.weight": 3}',
        b'{"features.0.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0]}}',
        b'{"features.0.weight": {"dtype": "F32", "shape": 1, "data_offsets": [0, 4]}}',
        b'{"features.0.weight": {"dtype": "F32", "shape": [1e999], "data_offsets": [0, 4]}}',
        b"[" * 100_000,
        b"\xff\xff",
    ],
)
def test_a_header_that_makes_no_sense_is_refused(tmp_path, header):
    (tmp_path / "bad.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    refused(str(tmp_path / "bad.safetensors"), r"bad\.safetensors must be a safetensors file")


@pytest.mark.parametrize("source", ["vgg11", "", "cpu", "timm/vgg16.tv_in1k", "weights.bin"])
def test_an_unknown_network_is_named(source):
    refused(
        source,
        r"network must be vgg19, vgg19\.tv_in1k, vgg16\.tv_in1k, or a \.safetensors or \.pth file, "
        f"got '{source}'",
    )


WORLD = {"cwd": ROOT, "encoding": "utf-8", "capture_output": True, "timeout": 300}


@pytest.mark.parametrize("program", ["-mstyletransfer", "app.py"])
def test_the_programs_end_with_the_sentence(tmp_path, program):
    hub = Hub(b"")
    hub.status = 404
    world = os.environ | {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    pictures = [PHOTO, PAINTING, "-o", tmp_path / "out.png"] if program != "app.py" else []
    command = [sys.executable, program, *pictures, "--network", SOURCE]
    process = subprocess.run(command, env=world, **WORLD)
    hub.close()
    assert process.returncode == 2
    assert f"{hub.url}: the server answers HTTP 404. The default network, vgg19, " in process.stderr
    assert "Traceback" not in process.stderr


def test_a_picture_is_painted_with_vgg16_from_the_hub(tmp_path, monkeypatch):
    """With the real widths of VGG-16, and HF_ENDPOINT set in the environment."""
    monkeypatch.undo()
    hub = Hub(safetensors(random_tensors("vgg16"), CLASSIFIER))
    world = os.environ | {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    output = tmp_path / "out.png"
    arguments = [PHOTO, PAINTING, "-o", output, "--size", "128", "--steps", "2", "--network", SOURCE]
    command = [sys.executable, "-m", "styletransfer", *arguments]
    process = subprocess.run(command, env=world, **WORLD)
    hub.close()
    assert process.returncode == 0, process.stderr
    assert output.exists()
    assert 58_000_000 < hub.sent == len(hub.content) - CLASSIFIER
