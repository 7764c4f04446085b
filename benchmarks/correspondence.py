"""How far a picture is from its painting and its photo, place by place: fidelity, coverage and shapes.

Means and covariances (`perceptual.style_distance`) are what Gram matrices are made of, so they cannot
see whether each place of the picture looks like some place of the painting. These three measures can.
They take features of `perceptual.features`; lower is better for all, and 0 is the thing itself.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import normalize

# Block 0 is left out: half as large as the picture, it would take 16 times the work of block 2, for
# colours and edges that block 2 sees, too.
NEIGHBOUR_BLOCKS = (2, 4, 7, 10)
SHAPE_BLOCKS = (4, 7, 10)
_ROWS = 2048  # places whose similarities to all others are held at once, some 100 MB


def fidelity_and_coverage(
    result: Mapping[int, Tensor], painting: Mapping[int, Tensor]
) -> tuple[float, float]:
    """How far each place of one is from the nearest place of the other: both ways, each in [0, 2].

    From the features of both, the mean over the painting's places is subtracted. Then with the cosine
    distance d(x, y) = 1 - cos(x, y):

    - fidelity: mean over places i of the result of min_j d(R_i, S_j). It is 0 if each place of the
      result is, but for its strength, one of the painting's;
    - coverage: mean over places j of the painting of min_i d(R_i, S_j). It is 0 if each place of the
      painting is found again in the result.

    Both are averaged over places, then over `NEIGHBOUR_BLOCKS`. They are the two halves of the relaxed
    earth mover's distance of Kolkin, Salavon and Shakhnarovich 2019, "Style Transfer by Relaxed Optimal
    Transport and Self-Similarity", which takes the greater of the two and does not centre.

    Args:
        result: block -> features (1, C, h, w).
        painting: block -> features (1, C, h', w').
    """
    both = []
    for block in NEIGHBOUR_BLOCKS:
        centre = _places(painting[block]).mean(0)
        ours, theirs = (normalize(_places(each[block]) - centre, dim=1) for each in (result, painting))
        both.append(torch.stack([1 - nearest.mean() for nearest in _nearest(ours, theirs)]))
    # Rounding can leave a cosine some 1e-8 above 1.
    fidelity, coverage = torch.stack(both).mean(0).clamp(min=0).tolist()
    return fidelity, coverage


def shapes(result: Mapping[int, Tensor], photo: Mapping[int, Tensor]) -> float:
    """How differently the places of two pictures resemble each other, 0 to 2; 0 for the photo itself.

    D_ij is the cosine distance between the places i and j of one picture. Each column is divided by its
    sum, which makes it a distribution over places; the measure is the sum over i of
    |D^R_ij - D^P_ij|, averaged over places j, then over `SHAPE_BLOCKS`. Colours and strokes may change,
    as long as what looked alike looks alike, and what differed differs.

    It is the content loss of Kolkin, Salavon and Shakhnarovich 2019, times the number of
    places, by which they divide once more and which would make it depend on the size. All places are
    compared, not a sample: at 512 px the largest matrix has at most 4096 x 4096 numbers.

    Args:
        result: block -> features (1, C, h, w).
        photo: block -> features of the same sizes.
    """
    distances = [
        (_self_distances(result[block]) - _self_distances(photo[block])).abs().sum(0).mean()
        for block in SHAPE_BLOCKS
    ]
    return torch.stack(distances).mean().item()


def _self_distances(layer: Tensor) -> Tensor:
    """Cosine distances (M, M) between the M places of features (1, C, h, w), columns of sum 1."""
    places = normalize(_places(layer), dim=1)
    distances = (1 - places @ places.T).clamp(min=0)
    # A picture of one colour has no distances; its columns stay 0.
    return distances / distances.sum(0).clamp(min=1e-6)


def _nearest(ours: Tensor, theirs: Tensor) -> tuple[Tensor, Tensor]:
    """The greatest scalar product of each of ours (N, C) with theirs (M, C), and of each of theirs."""
    best = []
    of_theirs = torch.full((len(theirs),), -torch.inf)
    for rows in ours.split(_ROWS):
        similarities = rows @ theirs.T
        best.append(similarities.amax(1))
        of_theirs = torch.maximum(of_theirs, similarities.amax(0))
    return torch.cat(best), of_theirs


def _places(layer: Tensor) -> Tensor:
    """Features (1, C, h, w) as (h * w, C)."""
    return layer[0].flatten(1).T
