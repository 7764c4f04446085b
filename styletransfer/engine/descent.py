"""The optimisation of one picture at one size: evaluate, move, and recover when a move goes wrong.

Without a line search L-BFGS may jump too far, or lose its way after many steps. The best picture so
far is kept; the optimiser starts again from there.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from ..errors import StyleTransferError
from .lbfgs import FIRST_STEP, LBFGS
from .objective import Losses

# A total this many times the best one is taken for divergence: healthy runs hardly rise (LOG.md).
DIVERGED = 2.0
# This many evaluations without a better picture are taken for a stall.
STALLED = 20
# Where a gradient goes beyond float16, the loss is scaled by so much less and evaluated again, so many
# times at most. Half of it, as is usual, would take four evaluations for one of these.
_LESS, _TRIES = 1 / 16, 12


class Optimiser(Protocol):
    """What moves the picture, made with the size of its first step.

    `lbfgs.LBFGS`, `adam.Adam`, or `gradient_descent.GradientDescent`.

    It may go by the image that `move` is given, as L-BFGS does, or by its own copy of the image that it
    gave last, as Adam does. The two differ only at the first call, from which Adam takes its copy, and
    where the first picture after a change of the objective went wrong.
    """

    def move(self, image: Tensor, gradient: Tensor, /) -> Tensor:
        """The next picture.

        Args:
            image: the picture, (1, 3, H, W); not changed.
            gradient: of the total loss by the picture; not changed.
        """

    def objective_changed(self, image: Tensor, /, *, same_curvature: bool) -> None:
        """To be called when the objective has changed: begins anew, or keeps what it knows.

        Args:
            image: what `move` will be given next.
            same_curvature: only the targets of squared distances are others, so that gradients do not
                compare with those before, but the curvature does.
        """


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A picture and its losses.

    Attributes:
        pixels: (1, 3, H, W).
        gradient: of the total by the pixels, of the same shape.
        content: the content loss, as all terms before its weight.
        style: the style loss.
        smoothness: that term.
        total: their weighted sum.
        steep: whether the gradient is not finite, although the total may be.
        note: the code of what went wrong and was mended; usually empty.
    """

    pixels: Tensor
    gradient: Tensor
    content: float
    style: float
    smoothness: float
    total: float
    steep: bool
    note: str = ""


class Descent:
    """Lowers the total loss of a picture, one evaluation of loss and gradient at a time.

    Args:
        objective: picture (1, 3, H, W) -> losses, differentiable.
        pixels: the picture to begin with; not changed.
        optimiser: what makes an optimiser, given the size of its first step as `first_step`.
        first_step: that size, in the optimiser's own unit.
    """

    def __init__(
        self,
        objective: Callable[[Tensor], Losses],
        pixels: Tensor,
        optimiser: Callable[..., Optimiser] = LBFGS,
        first_step: float = FIRST_STEP,
    ) -> None:
        self._objective = objective
        self._pixels = pixels
        self._first_step = first_step
        self._less = 1.0  # than `Losses.scale`, by which the total is multiplied
        self._new_optimiser = optimiser
        self._optimiser = optimiser(first_step=self._first_step)
        self._since_best = 0
        self._best: Evaluation | None = None
        # The best picture before the objective last changed, for the case that the first evaluation
        # after the change goes wrong; looked at only while `_best` is None.
        self._best_before_change: Tensor | None = None

    @property
    def best(self) -> Evaluation:
        """The one with the lowest total since the objective last changed; there is one after a step."""
        assert self._best is not None, "nothing has been evaluated yet"
        return self._best

    @property
    def so_far(self) -> Tensor:
        """The best picture so far, (1, 3, H, W); before the first step, the one to begin with."""
        if self._best is not None:
            return self._best.pixels
        return self._pixels if self._best_before_change is None else self._best_before_change

    @property
    def pixels(self) -> Tensor:
        """The picture that is evaluated next, (1, 3, H, W)."""
        return self._pixels

    def step(self) -> Evaluation:
        """The evaluation of the current picture, or the best one where this one went wrong; moves on.

        Raises:
            StyleTransferError: the very first picture has no finite loss.
        """
        evaluation = self._evaluate(self._pixels)
        if not math.isfinite(evaluation.total) or evaluation.steep:
            if self._best is None and self._best_before_change is not None:
                # The last move before the change led nowhere, and there is nothing to go back to since.
                self._pixels, self._best_before_change = self._best_before_change, None
                self._optimiser.objective_changed(self._pixels, same_curvature=False)
                return self.step()
            return self._restart("step_led_nowhere")
        if self._best is None or evaluation.total < self._best.total:
            self._best = evaluation
            self._since_best = 0
        elif evaluation.total > DIVERGED * self._best.total:
            return self._restart("step_too_large")
        elif self._since_best + 1 >= STALLED:
            return self._restart("nothing_got_better")
        else:
            self._since_best += 1
        self._pixels = self._optimiser.move(evaluation.pixels, evaluation.gradient)
        return evaluation

    def objective_changed(self, *, same_curvature: bool = False) -> None:
        """To be called when the objective has changed: totals from before compare with nothing now.

        Args:
            same_curvature: see `Optimiser.objective_changed`.
        """
        if self._best is not None:
            # The current picture, which comes next, has not been evaluated yet: it may be a bad one.
            self._best_before_change = self._best.pixels
        self._best = None
        self._since_best = 0
        self._optimiser.objective_changed(self._pixels, same_curvature=same_curvature)

    def _restart(self, note: str) -> Evaluation:
        """Goes back to the best picture, forgets the curvature, and begins with a smaller step."""
        if self._best is None:
            raise StyleTransferError("losses_not_finite")
        self._first_step /= 2
        self._optimiser = self._new_optimiser(first_step=self._first_step)
        self._since_best = 0
        self._pixels = self._optimiser.move(self._best.pixels, self._best.gradient)
        return replace(self._best, note=note)

    def _evaluate(self, pixels: Tensor) -> Evaluation:
        """The evaluation of a picture, in float16 with the loss scaled by what its gradient allows."""
        evaluation, is_scaled = self._evaluated(pixels)
        for _ in range(_TRIES):
            if not (is_scaled and evaluation.steep and math.isfinite(evaluation.total)):
                break
            self._less *= _LESS
            evaluation, is_scaled = self._evaluated(pixels)
        return evaluation

    def _evaluated(self, pixels: Tensor) -> tuple[Evaluation, bool]:
        """The evaluation, and whether its loss was scaled."""
        with torch.enable_grad():
            leaf = pixels.detach().requires_grad_()
            losses = self._objective(leaf)
            is_scaled = losses.scale != 1
            scale = losses.scale * self._less if is_scaled else 1.0
            followed = losses.total * scale if is_scaled else losses.total
            (gradient,) = torch.autograd.grad(followed, leaf)
        if is_scaled:
            gradient /= scale
        steep = torch.isfinite(gradient).all().logical_not()
        terms = (losses.content, losses.style, losses.smoothness, losses.total, steep)
        # The numbers of a step come over together: for each the processor waits until a GPU has done all
        # that it was told to do.
        content, style, smoothness, total, is_steep = torch.stack(
            [each.detach().to(losses.total.dtype) for each in terms]
        ).tolist()
        return Evaluation(pixels, gradient, content, style, smoothness, total, bool(is_steep)), is_scaled
