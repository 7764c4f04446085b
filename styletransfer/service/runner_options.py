"""The options by which several devices or machines paint, of the server and of batches."""

import argparse

from ..option_numbers import from_0
from .runners import Wanted


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds them; their values are those of `runners.Wanted`.

    Args:
        parser: of the command.
    """
    parser.add_argument(
        "--devices",
        default="",
        metavar="DEVICES",
        help="several, such as cuda:0,cuda:1, each with a process of its own, so that as many pictures "
        "are painted at a time",
    )
    parser.add_argument(
        "--ray",
        default="",
        metavar="ADDRESS",
        help="a Ray cluster that paints: host:port, or auto for this machine; needs 'ray[serve]'",
    )
    parser.add_argument(
        "--replicas",
        default=Wanted.replicas,
        metavar="N",
        help="how many processes in the cluster paint, such as 4, or with 1:8 as many as needed; by "
        "default %(default)s",
    )
    parser.add_argument(
        "--gpus-per-replica",
        type=from_0,
        default=Wanted.gpus_per_replica,
        metavar="N",
        help="GPUs of the cluster for each: 1, or 0.5 for two on one; by default 0, which is processors",
    )
