"""Ctrl-C while the program is still being imported, which with torch takes seconds."""

import os
import signal
import sys
from typing import NoReturn

NO_PICTURE_YET = "Stopped before the first step: there is no picture yet.\n"


def stop_quietly(sentence: str) -> None:
    """Makes Ctrl-C and SIGTERM end this process with the sentence on stderr and exit code 130.

    It holds until other handlers are installed, as `cli.main` does.
    """

    def stop(*_: object) -> NoReturn:
        # Not by an exception: in the middle of an import some module might catch it.
        os.write(sys.stderr.fileno(), sentence.encode())
        os._exit(130)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
