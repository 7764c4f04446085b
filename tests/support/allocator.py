"""A device on which memory runs out when the test wants it, at the allocations that torch makes."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

# At 512 px the largest tensor of a step has 4.7 million numbers, and in strips 2.4 million.
ENOUGH, IN_STRIPS_ONLY, NOTHING = 10**9, 3_000_000, 1000


class Allocator(TorchDispatchMode):
    """Within this context torch has room for tensors of no more numbers than `room`.

    Attributes:
        room: how many numbers a new tensor may have.
        refusals: after so many refusals there is room for everything.
        refused: how many there have been.
    """

    def __init__(self):
        super().__init__()
        self.room, self.refusals, self.refused = ENOUGH, 10**9, 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        large = any(
            isinstance(each, torch.Tensor) and each.numel() > self.room for each in tree_leaves(made)
        )
        if large and self.refused < self.refusals:
            self.refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return made
