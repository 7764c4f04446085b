"""In what arithmetic a device computes, and that it says why."""

import pytest
import torch

from styletransfer.network.arithmetic import (
    arithmetic,
    fastest_on_nvidia,
    fastest_precision,
    search_precision,
)

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("name", "capability", "precision", "why"),
    [
        ("Tesla P100-PCIE-16GB", (6, 0), torch.float32, "no matrix units"),
        ("Tesla V100-SXM2-16GB", (7, 0), torch.float16, "none for bfloat16"),
        ("Tesla T4", (7, 5), torch.float16, "none for bfloat16"),
        ("NVIDIA GeForce GTX 1660", (7, 5), torch.float32, "NaN"),
        ("NVIDIA GeForce RTX 2080 Ti", (7, 5), torch.float16, "none for bfloat16"),
        ("NVIDIA A10G", (8, 6), torch.bfloat16, "matrix units for it"),
        ("NVIDIA H100 80GB HBM3", (9, 0), torch.bfloat16, "matrix units for it"),
    ],
)
def test_each_gpu_gets_the_precision_that_its_matrix_units_have(name, capability, precision, why):
    found, said = fastest_on_nvidia(name, capability)
    assert found == precision
    assert why in said
    assert name in said


def test_where_it_is_emulated_bfloat16_is_not_chosen(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert fastest_precision(CPU)[0] == torch.float32
    assert fastest_precision(torch.device("mps"))[0] == torch.float32
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    for kernels, pays in {"AVX512": True, "AVX2": False, "NO AVX": False}.items():
        monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda kernels=kernels: kernels)
        assert fastest_precision(CPU)[0] == (torch.bfloat16 if pays else torch.float32)


def test_without_pytorchs_private_query_for_matrix_units_bfloat16_is_not_chosen(monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AMX")
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported", raising=False)
    assert fastest_precision(CPU)[0] == torch.float32


def test_what_is_asked_for_is_what_it_computes_in():
    for asked, order in (
        (torch.float32, torch.contiguous_format),
        (torch.bfloat16, torch.channels_last),
        (torch.float16, torch.channels_last),
    ):
        chosen = arithmetic(CPU, asked)
        assert (chosen.precision, chosen.memory_format) == (asked, order)
        assert chosen.why == "asked for"
        assert str(asked).removeprefix("torch.") in str(chosen)


def test_neighbours_are_compared_in_float16_where_matrix_units_take_it(monkeypatch):
    monkeypatch.setattr(torch.version, "hip", None)
    gpu = torch.device("cuda")
    assert search_precision(gpu, torch.float16) == torch.float16
    assert search_precision(gpu, torch.bfloat16) == torch.float16
    assert search_precision(gpu, torch.float32) == torch.float32
    assert search_precision(CPU, torch.bfloat16) == torch.float32
    monkeypatch.setattr(torch.version, "hip", "6.4")
    assert search_precision(gpu, torch.bfloat16) == torch.float32


@pytest.mark.cuda
def test_a_gpu_says_what_it_computes_in():
    chosen = arithmetic(torch.device("cuda"))
    assert torch.cuda.get_device_name() in chosen.why
