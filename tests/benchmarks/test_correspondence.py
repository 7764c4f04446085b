"""Fidelity, coverage and shapes against plain loops, and on made-up pictures."""

import math

import pytest
import torch

from benchmarks import correspondence
from benchmarks.correspondence import NEIGHBOUR_BLOCKS, SHAPE_BLOCKS, fidelity_and_coverage, shapes
from benchmarks.perceptual import features
from styletransfer.images import to_tensor
from tests.support.samples import painting, photo

BLOCKS = sorted({*NEIGHBOUR_BLOCKS, *SHAPE_BLOCKS})


def layers(height, width, seed):
    """Random features of another number of channels at each block."""
    generator = torch.Generator().manual_seed(seed)
    return {
        block: torch.randn(1, 3 + block, height, width, generator=generator) + 0.5 for block in BLOCKS
    }


def vectors(layer):
    """The features (1, C, h, w) as a list of places, each a list of channels."""
    return layer[0].flatten(1).T.tolist()


def cosine_distance(one, other):
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return 1 - product / math.hypot(*one) / math.hypot(*other)


def slow_fidelity(result, painting):
    found = []
    for block in NEIGHBOUR_BLOCKS:
        theirs = vectors(painting[block])
        mean = [sum(channel) / len(theirs) for channel in zip(*theirs, strict=True)]
        ours, theirs = (
            [[x - m for x, m in zip(place, mean, strict=True)] for place in places]
            for places in (vectors(result[block]), theirs)
        )
        nearest = [min(cosine_distance(mine, other) for other in theirs) for mine in ours]
        back = [min(cosine_distance(mine, other) for mine in ours) for other in theirs]
        found.append((sum(nearest) / len(nearest), sum(back) / len(back)))
    return tuple(sum(each) / len(each) for each in zip(*found, strict=True))


def slow_shapes(result, photo):
    found = []
    for block in SHAPE_BLOCKS:
        both = []
        for places in (vectors(result[block]), vectors(photo[block])):
            columns = [[cosine_distance(i, j) for i in places] for j in places]
            both.append([[each / sum(column) for each in column] for column in columns])
        rows = [
            sum(abs(a - b) for a, b in zip(mine, other, strict=True))
            for mine, other in zip(*both, strict=True)
        ]
        found.append(sum(rows) / len(rows))
    return sum(found) / len(found)


def test_they_are_what_plain_loops_find(monkeypatch):
    monkeypatch.setattr(correspondence, "_ROWS", 7)  # several pieces, the last one shorter
    result, other, same_size = layers(5, 6, 0), layers(4, 3, 1), layers(5, 6, 2)
    assert fidelity_and_coverage(result, other) == pytest.approx(slow_fidelity(result, other), rel=1e-4)
    assert shapes(result, same_size) == pytest.approx(slow_shapes(result, same_size), rel=1e-4)


def test_a_picture_is_at_no_distance_of_itself():
    same = layers(5, 6, 0)
    assert fidelity_and_coverage(same, same) == pytest.approx((0, 0), abs=1e-5)
    assert shapes(same, same) == pytest.approx(0, abs=1e-5)


def test_a_part_is_faithful_but_does_not_cover_and_a_whole_the_other_way_round():
    whole = layers(6, 6, 0)
    part = {block: layer[:, :, :, :2] for block, layer in whole.items()}
    fidelity, coverage = fidelity_and_coverage(part, whole)
    assert fidelity == pytest.approx(0, abs=1e-5)
    assert coverage > 0.05
    fidelity, coverage = fidelity_and_coverage(whole, part)
    assert fidelity > 0.05
    assert coverage == pytest.approx(0, abs=1e-5)


def test_places_may_lie_anywhere_in_the_painting_but_not_in_the_photo():
    one = layers(5, 6, 0)
    turned = {block: layer.flip(3) for block, layer in one.items()}
    assert fidelity_and_coverage(turned, one) == pytest.approx((0, 0), abs=1e-5)
    assert shapes(turned, one) > 0.1


def test_shapes_do_not_ask_in_which_colours_they_are():
    # An orthogonal change of all channels leaves every angle between places as it was.
    one = layers(5, 6, 0)
    turned = {
        block: torch.einsum(
            "oc,bchw->bohw", torch.linalg.qr(torch.randn(3 + block, 3 + block))[0], layer
        )
        for block, layer in one.items()
    }
    assert shapes(turned, one) == pytest.approx(0, abs=1e-4)


def test_a_picture_of_one_colour_has_no_shapes_and_no_error():
    flat = {block: torch.ones(1, 4, 3, 3) for block in BLOCKS}
    assert shapes(flat, flat) == 0
    assert all(math.isfinite(each) for each in fidelity_and_coverage(flat, flat))


def seen(image, size=192):
    return features(to_tensor(image.resize((size, size))))


def test_pictures_are_in_the_order_in_which_people_would_put_them():
    style, content = seen(painting()), seen(photo())
    width, height = painting().size
    halves = [seen(painting().crop((left, 0, left + width // 2, height))) for left in (0, width // 2)]
    flipped = seen(photo().transpose(0))
    grey = seen(photo().convert("L").convert("RGB"))
    # One half of a painting is more like its other half than a photo is.
    assert fidelity_and_coverage(halves[0], halves[1])[0] < fidelity_and_coverage(content, halves[1])[0]
    assert fidelity_and_coverage(halves[0], style)[1] < fidelity_and_coverage(content, style)[1]
    # The photo in grey keeps its shapes better than the photo upside down or another picture does.
    assert shapes(grey, content) < 0.7 * shapes(flipped, content)
    assert shapes(grey, content) < 0.7 * shapes(style, content)
