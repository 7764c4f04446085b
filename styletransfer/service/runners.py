"""Where a server paints: in this process, in others, in a cluster, or on GPUs lent to it; and why."""

import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Protocol

from ..engine.forecast import Pace
from ..engine.neighbour_targets import StyleTargets
from ..engine.step import Step
from ..errors import DeviceError
from ..network.weights import DEFAULT_SOURCE
from ..pictures import Pictures
from ..settings import Settings
from .borrowed import LONGEST, Borrowed
from .devices import Devices, named_devices
from .ray_cluster import NAME, cluster_of
from .replicas import Replicas
from .worker import Worker


class ServerRunner(Protocol):
    """What a server asks of whoever paints for it.

    `Worker` paints itself. The others send pictures and settings to another process and get news of
    steps back (`crossing`): `Devices` by a pipe, which carries changed settings, too; `Replicas` and
    `Borrowed` by a stream that takes none, so that the rest is painted anew from the picture so far.
    What happens when a process is lost is `resuming.despite_losses`.

    Attributes:
        pace: how fast whoever paints is.
    """

    pace: Pace

    @property
    def places(self) -> int:
        """How many pictures may be painted at the same time."""
        ...

    def __call__(self, pictures: Pictures, settings: Settings) -> Generator[Step, Settings | None]:
        """The steps of one picture, as `stylize` yields them; may be sent settings, and closed."""
        ...

    def prepare(self) -> None:
        """Checks what can be checked before anything is started, in a sentence for whoever starts it."""
        ...

    def await_network(self) -> None:
        """Waits until there is the network, so that what is wrong with it is told before any picture."""
        ...

    def load(self) -> None:
        """Begins in the background with all that the first visitor would else wait for."""
        ...

    def close(self) -> None:
        """Ends what it has started."""
        ...


@dataclass(frozen=True)
class Wanted:
    """Where whoever runs a server wants to have it paint.

    Attributes:
        device: None for the fastest one.
        devices: names with commas between them; each gets a process of its own. Empty for one device.
        ray: the address of a Ray cluster, as for `replicas.Cluster`; empty for none.
        replicas: how many there are in the cluster, as for `replicas.cluster_of`.
        gpus_per_replica: as for `replicas.Cluster`.
        name: as for `replicas.Cluster`.
        source: as for `vgg.load_network`.
        precision: as for `vgg.load_network`.
        longest: as for `Borrowed`.
        keeps_targets: whether what is seen in a painting is remembered for the next picture by it, as
            where many are painted by few (`StyleTargets`). Not on borrowed GPUs.
    """

    device: str | None = None
    devices: str = ""
    ray: str = ""
    replicas: str = "1"
    gpus_per_replica: float = 0.0
    name: str = NAME
    source: str = DEFAULT_SOURCE
    precision: str | None = None
    longest: int = LONGEST
    keeps_targets: bool = False


def runner_for(wanted: Wanted, environment: Mapping[str, str] = os.environ) -> tuple[ServerRunner, str]:
    """The runner, and a sentence that says why it is this one; empty where that goes without saying.

    Args:
        wanted: what was asked for.
        environment: the variables, of which a ZeroGPU Space sets SPACES_ZERO_GPU.

    Raises:
        DeviceError: what was asked for cannot be followed.
    """
    device, source, precision = wanted.device, wanted.source, wanted.precision
    keeps_targets = wanted.keeps_targets
    kept = StyleTargets() if keeps_targets else None
    if sum(map(bool, (device, wanted.devices, wanted.ray))) > 1:
        raise DeviceError("painted_at_two_places")
    if wanted.ray:
        cluster = cluster_of(wanted.ray, wanted.replicas, wanted.gpus_per_replica, wanted.name)
        why = f"Paints on {wanted.replicas} replicas of the Ray cluster at {wanted.ray}."
        return Replicas(cluster, source, precision, keeps_targets), why
    if wanted.devices:
        names = named_devices(wanted.devices)
        why = f"Paints {len(names)} pictures at a time: {', '.join(names)}."
        return Devices(names, source, precision, keeps_targets), why
    if environment.get("SPACES_ZERO_GPU", "").lower() not in {"1", "t", "true"}:  # as `spaces` reads it
        return Worker(device, source, precision, kept), ""
    if device not in {None, "auto", "cuda"}:
        return Worker(device, source, precision, kept), f"Paints on {device}, which was asked for."
    return Borrowed(
        source, precision, wanted.longest
    ), "Paints on borrowed GPUs, because SPACES_ZERO_GPU is set."
