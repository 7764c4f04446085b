"""Too little memory, for the network or for a picture: the error, and how it is recognised."""

import contextlib
from collections.abc import Iterator

import torch

from ..errors import StyleTransferError

# What PyTorch says when memory runs out: on Linux, on Apple's GPUs, on Windows.
_WORDS = ("allocate memory", "out of memory", "not enough memory")


class MemoryShortage(StyleTransferError):
    """The network or the picture is too large for the memory there is."""


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
        # CUDA raises an error of a class of its own; on other devices only the words tell.
        own_class = isinstance(cause, (MemoryError, torch.OutOfMemoryError))
        if not own_class and not any(words in str(cause) for words in _WORDS):
            raise
        raise error from cause
