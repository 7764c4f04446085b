"""L-BFGS for pictures: one evaluation a step, a first step of the right size, no line search.

Nocedal and Wright 2006, "Numerical Optimization", algorithms 7.4 and 7.5. With `frequency_power=0` and
no `longest_step` these are the steps of `torch.optim.LBFGS` with two exceptions. Its first step is
min(1, 1 / sum |g|) times the gradient g. And it stops at absolute tolerances, which a loss of another
magnitude meets too early or never. All decisions of a move are made where the picture is: to ask a GPU
for a number makes the processor wait for all that the GPU was told to do.
"""

from collections import deque

import torch
from torch import Tensor

# Mean change of a pixel, in [0, 1], in the very first step, of which no curvature is known yet.
FIRST_STEP = 0.015
# The most by which a later step changes the pixels on average, as a multiple of the first step that was
# asked for. The second step rests on a single pair of curvature, and from some photos overshoots so far
# that no run recovers (LOG.md).
LONGEST_STEP = 2.0
# With 1 / f^0.5 as the first guess of the inverse Hessian, f being the frequency, fewer evaluations are
# needed than with a multiple of the identity, or with 1 / f^0.75 (LOG.md).
FREQUENCY_POWER = 0.5
# Pairs that are kept, two images of memory each; a hundred gain less than 1 % (LOG.md).
HISTORY = 10
# The same of pictures with more pixels than that, where ten would take more memory than all the rest.
SHORT_HISTORY, LARGE = 5, 2_000_000


def history_for(pixels: int) -> int:
    """How many pairs are kept for a picture.

    Args:
        pixels: how many it has.
    """
    return SHORT_HISTORY if pixels > LARGE else HISTORY


class LBFGS:
    """The state of a minimisation: the last pairs of moves and changes of gradient.

    Args:
        history: how many pairs are kept; two images of memory each.
        first_step: mean absolute move of the first step.
        longest_step: mean absolute move of any later step at most, as a multiple of the `first_step`
            given here, which `objective_changed` leaves; None for any.
        frequency_power: the first guess H0 falls with the frequency f as 1 / f^power; 0 for a
            multiple of the identity, as in the literature.
    """

    def __init__(
        self,
        history: int = HISTORY,
        first_step: float = FIRST_STEP,
        longest_step: float | None = LONGEST_STEP,
        frequency_power: float = FREQUENCY_POWER,
    ) -> None:
        # (s, y, rho) of Nocedal and Wright's eqs. 7.17 and 7.18, the oldest first.
        self._pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=history)
        # y H0 y / y s of the newest pair that counts (eq. 7.20), a scalar; 0: none has counted so far.
        self._divisor: Tensor | None = None
        self._first_step = first_step
        self._longest_move = first_step * (longest_step or float("inf"))
        self._power = frequency_power
        self._filter: Tensor | None = None
        self._last: tuple[Tensor, Tensor] | None = None  # image and gradient

    def move(self, image: Tensor, gradient: Tensor) -> Tensor:
        """The next image.

        Args:
            image: (..., H, W); not changed.
            gradient: of the loss by the image; not changed.
        """
        if self._last is not None:
            self._remember(image - self._last[0], gradient - self._last[1])
        self._last = (image, gradient)
        direction = self._two_loop(gradient)
        length = direction.abs().mean().clamp_min(1e-30)
        factor = self._first_step / length
        if self._divisor is not None:
            later = (self._longest_move / length).clamp_max(1)
            factor = torch.where(self._divisor > 0, later, factor)
        return image - direction * factor

    def objective_changed(self, image: Tensor, /, *, same_curvature: bool = False) -> None:
        """Begins anew from this image, with a quarter of the last move as the first step.

        The curvature known so far is that of the old objective. A full first step would jump: from a
        picture half done a quarter of the last move already lowers the loss at once (LOG.md).

        Args:
            image: what `move` will be given next.
            same_curvature: keeps the pairs, and only makes none of the gradients before and after. The
                curvature of a squared distance hardly depends on its target (Nocedal and Wright 2006,
                eq. 10.5, the Gauss-Newton part): a few steps in a hundred are saved (LOG.md).
        """
        if same_curvature:
            self._last = None
            return
        self._pairs.clear()
        self._divisor = None
        if self._last is not None:
            self._first_step = max(1e-5, (image - self._last[0]).abs().mean().item() / 4)
        self._last = None

    def _remember(self, moved: Tensor, changed: Tensor) -> None:
        """Keeps a pair, which counts for nothing if the curvature along it is not positive.

        Without a line search it may be negative, and such a pair would make H indefinite.
        """
        curvature = _dot(moved, changed)
        counts = curvature > 1e-10 * moved.norm() * changed.norm()
        rho = torch.where(counts, 1 / curvature, 0)
        self._pairs.append((moved, changed, rho))
        before = torch.zeros_like(rho) if self._divisor is None else self._divisor
        self._divisor = torch.where(counts, rho * _dot(changed, self._smoothed(changed)), before)

    def _two_loop(self, gradient: Tensor) -> Tensor:
        """H g, by Nocedal and Wright's algorithm 7.4."""
        q = gradient
        alphas = []
        for moved, changed, rho in reversed(self._pairs):
            alpha = rho * _dot(moved, q)
            q = torch.addcmul(q, changed, -alpha)
            alphas.append(alpha)
        r = self._smoothed(q)
        if self._divisor is not None:  # eq. 7.20, weighted by H0
            r = r / torch.where(self._divisor > 0, self._divisor, 1)
        for (moved, changed, rho), alpha in zip(self._pairs, reversed(alphas), strict=True):
            r = torch.addcmul(r, moved, alpha - rho * _dot(changed, r))
        return r

    def _smoothed(self, gradient: Tensor) -> Tensor:
        """H0 g: each frequency divided by f^power."""
        if self._power == 0:
            return gradient
        height, width = gradient.shape[-2:]
        if self._filter is None:
            down = torch.fft.fftfreq(height, device=gradient.device)[:, None]
            across = torch.fft.rfftfreq(width, device=gradient.device)[None, :]
            frequency = (down.square() + across.square()).sqrt()
            # Frequency 0, the mean, would be divided by 0: it counts as half of the lowest one.
            frequency = frequency.clamp_min(0.5 / max(height, width))
            self._filter = torch.pow(frequency, -self._power)
        # Contiguous, as torch 2.8 cannot transform every transposed tensor.
        waves = torch.fft.rfft2(gradient.contiguous()) * self._filter
        smoothed: Tensor = torch.fft.irfft2(waves, s=(height, width))
        return smoothed


def _dot(one: Tensor, other: Tensor) -> Tensor:
    """The sum of products, in one pass over memory; exact to about 1e-5 of its size."""
    return torch.dot(one.flatten(), other.flatten())
