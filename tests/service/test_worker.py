"""The worker: what a visitor is told when the network itself cannot be loaded."""

import pytest
import torch
from PIL import Image

from styletransfer.engine.memory import MemoryShortage
from styletransfer.pictures import Pictures
from styletransfer.service import worker as module
from styletransfer.service.worker import Worker
from styletransfer.settings import Settings


def test_weights_that_do_not_fit_on_the_device_are_a_sentence(monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(module, "load_network", full)
    photo = Image.new("RGB", (96, 64))
    with pytest.raises(MemoryShortage, match="not enough for 128 x 85 pixels"):
        next(Worker("cpu")(Pictures(photo, [photo]), Settings(size=128)))
