"""A Ray cluster of this machine in processes of its own, for tests of programs that join it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# It has processors enough for any test: they are numbers that Ray counts by, not cores.
_HEAD = """
import sys
import ray
for attempt in range(4):  # Ray gives a busy machine half a minute
    try:
        context = ray.init(address="local", num_cpus=8, include_dashboard=False, log_to_driver=False)
    except Exception:
        continue
    break
print(context.address_info["address"], flush=True)
sys.stdin.read()
"""


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a new one, which ends with the block."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    environment = os.environ | {"RAY_USAGE_STATS_ENABLED": "0"}
    with subprocess.Popen([sys.executable, "-c", _HEAD], env=environment, **pipes) as head:
        address = head.stdout.readline().strip()
        assert address
        yield address
        head.stdin.close()
