"""The optimisation of one picture at one size: evaluate, move, and recover when a move goes wrong.

Without a line search L-BFGS may jump too far, or lose its way after many steps. The best picture so
far is kept; the optimiser starts again from there.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..errors import StyleTransferError
from .adam import Adam
from .lbfgs import FIRST_STEP, LBFGS
from .objective import Losses

# A total this many times the best one is taken for divergence: healthy runs hardly rise (LOG.md).
DIVERGED = 2.0
# This many evaluations without a better picture are taken for a stall.
STALLED = 20


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A picture and its losses; the note is the code of what went wrong and was mended, if anything."""

    pixels: Tensor  # (1, 3, H, W)
    gradient: Tensor
    losses: Losses
    total: float
    note: str = ""


class Descent:
    """Walks downhill from `pixels`, one evaluation of loss and gradient a time.

    Args:
        objective: picture (1, 3, H, W) -> losses, differentiable.
        pixels: where to begin; not changed.
        optimiser: what makes one, given the size of its first step.
        first_step: that size, in the optimiser's own unit.
    """

    def __init__(
        self,
        objective: Callable[[Tensor], Losses],
        pixels: Tensor,
        optimiser: Callable[..., LBFGS | Adam] = LBFGS,
        first_step: float = FIRST_STEP,
    ) -> None:
        self._objective = objective
        self._pixels = pixels
        self._first_step = first_step
        self._new_optimiser = optimiser
        self._optimiser = optimiser(first_step=self._first_step)
        self._since_best = 0
        self.best: Evaluation | None = None
        self._before: Tensor | None = None  # the best picture before the last turn

    def step(self) -> Evaluation:
        """Evaluates the picture at hand and moves on; the best one instead where that went wrong.

        Raises:
            StyleTransferError: the very first picture has no finite loss.
        """
        found = self._evaluate(self._pixels)
        if not math.isfinite(found.total) or not torch.isfinite(found.gradient).all():
            if self.best is None and self._before is not None:  # the move before the turn led nowhere
                self._pixels, self._before = self._before, None
                self._optimiser.forget(self._pixels)
                return self.step()
            return self._restart("step_led_nowhere")
        if self.best is None or found.total < self.best.total:
            self.best = found
            self._since_best = 0
        elif found.total > DIVERGED * self.best.total:
            return self._restart("step_too_large")
        elif self._since_best + 1 >= STALLED:
            return self._restart("nothing_got_better")
        else:
            self._since_best += 1
        self._pixels = self._optimiser.move(found.pixels, found.gradient)
        return found

    def turn(self) -> None:
        """To be called when the objective has changed: totals from before compare with nothing now."""
        if self.best is not None:
            self._before = self.best.pixels  # what comes next has not been evaluated yet
        self.best = None
        self._since_best = 0
        self._optimiser.forget(self._pixels)

    def _restart(self, note: str) -> Evaluation:
        """Goes back to the best picture, forgets the curvature, and begins with a smaller step."""
        if self.best is None:
            raise StyleTransferError("losses_not_finite")
        self._first_step /= 2
        self._optimiser = self._new_optimiser(first_step=self._first_step)
        self._since_best = 0
        self._pixels = self._optimiser.move(self.best.pixels, self.best.gradient)
        return replace(self.best, note=note)

    def _evaluate(self, pixels: Tensor) -> Evaluation:
        with torch.enable_grad():
            leaf = pixels.detach().requires_grad_()
            losses = self._objective(leaf)
            (gradient,) = torch.autograd.grad(losses.total, leaf)
        return Evaluation(pixels, gradient, losses, losses.total.item())
