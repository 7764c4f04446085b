"""Serves the page on http://127.0.0.1:7860 until Ctrl-C or SIGTERM."""

import argparse
import atexit
import contextlib
import os
import signal
from collections.abc import Sequence
from typing import NoReturn

from ..errors import StyleTransferError
from ..network.process import tune_process
from ..network.vgg import PRECISIONS, choose_device
from ..network.weights import DEFAULT_SOURCE, SOURCES
from ..service.queue import Limits, Queue
from ..service.worker import Worker
from .gate.options import add_options, rules_of
from .server import launch


def main(arguments: Sequence[str] | None = None, prog: str | None = None) -> NoReturn:
    """Serves the page until Ctrl-C or SIGTERM, then exits with 0.

    Exits with 2 and a sentence on stderr if an option cannot be followed.

    Args:
        arguments: the options; by default those of the process.
        prog: what the usage calls the program; by default the name of the process's script.
    """
    parser = _parser(prog)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = Worker(options.device, options.network, options.precision)
    try:
        tune_process(choose_device(options.device))  # before there are other threads
        if options.network != DEFAULT_SOURCE:
            worker.network()  # an error in it is for whoever starts the server, not for a visitor
    except StyleTransferError as error:
        parser.error(str(error))
    worker.load()
    signal.signal(signal.SIGTERM, _leave)
    with contextlib.suppress(KeyboardInterrupt):
        limits = Limits(waiting=options.waiting, per_visitor=options.per_visitor)
        launch(Queue(worker, limits=limits), rules_of(options), options.share)
    # A normal exit would abort the process if a thread is still computing in torch.
    atexit._run_exitfuncs()
    os._exit(0)


def _parser(prog: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument(
        "--network",
        default=DEFAULT_SOURCE,
        metavar="NETWORK",
        help=f"{SOURCES}; by default {DEFAULT_SOURCE}",
    )
    parser.add_argument("--device", help="cuda, mps or cpu; by default the fastest one here")
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="of the feature maps; by default bfloat16 where that is several times faster, else float32",
    )
    parser.add_argument("--share", action="store_true", help="also give the page a public link")
    for option, parameter, meaning in (
        ("--per-visitor", "per_visitor", "unfinished pictures one network address may have"),
        ("--waiting", "waiting", "pictures may wait in the line"),
    ):
        parser.add_argument(
            option,
            dest=parameter,
            type=_from_1,
            default=getattr(Limits, parameter),
            metavar="N",
            help=f"how many {meaning}; by default %(default)s",
        )
    add_options(parser)
    return parser


def _from_1(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got {text!r}")
    return int(text)


def _leave(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second signal must not interrupt the cleanup
    raise KeyboardInterrupt
