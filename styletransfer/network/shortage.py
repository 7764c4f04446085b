"""Too little memory, for the network or for a picture: the error, and how it is recognised."""

import contextlib
from collections.abc import Iterator

import torch

from ..errors import StyleTransferError

# What PyTorch says when memory runs out: on Linux, on Apple's GPUs, on Windows, from within C++, and for
# the libraries that compute on NVIDIA's GPUs.
_WORDS = ("allocate memory", "out of memory", "not enough memory", "bad_alloc", "STATUS_ALLOC_FAILED")


class MemoryShortage(StyleTransferError):
    """The network or the picture is too large for the memory there is."""


def is_shortage(cause: Exception) -> bool:
    """Whether this was raised for want of memory."""
    # CUDA raises an error of a class of its own; on other devices only the words tell.
    if isinstance(cause, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(cause, RuntimeError) and any(words in str(cause) for words in _WORDS)


@contextlib.contextmanager
def shortage_explained(error: MemoryShortage) -> Iterator[None]:
    """Raises the given error in place of whatever is raised inside for want of memory.

    Args:
        error: what to tell people.

    Raises:
        MemoryShortage: the memory was not enough.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as cause:
        if not is_shortage(cause):
            raise
        raise error from cause
