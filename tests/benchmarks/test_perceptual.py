"""Content distance and style distance by hand, and the network they are measured in."""

import pytest
import torch

from benchmarks import perceptual
from benchmarks.perceptual import Perception, content_distance, features, statistics, style_distance
from styletransfer.catalogue import FOLDER
from styletransfer.images import load_image, resize, to_tensor
from tests.support.samples import painting, photo, random_image


def blocks(*layers):
    """These features, one after the other, as the output of every block that is measured."""
    numbers = sorted({*perceptual.CONTENT_BLOCKS, *perceptual.STYLE_BLOCKS})
    return {number: layers[i % len(layers)] for i, number in enumerate(numbers)}


def test_statistics_by_hand():
    # Two channels at two positions, (1, 3) and (2, 6), which are 1 and 2 away from their means.
    mean, covariance = statistics(torch.tensor([[[[1.0, 3.0]], [[2.0, 6.0]]]]))
    assert mean.tolist() == [2, 4]
    assert covariance.tolist() == [[1, 2], [2, 4]]


def test_style_distance_by_hand():
    # Doubled features: the mean differs by once its norm, the covariance by three times its norm.
    style = torch.tensor([[[[1.0, 3.0]], [[2.0, 6.0]]]])
    assert style_distance(blocks(style * 2), blocks(style)) == pytest.approx(2)
    # With the roles exchanged the same differences are relative to the larger values: 1/2 and 3/4.
    assert style_distance(blocks(style), blocks(style * 2)) == pytest.approx(0.625)


def test_content_distance_by_hand():
    # The same direction at one position, a right angle at the other one.
    result = torch.tensor([[[[1.0, 0.0]], [[1.0, 2.0]]]])
    content = torch.tensor([[[[3.0, 5.0]], [[3.0, 0.0]]]])
    assert content_distance(blocks(result), blocks(content)) == pytest.approx(0.5)
    assert content_distance(blocks(content), blocks(result)) == pytest.approx(0.5)


def test_style_knows_no_positions_and_content_does():
    found = features(random_image(64, 96))
    turned = {number: layer.flip(3) for number, layer in found.items()}
    assert style_distance(turned, found) < 1e-5
    assert content_distance(turned, found) > 0.1


def test_features_are_those_the_blocks_are_named_by():
    shapes = {number: tuple(layer.shape) for number, layer in features(random_image(64, 96)).items()}
    assert shapes == {
        0: (1, 16, 32, 48),
        2: (1, 24, 16, 24),
        4: (1, 40, 8, 12),
        7: (1, 80, 4, 6),
        10: (1, 112, 4, 6),
    }


def test_the_network_knows_a_cat_when_it_sees_one():
    # Distances would not reveal wrong weights or channels, a class does: ImageNet's 281 to 285 are cats.
    cat = to_tensor(resize(load_image(FOLDER / "photos/cat.jpg"), 256))
    with torch.no_grad():
        assert 281 <= perceptual._network()((cat * 255 - 127) / 128).argmax().item() <= 285


def test_photo_and_painting_are_at_no_distance_of_themselves():
    judge = Perception(photo(), painting())
    content, style, fidelity, coverage, shape = judge(photo())
    assert content == pytest.approx(0, abs=1e-6)
    assert shape == pytest.approx(0, abs=1e-4)
    assert 0.3 < style < 3
    assert min(fidelity, coverage) > 0.3
    assert Perception(painting(), painting())(painting()) == pytest.approx((0,) * 5, abs=1e-4)
    stretched = judge(painting().resize(photo().size))
    assert stretched.content > 0.3
    assert stretched.shapes > 0.1
    assert stretched.style < 0.3  # not 0, because it is stretched to the photo's shape
    assert max(stretched.fidelity, stretched.coverage) < 0.2
