"""Serves the page on http://127.0.0.1:7860; also the app file of a Hugging Face Space."""

import argparse
import atexit
import contextlib
import os
import signal

from styletransfer.errors import StyleTransferError
from styletransfer.network.vgg import PRECISIONS, choose_device
from styletransfer.network.weights import EMBEDDED, SOURCES
from styletransfer.page.server import launch
from styletransfer.service.queue import Limits, Queue
from styletransfer.service.worker import Worker


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--network", default=EMBEDDED, metavar="NETWORK", help=f"{SOURCES}; by default {EMBEDDED}"
    )
    parser.add_argument("--device", help="cuda, mps or cpu; by default the fastest one here")
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="of the feature maps; by default bfloat16 where that is several times faster, else float32",
    )
    parser.add_argument("--share", action="store_true", help="also give the page a public link")
    for name, parameter, what in (
        ("--per-visitor", "per_visitor", "unfinished pictures one network address may have"),
        ("--waiting", "waiting", "pictures may wait in the line"),
    ):
        parser.add_argument(
            name,
            dest=parameter,
            type=_from_1,
            default=getattr(Limits, parameter),
            metavar="N",
            help=f"how many {what}; by default %(default)s",
        )
    options = parser.parse_args()
    worker = Worker(options.device, options.network, options.precision)
    try:
        choose_device(options.device)
        if options.network != EMBEDDED:
            worker.network()  # what is wrong with it concerns who chose it, not a visitor
    except StyleTransferError as error:
        parser.error(str(error))
    worker.load()
    signal.signal(signal.SIGTERM, _leave)
    with contextlib.suppress(KeyboardInterrupt):
        limits = Limits(waiting=options.waiting, per_visitor=options.per_visitor)
        launch(Queue(worker, limits=limits), share=options.share or None)
    # Taking down the interpreter under a thread that is still in torch would abort the process.
    atexit._run_exitfuncs()
    os._exit(0)


def _from_1(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got {text!r}")
    return int(text)


def _leave(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not disturb the clearing up
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
