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


def raise_once() -> "Asked":
    """Makes the first of these signals raise KeyboardInterrupt; all later ones are ignored.

    Returns:
        Whether one has come. Called, it raises KeyboardInterrupt if so: Python drops the first one's
        where it comes while a destructor runs.
    """
    asked = Asked()
    _handle(asked.first)
    return asked


class Asked:
    """Whether one of these signals has come.

    Attributes:
        came: it has.
    """

    def __init__(self) -> None:
        self.came = False
        self._held = False

    def __call__(self) -> None:
        """Raises KeyboardInterrupt if one has come."""
        if self.came:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """What is done inside is done to its end; after it KeyboardInterrupt is raised if one has come.

        For code that would be left with its locks in disorder, such as tqdm's.
        """
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self()

    def first(self, *_: object) -> None:
        """What the first of them does."""
        self.came = True
        ignore()
        if not self._held:
            raise KeyboardInterrupt


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
