"""The search for nearest neighbours: the place of a style image that looks most like one of a picture.

Kolkin et al. 2022, "Neural Neighbor Style Transfer", section 3.2: by the cosine of the hypercolumns,
from both of which their own mean has been subtracted. They compare every place with every other, so that
the time grows with the square of the pixels. Here it grows as the pixels do: every place of the picture
is compared with a grid of places of the style image, `_MOST_COMPARED` at most, and then with those
around the best of them. Pure functions; knows nothing of layers or runs.
"""

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor
from torch.nn.functional import normalize

from ..network.precision import is_half

# Places of a style image that every place of the picture is compared with; by looking and by the share
# of places that got another neighbour (LOG.md).
_MOST_COMPARED = 16_384
# Similarities, or numbers of candidates, that are held at once, 4 bytes each.
_AT_ONCE = 16_000_000
_BLOCK = 1024  # places of which the best is found in 16 bits
# A difference of similarities that nobody sees, and the golden ratio, whose multiples spread evenly.
_LEAST_DIFFERENCE, _TURN = 1e-5, 0.618034
_ROUNDS = 12  # of the search for the biases that give every style image its share


def nearest(
    queries: Tensor, places: Tensor, precision: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor]:
    """For every query the cosine to its nearest place, and that place's number, both (Q,).

    Args:
        queries: (Q, D), centred.
        places: (h, w, D), centred and of length 1. They are numbered row by row.
        precision: in which they are compared first; see `_best`.
    """
    height, width, _ = places.shape
    stride = 1
    while -(-height // stride) * -(-width // stride) > _MOST_COMPARED:
        stride *= 2
    offset = stride // 2 if min(height, width) > stride // 2 else 0
    coarse = places[offset::stride, offset::stride]
    columns = coarse.shape[1]
    flat = coarse.reshape(-1, coarse.shape[2])
    similarities, numbers = [], []
    at_once = max(1, _AT_ONCE // max(len(flat), 9 * flat.shape[1]))
    for start in range(0, len(queries), at_once):
        piece = normalize(queries[start : start + at_once], dim=1)
        similarity, number = _best(piece, flat, precision)
        row, column = number.div(columns, rounding_mode="floor"), number % columns
        row, column = row * stride + offset, column * stride + offset
        step = stride // 2
        while step:
            similarity, row, column = _refined(piece, places, row, column, step)
            step //= 2
        similarities.append(similarity)
        numbers.append(row * width + column)
    return torch.cat(similarities), torch.cat(numbers)


def _best(queries: Tensor, places: Tensor, precision: torch.dtype) -> tuple[Tensor, Tensor]:
    """For every query the cosine to its nearest place, and the place's number, both (Q,).

    In 16 bits the places are compared block by block, and then the best ones of all blocks exactly:
    otherwise of places that look alike the first one would always win.

    Args:
        queries: (Q, D), of length 1.
        places: (N, D), of length 1.
        precision: of the first comparison.
    """
    if not is_half(precision):
        return (queries @ places.T).max(1)
    similarities = queries.to(precision) @ places.to(precision).T
    starts = range(0, len(places), _BLOCK)
    candidates = torch.stack(
        [similarities[:, start : start + _BLOCK].argmax(1) + start for start in starts], 1
    )
    exact = torch.einsum("qd,qnd->qn", queries, places[candidates])
    similarity, which = exact.max(1)
    return similarity, candidates.gather(1, which[:, None])[:, 0]


def _refined(
    queries: Tensor, places: Tensor, row: Tensor, column: Tensor, step: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The best of nine places around each place found so far, `step` apart: its cosine, row, column."""
    height, width, _ = places.shape
    near = torch.tensor([-step, 0, step], device=row.device)
    rows = (row[:, None] + near.repeat_interleave(3)).clamp(0, height - 1)  # (Q, 9)
    columns = (column[:, None] + near.repeat(3)).clamp(0, width - 1)
    candidates = places[rows, columns]  # (Q, 9, D)
    similarity, which = torch.einsum("qd,qnd->qn", queries, candidates).max(1)
    which = which[:, None]
    return similarity, rows.gather(1, which)[:, 0], columns.gather(1, which)[:, 0]


def by_shares(similarities: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """For every query which style image it takes its neighbour from, (Q,), so that each gets its share.

    A bias is added to every style image's similarities. It is chosen so that the style image has the
    nearest neighbour of just its share of the queries: those that look more like it than like others.

    Args:
        similarities: (Q,) for each style image, from `nearest`.
        shares: one for each of them, all above 0; their sum is 1.
    """
    # Of places that are as near in several style images, as in plain ones, each gets its share as well.
    turns = torch.arange(len(similarities[0]), device=similarities[0].device)
    similarities = [
        similarity + _LEAST_DIFFERENCE * (turns * _TURN * number % 1)
        for number, similarity in enumerate(similarities, 1)
    ]
    biases = [0.0] * len(shares)
    for _ in range(_ROUNDS if len(shares) > 1 else 0):
        for number, share in enumerate(shares):
            others = [
                similarity + bias
                for other, (similarity, bias) in enumerate(zip(similarities, biases, strict=True))
                if other != number
            ]
            ahead = (similarities[number] - reduce(torch.maximum, others)).sort(descending=True).values
            biases[number] = -ahead[min(len(ahead) - 1, round(share * len(ahead)))].item()
    biased = [similarity + bias for similarity, bias in zip(similarities, biases, strict=True)]
    return torch.stack(biased).argmax(0)


def principal_axes(vectors: Tensor, most: int) -> Tensor:
    """The axes along which vectors vary most, (C, D) with D = min(C, most).

    Args:
        vectors: (N, C), centred.
        most: how many axes are kept.
    """
    covariance = vectors.T @ vectors / len(vectors)
    # In float64, which Apple's GPUs do not have, and on the CPU, so that every device finds the same.
    _, axes = torch.linalg.eigh(covariance.cpu().double())
    kept: Tensor = axes[:, -most:].to(vectors)
    return kept
