"""How often the processor waits for the device: for a number, or for a picture.

Between two such waits a GPU works off what it was told to do, and the processor tells it more.
"""

import contextlib
import warnings
from collections.abc import Iterator

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# The operations by which Python gets at numbers of a tensor, or at a shape that depends on them.
_WAITING = ("_local_scalar_dense", "nonzero", "masked_select", "equal", "is_nonzero")
_LIST = torch.Tensor.tolist  # which is no operation of its own


class Waits:
    """What made the processor wait.

    Attributes:
        seen: a line for each time.
    """

    def __init__(self) -> None:
        self.seen: list[str] = []


@contextlib.contextmanager
def counted(device: torch.device) -> Iterator[Waits]:
    """Counts the waits within this context.

    On an NVIDIA GPU PyTorch tells them itself. On a CPU nothing waits: there the operations are counted
    that would, which are not all of them, as a tensor that is sent to the device makes it wait, too.

    Args:
        device: that computes.
    """
    waits = Waits()
    if device.type != "cuda":
        with _Lists(waits), _Operations(waits):
            yield waits
        return
    before = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            yield waits
        finally:
            torch.cuda.set_sync_debug_mode(before)
            waits.seen += [str(each.message) for each in caught if "synchroniz" in str(each.message)]


class _Operations(TorchDispatchMode):
    def __init__(self, waits: Waits) -> None:
        super().__init__()
        self._waits = waits

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.name().removeprefix("aten::").partition(".")[0]
        by_mask = name == "index" and any(
            each is not None and each.dtype == torch.bool for each in args[1]
        )
        if name in _WAITING or by_mask:
            self._waits.seen.append(name)
        return func(*args, **(kwargs or {}))


class _Lists(TorchFunctionMode):
    def __init__(self, waits: Waits) -> None:
        super().__init__()
        self._waits = waits

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is _LIST:
            self._waits.seen.append("tolist")
        return func(*args, **(kwargs or {}))
