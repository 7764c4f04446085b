import re

import pytest
import torch
from PIL import Image, ImageDraw

from styletransfer.engine.masks import Region, check_masks, guides, kept, painted_share, regions
from styletransfer.errors import ImageError
from tests.support.samples import random_image, small_network

SIZE = (40, 20)


def half(side, size=SIZE, white=255):
    """A mask whose left or right half is white."""
    width, height = size
    image = Image.new("L", size)
    x = 0 if side == "left" else width // 2
    ImageDraw.Draw(image).rectangle((x, 0, x + width // 2 - 1, height - 1), fill=white)
    return image


def of(mask):
    """The values of the mask's two halves, each of which must be uniform."""
    left, right = mask[..., :20], mask[..., 20:]
    assert left.max() - left.min() < 1e-6 > right.max() - right.min()
    return pytest.approx((left.mean().item(), right.mean().item()), abs=1e-5)


def test_without_masks_all_styles_share_all_of_the_picture():
    for masks in ((), (None,), (None, None)):
        (only,) = regions(masks, (3, 1), SIZE)
        assert only.shares == (0.75, 0.25)
        assert only.mask is None
        assert only.area == 1


def test_a_white_mask_is_as_good_as_none():
    (only,) = regions([Image.new("L", (7, 9), 255)], (5,), SIZE, softness=3)
    assert only.mask is None
    assert painted_share([only]) is None


def test_styles_without_a_mask_share_what_the_masks_leave():
    first, rest = regions([None, half("left")], (1, 2, 3), SIZE)
    assert (first.shares, rest.shares) == ((0, 1, 0), (0.25, 0, 0.75))
    assert of(first.mask) == (1, 0)
    assert of(rest.mask) == (0, 1)
    assert first.area == rest.area == 0.5
    assert painted_share([first, rest]) is None


def test_nothing_is_left_where_the_masks_cover_all():
    found = regions([half("left"), half("right")], (1, 1, 1), SIZE)
    assert [region.shares for region in found] == [(1, 0, 0), (0, 1, 0)]


def test_without_a_style_for_it_the_rest_is_nobodys():
    (only,) = regions([half("left")], (1,), SIZE)
    assert of(only.mask) == (1, 0)
    assert of(painted_share([only])) == (1, 0)


def test_overlaps_are_divided_by_the_shares():
    white = Image.new("L", SIZE, 255)
    first, second = regions([half("left"), white], (3, 1), SIZE)
    assert of(first.mask) == (0.75, 0)
    assert of(second.mask) == (0.25, 1)
    assert painted_share([first, second]) is None


def test_faint_masks_are_not_divided_and_keep_their_sum():
    faint = [half("left", white=51), half("left", white=102)]
    found = regions(faint, (1, 1), SIZE)
    assert [of(region.mask) for region in found] == [(0.2, 0), (0.4, 0)]
    assert of(painted_share(found)) == (0.6, 0)


def test_a_style_with_no_share_is_not_given_and_neither_is_its_mask():
    (only,) = regions([half("left")], (0, 1), SIZE)
    assert only.mask is None
    assert only.shares == (0, 1)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(400, 200), (10, 60)], ids=str)
def test_a_mask_of_any_mode_and_size_is_laid_over_the_whole_picture(mode, size):
    (only,) = regions([half("right", size).convert(mode)], (1,), SIZE)
    assert only.mask.shape == (1, 1, 20, 40)
    assert of(only.mask[..., [*range(17), *[0] * 3, *[39] * 3, *range(23, 40)]]) == (0, 1)


def test_edges_are_as_soft_as_asked_for_and_end():
    long = (200, 50)
    hard, soft = (regions([half("left", long)], (1,), long, blur)[0].mask for blur in (0, 2))
    assert set(hard.unique().tolist()) == {0, 1}
    row = soft[0, 0, 25]
    assert (row[1:] <= row[:-1]).all()
    # A Gaussian with a deviation of four pixels: 0.84 and 0.16 at one deviation from the edge.
    assert row[95].item() == pytest.approx(0.84, abs=0.06)
    assert row[104].item() == pytest.approx(0.16, abs=0.06)
    assert (row[:80] == 1).all()
    assert (row[120:] == 0).all()


def test_two_soft_edges_that_meet_leave_no_gap():
    found = regions([half("left"), half("right")], (1, 1), SIZE, softness=5)
    assert torch.allclose(found[0].mask + found[1].mask, torch.ones(20, 40), atol=0.005)
    assert painted_share(found) is None


def test_what_is_kept_is_the_lightest_of_its_masks():
    found = kept([half("left"), None, half("right", white=51)], SIZE)
    assert found.shape == (1, 1, 20, 40)
    assert of(found) == (1, 0.2)


@pytest.mark.parametrize("masks", [[], [None], [Image.new("L", SIZE, 5), None]], ids=len)
def test_nothing_is_kept_without_a_mask_or_with_a_black_one(masks):
    assert kept(masks, SIZE) is None


def test_what_is_kept_has_soft_edges_too():
    long = (200, 50)
    assert torch.allclose(
        kept([half("left", long)], long, softness=2),
        regions([half("left", long)], (1,), long, softness=2)[0].mask,
    )


def test_a_guide_is_the_mask_averaged_by_area_and_of_mean_square_1():
    mask = torch.tensor([[[[1.0, 1, 0, 0], [1, 0, 0, 0]]]])
    found = guides(mask, ["relu1_1", "pool1"])
    assert torch.allclose(found["relu1_1"], mask * (8 / 3) ** 0.5)
    assert torch.allclose(found["pool1"], torch.tensor([[[[2**0.5, 0.0]]]]))


@pytest.mark.parametrize("height", [1, 0.3, 1e-4])
def test_the_height_of_a_mask_does_not_matter(height):
    assert torch.allclose(
        guides(torch.full((1, 1, 6, 8), height), ["relu2_1"])["relu2_1"], torch.ones(3, 4)
    )


@pytest.mark.parametrize("height", [0, 1e-20])
def test_an_empty_mask_gives_an_empty_guide(height):
    assert guides(torch.full((1, 1, 6, 8), height), ["relu1_1"])["relu1_1"].abs().max() < 1e-12


def test_a_region_is_everywhere_unless_told():
    assert Region((1.0,)).mask is None


@pytest.mark.parametrize("level", [0, 5])
def test_a_black_mask_is_refused_by_number(level):
    sentence = (
        "The mask of painting 2 is black all over, so that it would be nowhere. "
        "Paint white where it is to apply."
    )
    with pytest.raises(ImageError, match=f"^{re.escape(sentence)}$"):
        check_masks([None, Image.new("L", SIZE, level)], 2)


def test_more_masks_than_styles_are_refused():
    check_masks([half("left")], 2)
    check_masks([None, half("left")], 2)
    with pytest.raises(ImageError, match=r"^There are 2 masks, but only 1 painting\. "):
        check_masks([half("left"), half("right")], 1)


def test_a_guide_fits_the_networks_layers_at_odd_sizes():
    network, mask = small_network(), torch.rand(1, 1, 37, 45)
    layers = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "pool4", "relu5_1"]
    found = guides(mask, layers)
    for layer, features in network(random_image(37, 45), layers).items():
        assert found[layer].shape[2:] == features.shape[2:]
    average = mask[..., :16, 16:32].mean() / mask[..., :16, :16].mean()
    one, other = found["relu5_1"][0, 0, 0, :2].tolist()
    assert other / one == pytest.approx(average.item())
