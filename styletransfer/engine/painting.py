"""A run at one size, which goes on with more blocks in strips where memory runs out."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor

from ..network.malloc import give_back
from ..network.shortage import is_shortage
from ..settings import Settings
from . import memory
from .descent import Descent, Evaluation
from .scale import Scale

T = TypeVar("T")


class Painting:
    """The scale of a run that is being painted, and the descent of its picture.

    Where memory runs out both are dropped and made anew with more blocks in strips, from the best
    picture so far. What the optimiser has learned of the curvature is lost, and nothing else.

    Args:
        prepare: makes the scale, given how many blocks are evaluated in strips.
        canvas: gives the picture to begin with, (1, 3, H, W), at this scale.
        descend: makes the descent of this picture at this scale.
        blocks_in_strips: how many are planned.
        settings: of the run.

    Attributes:
        scale: the newest.
        blocks_in_strips: how many it has now.

    Raises:
        RuntimeError, MemoryError: the memory was not enough, even with all blocks in strips; also by
            `step` and `use_weights`. `shortage.is_shortage` recognises it.
    """

    def __init__(  # how the three parts are made, and for what
        self,
        prepare: Callable[[int], Scale],
        canvas: Callable[[Scale], Tensor],
        descend: Callable[[Scale, Tensor], Descent],
        blocks_in_strips: int,
        settings: Settings,
    ) -> None:
        self._prepare = prepare
        self._canvas = canvas
        self._descend = descend
        self.blocks_in_strips = blocks_in_strips
        self._settings = settings
        self._made: tuple[Scale, Descent] | None = None
        self._note = ""
        self._tried(lambda *_: None)

    @property
    def scale(self) -> Scale:
        """The scale as it is now."""
        assert self._made is not None
        return self._made[0]

    @property
    def best(self) -> Evaluation:
        """As `Descent.best`."""
        assert self._made is not None
        return self._made[1].best

    def step(self, adapts: bool) -> Evaluation:
        """The next evaluation, as `Descent.step`.

        Args:
            adapts: whether the style term may choose anew what it compares with; see `Term.adapt`.
        """

        def evaluated(scale: Scale, descent: Descent) -> Evaluation:
            if adapts and scale.adapt(descent.pixels):
                descent.objective_changed(same_curvature=True)
            return descent.step()

        evaluation = self._tried(evaluated)
        note, self._note = self._note, ""
        return replace(evaluation, note=note or evaluation.note)

    def use_weights(self, settings: Settings) -> None:
        """Goes on with the three weights in these settings."""
        self._settings = settings

        def weighted(scale: Scale, descent: Descent) -> None:
            scale.objective.use_weights(settings)
            scale.adapt(descent.pixels)
            descent.objective_changed()

        self._tried(weighted)

    def _tried(self, work: Callable[[Scale, Descent], T]) -> T:
        """What the work returns; it is tried again, in more strips each time, where memory runs out."""
        while True:
            try:
                if self._made is None:
                    self._made = self._begun()
                return work(*self._made)
            except (MemoryError, RuntimeError) as cause:
                more = memory.more_strips(self.blocks_in_strips)
                if more is None or not is_shortage(cause):
                    raise
            # Here the error is gone, and with it the tensors in the frames of its traceback.
            self._fall_back(more)

    def _begun(self) -> tuple[Scale, Descent]:
        scale = self._prepare(self.blocks_in_strips)
        scale.objective.use_weights(self._settings)
        canvas = self._canvas(scale)
        scale.adapt(canvas)
        return scale, self._descend(scale, canvas)

    def _fall_back(self, blocks_in_strips: int) -> None:
        device: torch.device | None = None
        if self._made is not None:
            so_far = self._made[1].so_far
            device = so_far.device
            self._canvas = lambda _: so_far
        self._made = None
        self.blocks_in_strips = blocks_in_strips
        self._note = "memory_ran_short"
        give_back(device)
