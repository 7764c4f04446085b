"""What happens on this server, in figures for Prometheus, at an address of their own.

Not beside the page: a proxy in front of it makes requests of all the world look like this machine's own,
so that the page could not tell who may see them.
"""

import math
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..errors import StyleTransferError
from .journal import Ended
from .store import Store

# Seconds. A step of 128 pixels on a GPU takes milliseconds, one of 4096 on a slow processor a minute.
_STEP = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_RUN = (1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


class Metrics(Collector):
    """The figures of one server.

    Args:
        store: whose jobs are counted, from now on.

    Attributes:
        registry: has all the figures.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)  # memory, processor time, open files
        kind = ("kind", "state", "code")
        self._ended = Counter(
            "styletransfer_runs_ended", "Runs that have ended", kind, registry=registry
        )
        self._step, self._waited, self._painted = (
            Histogram(f"styletransfer_{name}_seconds", what, buckets=buckets, registry=registry)
            for name, what, buckets in (
                ("step", "Mean seconds a step of each picture", _STEP),
                ("waiting", "Seconds in the line before the first step", _RUN),
                ("painting", "Seconds of painting of each picture", _RUN),
            )
        )
        registry.register(self)
        store.journal.readers.append(self._count)

    def collect(self) -> Iterable[Metric]:
        """The figures of this moment."""
        jobs = self._store.queue.jobs()
        states = {"waiting": 0, "painting": 0, "kept": 0}
        for job in jobs:
            states["kept" if job.finished else "waiting" if job.ahead else "painting"] += 1
        runs = GaugeMetricFamily("styletransfer_runs", "Runs of this moment", labels=["state"])
        for state, number in states.items():
            runs.add_metric([state], number)
        yield runs
        refused = CounterMetricFamily(
            "styletransfer_refusals", "Requests that were refused", labels=["code"]
        )
        for code, number in dict(self._store.journal.refusals).items():
            refused.add_metric([code], number)
        yield refused
        free = self._store.queue.free_memory()
        if math.isfinite(free):  # it is not known while something is painted
            yield GaugeMetricFamily(
                "styletransfer_device_free_bytes", "Memory free for painting", value=free
            )
        well = self._store.health.problem() is None
        yield GaugeMetricFamily(
            "styletransfer_healthy", "Whether the server can paint, as /healthz says", value=well
        )

    def serve(self, address: str, port: int) -> None:
        """Answers at this address in a thread of its own, as long as the process runs.

        Raises:
            StyleTransferError: the address is not there, or taken.
        """
        try:
            start_http_server(port, address, self.registry)
        except OSError as error:
            place = f"{address}:{port}"
            why = error.strerror or str(error)
            raise StyleTransferError("metrics_unusable", place=place, why=why) from error

    def _count(self, ended: Ended) -> None:
        self._ended.labels(ended.kind, ended.state, ended.code or "").inc()
        if ended.waited is not None:
            self._waited.observe(ended.waited)
        if ended.step_seconds is not None:
            self._step.observe(ended.step_seconds)
            self._painted.observe(ended.seconds)
