"""Reading pictures from files, bytes and objects, refusing bad ones, resizing, conversion to tensors."""

import io
import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image, features

from styletransfer.errors import ImageError
from styletransfer.images import fitted_size, load_image, resize, to_image, to_tensor
from tests.support.made_images import (
    assert_pixel,
    assert_plain,
    display_p3,
    encoded,
    exif_bytes,
    noise,
    png,
)


class TestSources:
    def test_all_kinds_give_the_same_picture(self, tmp_path):
        image = noise()
        data = encoded(image, "PNG")
        path = tmp_path / "photo.png"
        path.write_bytes(data)
        file = io.BytesIO(data)
        file.read()  # an open file is read from its start, wherever its position is
        lazy = Image.open(io.BytesIO(data))
        for source in (path, str(path), data, bytearray(data), file, image, lazy):
            loaded = load_image(source)
            assert_plain(loaded)
            assert loaded.tobytes() == image.tobytes()

    def test_a_pil_image_is_copied_not_changed(self):
        image = noise()
        image.info["icc_profile"] = display_p3()
        before = image.tobytes()
        load_image(image).paste("black", (0, 0, 48, 32))
        assert image.tobytes() == before
        assert "icc_profile" in image.info

    @pytest.mark.parametrize(
        "format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF", "BMP", "JPEG2000", "PPM"]
    )
    def test_every_common_format_is_read(self, format):
        if format == "AVIF" and not features.check("avif"):
            pytest.skip("this Pillow has no AVIF")
        image = load_image(encoded(Image.new("RGB", (64, 32), (200, 100, 50)), format))
        assert_plain(image, (64, 32))
        assert_pixel(image, (200, 100, 50), within=3, at=(30, 15))

    @pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
    def test_the_smallest_and_the_thinnest_are_read(self, size):
        assert_plain(load_image(encoded(Image.new("RGB", size), "PNG")), size)

    def test_files_are_closed_whether_they_can_be_read_or_not(self, tmp_path):
        good, bad = tmp_path / "good.tif", tmp_path / "bad.png"
        good.write_bytes(encoded(noise(), "TIFF"))
        bad.write_bytes(encoded(noise(), "PNG")[:500])
        before = len(os.listdir("/dev/fd"))
        load_image(good)
        with pytest.raises(ImageError) as kept:  # its traceback would keep unclosed files open
            load_image(bad)
        assert len(os.listdir("/dev/fd")) == before
        assert kept.value.__cause__ is not None

    def test_many_threads_may_read_at_once(self):
        data = encoded(noise(), "JPEG", icc_profile=display_p3(), exif=exif_bytes(6))
        expected = load_image(data).tobytes()
        with ThreadPoolExecutor(8) as pool:
            assert {each.tobytes() for each in pool.map(load_image, [data] * 64)} == {expected}


class TestRefusals:
    @pytest.mark.parametrize(
        ("source", "words"),
        [
            (None, "Add a style image: a JPEG"),
            ("", "Add a style image: a JPEG"),
            (b"", "The style image is empty (0 bytes)"),
            (b"Dear diary, " * 20, "is not a picture that can be read; use a JPEG"),
            (b'<?xml version="1.0"?>\n<SVG xmlns="..."/>', "SVG drawing, not a photo; export"),
            (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "not a picture"),
            (b"\xff\xd8\xff\xe0rubbish", "is damaged or cut off"),
            (io.StringIO("text"), "must be a path, bytes, a binary file or a PIL image, got Strin"),
            (42, "must be a path, bytes, a binary file or a PIL image, got int"),
            (np.zeros((2, 2, 3), np.uint8), "or a PIL image, got ndarray"),
            (Image.new("RGB", (0, 5)), "has no pixels"),
            ("a\0b", "cannot be opened"),
        ],
        ids=lambda each: None if isinstance(each, str) else type(each).__name__,
    )
    def test_what_is_no_picture_is_said_in_a_sentence(self, source, words):
        with pytest.raises(ImageError) as caught:
            load_image(source, "style image")
        assert words in str(caught.value)
        assert "style image" in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("missing.jpg", None, "The content image (missing.jpg) does not exist"),
            ("folder", "folder", "The content image (folder) is a folder"),
            ("empty.jpg", b"", "The content image (empty.jpg) is empty"),
            ("text.jpg", b"Dear diary", "The content image (text.jpg) is not a picture"),
            ("cut.jpg", encoded(noise(), "JPEG")[:900], "The content image (cut.jpg) is damaged"),
        ],
    )
    def test_only_the_last_part_of_a_path_is_told(self, tmp_path, name, data, words):
        path = tmp_path / name
        if data == "folder":
            path.mkdir()
        elif data is not None:
            path.write_bytes(data)
        with pytest.raises(ImageError) as caught:
            load_image(path, "content image")
        assert str(caught.value).startswith(words)
        assert str(tmp_path) not in str(caught.value)

    @pytest.mark.parametrize(
        "format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF", "BMP", "JPEG2000"]
    )
    @pytest.mark.parametrize("part", [0.03, 0.5, 0.95])
    def test_a_file_that_is_cut_off_is_refused(self, format, part):
        if format == "AVIF" and not features.check("avif"):
            pytest.skip("this Pillow has no AVIF")
        data = encoded(noise(), format)
        with pytest.raises(ImageError, match=r"damaged or cut off|not a picture") as caught:
            load_image(data[: int(len(data) * part)])
        assert isinstance(caught.value.__cause__, Exception)

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIF", "GIF", "TIFF"])
    def test_corrupt_bytes_never_raise_anything_else(self, format):
        data = encoded(noise(), format)
        random = np.random.default_rng(1)
        for _ in range(60):
            broken = bytearray(data)
            for place in random.integers(0, min(len(data), 400), 6):
                broken[place] = random.integers(256)
            try:
                assert_plain(load_image(bytes(broken)))
            except ImageError as error:
                assert "\n" not in str(error)  # noqa: PT017

    @pytest.mark.parametrize("action", ["error", "ignore"])
    @pytest.mark.parametrize(("size", "words"), [((20000, 10000), "200.0"), ((11000, 10000), "110.0")])
    def test_too_many_megapixels_are_refused_unread(self, size, words, action):
        # For the smaller picture Pillow only warns, which is an error in tests but not on the page.
        with warnings.catch_warnings():
            warnings.simplefilter(action)
            with pytest.raises(ImageError) as caught:
                load_image(png(*size, depth=1), "content image")
        assert f"content image has {words} megapixels, but at most 100" in str(caught.value)

    def test_what_does_not_fit_into_memory_is_refused(self, monkeypatch):
        def fail(*_):
            raise MemoryError

        image = noise()
        monkeypatch.setattr(image, "load", fail)
        with pytest.raises(ImageError, match="does not fit into memory"):
            load_image(image)


class TestSizes:
    @pytest.mark.parametrize(
        ("before", "size", "after"),
        [
            ((1000, 500), 512, (512, 256)),
            ((500, 1000), 512, (256, 512)),
            ((4032, 3024), 512, (512, 384)),
            ((1000, 667), 512, (512, 342)),  # 341.5
            ((1000, 666), 512, (512, 341)),  # 340.99
            ((1, 1), 300, (300, 300)),
            ((1, 5000), 512, (1, 512)),
            ((512, 512), 512, (512, 512)),
        ],
    )
    def test_the_longer_side_becomes_the_size_and_the_other_is_rounded(self, before, size, after):
        assert fitted_size(*before, size) == after
        assert resize(Image.new("RGB", before), size).size == after

    def test_shrinking_is_antialiased(self):
        stripes = np.zeros((64, 512, 3), np.uint8)
        stripes[:, ::2] = 255
        small = np.asarray(resize(Image.fromarray(stripes), 64))
        assert abs(small[:, 4:-4].astype(int) - 127.5).max() <= 2  # so not every 8th column was taken

    def test_a_flat_picture_stays_flat(self):
        enlarged = resize(Image.new("RGB", (1, 1), (10, 200, 30)), 64)
        assert enlarged.getcolors() == [(64 * 64, (10, 200, 30))]


class TestTensors:
    def test_a_tensor_is_1_3_height_width_from_0_to_1(self):
        image = Image.new("RGB", (3, 2))
        image.putpixel((2, 1), (255, 51, 0))
        tensor = to_tensor(image)
        assert tensor.shape == (1, 3, 2, 3)
        assert tensor.dtype == torch.float32
        assert tensor.is_contiguous()
        torch.testing.assert_close(tensor[0, :, 1, 2], torch.tensor([1.0, 0.2, 0.0]))
        assert tensor.sum() == tensor[0, :, 1, 2].sum()

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_round_trip_is_exact(self, dtype):
        levels = np.stack([np.roll(np.arange(256, dtype=np.uint8), turn) for turn in (0, 85, 170)])
        image = Image.fromarray(levels.T.reshape(16, 16, 3).copy())
        assert to_image(to_tensor(image).to(dtype)).tobytes() == image.tobytes()

    def test_writing_on_the_tensor_leaves_the_picture(self):
        image = noise()
        before = image.tobytes()
        to_tensor(image).zero_()
        assert image.tobytes() == before

    def test_to_image_rounds_and_clamps(self):
        values = torch.tensor([-3.0, 0.49 / 255, 0.51 / 255, 254.6 / 255, 1.7, float("nan")])
        values = torch.cat([values, torch.tensor([float("inf"), float("-inf")])])
        tensor = values.expand(1, 3, 1, 8).clone().requires_grad_()
        image = to_image(tensor)
        assert image.mode == "RGB"
        assert [image.getpixel((x, 0))[0] for x in range(8)] == [0, 0, 1, 255, 255, 0, 255, 0]

    def test_bfloat16_becomes_a_picture_too(self):
        assert_pixel(to_image(torch.full((1, 3, 2, 2), 0.5, dtype=torch.bfloat16)), (128,) * 3)
