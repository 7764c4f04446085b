"""The precisions that feature maps may have, by the names that people give."""

import torch

# Of feature maps. Images, losses and the optimiser are in float32 with all of them, and Gram matrices
# are accumulated in float32.
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def is_half(precision: torch.dtype) -> bool:
    """Whether a number of this type takes 16 bits: bfloat16 or float16.

    Both are handled alike but for one thing. bfloat16 reaches as far as float32 does; float16 ends at
    65504 and 6e-8, so that activations and gradients have to be scaled (`activation_scale`,
    `engine.loss_scale`).

    Args:
        precision: of any tensor.
    """
    return precision.itemsize < 4
