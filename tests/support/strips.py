"""For tests of the evaluation in strips: strips of few rows, and losses with their gradient."""

import torch

from styletransfer.network.strips import cut_into_strips


def judged(objective, image):
    """The losses, and the gradient of their sum."""
    image = image.clone().requires_grad_()
    losses = objective(image)
    (gradient,) = torch.autograd.grad(losses.total * losses.scale, image)
    return losses, gradient / losses.scale


def in_small_strips(monkeypatch, rows: int) -> list[int]:
    """Limits strips to so many rows and their halo; returns a list that counts the strips."""
    counts = []

    def small(height, around, most):
        found = cut_into_strips(height, around, rows)
        counts.append(len(found))
        return found

    monkeypatch.setattr("styletransfer.network.strips.cut_into_strips", small)
    return counts
