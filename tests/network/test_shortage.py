"""A network that does not fit into the device's memory is a sentence, wherever it is loaded."""

import logging

import pytest
import torch

from styletransfer import cli
from styletransfer.network import vgg
from styletransfer.network.shortage import MemoryShortage, shortage_explained
from styletransfer.network.vgg import load_network
from styletransfer.service.worker import Worker
from tests.support.samples import PAINTING, PHOTO

SENTENCE = "The network does not fit into the memory that is free on this cpu."


@pytest.fixture
def full(monkeypatch):
    """A device without room for a single convolution."""

    def convolution(*_):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(vgg, "_convolution", convolution)
    monkeypatch.setattr(cli, "tune_process", lambda device: None)
    monkeypatch.setattr(cli.interrupt, "raise_once", lambda: lambda: None)


@pytest.mark.usefixtures("full")
def test_from_python():
    with pytest.raises(MemoryShortage, match=SENTENCE):
        load_network(device="cpu")


@pytest.mark.usefixtures("full")
def test_on_the_command_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([str(PHOTO), str(PAINTING), "-o", str(tmp_path / "out.png"), "--device", "cpu"])
    assert caught.value.code == 2
    assert SENTENCE in capsys.readouterr().err


@pytest.mark.usefixtures("full")
def test_while_a_server_starts(caplog):
    with caplog.at_level(logging.ERROR):
        Worker("cpu")._load_and_measure()
    assert SENTENCE in caplog.text


def test_other_mistakes_keep_their_own_words():
    with (
        pytest.raises(RuntimeError, match="shapes"),
        shortage_explained(MemoryShortage("network_exceeds_memory", device="cpu")),
    ):
        raise RuntimeError("shapes do not match")
