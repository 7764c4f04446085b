"""A Ray cluster joined by this process, or started by it; what Ray says to its own makers is kept down.

`ray[serve]` is an extra of this package, and is imported only here, when somebody asks for it.
"""

import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import StyleTransferError, shown

_log = logging.getLogger(__name__)

NAME = "styletransfer"  # of the deployment in the cluster, and of a page's application
_KNOCKING = 3  # seconds that an address has to answer in
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing here reports its use to anybody
    # Threads of Serve that outlive a cluster would else start one of their own to ask.
    "RAY_ENABLE_AUTO_CONNECT": "0",
    # A lost replica is told in a line of our own; Ray would print a paragraph on it, and to stdout.
    "RAY_DEDUP_LOGS_SKIP_REGEX": "A worker died or was killed while executing a task",
}


@dataclass(frozen=True)
class Cluster:
    """Which cluster paints, and with how much of it.

    Attributes:
        address: `auto` for one on this machine, which is started if there is none; else host:port.
        fewest, most: how many replicas there are at least and at most, by how many runs have come.
        gpus: of each replica; 0.5 has two of them share one, 0 paints on processors.
        name: of the application in the cluster. It takes the place of one of the same name, such as one
            that a killed process has left there.
    """

    address: str = "auto"
    fewest: int = 1
    most: int = 1
    gpus: float = 0.0
    name: str = NAME


def cluster_of(address: str, replicas: str, gpus: float, name: str = NAME) -> Cluster:
    """The cluster that options name.

    Args:
        address: as for `Cluster`.
        replicas: how many, such as `4`, or from fewest to most, such as `1:8`.
        gpus: of each replica.
        name: as for `Cluster`.

    Raises:
        StyleTransferError: the number of replicas is not one.
    """
    fewest, separator, most = replicas.partition(":")
    most = most if separator else fewest
    if not (fewest.isdecimal() and most.isdecimal() and 1 <= int(fewest) <= int(most)):
        raise StyleTransferError("replicas_malformed", value=shown(replicas))
    return Cluster(address, int(fewest), int(most), gpus, name)


def imported() -> tuple[Any, Any]:
    """The modules `ray` and `ray.serve`.

    Raises:
        StyleTransferError: they are not installed.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        from ray import serve
    except ImportError as error:
        raise StyleTransferError("ray_missing") from error
    # It tells of each beginning and end, and warns whenever a request waits for a replica.
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    return ray, serve


def join(ray: Any, cluster: Cluster) -> None:
    """Joins the cluster, or starts one on this machine where the address is `auto` and there is none.

    Raises:
        StyleTransferError: nothing answers at the address, or what answers cannot be joined, or none can
            be started here, or there is less here than the fewest replicas need.
    """
    # Of warnings there is one at each start: that a token is asked for, as it should be.
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    started = False
    with _own_sigterm():
        try:
            if cluster.address != "auto":
                _knock(cluster.address)
            ray.init(address=cluster.address, **quiet)
        except ConnectionError as error:
            if cluster.address != "auto":  # somebody answers there
                raise StyleTransferError(
                    "cluster_refuses", address=shown(cluster.address), why=error
                ) from error
            _start(ray, quiet)
            started = True
        except (OSError, ValueError, RuntimeError) as error:
            raise _not_there(cluster.address, error) from error
    if (lack := _lack(ray.cluster_resources(), cluster)) is None:
        return
    if started:
        ray.shutdown()
        raise lack
    _log.warning("%s They are waited for.", lack)  # the cluster may grow


def _start(ray: Any, quiet: dict[str, Any]) -> None:
    try:
        ray.init(address="local", include_dashboard=False, **quiet)
    except Exception as error:  # a bare one where the machine is too busy
        raise StyleTransferError("cluster_does_not_start", why=last_line(error)) from error


def _knock(address: str) -> None:
    """Finds out at once whether anybody answers there, for which Ray would take a minute.

    Raises:
        StyleTransferError: nobody does.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise _not_there(address, "there is no port in it")
    try:
        socket.create_connection((host, int(port)), _KNOCKING).close()
    except (OSError, OverflowError) as error:
        raise _not_there(address, error) from error


def _not_there(address: str, why: object) -> StyleTransferError:
    return StyleTransferError("cluster_not_there", address=shown(address), why=why)


def _lack(there: Mapping[str, float], cluster: Cluster) -> StyleTransferError | None:
    """What the fewest replicas have no room for; Serve would wait for it without a word."""
    for kind, words, each in (("CPU", "processors", 1.0), ("GPU", "GPUs", cluster.gpus)):
        needed, has = cluster.fewest * each, there.get(kind, 0.0)
        if needed > has:
            return StyleTransferError(
                "cluster_too_small",
                replicas=cluster.fewest,
                needed=f"{needed:g}",
                has=f"{has:g}",
                words=words,
            )
    return None


@contextlib.contextmanager
def _own_sigterm() -> Iterator[None]:
    """Gives this process its answer to SIGTERM back, which `ray.init` replaces by an end at once."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def last_line(error: BaseException) -> str:
    """What an error of Ray's says, without its traceback."""
    return str(error).strip().rpartition("\n")[2]
