"""Saving pictures: completely or not at all, in the format of the suffix."""

import os

import pytest
from PIL import Image

from styletransfer.errors import ImageError
from styletransfer.images import load_image, save_image
from tests.support.made_images import assert_pixel, display_p3, encoded, noise

try:
    import resource
except ImportError:  # Windows
    resource = None


@pytest.mark.parametrize(
    ("name", "format", "within"),
    [("a.png", "PNG", 0), ("a.JPG", "JPEG", 4), ("a.jpeg", "JPEG", 4), ("a.webp", "WEBP", 6)],
)
def test_the_suffix_decides_the_format(tmp_path, name, format, within):
    path = tmp_path / name
    path.write_bytes(b"what was there before")
    image = Image.new("RGB", (40, 30), (200, 100, 50))
    image.info["icc_profile"] = display_p3()  # must not be saved, because the pixels are sRGB
    save_image(image, path)
    assert [each.name for each in tmp_path.iterdir()] == [name]
    with Image.open(path) as saved:
        assert saved.format == format
        assert "icc_profile" not in saved.info
    assert_pixel(load_image(path), (200, 100, 50), within, at=(20, 15))


@pytest.mark.parametrize(("name", "format"), [("a.jpg", "JPEG"), ("a.webp", "WEBP")])
def test_lossy_files_are_of_high_quality(tmp_path, name, format):
    save_image(noise(), tmp_path / name)
    options = {"subsampling": "4:4:4"} if format == "JPEG" else {}
    expected = encoded(noise(), format, quality=95, **options)
    assert (tmp_path / name).read_bytes() == expected


def test_replaces_the_file_instead_of_writing_into_it(tmp_path):
    path, same_file = tmp_path / "a.png", tmp_path / "link"
    path.write_bytes(b"before")
    os.link(path, same_file)
    save_image(noise(), path)
    assert same_file.read_bytes() == b"before"  # an open file can still be read


def test_png_says_it_is_srgb_and_keeps_texts(tmp_path):
    save_image(noise(), tmp_path / "a.png", Software="styletransfer", recipe="seed 3, größer")
    with Image.open(tmp_path / "a.png") as saved:
        saved.load()
        assert saved.info["srgb"] == 0
        assert saved.text == {"Software": "styletransfer", "recipe": "seed 3, größer"}


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_lossy_files_keep_texts(tmp_path, name):
    save_image(noise(), tmp_path / name, Software="styletransfer", recipe="größer")
    with Image.open(tmp_path / name) as saved:
        raw = saved.info["exif"]
    assert "Software: styletransfer\nrecipe: größer".encode() in raw


@pytest.mark.parametrize("name", ["a.gif", "a", "a.png.txt"])
def test_an_unknown_suffix_is_refused(tmp_path, name):
    with pytest.raises(ImageError, match=r"must end in \.png, \.jpg, \.jpeg, \.webp") as caught:
        save_image(noise(), tmp_path / name)
    assert repr(name) in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_folder_that_cannot_take_it_is_named(tmp_path, folder):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ImageError, match=r"^a\.png cannot be saved \(.*folder") as caught:
        save_image(noise(), tmp_path / folder / "a.png")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.skipif(resource is None, reason="needs limits of Unix")
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, name):
    path = tmp_path / name
    save_image(noise(), path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(ImageError, match=r"cannot be saved \(File too large\)"):
            save_image(noise(), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(("name", "width"), [("a.jpg", 70000), ("a.webp", 20000)])
def test_more_pixels_than_the_format_allows_are_refused(tmp_path, name, width):
    with pytest.raises(ImageError, match=rf"does not allow {width} x 1 pixels; choose \.png"):
        save_image(Image.new("RGB", (width, 1)), tmp_path / name)
    assert list(tmp_path.iterdir()) == []
