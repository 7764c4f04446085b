"""A GPU that is lost in the middle of a run: the error, and how it is recognised."""

import contextlib
from collections.abc import Iterator

import torch

from ..errors import StyleTransferError
from .shortage import is_shortage

# What PyTorch says when a GPU has failed: its driver, and the two libraries that compute on it.
_WORDS = ("CUDA error", "CUDNN_STATUS", "CUBLAS_STATUS", "HIP error", "device lost")


class DeviceLost(StyleTransferError):
    """The GPU has failed. No call of this process reaches it any more."""


def is_lost(cause: Exception) -> bool:
    """Whether this says that the GPU has failed, and not only that its memory is too small."""
    if not isinstance(cause, RuntimeError) or is_shortage(cause):
        return False
    return any(words in str(cause) for words in _WORDS)


def answers(device: torch.device) -> bool:
    """Whether the device still computes; a GPU that has failed says so at every call.

    Args:
        device: the network's.
    """
    try:
        return bool(torch.ones((), device=device).item() == 1)
    except RuntimeError as cause:
        if not is_lost(cause):
            raise
        return False


@contextlib.contextmanager
def failure_explained() -> Iterator[None]:
    """Raises `DeviceLost` in place of what is raised inside when a GPU has failed.

    Raises:
        DeviceLost: it has.
    """
    try:
        yield
    except RuntimeError as cause:
        if not is_lost(cause):
            raise
        raise DeviceLost("device_lost") from cause
