"""A line of JSON for each job that has ended, in a file or on stderr."""

import json
import logging
import sys
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from ..errors import StyleTransferError
from .journal import Ended

_log = logging.getLogger(__name__)


class RunLog:
    """The log.

    Args:
        file: to which lines are added; None for stderr. It is opened anew for each line, so that it may
            be moved away at any time.

    Raises:
        StyleTransferError: the file cannot be written to.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._failing = False
        try:
            self._append("")
        except OSError as error:
            why = error.strerror or str(error)
            raise StyleTransferError("run_log_unusable", file=str(file), why=why) from error

    def write(self, ended: Ended) -> None:
        """Adds the line. Where that is impossible it is said once, and the server goes on."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        step = ended.step_seconds
        line = {"time": now, **asdict(ended), "step_seconds": step and round(step, 4)}
        with self._lock:
            try:
                self._append(json.dumps(line) + "\n")
                self._failing = False
            except (OSError, ValueError) as error:  # ValueError: stderr is closed
                if not self._failing:
                    _log.warning("the log of runs cannot be written: %s", error)
                self._failing = True

    def _append(self, text: str) -> None:
        if self._file is None:
            sys.stderr.write(text)
            sys.stderr.flush()
            return
        with self._file.open("a", encoding="utf-8") as out:
            out.write(text)
