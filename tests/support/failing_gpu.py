"""A GPU that fails when the test wants it, at the operations that torch makes."""

from torch.utils._python_dispatch import TorchDispatchMode

SAID = "CUDA error: unspecified launch failure\nCUDA kernel errors might be reported at some other call."


class FailingGpu(TorchDispatchMode):
    """Within this context every operation fails from when `failed` is set.

    Attributes:
        failed: whether the GPU has failed.
    """

    def __init__(self):
        super().__init__()
        self.failed = False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if self.failed:
            raise RuntimeError(SAID)
        return func(*args, **(kwargs or {}))
