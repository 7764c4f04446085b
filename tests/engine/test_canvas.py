"""The image with which a scale begins."""

import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps

from styletransfer.engine import canvas
from styletransfer.engine.canvas import enlarged, first_canvas
from styletransfer.images import resize, to_tensor
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, random_image


@pytest.mark.parametrize("size", [(96, 128), (65, 47)], ids=str)
def test_a_photo_made_smaller_is_itself_again_when_enlarged(size):
    large = random_image(*size)
    small = F.interpolate(large, (48, 40), mode="bicubic", antialias=True)
    assert torch.allclose(enlarged(small, large), large, atol=1e-6)
    blurred = enlarged(small, large, detailed=False)
    assert blurred.shape == large.shape
    assert (blurred - large).abs().mean() > 0.05
    # The painted image is enlarged, and the photo's details are added to it.
    painted = enlarged(small + 0.25, large)
    assert torch.allclose(painted, large + 0.25, atol=1e-6)


def first(start, given=None, **settings):
    pictures = Pictures(photo(), [painting(), Image.new("RGB", (50, 50), "red")], start=given)
    small = to_tensor(resize(photo(), 96))
    return first_canvas(pictures, Settings(start=start, **settings), small), small


def test_the_content_start_is_the_photo():
    found, small = first("content")
    assert torch.equal(found, small)


def test_noise_is_grey_on_average_and_its_seed_decides_it():
    (found, small), (again, _), (other, _) = (first("noise", seed=seed) for seed in (3, 3, 4))
    assert found.shape == small.shape
    assert torch.equal(found, again)
    assert (found - other).abs().mean() > 0.05
    assert found.mean().item() == pytest.approx(0.5, abs=0.01)
    assert found.std().item() == pytest.approx(0.1, abs=0.01)


def test_an_image_of_ones_own_is_cut_to_the_photos_shape():
    found, small = first("image", painting())
    expected = ImageOps.fit(painting(), (small.shape[3], small.shape[2]), Image.Resampling.LANCZOS)
    assert torch.equal(found, to_tensor(expected))


@pytest.mark.parametrize(("blend", "leading"), [("3 1", 0), ("1 3", 1)])
def test_the_draft_is_made_of_the_photo_and_the_leading_style(monkeypatch, blend, leading):
    asked = []

    def quick(content, styles):
        asked.append((content.size, styles))
        return Image.new("RGB", content.size, "blue")

    monkeypatch.setattr(canvas, "draft", quick)
    found, small = first("draft", blend=blend)
    assert torch.equal(found, torch.tensor([0.0, 0, 1]).view(1, 3, 1, 1).expand_as(small))
    ((size, (style,)),) = asked
    assert size == (small.shape[3], small.shape[2])
    assert (style.size == (50, 50)) == (leading == 1)


def test_where_there_is_no_draft_the_start_is_the_photo(monkeypatch):
    monkeypatch.setattr(canvas, "draft", lambda *_: None)
    found, small = first("draft")
    assert torch.equal(found, small)
