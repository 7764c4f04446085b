"""Options that tell whoever runs the server what happens on it: `--metrics` and `--log-runs`."""

import argparse
from pathlib import Path

from ..service.metrics import Metrics
from ..service.run_log import RunLog
from ..service.store import Store

_HERE = "127.0.0.1"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options, in a group of their own."""
    group = parser.add_argument_group("what happens")
    group.add_argument(
        "--metrics",
        type=_place,
        metavar="[ADDRESS:]PORT",
        help=f"serve figures for Prometheus at this port, of {_HERE} unless an address is given",
    )
    group.add_argument(
        "--log-runs",
        metavar="FILE",
        help="add a line of JSON to this file for every run that has ended; - for stderr",
    )


def begin(options: argparse.Namespace, store: Store) -> None:
    """Begins to tell what the parsed options ask for.

    Raises:
        StyleTransferError: an address or a file cannot be used.
    """
    if options.log_runs is not None:
        file = None if options.log_runs == "-" else Path(options.log_runs)
        store.journal.readers.append(RunLog(file).write)
    if options.metrics is not None:
        Metrics(store).serve(*options.metrics)


def _place(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 2**16:
        raise argparse.ArgumentTypeError(
            f"must be a port from 1 to 65535, or ADDRESS:PORT such as 0.0.0.0:9090, got {text!r}"
        )
    return address.strip("[]") or _HERE, int(port)
