"""Serves the page on http://127.0.0.1:7860 until Ctrl-C or SIGTERM."""

import argparse
import atexit
import importlib.util
import math
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from ..errors import StyleTransferError
from ..network.precision import PRECISIONS
from ..network.weights import DEFAULT_SOURCE, SOURCES
from ..option_numbers import above_0, count, count_or_0
from ..service import runner_options
from ..service.borrowed import LONGEST
from ..service.queue import Limits, Queue
from ..service.runners import ServerRunner, Wanted, runner_for
from ..service.store import Store
from . import reports
from .face import add_face, face_of
from .gate.options import add_options, rules_of
from .server import launch
from .variables import parse

_HANGUP = getattr(signal, "SIGHUP", None)  # a terminal is closed; Windows has no such signal
# All are said, because the first process of a container has no default actions.
_SIGNALS = [each for each in (signal.SIGINT, signal.SIGTERM, _HANGUP) if each is not None]
_FLAGS = ("--share", "--allow-urls", "--mcp")
_PATIENCE = 6  # seconds for everything to be written, after the server has closed its connections


def main(arguments: Sequence[str] | None = None, prog: str | None = None) -> NoReturn:
    """Serves the page until Ctrl-C or SIGTERM, then exits with 0.

    Exits with 2 and a sentence on stderr if an option cannot be followed.

    Args:
        arguments: the options; by default those of the process.
        prog: what the usage calls the program; by default the name of the process's script.
    """
    parser = _parser(prog)
    options = parse(parser, arguments, _FLAGS)
    if options.mcp and importlib.util.find_spec("mcp_types") is None:
        parser.error(str(StyleTransferError("mcp_missing")))
    # What visitors hand in is theirs: no other account of this machine reads it, whatever the folder.
    os.umask(0o077)
    try:
        runner, why = runner_for(_wanted(options))
        if why:
            print(f"* {why}", flush=True)
        runner.prepare()
    except StyleTransferError as error:
        parser.error(str(error))
    keep = options.keep * 3600
    most = (options.waiting, options.per_visitor, options.per_address, options.unattended)
    limits = Limits(*most, photos=options.photos, keep=keep, keep_uploads=keep)
    try:
        store = Store(Queue(runner, limits=limits), options.data, options.most_disk * 1e9)
    except StyleTransferError as error:
        parser.error(str(error))
    try:
        reports.begin(options, store)
    except StyleTransferError as error:
        store.close()
        parser.error(str(error))
    runner.load()
    for each in _SIGNALS:
        if signal.getsignal(each) is not signal.SIG_IGN or each is not _HANGUP:  # ignored under nohup
            signal.signal(each, _leave)
    try:
        launch(store, rules_of(options), options.share, face_of(options))
    except KeyboardInterrupt:
        _end(store, runner)


def _wanted(options: argparse.Namespace) -> Wanted:
    return Wanted(
        device=options.device,
        devices=options.devices,
        ray=options.ray,
        replicas=options.replicas,
        gpus_per_replica=options.gpus_per_replica,
        source=options.network,
        precision=options.precision,
        longest=options.gpu_seconds,
    )


def _leave(*_: object) -> NoReturn:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)  # a second signal must not interrupt what is written
    raise KeyboardInterrupt


def _end(store: Store, runner: ServerRunner) -> NoReturn:
    """Ends the process with everything kept, whatever its threads are doing."""
    # Whoever has sent the signal, such as a container's engine, kills the process ten seconds later.
    late = threading.Timer(_PATIENCE, os._exit, [0])
    late.daemon = True
    late.start()
    store.close()
    runner.close()
    # A normal exit would abort the process if a thread is still computing in torch.
    atexit._run_exitfuncs()
    os._exit(0)


def _parser(prog: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description=__doc__,
        epilog="Each is an environment variable as well: --most-disk 5 is STYLETRANSFER_MOST_DISK=5.",
        allow_abbrev=False,
    )
    _add_where_it_paints(parser)
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="keep pictures, links and unfinished work in this folder, also when the server ends; by "
        "default a temporary folder that goes with the server",
    )
    parser.add_argument(
        "--keep",
        type=above_0,
        default=Limits.keep / 3600,
        metavar="HOURS",
        help="for how long finished pictures and uploads are kept; by default %(default)g",
    )
    parser.add_argument(
        "--most-disk",
        type=above_0,
        default=math.inf,
        metavar="GB",
        help="how large the data folder may become; the oldest finished pictures are forgotten first",
    )
    parser.add_argument("--share", action="store_true", help="also give the page a public link")
    for option, parameter, kind, meaning in _LIMITS:
        parser.add_argument(
            option,
            dest=parameter,
            type=kind,
            default=getattr(Limits, parameter),
            metavar="N",
            help=f"how many {meaning}; by default %(default)s",
        )
    add_face(parser)
    add_options(parser)
    reports.add_options(parser)
    return parser


def _add_where_it_paints(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--network",
        default=DEFAULT_SOURCE,
        metavar="NETWORK",
        help=f"{SOURCES}; by default {DEFAULT_SOURCE}",
    )
    parser.add_argument("--device", help="cuda, mps or cpu; by default the fastest one here")
    runner_options.add_options(parser)
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="of the feature maps; by default the fastest that suits the device, else float32",
    )
    parser.add_argument(
        "--gpu-seconds",
        type=count,
        default=LONGEST,
        metavar="N",
        help="for how many seconds a GPU is borrowed at most, where GPUs are; by default %(default)s",
    )


# Option, its name in `Limits`, what it may be, and what it counts.
_LIMITS: Sequence[tuple[str, str, Callable[[str], int], str]] = (
    (
        "--per-visitor",
        "per_visitor",
        count,
        "unfinished pictures one visitor, an open page, may have",
    ),
    (
        "--per-address",
        "per_address",
        count,
        "all visitors at one network address may have together",
    ),
    ("--unattended", "unattended", count_or_0, "of them are painted to the end with nobody watching"),
    ("--waiting", "waiting", count, "pictures may wait in the line"),
    ("--photos", "photos", count, "photos one visitor may have painted one after the other"),
)
