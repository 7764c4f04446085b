"""The file that `--log` names: a row of losses for each step, in it as soon as the step is painted."""

import contextlib
import csv
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from .arguments import LOG_COLUMNS
from .engine.step import Step
from .errors import StyleTransferError
from .terminal import warn


@contextlib.contextmanager
def losses_log(path: Path | None) -> Iterator[Callable[[Step], None]]:
    """A function that appends a step's losses to the file, which has them as soon as it returns."""
    if path is None:
        yield lambda _: None
        return
    try:
        descriptor = _open_without_waiting(path)
    except OSError as error:
        raise StyleTransferError("log_cannot_be_written", log=path, why=error.strerror) from error
    file = os.fdopen(descriptor, "a", 1, "utf-8", newline="")
    rows = csv.DictWriter(file, LOG_COLUMNS, extrasaction="ignore", lineterminator="\n")

    def write(step: Step) -> None:
        if file.closed:
            return
        try:
            if step.number == 1:  # only now is it certain that an earlier run's log may go
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    file.truncate(0)
                rows.writeheader()
            rows.writerow(vars(step) | {"step": step.number, "size": max(step.width, step.height)})
        except OSError as error:
            warn(StyleTransferError("log_ends", log=path, why=error.strerror))
            _close(file)

    try:
        yield write
    finally:
        _close(file)


def _close(file: TextIO) -> None:
    """Closes the file; what could not be written is given up."""
    with contextlib.suppress(OSError):
        file.close()


def _open_without_waiting(path: Path) -> int:
    """Opens the file to append to it; a named pipe that nobody reads is an error instead of a wait."""
    waits_not = getattr(os, "O_NONBLOCK", 0)  # Windows has no such pipes
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | waits_not, 0o666)
    if waits_not:
        os.set_blocking(descriptor, True)
    return descriptor
