"""Freed memory stays with the process while a run lasts, and goes back to the system after it."""

import os
import platform
import subprocess
import sys

import pytest
import torch

from styletransfer.network import process
from tests.support.server import ROOT

needs_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")

# Run in a process and a thread of its own, like a job, because older threads have separate heaps.
PROGRAM = """
import itertools, resource, statistics, sys, threading
from styletransfer import Settings
from styletransfer import load_image
from styletransfer import Pictures
from styletransfer.catalogue import catalogue
from styletransfer.network.process import tune_process
from styletransfer.network.vgg import choose_device
from styletransfer.service.worker import Worker
if sys.argv[1] == "tuned":
    tune_process(choose_device("cpu"))
paint = Worker("cpu")

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096 / 1e6

def work():
    pictures = [load_image(each[0].file) for each in (catalogue().photos, catalogue().styles)]
    counts = [faults()]
    for step in paint(Pictures(pictures[0], pictures[1:]), Settings(size=256, steps=6, scales=1)):
        counts.append(faults())
        held = resident()
        if step.number == step.steps - 1:
            break  # as somebody does who presses Stop
    # The median, because now and then a step finds no free block of the right size.
    each = [after - before for before, after in itertools.pairwise(counts)]
    print(statistics.median(each[3:]), held - resident())

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def run(how: str) -> list[float]:
    command = [sys.executable, "-c", PROGRAM, how]
    # The initial values of glibc, fixed, because glibc would raise them during the first steps.
    begins = {"MALLOC_MMAP_THRESHOLD_": str(2**17), "MALLOC_TRIM_THRESHOLD_": str(2**17)}
    found = subprocess.check_output(command, cwd=ROOT, text=True, env=os.environ | begins)
    return [float(each) for each in found.split()]


@needs_glibc
def test_pages_are_asked_for_once_and_given_back_after_the_run():
    faults, returned = run("tuned")
    usual, _ = run("usual")
    assert usual > 5000  # page faults, as every step allocates its memory anew
    assert faults < usual / 3
    assert returned > 100  # MB


LIBRARY = """
import torch

def refused(name):
    raise AssertionError("the C library is touched")

import styletransfer
from styletransfer.network import malloc, vgg  # vgg's own imports load libraries
malloc.ctypes.CDLL = refused
flags = [repr(getattr(torch.backends.cudnn, each)) for each in ("benchmark", "enabled", "deterministic")]
network = styletransfer.load_network(device="cpu")
network(torch.zeros(1, 3, 32, 32), ["relu5_1"])
assert flags == [
    repr(getattr(torch.backends.cudnn, each)) for each in ("benchmark", "enabled", "deterministic")
]
"""


def test_the_library_leaves_the_process_alone():
    subprocess.run([sys.executable, "-c", LIBRARY], cwd=ROOT, check=True)


def test_a_program_on_a_gpu_lets_cudnn_try_its_algorithms(monkeypatch):
    calls = []
    monkeypatch.setattr(process, "keep_freed_memory", lambda: calls.append(0))
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    process.tune_process(torch.device("cpu"))
    assert not torch.backends.cudnn.benchmark
    process.tune_process(torch.device("cuda"))
    assert torch.backends.cudnn.benchmark
    assert len(calls) == 2
