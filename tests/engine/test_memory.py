"""Too little memory: refused before the first step, or a clear error if it runs out later."""

import os
import platform
import sys
from pathlib import Path

import pytest
import torch

from styletransfer.engine import memory, objective
from styletransfer.engine.stylize import stylize
from styletransfer.network.malloc import keep_freed_memory
from styletransfer.network.shortage import MemoryShortage
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, small_network

CPU = torch.device("cpu")


def run(styles=1, **settings):
    settings = Settings(**{"size": 128, "steps": 1, "scales": 1} | settings)
    return list(stylize(Pictures(photo(), [painting()] * styles), settings, small_network()))


def test_what_is_needed_grows_with_the_picture_and_with_the_paintings():
    small, large = (memory.needed((size, size), [(size, size)]) for size in (256, 512))
    assert 2 < large / small < 4.1  # four times the pixels, plus a constant
    assert memory.needed((256, 256), [(64, 64), (2048, 2048)]) > 2 * small
    assert memory.needed((512, 512), [(64, 64)], masks=4) > large


@pytest.mark.parametrize("size", [(640, 426), (1024, 683), (2048, 1365)])
def test_strips_need_less(size):
    needs = [memory.needed(size, [(64, 64)], blocks_in_strips=blocks) for blocks in (0, 2, 3, 4)]
    assert needs == sorted(needs, reverse=True)
    assert needs[0] > needs[-1]


def test_where_memory_is_short_more_is_evaluated_in_strips(monkeypatch):
    size, few = (1024, 683), [(64, 64)]
    for there, expected in ((1e12, 3), (2e9, 4), (memory.needed(size, few, blocks_in_strips=4) + 1, 4)):
        monkeypatch.setattr(memory, "available", lambda device, there=there: there)
        assert memory.fitting_blocks(size, few, 0, CPU) == expected


def test_there_is_some_memory_here():
    assert 1e8 < memory.available(CPU) < 1e15


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_the_process_only_holds_ready_counts_as_free():
    def resident():  # read here, because the system's count of free memory lags
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    keep_freed_memory()
    held, kept = torch.ones(125_000_000), torch.ones(1000)  # half a GB, and an allocation after it
    del held
    before = resident()
    memory.available(CPU)
    assert resident() < before - 4e8
    assert kept.sum() == 1000


@pytest.mark.cuda
def test_a_gpu_tells_its_own_memory():
    device = torch.device("cuda")
    assert 0 < memory.available(device) <= torch.cuda.get_device_properties(device).total_memory


def test_what_does_not_fit_is_refused_before_the_first_step(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda device: 1e9)
    run()  # a small picture fits
    monkeypatch.setattr(objective.Objective, "__init__", None)  # fails if an objective is made
    with pytest.raises(MemoryShortage) as caught:
        run(12, size=4096, brush_scale=1)
    said = str(caught.value)
    assert said.startswith("A picture of 4096 x 2733 pixels needs about ")
    assert "GB of memory, but only 1.0 GB are free on this cpu. Choose a smaller size" in said


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
        RuntimeError("MPS backend out of memory (MPS allocated: 5 GB). Tried to allocate 768.00 MB."),
        MemoryError(),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_shortage_that_comes_as_a_surprise_is_a_sentence_too(monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(objective.Objective, "__call__", fail)
    with pytest.raises(MemoryShortage, match=r"not enough for 128 x 85 pixels\. Choose a smaller"):
        run()


def test_other_errors_stay_what_they_are(monkeypatch):
    def fail(*_):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(objective.Objective, "__call__", fail)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        run()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"memory.max": "5000", "memory.current": "3000", "memory.stat": "anon 1\ninactive_file 500"},
            2500,
        ),
        ({"memory.max": "max", "memory.current": "3000", "memory.stat": ""}, float("inf")),
        ({}, float("inf")),
    ],
    ids=["limited", "unlimited", "none"],
)
def test_a_containers_limit_counts(tmp_path, files, expected):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert memory._free_in_container(tmp_path) == expected


def test_every_scale_is_evaluated_so_that_it_fits(monkeypatch):
    seen = []

    def noted(self, network, content, *_, **named):
        seen.append((max(content.shape), _[-1]))
        raise StopIteration  # before anything is evaluated

    monkeypatch.setattr(objective.Objective, "__init__", noted)
    cases = (
        (1e12, 256, (256, 0)),
        (1e12, 640, (640, 0)),
        (1.9e9, 640, (640, 2)),
        (1e12, 1024, (1024, 3)),
    )
    for there, size, expected in cases:
        monkeypatch.setattr(memory, "available", lambda device, there=there: there)
        with pytest.raises(RuntimeError):  # StopIteration in a generator becomes RuntimeError
            run(size=size)
        assert seen.pop() == expected
    # The last scale but one would not fit without strips.
    monkeypatch.setattr(memory, "available", lambda device: 1.5e9)
    with pytest.raises(RuntimeError):
        run(size=1408, scales=2, steps=2, style_loss="gram")
    assert seen == [(704, 3)]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of the address space")
def test_a_limit_of_the_address_space_leaves_what_it_leaves():
    import resource

    memory.available(CPU)  # which gives back what the process has freed, as it will below
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 300_000_000, limits[1]))
    try:
        assert memory.available(CPU) <= 310_000_000
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
