import numpy as np
import pytest
from PIL import Image

from styletransfer.cutout import cut_out, has_transparency, load_cutout, on_white
from styletransfer.errors import ImageError
from styletransfer.picture_files import Wanted


def disc(hidden, size=(64, 48)):
    """Red, and green in its right half, seen in a rectangle with a half-transparent edge."""
    pixels = np.zeros((*size[::-1], 4), np.uint8)
    pixels[..., :3] = hidden
    pixels[8:40, 8:32] = (200, 0, 0, 255)
    pixels[8:40, 32:56] = (0, 200, 0, 255)
    pixels[8:40, 8] = (200, 0, 0, 100)
    return Image.fromarray(pixels)


@pytest.fixture
def saved(tmp_path):
    def save(image, name="a.png", **options):
        image.save(tmp_path / name, **options)
        return tmp_path / name

    return save


def test_colours_and_opacity_are_those_of_the_file(saved):
    image = disc((255, 255, 255))
    colours, opacity = load_cutout(saved(image))
    assert (colours.mode, opacity.mode) == ("RGB", "L")
    assert np.abs(np.asarray(opacity, int) - np.asarray(image)[..., 3]).max() <= 1
    seen = np.asarray(image)[..., 3] == 255
    assert np.abs(np.asarray(colours, int) - np.asarray(image)[..., :3])[seen].max() <= 1


def test_what_is_hidden_does_not_count_and_leaves_no_fringe(saved):
    colours, _ = load_cutout(saved(disc((255, 255, 255))))
    others, _ = load_cutout(saved(disc((0, 0, 255)), "b.png"))
    assert np.array_equal(colours, others)
    pixels = np.asarray(colours, int)
    assert np.abs(pixels[8:40, 8] - (200, 0, 0)).max() < 12  # half-transparent
    assert np.abs(pixels[8:40, 6] - (200, 0, 0)).max() < 40  # beside it
    assert pixels[..., 2].max() < 5  # neither white nor blue anywhere


def test_a_picture_without_transparency_is_as_ever(saved):
    file = saved(Image.new("RGB", (9, 7), "red"))
    assert not has_transparency(file)
    colours, opacity = load_cutout(file)
    assert opacity is None
    assert colours.getpixel((0, 0)) == (255, 0, 0)


def test_it_is_turned_upright_with_its_opacity(saved):
    exif = Image.Exif()
    exif[0x0112] = 6
    colours, opacity = load_cutout(saved(disc((0, 0, 0)), exif=exif))
    assert colours.size == opacity.size == (48, 64)
    assert opacity.getpixel((24, 50)) == 255
    assert opacity.getpixel((2, 50)) == 0


def test_palettes_and_bytes_too(saved, tmp_path):
    file = saved(disc((0, 0, 0)).quantize(8), "a.gif", transparency=0)
    assert has_transparency(file)
    _, opacity = load_cutout(file.read_bytes())
    assert opacity.getextrema() == (0, 255)


def test_nothing_to_be_seen_is_a_sentence(saved):
    with pytest.raises(ImageError, match="The photo is transparent all over"):
        load_cutout(saved(Image.new("RGBA", (9, 9), (1, 2, 3, 0))).read_bytes(), "photo")


def test_what_is_no_picture_has_no_transparency(tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    assert not has_transparency(tmp_path / "a.png")
    assert not has_transparency(tmp_path / "b.png")
    with pytest.raises(ImageError, match="does not exist"):
        load_cutout(tmp_path / "b.png")


def test_what_is_painted_becomes_transparent_again_and_lies_on_white_in_a_jpeg():
    opacity = Image.new("L", (20, 10), 0)
    opacity.paste(255, (0, 0, 10, 10))
    painted = Image.new("RGB", (40, 20), "navy")
    again = cut_out(painted, opacity)
    assert (again.mode, again.getchannel("A").getextrema()) == ("RGBA", (0, 255))
    assert painted.mode == "RGB"  # the given one is as it was
    flat = on_white(again)
    assert (flat.mode, flat.getpixel((5, 5)), flat.getpixel((35, 5))) == ("RGB", (0, 0, 128), (255,) * 3)
    assert cut_out(painted, None) is painted
    assert on_white(painted).tobytes() == painted.tobytes()


def test_a_large_cutout_comes_reduced(saved):
    colours, opacity = load_cutout(saved(disc((0, 0, 0))), "photo", Wanted(largest=32))
    assert colours.size == opacity.size == (32, 24)
    assert opacity.getextrema() == (0, 255)
