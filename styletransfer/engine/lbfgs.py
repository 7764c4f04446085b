"""L-BFGS for pictures: one evaluation a step, a first step of the right size, no line search.

Nocedal and Wright 2006, algorithms 7.4 and 7.5. With `frequency_power=0` and no `longest_step` these are
the steps of `torch.optim.LBFGS`, but for the first, which there is min(1, 1 / sum |g|), and for its
absolute tolerances, which a loss of another scale meets too early or never.
"""

from collections import deque

import torch
from torch import Tensor

# Mean change of a pixel, in [0, 1], in the very first step, of which no curvature is known yet.
FIRST_STEP = 0.015
# No later step changes the pixels by more, on average: the second one rests on a single pair of
# curvature, and from some photos overshoots so far that the run never recovers (LOG.md).
LONGEST_STEP = 2.0  # first steps
# Images differ most, and gradients agree least, at low frequencies: as first guess of the inverse
# Hessian, a power of the frequency gets there in fewer evaluations (LOG.md).
FREQUENCY_POWER = 0.5


# Pairs that are kept, two images of memory each; a hundred gain less than 1 % (LOG.md).
HISTORY = 10
SHORT_HISTORY, LARGE = 5, 2_000_000  # of pictures with more pixels


class LBFGS:
    """The state of a minimisation: the last pairs of moves and changes of gradient.

    Args:
        history: how many pairs are kept; two images of memory each.
        first_step: mean absolute move of the first step.
        longest_step: mean absolute move of any later step at most, in first steps; None for any.
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
        self._pairs: deque[tuple[Tensor, Tensor, float]] = deque(maxlen=history)
        self._first_step = first_step
        self._longest = first_step * (longest_step or float("inf"))
        self._power = frequency_power
        self._filter: Tensor | None = None
        self._last: tuple[Tensor, Tensor] | None = None

    def move(self, image: Tensor, gradient: Tensor) -> Tensor:
        """The next image, from this one (..., H, W) and its gradient; neither is changed."""
        if self._last is not None:
            moved, changed = image - self._last[0], gradient - self._last[1]
            curvature = _dot(moved, changed)
            # Without a line search curvature may be negative; such a pair would make H indefinite.
            if curvature > 1e-10 * moved.norm() * changed.norm():
                self._pairs.append((moved, changed, (1 / curvature).item()))
        self._last = (image, gradient)
        direction = self._two_loop(gradient)
        length = direction.abs().mean().clamp_min(1e-30)
        if not self._pairs:
            direction = direction * (self._first_step / length)
        else:
            direction = direction * (self._longest / length).clamp_max(1)
        return image - direction

    def forget(self, image: Tensor) -> None:
        """Begins anew from this image, which was the last answer: the objective has changed.

        The curvature known so far is that of the old one. A full first step would jump: from a picture
        half done a quarter of the last move already falls at once (LOG.md).
        """
        self._pairs.clear()
        if self._last is not None:
            self._first_step = max(1e-5, (image - self._last[0]).abs().mean().item() / 4)
        self._last = None

    def _two_loop(self, gradient: Tensor) -> Tensor:
        """H g, by Nocedal and Wright's algorithm 7.4."""
        q = gradient
        taken = []
        for moved, changed, rho in reversed(self._pairs):
            alpha = rho * _dot(moved, q)
            q = torch.addcmul(q, changed, -alpha)
            taken.append(alpha)
        r = self._smooth(q)
        if self._pairs:
            moved, changed, rho = self._pairs[-1]
            r = r / (rho * _dot(changed, self._smooth(changed)))  # eq. 7.20, weighted by H0
        for (moved, changed, rho), alpha in zip(self._pairs, reversed(taken), strict=True):
            r = torch.addcmul(r, moved, alpha - rho * _dot(changed, r))
        return r

    def _smooth(self, gradient: Tensor) -> Tensor:
        """H0 g: each frequency divided by f^power."""
        if self._power == 0:
            return gradient
        height, width = gradient.shape[-2:]
        if self._filter is None:
            down = torch.fft.fftfreq(height, device=gradient.device)[:, None]
            across = torch.fft.rfftfreq(width, device=gradient.device)[None, :]
            frequency = (down.square() + across.square()).sqrt()
            # The mean, of frequency 0, is treated as half of the lowest one.
            frequency = frequency.clamp_min(0.5 / max(height, width))
            self._filter = frequency**-self._power
        return torch.fft.irfft2(torch.fft.rfft2(gradient) * self._filter, s=(height, width))


def _dot(one: Tensor, other: Tensor) -> Tensor:
    """The sum of products, in one pass over memory; exact to 1e-5 or so."""
    return torch.dot(one.flatten(), other.flatten())
