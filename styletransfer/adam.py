"""Adam for pictures, with the interface of `lbfgs.LBFGS`: Kingma and Ba 2015, by torch's own."""

import torch
from torch import Tensor


class Adam:
    """Moves every pixel by about `first_step` at each step, whatever the size of its gradient.

    Args:
        first_step: the learning rate, in [0, 1] as the pixels.
    """

    def __init__(self, first_step: float) -> None:
        self._rate = first_step
        self._pixels: Tensor | None = None

    def move(self, image: Tensor, gradient: Tensor) -> Tensor:
        """The next image, from this one and its gradient; neither is changed."""
        if self._pixels is None:
            self._pixels = image.clone()
            # A second moment that forgets ten times faster than the default 0.999: runs are short.
            self._optimiser = torch.optim.Adam([self._pixels], lr=self._rate, betas=(0.9, 0.99))
        self._pixels.grad = gradient
        self._optimiser.step()
        return self._pixels.clone()
