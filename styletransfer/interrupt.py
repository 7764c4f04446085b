"""What ends this process early: the signals that ask it to, and too little memory to import torch."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import NoReturn

TOO_LITTLE_MEMORY = "There is too little memory to begin: close other programs, or raise the limit."
NO_PICTURE_YET = "Stopped before the first step: there is no picture yet.\n"
PUBLISHED_IN_PART = "Stopped. Publish again to go on: files that have arrived are not sent again.\n"
# Ctrl-C, kill, a closed terminal (on Windows SIGBREAK), a used-up allowance of processor time.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK", "SIGXCPU")


def stop_quietly(sentence: str) -> None:
    """Makes these signals end this process with the sentence on stderr and exit code 130.

    It holds until other handlers are installed, as `cli.main` does.
    """

    def stop(*_: object) -> NoReturn:
        # Not by an exception: in the middle of an import some module might catch it.
        with contextlib.suppress(OSError):  # the terminal is gone
            os.write(2, sentence.encode())
        os._exit(130)

    _handle(stop)


def raise_once() -> Callable[[], None]:
    """Makes the first of these signals raise KeyboardInterrupt; all later ones are ignored.

    Returns:
        A function that raises KeyboardInterrupt if a signal has come. Python drops the first one's where
        it comes while a destructor runs.
    """
    came = False

    def first(*_: object) -> NoReturn:
        nonlocal came
        came = True
        ignore()
        raise KeyboardInterrupt

    def again() -> None:
        if came:
            raise KeyboardInterrupt

    _handle(first)
    return again


def ignore() -> None:
    """Ignores these signals from now on."""
    _handle(signal.SIG_IGN)


def _handle(handler: Callable[..., object] | signal.Handlers) -> None:
    for name in _NAMES:
        number = getattr(signal, name, None)
        # `nohup` has SIGHUP ignored, and that stays. A shell has SIGINT ignored for every program in the
        # background, which is nobody's wish.
        if number and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, handler)


@contextlib.contextmanager
def memory_for_imports() -> Iterator[None]:
    """Exits with 2 and a sentence on stderr if memory does not suffice for what is imported inside."""
    try:
        yield
    except (MemoryError, ImportError) as error:
        # The loader's words for a library that does not fit into the address space.
        if isinstance(error, ImportError) and "failed to map" not in str(error):
            raise
        sys.stderr.write(f"styletransfer: {TOO_LITTLE_MEMORY}\n")
        sys.exit(2)
