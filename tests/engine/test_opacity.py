"""A photo's transparency: what is transparent is not painted, and the pictures have it."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from styletransfer.engine import masks
from styletransfer.engine.stylize import stylize
from styletransfer.images import photo_at, resize, save_image
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, small_network

SETTINGS = Settings(size=128, steps=6, scales=2, keep_faces=False)


@pytest.fixture(scope="module")
def opacity():
    mask = Image.new("L", photo().size, 0)
    ImageDraw.Draw(mask).rectangle((0, 0, mask.width // 2, mask.height), fill=255)
    return mask


def last(settings=SETTINGS, **more):
    *_, step = stylize(Pictures(resize(photo(), 256), [painting()], **more), settings, small_network())
    return step


@pytest.mark.parametrize("style_loss", ["gram", "neighbours"])
def test_what_is_transparent_is_not_painted_and_stays_so(opacity, style_loss):
    step = last(Settings(**vars(SETTINGS) | {"style_loss": style_loss}), opacity=opacity)
    assert step.image.mode == "RGBA"
    pixels = np.asarray(step.image)
    assert set(pixels[:, :60, 3].ravel()) == {255}
    assert set(pixels[:, 68:, 3].ravel()) == {0}
    before = photo_at(resize(photo(), 256), step.image.size)[0].permute(1, 2, 0).numpy() * 255
    changes = np.abs(pixels[..., :3] - before).max(2)
    assert changes[:, 68:].max() <= 1
    assert changes[:, :60].mean() > 3


def test_what_is_opaque_everywhere_is_painted_as_ever():
    whole = Image.new("L", photo().size, 255)
    assert torch.equal(last(opacity=whole).pixels, last().pixels)
    assert last().image.mode == "RGB"


def test_masks_end_where_the_photo_is_transparent():
    mask = torch.ones(1, 1, 4, 4)
    mask[..., 2:] = 0
    opaque = torch.ones(1, 1, 4, 4)
    opaque[:, :, 2:] = 0
    one, other = masks.within(
        [masks.Region((1.0, 0.0), mask, 0.5), masks.Region((0.0, 1.0), 1 - mask, 0.5)], opaque
    )
    assert torch.equal(one.mask, mask * opaque)
    assert (one.area, other.area) == (0.25, 0.25)
    assert masks.within([one], None) == [one]


@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_a_picture_is_saved_with_it(tmp_path, opacity, name):
    step = last(opacity=opacity)
    save_image(step.image, tmp_path / name)
    with Image.open(tmp_path / name) as image:
        assert image.mode == "RGBA"
        assert image.getchannel("A").getextrema() == (0, 255)
