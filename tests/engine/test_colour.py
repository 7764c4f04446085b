import pytest
import torch
from PIL import Image

from styletransfer.engine.colour import _from_oklab, _to_oklab, keep_colours, match_colours
from styletransfer.engine.stylize import stylize
from styletransfer.images import load_image, resize, to_tensor
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import PAINTING, painting, photo, random_image, real_network

# Published values: Ottosson 2020, "A perceptual color space for image processing"; CSS Color 4.
OKLAB = {
    (1, 1, 1): (1.0, 0.0, 0.0),
    (0, 0, 0): (0.0, 0.0, 0.0),
    (1, 0, 0): (0.6280, 0.2249, 0.1258),
    (0, 1, 0): (0.8664, -0.2339, 0.1795),
    (0, 0, 1): (0.4520, -0.0325, -0.3115),
}


def flat(*colour, size=(2, 3), dtype=torch.float32):
    """A picture of one colour."""
    return torch.tensor(colour, dtype=dtype)[None, :, None, None].expand(1, 3, *size).contiguous()


def moments(image):
    pixels = image.flatten(2)[0]
    return pixels.mean(1), torch.cov(pixels, correction=0)


def gentle(seed, height=12, width=9, dtype=torch.float32):
    """Colours near mid-grey, which stay within sRGB at any lightness they are given here."""
    return 0.45 + 0.1 * random_image(height, width, seed, dtype)


@pytest.mark.parametrize("rgb", OKLAB)
def test_oklab_of_known_colours(rgb):
    found = _to_oklab(flat(*map(float, rgb)))
    assert torch.allclose(found, flat(*OKLAB[rgb]), atol=1e-4)


def test_oklab_and_back():
    image = random_image(20, 30, dtype=torch.float64)
    assert torch.allclose(_from_oklab(_to_oklab(image)), image, atol=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_light_is_the_results_and_colour_the_photos(seed):
    result, content = gentle(seed), gentle(seed + 10)
    kept = _to_oklab(keep_colours(result, content))
    assert torch.allclose(kept[:, :1], _to_oklab(result)[:, :1], atol=1e-4)
    assert torch.allclose(kept[:, 1:], _to_oklab(content)[:, 1:], atol=1e-4)


def test_a_grey_picture_of_a_red_photo_is_red():
    kept = keep_colours(flat(0.5, 0.5, 0.5), flat(0.6, 0.4, 0.4))
    red, green, blue = kept[0, :, 0, 0].tolist()
    assert red - green == pytest.approx(0.2, abs=0.02)
    assert green == pytest.approx(blue, abs=0.01)


def test_a_red_picture_of_a_grey_photo_is_grey():
    kept = keep_colours(flat(0.9, 0.1, 0.2), flat(0.3, 0.3, 0.3))
    assert kept.amax(1).sub(kept.amin(1)).max() < 1e-3


def test_colours_beyond_srgb_lose_chroma_but_neither_light_nor_hue():
    result, content = (random_image(40, 40, seed, torch.float64) for seed in (0, 1))
    kept = keep_colours(result, content)
    assert kept.min() >= 0
    assert kept.max() <= 1
    light, *colour = _to_oklab(kept)[0]
    a, b = _to_oklab(content)[0, 1:]
    assert torch.allclose(light, _to_oklab(result)[0, 0], atol=1e-3)
    assert torch.hypot(*colour).le(torch.hypot(a, b) + 1e-3).all()
    across = colour[0] * b - colour[1] * a  # sine of the angle between the hues, times both chromas
    assert across.abs().max() < 1e-3
    assert (torch.hypot(*colour) < torch.hypot(a, b) - 0.01).any()


def test_all_the_chroma_that_there_is_is_kept():
    kept = keep_colours(flat(1.0, 0.9, 0.3), flat(0.1, 0.1, 0.9))  # light yellow -> the bluest in sRGB
    assert kept.amax() == pytest.approx(1, abs=1e-3)
    assert kept.amax(1).argmax() == 0
    assert kept[0].argmax(0).eq(2).all()


def test_the_photo_keeps_its_own_colours():
    content = random_image(30, 20)
    assert torch.allclose(keep_colours(content, content), content, atol=2e-4)  # 1/20 of an 8-bit level


@pytest.mark.parametrize("recolour", [keep_colours, match_colours])
def test_no_strength_changes_nothing(recolour):
    image = random_image(9, 9) * 3 - 1
    assert torch.equal(recolour(image, random_image(9, 9, 1), 0), image)


def test_half_the_strength_is_half_way():
    result, content = gentle(0), gentle(1)
    whole, half = (_to_oklab(keep_colours(result, content, strength)) for strength in (1, 0.5))
    assert torch.allclose(half, (_to_oklab(result) + whole) / 2, atol=1e-4)
    whole, half = (match_colours(result, content, strength) for strength in (1, 0.5))
    assert torch.allclose(half, (result + whole) / 2, atol=1e-6)


def test_an_iterate_outside_of_the_range_counts_as_clamped():
    iterate, content = random_image(9, 9) * 3 - 1, random_image(9, 9, 1)
    assert torch.equal(keep_colours(iterate, content), keep_colours(iterate.clamp(0, 1), content))


@pytest.mark.parametrize(
    "colour", [(0, 0, 0), (1, 1, 1), (0.5, 0.5, 0.5), (1, 0, 0), (0, 0, 1)], ids=str
)
@pytest.mark.parametrize("size", [(1, 1), (5, 7)], ids=str)
def test_any_picture_may_be_flat(colour, size):
    plain, lively = flat(*map(float, colour), size=size), random_image(*size)
    for pair in ((plain, lively), (lively, plain), (plain, plain)):
        for recoloured in (keep_colours(*pair), match_colours(*pair)):
            assert recoloured.shape == pair[0].shape
            assert recoloured.isfinite().all()
    assert torch.allclose(match_colours(plain, lively).mean((2, 3)), lively.mean((2, 3)), atol=1e-5)
    assert torch.allclose(match_colours(lively, plain), plain, atol=1e-5)


def test_a_style_gets_the_mean_and_covariance_of_the_photo():
    mix = torch.tensor([[0.5, 0.3, 0.1], [0.1, 0.4, 0.2], [0.0, 0.2, 0.6]], dtype=torch.float64)
    style = random_image(31, 17, 0, torch.float64)
    content = torch.einsum("ij,bjhw->bihw", mix, random_image(40, 23, 1, torch.float64))
    for found, wanted in zip(moments(match_colours(style, content)), moments(content), strict=True):
        assert torch.allclose(found, wanted, rtol=0, atol=1e-12)


def test_colours_that_vary_along_one_axis_are_stretched_along_it():
    # Red varies by 0.1 and by 0.2 about their means, 0.5 and 0.4: x -> 0.4 + 2 (x - 0.5).
    style, content = flat(0.5, 0.5, 0.5), flat(0.4, 0.2, 0.3)
    style[:, 0] += torch.tensor([0.1, -0.1, 0.1]) * torch.tensor([[1], [-1]])
    content[:, 0] += torch.tensor([0.2, -0.2, 0.2]) * torch.tensor([[1], [-1]])
    assert torch.allclose(match_colours(style, content), content, atol=1e-5)


def test_a_style_of_the_photos_own_colours_stays():
    style = random_image(20, 20, dtype=torch.float64)
    assert torch.allclose(match_colours(style, style.flip(3)), style, atol=1e-12)


def test_the_noise_of_a_grey_painting_does_not_become_colourful():
    grey = random_image(40, 40)[:, :1].expand(1, 3, 40, 40)
    noisy = (grey + 0.004 * (random_image(40, 40, 1) - 0.5)).clamp(0, 1)
    content = random_image(40, 40, 2)
    _, covariance = moments(match_colours(noisy, content))
    along = torch.ones(3) / 3**0.5  # the direction of greys in RGB
    coloured = covariance.trace() - along @ covariance @ along
    assert coloured < 0.05 * moments(content)[1].trace()


@pytest.mark.parametrize("tone", ["gray", "black", "white"])
@pytest.mark.parametrize("colours", ["photo", "matched"])
def test_a_run_with_a_plain_picture_has_finite_losses(colours, tone):
    plain = Image.new("RGB", (64, 64), tone)
    settings = Settings(size=128, steps=2, colours=colours)
    for pair in ((plain, painting()), (photo(), plain)):
        for step in stylize(Pictures(pair[0], [pair[1]]), settings, real_network()):
            assert step.pixels.isfinite().all()
            assert step.image.size == (step.width, step.height)


def mean_colour(image):
    """The mean of Oklab's a and b."""
    return _to_oklab(image)[0, 1:].mean((1, 2))


@pytest.fixture(scope="module")
def runs():
    """The last step of a run with each choice of colours: a red saucer and a blue wave."""
    pictures = (load_image(PAINTING.parents[1] / "photos/coffee.jpg"), painting())
    found = {}
    for colours in ("painting", "photo", "matched"):
        settings = Settings(size=128, steps=15, colours=colours)
        *_, found[colours] = stylize(Pictures(pictures[0], [pictures[1]]), settings, real_network())
    return tuple(to_tensor(resize(each, 128)) for each in pictures), found


def test_the_colours_are_whose_they_should_be(runs):
    (content, style), found = runs
    for colours, step in found.items():
        mean = mean_colour(to_tensor(step.image))
        from_content, from_style = ((mean - mean_colour(each)).norm() for each in (content, style))
        assert (from_content < from_style) == (colours != "painting"), colours


def test_the_photos_colours_are_only_in_what_is_shown(runs):
    plain, kept = runs[1]["painting"], runs[1]["photo"]
    assert torch.equal(kept.pixels, plain.pixels)
    assert kept.image != plain.image
    assert plain.coloured(1) == kept.image  # a finished picture can get the photo's colours later,
    assert kept.coloured(0) == plain.image  # or lose them again
    found = _to_oklab(to_tensor(kept.image))[:, 1:]
    assert (found - _to_oklab(kept.photo)[:, 1:]).abs().mean() < 0.01


def test_strength_is_heeded():
    settings = {"size": 128, "steps": 2, "colour_strength": 0.25}
    pair = (photo(), [painting()])
    *_, kept = stylize(Pictures(*pair), Settings(**settings, colours="photo"), real_network())
    *_, plain = stylize(Pictures(*pair), Settings(**settings), real_network())
    assert kept.image == plain.coloured(0.25) != plain.image
    settings["colour_strength"] = 0.0
    *_, unmatched = stylize(Pictures(*pair), Settings(**settings, colours="matched"), real_network())
    assert torch.equal(unmatched.pixels, plain.pixels)
