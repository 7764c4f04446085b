"""The terminal of the command line: it may go away, and libraries have nothing to say there."""

import contextlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any, TextIO

from tqdm import tqdm

from .errors import StyleTransferError


class _Lasting(io.TextIOWrapper):
    """A stream that goes nowhere from its first error on, because nobody reads it any more.

    Its terminal or the program behind the pipe is gone, or a disk is full; the picture is still wanted.
    """

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError:
            self._go_nowhere()
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            self._go_nowhere()

    def _go_nowhere(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def prepare() -> None:
    """Makes stdout and stderr last as long as this process, and libraries silent."""
    for descriptor in range(3):  # a closed one would be given to the next file that is opened
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout, sys.stderr = _lasting(sys.stdout, 1), _lasting(sys.stderr, 2)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    logging.getLogger().addHandler(logging.NullHandler())
    ours = logging.StreamHandler()
    ours.setFormatter(logging.Formatter("styletransfer: %(message)s"))
    logging.getLogger(__package__).addHandler(ours)


def warn(warning: StyleTransferError) -> None:
    """Writes a line to stderr: something is wrong, and the painting goes on or is saved all the same."""
    tqdm.write(f"styletransfer: {warning}", file=sys.stderr)  # above the bar, if there is one


@contextlib.contextmanager
def without_stderr() -> Iterator[None]:
    """Sends nowhere what is written to stderr meanwhile, as libtiff does from C."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _lasting(stream: TextIO | Any, descriptor: int) -> _Lasting:
    if stream is None:  # it was closed when the process began
        buffer: Any = os.fdopen(descriptor, "wb", closefd=False)
        encoding = "utf-8"
    else:
        buffer, encoding = stream.buffer, stream.encoding
    # Backslashes for what the terminal's encoding does not have, such as names of files in another one.
    return _Lasting(buffer, encoding, "backslashreplace", line_buffering=True)
