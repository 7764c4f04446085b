"""In what arithmetic a device computes, and why: the one place where that is decided.

The precision of the feature maps, their order in memory, the kernels of the convolutions, and in what
precision neighbours are compared.
"""

from dataclasses import dataclass

import torch

from .kernels import winograd_available
from .memory_format import memory_format_for
from .precision import PRECISIONS, is_half

# PyTorch's names for kernels that use no matrix units, by the processor or by restriction.
_WITHOUT_MATRIX_UNITS = ("NO AVX", "DEFAULT", "AVX2")
# NVIDIA's compute capabilities: bfloat16 since Ampere, units for products of matrices in float16 since
# Volta. The GTX 16 series has Turing's number without those units, and people report that their
# convolutions in float16 give NaN there.
_BFLOAT16, _FLOAT16 = (8, 0), (7, 0)
_WITHOUT_TENSOR_CORES = "GTX 16"


@dataclass(frozen=True)
class Arithmetic:
    """In what a device computes.

    Attributes:
        precision: of the feature maps.
        memory_format: their order in memory.
        kernels: what computes the convolutions, in words.
        search: the precision in which neighbours are compared before the best ones are in float32.
        why: a sentence.
    """

    precision: torch.dtype
    memory_format: torch.memory_format
    kernels: str
    search: torch.dtype
    why: str

    def __str__(self) -> str:
        names = {kind: name for name, kind in PRECISIONS.items()}
        order = "channels last" if self.memory_format == torch.channels_last else "plain order"
        return (
            f"feature maps in {names.get(self.precision, self.precision)} ({order}), convolutions by "
            f"{self.kernels}, neighbours compared in {names.get(self.search, self.search)}: {self.why}"
        )


def arithmetic(device: torch.device, asked: torch.dtype | None = None) -> Arithmetic:
    """In what this device computes.

    Args:
        device: from `vgg.choose_device`.
        asked: the precision that somebody has asked for; None for the fastest that is exact enough.
    """
    precision, why = (asked, "asked for") if asked is not None else fastest_precision(device)
    return Arithmetic(
        precision,
        memory_format_for(precision),
        _kernels(device, precision),
        search_precision(device, precision),
        why,
    )


def search_precision(device: torch.device, precision: torch.dtype) -> torch.dtype:
    """The precision in which neighbours are compared, before the best ones are compared in float32.

    float16 on NVIDIA's GPUs, whose matrix units take it: it has 11 bits, and with the 8 of bfloat16 too
    many places would look alike.

    Args:
        device: the network's.
        precision: the network's; where it is float32, so is this.
    """
    on_nvidia = device.type == "cuda" and torch.version.hip is None
    return torch.float16 if on_nvidia and is_half(precision) else torch.float32


def fastest_precision(device: torch.device) -> tuple[torch.dtype, str]:
    """The precision that makes a step several times faster on this device, else float32; and why.

    On a CPU that is bfloat16 where it has Intel's matrix units (AMX): with AVX2 only, PyTorch's kernels
    for bfloat16 are tens of times slower than those for float32, and PyTorch can be restricted to AVX2
    from outside (ATEN_CPU_CAPABILITY), as for a measurement.

    Args:
        device: from `vgg.choose_device`.
    """
    if device.type == "cuda" and torch.version.hip is None:
        name = torch.cuda.get_device_name(device)
        return fastest_on_nvidia(name, torch.cuda.get_device_capability(device))
    if device.type != "cpu":
        return torch.float32, "lower precisions have not been tried on such a GPU"
    has_matrix_units = getattr(torch.cpu, "_is_amx_tile_supported", None)
    restricted = torch.backends.cpu.get_cpu_capability() in _WITHOUT_MATRIX_UNITS
    if restricted or has_matrix_units is None or not has_matrix_units():
        return torch.float32, "the processor has no matrix units for bfloat16 (AMX)"
    return torch.bfloat16, "the processor has matrix units for it (AMX)"


def fastest_on_nvidia(name: str, capability: tuple[int, int]) -> tuple[torch.dtype, str]:
    """The same for one of NVIDIA's GPUs; by what it has, as no speed has been measured on any of them.

    Args:
        name: of the GPU, such as "Tesla T4".
        capability: its compute capability, such as (7, 5).
    """
    if capability >= _BFLOAT16:
        return torch.bfloat16, f"the {name} has matrix units for it"
    if capability < _FLOAT16:
        return torch.float32, f"the {name} has no matrix units"
    if _WITHOUT_TENSOR_CORES in name:
        return torch.float32, f"the {name} has no matrix units, and is said to give NaN in float16"
    return torch.float16, f"the {name} has matrix units for it, and none for bfloat16"


def _kernels(device: torch.device, precision: torch.dtype) -> str:
    if device.type == "cuda":
        return "cuDNN" if torch.version.hip is None else "MIOpen"
    if device.type != "cpu":
        return "Metal"
    if precision == torch.float32 and winograd_available():
        return "NNPACK's Winograd kernels where they pay (`kernels`), else oneDNN"
    return "oneDNN"
