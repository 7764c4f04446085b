"""Lets the C library keep the memory that a step has freed, for the next step to use again.

By default glibc gives every large block back to the system at once and asks for it anew in the next
step; the system then clears it page by page, which took 7 % of a step (LOG.md).
"""

import ctypes
import platform

# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8
_NEVER = -1


def keep_freed_memory() -> bool:
    """From now on, for the whole process; whether that could be set (with glibc on Linux only)."""
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    # No blocks of their own, nothing given back from the end of the heap, and one heap for all threads:
    # the others are limited to 64 MB, and jobs run in threads.
    return all(
        mallopt(option, value)
        for option, value in ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, _NEVER), (_M_ARENA_MAX, 1))
    )


def give_back() -> None:
    """Returns to the system what is free now: between two sizes, whose blocks of memory do not fit each
    other, and after a run, when nobody may come for hours."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
