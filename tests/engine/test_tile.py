"""Seamless tiles: one that is moved around its edges is the same tile to every part of the method."""

import pytest
import torch

from styletransfer.engine.losses import total_variation
from styletransfer.engine.neighbour_targets import StyleTargets
from styletransfer.engine.objective import Objective
from styletransfer.engine.schedule import scale_sizes
from styletransfer.engine.stylize import stylize
from styletransfer.network import strips
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, random_image, small_network

DOUBLE = torch.float64
MOVES = [(48, 64), (16, 0), (0, -32), (-16, 48)]  # half the tile, and multiples of the deepest stride


def losses(settings, content, image, blocks=0):
    network, style = small_network(DOUBLE), random_image(80, 64, 2, DOUBLE)
    objective = Objective(network, content, [style], settings, blocks_in_strips=blocks)
    objective.adapt(image)
    image = image.clone().requires_grad_()
    found = objective(image)
    (gradient,) = torch.autograd.grad(found.total, image)
    return torch.stack([found.content, found.style, found.smoothness, found.total]).detach(), gradient


@pytest.mark.parametrize("move", MOVES, ids=str)
@pytest.mark.parametrize("pooling", ["maximum", "average"])
@pytest.mark.parametrize("style_loss", ["gram", "neighbours"])
def test_a_tile_that_is_moved_has_the_same_losses_and_the_moved_gradient(style_loss, pooling, move):
    settings = Settings(tile=True, style_loss=style_loss, pooling=pooling)
    content, image = (random_image(96, 128, seed, DOUBLE) for seed in (0, 1))
    found, gradient = losses(settings, content, image)
    moved, moved_gradient = losses(settings, content.roll(move, (2, 3)), image.roll(move, (2, 3)))
    torch.testing.assert_close(moved, found, rtol=1e-9, atol=0)
    torch.testing.assert_close(moved_gradient, gradient.roll(move, (2, 3)), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("photo_size", [(1500, 1000), (112, 80), (496, 336)], ids=str)
@pytest.mark.parametrize("style_loss", ["gram", "neighbours"])
def test_a_tile_of_any_photo_may_be_moved_by_half(style_loss, photo_size):
    settings = Settings(tile=True, style_loss=style_loss, size=140, scales=1)
    ((width, height),) = scale_sizes(photo_size, [(80, 64)], settings)
    content, image = (random_image(height, width, seed, DOUBLE) for seed in (0, 1))
    found, _ = losses(settings, content, image)
    half = height // 2, width // 2
    moved, _ = losses(settings, content.roll(half, (2, 3)), image.roll(half, (2, 3)))
    torch.testing.assert_close(moved, found, rtol=1e-9, atol=0)


def test_a_picture_that_is_no_tile_has_other_losses_when_it_is_moved():
    settings = Settings(style_loss="gram")
    content, image = (random_image(96, 128, seed, DOUBLE) for seed in (0, 1))
    found, _ = losses(settings, content, image)
    moved, _ = losses(settings, content.roll(48, 2), image.roll(48, 2))
    assert ((moved - found).abs() > 1e-6 * found).all()


@pytest.mark.parametrize("blocks", [2, 3, 4])
@pytest.mark.parametrize("style_loss", ["gram", "neighbours"])
def test_a_tile_in_strips_has_the_losses_of_the_whole(monkeypatch, style_loss, blocks):
    settings = Settings(tile=True, style_loss=style_loss)
    content, image = (random_image(96, 64, seed, DOUBLE) for seed in (0, 1))
    found, gradient = losses(settings, content, image)
    monkeypatch.setattr(strips, "_STRIP_BYTES", 1)  # strips of four rows
    in_strips, their_gradient = losses(settings, content, image, blocks)
    torch.testing.assert_close(in_strips, found, rtol=1e-9, atol=0)
    torch.testing.assert_close(their_gradient, gradient, rtol=1e-6, atol=1e-12)


def test_the_variation_counts_the_seam():
    image = torch.zeros(1, 3, 4, 8, dtype=DOUBLE)
    image[..., 4:] = 1  # two edges across: one in the middle, and the seam
    assert total_variation(image).item() == pytest.approx(1 / 7)
    assert total_variation(image, wraps=True).item() == pytest.approx(2 / 8)
    noise = random_image(6, 5, dtype=DOUBLE).requires_grad_()
    assert torch.autograd.gradcheck(lambda each: total_variation(each, wraps=True), noise)


def test_the_sides_of_a_tile_are_multiples_of_thirty_two():
    sizes = scale_sizes((1500, 1000), [(800, 600)], Settings(tile=True, size=500, scales=3))
    assert sizes == [(128, 96), (256, 160), (512, 320)]
    assert scale_sizes((1500, 1000), [(800, 600)], Settings(size=500, scales=1)) == [(500, 333)]


def seams(network, tile):
    """How much larger the changes across the seam are than those within, down and across."""
    texture = Settings(
        *(0, 5, "gram"), tile=tile, size=140, scales=2, steps=16, start="noise", keep_faces=False
    )
    *_, last = stylize(Pictures(photo(), [painting()]), texture, network)
    pixels = last.pixels
    assert pixels.shape[2:] == ((96, 128) if tile else (93, 140))
    for direction in (2, 3):
        changes = (pixels.roll(-1, direction) - pixels).abs().mean((0, 1, 5 - direction))
        yield (changes[-1] / changes[:-1].mean()).item()


def test_a_texture_out_of_noise_becomes_a_tile_without_a_seam():
    network = small_network()
    assert max(seams(network, tile=True)) < 1.15
    assert max(seams(network, tile=False)) > 1.5


@pytest.mark.parametrize("start", ["content", "draft"])
def test_every_start_has_the_size_of_the_tile(start):
    settings = Settings(tile=True, size=140, scales=2, steps=2, start=start, keep_faces=False)
    *_, last = stylize(Pictures(photo(), [painting()]), settings, small_network())
    assert last.image.size == (128, 96)


def test_a_tile_needs_no_targets_of_its_own():
    network, kept = small_network(), StyleTargets()
    for tile in (False, True):
        settings = Settings(size=128, steps=1, scales=1, keep_faces=False, tile=tile)
        list(stylize(Pictures(photo(), [painting()]), settings, network, kept))
    assert len(kept) == 1
