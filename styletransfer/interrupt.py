"""Ctrl-C while the program is still being imported, which takes seconds with torch.

`python -m styletransfer` imports the whole package before it comes to `__main__`, so `__init__` has to
do this first of all.
"""

import os
import signal
import sys

SENTENCE = "Stopped before the first step: there is no picture yet.\n"


def stop_quietly() -> None:
    """Makes Ctrl-C and SIGTERM end this process with one line and 130, until `cli` sees to them."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)


def _stop(*_: object) -> None:
    # An exception might be lost in the middle of some module's import; and nothing needs tidying yet.
    os.write(sys.stderr.fileno(), SENTENCE.encode())
    os._exit(130)
