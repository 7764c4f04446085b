"""Describes the machine on which a benchmark has been run, and measures the memory of a process."""

import platform
import resource
import subprocess
import sys
from pathlib import Path

import torch


def peak_of_process() -> int:
    """The peak of this process's memory so far, in bytes.

    On Linux it is read from /proc, because the figure of `getrusage` includes the parent's memory.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
            1 if sys.platform == "darwin" else 1024
        )


def machine() -> dict[str, str]:
    """Processor and threads, accelerator, versions and this repository's commit."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    return {
        "processor": f"{cpu}, {torch.get_num_threads()} threads",
        "accelerator": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "commit": commit.stdout.strip(),
    }
