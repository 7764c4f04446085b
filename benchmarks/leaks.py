"""What a server holds after many runs that it did not hold before: memory, threads, files.

    python -m benchmarks.leaks [--runs 200] [--size 128] [--steps 3] [--json]

The runs pass through the service as those of visitors do: queued, painted, recorded, looked at, and
deleted by their visitors. The first fifth only warms up. The last column says by how much each number
has grown; memory is what the process has after it has given back what it can.
"""

import argparse
import gc
import json
import os
import threading
from pathlib import Path

from styletransfer import Settings
from styletransfer.catalogue import catalogue
from styletransfer.images import load_image
from styletransfer.network.malloc import give_back
from styletransfer.network.process import tune_process
from styletransfer.network.vgg import choose_device
from styletransfer.pictures import Pictures
from styletransfer.service.queue import Queue
from styletransfer.service.store import Store
from styletransfer.service.worker import Worker

from .machine import machine

_PATIENCE = 600  # seconds for one run


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tune_process(choose_device("cpu"))
    store = Store(Queue(Worker("cpu")))
    settings = Settings(size=options.size, steps=options.steps, scales=1)
    pair = catalogue().examples[0]
    pictures = Pictures(load_image(pair.photo), [load_image(pair.style)])
    warming = max(1, options.runs // 5)
    for _ in range(warming):
        _run(store, pictures, settings)
    before = _held(store)
    for _ in range(options.runs - warming):
        _run(store, pictures, settings)
    after = _held(store)
    if options.json:
        print(json.dumps({"machine": machine(), "before": before, "after": after}, indent=2))
        return
    print(f"{'':<16}{'before':>10}{'after':>10}{'grown':>8}")
    for name, old in before.items():
        print(f"{name:<16}{old:>10}{after[name]:>10}{(after[name] - old) / max(old, 1):>8.0%}")


def _run(store: Store, pictures: Pictures, settings: Settings) -> None:
    """One visitor's run, from Paint to Delete now."""
    job = store.runs.start(pictures, settings)
    store.files.record(job)
    if not job.wait(_PATIENCE) or job.error:
        raise SystemExit(f"A run has failed: {job.error}")
    for file in (store.files.result, store.files.photo, store.files.thumbnail, store.files.shared):
        file(job)
    store.runs.delete([job.id])
    for thread in threading.enumerate():
        if thread.name in ("job", "time-lapse"):
            thread.join(_PATIENCE)


def _held(store: Store) -> dict[str, int]:
    """What the process holds now."""
    gc.collect()
    give_back()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    folder = store.files.folder
    return {
        "memory in MB": round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6),
        "threads": threading.active_count(),
        "open files": len(os.listdir("/proc/self/fd")),
        "files on disk": sum(path.is_file() for path in folder.rglob("*")),
        "jobs": len(store.queue.jobs()),
    }


if __name__ == "__main__":
    main()
