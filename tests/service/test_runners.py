"""Where a server paints, and that the package that borrows GPUs does nothing elsewhere."""

import subprocess
import sys

import pytest

from styletransfer.errors import DeviceError
from styletransfer.service import lender
from styletransfer.service.borrowed import Borrowed
from styletransfer.service.devices import Devices
from styletransfer.service.runners import Wanted, runner_for
from styletransfer.service.worker import Worker
from tests.support.samples import ROOT

ALONE = """
import os, sys, threading, warnings
warnings.simplefilter("error")
before = dict(os.environ)
import spaces
def steps(): yield 1
assert spaces.GPU(steps) is spaces.GPU(steps, duration=lambda: 3) is steps
assert not {"torch", "gradio"} & set(sys.modules)
assert dict(os.environ) == before and threading.active_count() == 1
"""
ORDER = """
import runpy, sys, types
page = types.ModuleType("styletransfer.page.command")
page.main = lambda: print("spaces" in sys.modules, "torch" in sys.modules, "gradio" in sys.modules)
sys.modules["styletransfer.page"] = types.ModuleType("styletransfer.page")
sys.modules["styletransfer.page.command"] = page
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.mark.parametrize("value", ["1", "true", "True"])
def test_on_a_zero_gpu_space_gpus_are_borrowed(value):
    runner, why = runner_for(Wanted(precision="float32", longest=50), {"SPACES_ZERO_GPU": value})
    assert isinstance(runner, Borrowed)
    assert (runner.source, runner.precision, runner.longest) == ("vgg19", "float32", 50)
    assert "SPACES_ZERO_GPU" in why


@pytest.mark.parametrize(
    ("environment", "device"), [({}, None), ({"SPACES_ZERO_GPU": "0"}, None), ({}, "cuda")]
)
def test_elsewhere_this_machine_paints(environment, device):
    runner, why = runner_for(Wanted(device), environment)
    assert isinstance(runner, Worker)
    assert runner.device == device
    assert why == ""


def test_a_device_that_was_asked_for_goes_first():
    runner, why = runner_for(Wanted("cpu"), {"SPACES_ZERO_GPU": "true"})
    assert isinstance(runner, Worker)
    assert "cpu" in why


@pytest.mark.parametrize("environment", [{}, {"SPACES_ZERO_GPU": "1"}])
def test_several_devices_are_painted_on_at_the_same_time(environment):
    runner, why = runner_for(Wanted(devices="cuda:0, cuda:1"), environment)
    assert isinstance(runner, Devices)
    assert runner.places == 2
    assert "cuda:0, cuda:1" in why


@pytest.mark.parametrize(
    "both", [{"device": "cpu", "devices": "cpu,cpu"}, {"device": "cpu", "ray": "auto"}]
)
def test_two_places_to_paint_are_not_both_asked_for(both):
    with pytest.raises(DeviceError) as caught:
        runner_for(Wanted(**both), {})
    assert caught.value.code == "painted_at_two_places"


def test_the_package_does_nothing_elsewhere():
    assert subprocess.run([sys.executable, "-c", ALONE], check=False).returncode == 0


def test_a_second_of_a_card_counts_once_where_nothing_else_is_known(monkeypatch):
    monkeypatch.setitem(sys.modules, "spaces.zero.client", None)
    assert lender.quota(12) == 12


def test_the_app_file_imports_the_package_before_torch_and_gradio():
    done = subprocess.run([sys.executable, "-c", ORDER], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "False", "False"], done.stderr
