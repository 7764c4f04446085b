"""Freed memory stays with the process while a run lasts, and goes back to the system after it."""

import os
import platform
import subprocess
import sys

import pytest

from tests.support.server import ROOT

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")

# In a process of its own, and in a thread, as a job is: threads that are older have heaps of their own.
PROGRAM = """
import itertools, resource, statistics, sys, threading
from styletransfer import Settings
from styletransfer import load_image
from styletransfer.service import worker
from styletransfer.network import vgg
from styletransfer.catalogue import catalogue
from styletransfer.pictures import Pictures
from styletransfer.service.worker import Worker
if sys.argv[1] == "usual":
    worker.keep_freed_memory = vgg.keep_freed_memory = lambda: True
paint = Worker("cpu")

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096 / 1e6

def work():
    pictures = [load_image(each[0].file) for each in (catalogue().photos, catalogue().styles)]
    counts = [faults()]
    for step in paint(Pictures(pictures[0], pictures[1:]), Settings(size=512, steps=10, scales=1)):
        counts.append(faults())
        held = resident()
        if step.number == step.steps - 1:
            break  # as somebody does who presses Stop
    # Of most steps: now and then one still finds no room of the right shape.
    each = [after - before for before, after in itertools.pairwise(counts)]
    print(statistics.median(each[3:]), held - resident())

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def run(how: str) -> list[float]:
    command = [sys.executable, "-c", PROGRAM, how]
    # As glibc begins; left to itself it may learn from the first steps to keep some of their blocks.
    begins = {"MALLOC_MMAP_THRESHOLD_": str(2**17), "MALLOC_TRIM_THRESHOLD_": str(2**17)}
    found = subprocess.check_output(command, cwd=ROOT, text=True, env=os.environ | begins)
    return [float(each) for each in found.split()]


def test_pages_are_asked_for_once_and_given_back_after_the_run():
    faults, returned = run("kept")
    usual, _ = run("usual")
    assert usual > 5000  # every step asks for its memory anew: this is what it is for
    assert faults < usual / 3
    assert returned > 100  # MB
