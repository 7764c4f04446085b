"""The order in which feature maps lie in memory: channels last in bfloat16, else plain."""

import torch
from torch import Tensor


def memory_format_of(features: Tensor) -> torch.memory_format:
    """The memory format of feature maps: channels last in a lower precision than float32.

    oneDNN's kernels for bfloat16 are fast with channels last only (LOG.md); NNPACK's for float32 take
    the plain order.

    Args:
        features: of any shape; their precision counts.
    """
    return torch.channels_last if features.dtype.itemsize < 4 else torch.contiguous_format
