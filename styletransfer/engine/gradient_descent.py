"""Plain gradient descent, x <- x - eta g, with the interface of `lbfgs.LBFGS`: there for comparison.

What L-BFGS and Adam add to it can be seen by leaving it out. It knows no curvature, as L-BFGS does, and
no size of each pixel's own gradients, as Adam does: one eta has to suit the steepest direction, and in
all others it hardly moves.
"""

from torch import Tensor

# Mean change of a pixel, in [0, 1], in the very first step: the longest of five that were tried which
# lowered the loss from the first step on, by either style loss (LOG.md).
FIRST_STEP = 0.008


class GradientDescent:
    """Moves the picture against its gradient, always by the same multiple of it.

    Args:
        first_step: mean absolute move of the first step, in [0, 1]; it decides eta.
    """

    def __init__(self, first_step: float) -> None:
        self._first_step = first_step
        self._rate: Tensor | None = None  # eta, a scalar

    def objective_changed(self, _image: Tensor, /, *, same_curvature: bool) -> None:
        """Keeps eta; where it is too large now, `descent.Descent` begins anew with half of the step."""

    def move(self, image: Tensor, gradient: Tensor) -> Tensor:
        """The next image.

        Args:
            image: (..., H, W); not changed.
            gradient: of the loss by the image; not changed.
        """
        if self._rate is None:
            self._rate = self._first_step / gradient.abs().mean().clamp_min(1e-30)
        return image - self._rate * gradient
