"""Adam for pictures, with the interface of `lbfgs.LBFGS`: Kingma and Ba 2015, by torch's own."""

import torch
from torch import Tensor

# ImageNet's standard deviations of red, green and blue in [0, 1], the unit of the steps.
DEVIATIONS = (0.229, 0.224, 0.225)


class Adam:
    """Moves every pixel by about `first_step` at each step, whatever the size of its gradient.

    These are the steps of `torch.optim.Adam` on pixels that were normalised by ImageNet's mean and
    standard deviations, as programs that feed them to torchvision's networks do.

    Args:
        first_step: the learning rate, in standard deviations of the channel.
    """

    def __init__(self, first_step: float) -> None:
        self._rate = first_step
        self._normalised: Tensor | None = None

    def objective_changed(self, _image: Tensor, /, *, same_curvature: bool) -> None:
        """Keeps its averages: they follow another objective by themselves; a new start would jump."""

    def move(self, image: Tensor, gradient: Tensor) -> Tensor:
        """The next image.

        Args:
            image: (1, 3, H, W); only the first one counts, from there on Adam has its own. Not changed.
            gradient: of the loss by the image; not changed.
        """
        if self._normalised is None:
            self._deviations = image.new_tensor(DEVIATIONS).view(3, 1, 1)
            self._normalised = image / self._deviations  # the mean makes no difference to the steps
            self._optimiser = torch.optim.Adam([self._normalised], lr=self._rate)
        self._normalised.grad = gradient * self._deviations
        self._optimiser.step()
        return self._normalised * self._deviations
