"""Options of the whole process that make runs faster; a program sets them, a library must not."""

import torch

from .malloc import keep_freed_memory


def tune_process(device: torch.device) -> None:
    """Tunes this process, from now on, for runs on a device.

    Programs call it before they start threads and load a network: it does not reach the heaps of threads
    that are there already.

    Args:
        device: from `vgg.choose_device`.
    """
    keep_freed_memory()
    if device.type == "cuda":
        # cuDNN tries its algorithms once for each size and uses the fastest; a run has few sizes.
        torch.backends.cudnn.benchmark = True
