"""Lets the C library keep the memory that a step has freed, for the next step to use again.

By default glibc returns every large block to the system as soon as it is freed and asks for it anew in
the next step; the system then clears it page by page, which took 7 % of a step (LOG.md).
"""

import ctypes
import platform

import torch

# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8
_NEVER = -1


def keep_freed_memory() -> bool:
    """Keeps freed memory in the whole process from now on; False where that cannot be set.

    It can with glibc on Linux only, and not for the heaps of threads that are there already.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    # No mappings for single blocks, nothing returned from the end of the heap, and one heap for all
    # threads: further heaps are limited to 64 MB, and jobs run in threads.
    return all(
        mallopt(option, value)
        for option, value in ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, _NEVER), (_M_ARENA_MAX, 1))
    )


def give_back(device: torch.device | None = None) -> None:
    """Returns freed memory to the system now.

    It is called between two sizes, as the memory blocks of one size do not fit the other, and after a
    run, as the next one may begin only hours later.

    Args:
        device: also that of this device, which PyTorch keeps for itself where it is a GPU.
    """
    if device is not None and device.type == "cuda":
        torch.cuda.empty_cache()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
