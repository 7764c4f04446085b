"""Where a server paints: on this machine, or on GPUs that are lent to it; and why."""

import os
from collections.abc import Mapping

from .borrowed import LONGEST, Borrowed
from .worker import Worker


def runner_for(
    device: str | None,
    source: str,
    precision: str | None,
    longest: int = LONGEST,
    environment: Mapping[str, str] = os.environ,
) -> tuple[Worker | Borrowed, str]:
    """The runner, and a sentence that says why it is this one; empty where nothing is lent.

    Args:
        device: that was asked for; None for the best one.
        source: as for `vgg.load_network`.
        precision: as for `vgg.load_network`.
        longest: as for `Borrowed`.
        environment: the variables, of which a ZeroGPU Space sets SPACES_ZERO_GPU.
    """
    if environment.get("SPACES_ZERO_GPU", "").lower() not in {"1", "t", "true"}:  # as `spaces` reads it
        return Worker(device, source, precision), ""
    if device not in {None, "auto", "cuda"}:
        return Worker(device, source, precision), f"Paints on {device}, which was asked for."
    return Borrowed(
        source, precision, longest
    ), "Paints on borrowed GPUs, because SPACES_ZERO_GPU is set."
