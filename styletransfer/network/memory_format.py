"""The order in which feature maps lie in memory: channels last in 16 bits, else plain."""

import torch
from torch import Tensor

from .precision import is_half


def memory_format_for(precision: torch.dtype) -> torch.memory_format:
    """The memory format of feature maps: channels last in a lower precision than float32.

    oneDNN's kernels for bfloat16 are fast with channels last only (LOG.md), and the matrix units of
    NVIDIA's GPUs take no other order; NNPACK's for float32 take the plain one.

    Args:
        precision: of the feature maps.
    """
    return torch.channels_last if is_half(precision) else torch.contiguous_format


def memory_format_of(features: Tensor) -> torch.memory_format:
    """The memory format of feature maps like these.

    Args:
        features: of any shape; their precision counts.
    """
    return memory_format_for(features.dtype)
