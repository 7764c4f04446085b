"""The runner that paints on replicas in a Ray cluster, by Ray Serve: on other machines, and on many."""

import contextlib
import logging
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from ..engine.forecast import Pace, try_out
from ..engine.step import Step
from ..errors import StyleTransferError
from ..network.weights import DEFAULT_SOURCE
from ..pictures import Pictures
from ..recipe import version
from ..settings import Settings
from .crossing import News, steps_of
from .painter_process import Equipment
from .ray_cluster import NAME, Cluster, imported, join, last_line
from .replica import Replica
from .resuming import PainterLost, anew_when_changed, despite_losses

_log = logging.getLogger(__name__)

# Seconds for which more runs have come than there are replicas before Ray starts further ones, and for
# which some were idle before it ends them. Guesses: starting one takes longer, and a GPU costs money.
_MORE_AFTER, _FEWER_AFTER = 2.0, 300.0
_FAREWELL = 3.0  # seconds that a cluster has to answer in when it is left


class Replicas:
    """The `Runner` of a cluster.

    Args:
        cluster: which one.
        source: as for `vgg.load_network`, on each of its machines.
        precision: as for `vgg.load_network`.
        keeps_targets: as for `Equipment`.
        replica: what a replica is, made of its equipment.

    Attributes:
        places: how many pictures may be painted at the same time.
        pace: how fast the replicas are, taken together as one kind.
    """

    def __init__(
        self,
        cluster: Cluster,
        source: str = DEFAULT_SOURCE,
        precision: str | None = None,
        keeps_targets: bool = False,
        replica: type[Replica] = Replica,
    ) -> None:
        self._replica = replica
        self.places = cluster.most
        self.pace = Pace()
        self._cluster = cluster
        device = "cuda" if cluster.gpus else "cpu"
        self._equipment = Equipment(device, source, precision, keeps_targets=keeps_targets)
        self._begun = threading.Event()  # set when the first visitor's picture begins
        self._handle: Any = None

    def __call__(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        """The steps of one picture; each has the newest picture that has crossed.

        Settings that change meanwhile cannot be sent to a replica: the steps that are left are painted
        by a new call, from the picture so far.
        """
        self._begun.set()
        return despite_losses(self._adjustable, pictures, settings)

    def prepare(self) -> None:
        """Joins the cluster, starts the replicas, and asks the first one for its version.

        Raises:
            StyleTransferError: Ray is not installed, there is no cluster at the address, its replicas do
                not start, or they are of another version.
        """
        ray, serve = imported()
        join(ray, self._cluster)
        try:
            precision = self._started(serve)
        except BaseException:  # Ctrl-C among them: whoever is interrupted here closes nothing
            self.close()
            raise
        self.pace.precision = precision

    def _started(self, serve: Any) -> Any:
        """Starts the replicas, and returns the precision of the first one."""
        try:
            serve.start(http_options={"location": "NoServer"})  # nothing is to be asked from outside
            self._handle = serve.run(
                self._application(serve), name=self._cluster.name, route_prefix=None
            )
            precision = self._handle.precision.remote(version()).result()
        except Exception as error:  # of many kinds, without a common base
            raise StyleTransferError("replicas_do_not_start", why=last_line(error)) from error
        if isinstance(precision, StyleTransferError):
            raise precision
        return precision

    def await_network(self) -> None:
        """Does nothing: `prepare` has waited for it."""

    def check(self) -> None:
        """Finds out whether the cluster, which asks all replicas by `check_health`, has one that paints.

        Raises:
            StyleTransferError: none does.
        """
        _, serve = imported()
        application = serve.status().applications.get(self._cluster.name)
        deployments = application.deployments.values() if application else ()
        if not any(each.replica_states.get("RUNNING") for each in deployments):
            raise StyleTransferError("no_replica_runs")

    def load(self) -> None:
        """Times a replica in the background, until the first visitor's picture begins."""
        threading.Thread(target=self._time, daemon=True).start()

    def close(self) -> None:
        """Ends the replicas, and leaves the cluster, also where that has gone before."""
        ray, serve = imported()
        # A cluster that has gone may never answer.
        leaving = threading.Thread(target=self._leave, args=(serve,), daemon=True)
        leaving.start()
        leaving.join(_FAREWELL)
        ray.shutdown()

    def _leave(self, serve: Any) -> None:
        with contextlib.suppress(Exception):
            serve.delete(self._cluster.name, _blocking=False)
        with contextlib.suppress(Exception):
            if self._handle is not None:
                self._handle.shutdown()  # a thread of it would go on telling the cluster of its runs

    def _application(self, serve: Any) -> Any:
        cluster = self._cluster
        deployment = serve.deployment(
            self._replica,
            name=NAME,
            max_ongoing_requests=1,
            max_queued_requests=cluster.most,
            ray_actor_options={"num_cpus": 1, "num_gpus": cluster.gpus},
            graceful_shutdown_timeout_s=2,
            num_replicas=None,
            autoscaling_config={
                "min_replicas": cluster.fewest,
                "max_replicas": cluster.most,
                "initial_replicas": cluster.fewest,
                "target_ongoing_requests": 1,
                "upscale_delay_s": _MORE_AFTER,
                "downscale_delay_s": _FEWER_AFTER,
            },
        )
        return deployment.bind(self._equipment)

    def _adjustable(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        return anew_when_changed(self._painted, pictures, settings)

    def _painted(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        """The steps of one picture by one replica, with which it may be lost."""
        return steps_of(self._news(pictures, settings), pictures)

    def _news(self, pictures: Pictures, settings: Settings) -> Generator[News, Settings | None]:
        with _explained():
            streamed = self._handle.options(stream=True).paint.remote(version(), pictures, settings)
            try:
                yield from _told(streamed)
            finally:
                streamed.cancel()

    def _time(self) -> None:
        if self._begun.is_set():
            return
        try:
            try_out(self.pace, self._painted, lambda: not self._begun.is_set())
        except (PainterLost, StyleTransferError) as error:
            _log.error("%s", error)  # the first job tries again and tells its visitor


def _told(streamed: Iterable[News | StyleTransferError]) -> Generator[News, Settings | None]:
    """The news in a stream, in which the error that ends a run comes as the last thing."""
    for each in streamed:
        if isinstance(each, StyleTransferError):
            raise each
        yield each


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Raises, in place of Ray's errors, what they mean here.

    Raises:
        PainterLost: the replica has gone, or its machine.
        StyleTransferError: as many runs wait already as may.
    """
    from ray import exceptions
    from ray.serve.exceptions import BackPressureError

    try:
        yield
    except BackPressureError as error:
        raise StyleTransferError("replicas_busy") from error
    except (exceptions.RayActorError, exceptions.WorkerCrashedError) as error:
        _log.warning("a replica was lost, and is started anew")
        raise PainterLost from error
    except exceptions.RayError as error:
        _log.error("a replica failed", exc_info=error)
        raise StyleTransferError("server_failed") from error
