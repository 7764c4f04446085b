"""What people upload, made here with Pillow or byte by byte, and what must come of it."""

import io
import os
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image, ImageCms, features

from styletransfer.errors import ImageError
from styletransfer.images import fitted_size, load_image, resize, save_image, to_image, to_tensor

RED, WHITE = (255, 0, 0), (255, 255, 255)
DEEP = {"I;16": "<256H", "I;16B": ">256H", "I": "=256i"}  # Pillow's deep greys, for struct


def encoded(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def exif_bytes(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes()


def noise(width=48, height=32, channels=3):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)
    return Image.fromarray(pixels.squeeze())


def assert_pixel(image, expected, within=0, at=(0, 0)):
    got = image.getpixel(at)
    assert max(abs(a - b) for a, b in zip(got, expected, strict=True)) <= within, (got, expected)


def assert_plain(image, size=None):
    assert image.mode == "RGB"
    assert image.info == {}
    assert not image.getexif()
    if size is not None:
        assert image.size == size


def icc_profile(space, tags, pcs="XYZ ", version=4, device=b"mntr"):
    """An ICC profile of these tags, by the letter of ICC.1: header, table of tags, tags."""
    tags = {
        "desc": b"mluc" + struct.pack(">4xII4sII", 1, 12, b"enUS", 8, 28) + "test".encode("utf-16be"),
        "wtpt": xyz(0.9642, 1.0, 0.8249),
    } | tags
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += struct.pack(">4sII", name.encode(), start + len(body), len(tag))
        body += tag + b"\0" * (-len(tag) % 4)
    header = struct.pack(">I4xBxxx4s4s4s12x", start + len(body), version, device, space, pcs.encode())
    header += b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)  # D50
    return header.ljust(128, b"\0") + table + body


def xyz(*values):
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(each * 65536) for each in values))


def curve(*parameters):
    """A parametric curve: gamma alone, or sRGB's five numbers."""
    kind = {1: 0, 5: 3}[len(parameters)]
    fixed = (round(each * 65536) for each in parameters)
    return b"para\0\0\0\0" + struct.pack(f">HH{len(parameters)}i", kind, 0, *fixed)


def display_p3():
    srgb_curve = curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return icc_profile(
        b"RGB ",
        {
            "rXYZ": xyz(0.51512, 0.24120, -0.00105),
            "gXYZ": xyz(0.29198, 0.69225, 0.04189),
            "bXYZ": xyz(0.15710, 0.06657, 0.78407),
            "rTRC": srgb_curve,
            "gTRC": srgb_curve,
            "bTRC": srgb_curve,
        },
    )


def linear_grey():
    return icc_profile(b"GRAY", {"kTRC": curve(1.0)})


def cmyk_to(lab):
    """A printer's profile: paper is white, full cyan prints as `lab` (8 bits each)."""
    corners = []
    for corner in range(16):  # C, M, Y, K as bits, K fastest
        full_cyan = corner == 0b1000
        paper = corner == 0
        corners += [each * 256 for each in (lab if full_cyan else (255 if paper else 0, 128, 128))]
    ramp = (0, 65535)
    lut = b"mft2\0\0\0\0" + struct.pack(">BBBx9i", 4, 3, 2, *(65536, 0, 0, 0) * 2, 65536)
    lut += struct.pack(">HH", 2, 2) + struct.pack(">8H", *ramp * 4)
    lut += struct.pack(">48H", *corners) + struct.pack(">6H", *ramp * 3)
    return icc_profile(b"CMYK", {"A2B0": lut}, pcs="Lab ", version=2, device=b"prtr")


def as_lab(rgb):
    return ImageCms.profileToProfile(
        Image.new("RGB", (1, 1), rgb),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )


def png(width, height, depth=8, kind=0, data=b""):
    """A PNG whose header may promise more than there is."""

    def chunk(name, body):
        checksum = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


class TestSources:
    def test_all_kinds_give_the_same_picture(self, tmp_path):
        image = noise()
        data = encoded(image, "PNG")
        path = tmp_path / "photo.png"
        path.write_bytes(data)
        file = io.BytesIO(data)
        file.read()  # a file that was already read is read from its start
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
    def test_formats(self, format):
        if format == "AVIF" and not features.check("avif"):
            pytest.skip("this Pillow has no AVIF")
        image = load_image(encoded(Image.new("RGB", (64, 32), (200, 100, 50)), format))
        assert_plain(image, (64, 32))
        assert_pixel(image, (200, 100, 50), within=3, at=(30, 15))

    @pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
    def test_small_and_thin(self, size):
        assert_plain(load_image(encoded(Image.new("RGB", size), "PNG")), size)

    def test_files_are_closed(self, tmp_path):
        good, bad = tmp_path / "good.tif", tmp_path / "bad.png"
        good.write_bytes(encoded(noise(), "TIFF"))
        bad.write_bytes(encoded(noise(), "PNG")[:500])
        before = len(os.listdir("/dev/fd"))
        load_image(good)
        with pytest.raises(ImageError) as kept:  # the traceback holds on to what is still open
            load_image(bad)
        assert len(os.listdir("/dev/fd")) == before
        assert kept.value.__cause__ is not None

    def test_many_threads(self):
        data = encoded(noise(), "JPEG", icc_profile=display_p3(), exif=exif_bytes(6))
        expected = load_image(data).tobytes()
        with ThreadPoolExecutor(8) as pool:
            assert {each.tobytes() for each in pool.map(load_image, [data] * 64)} == {expected}


class TestOddPictures:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
    def test_orientation(self, format, orientation):
        if format == "AVIF" and not features.check("avif"):
            pytest.skip("this Pillow has no AVIF")
        upright = Image.new("RGB", (64, 32), "white")
        upright.paste(RED, (0, 0, 16, 16))
        upright.paste((0, 0, 255), (48, 0, 64, 16))
        # How a camera stores it: what has to be undone for the viewer, by the EXIF standard.
        turns = Image.Transpose
        stored = {
            1: lambda: upright,
            2: lambda: upright.transpose(turns.FLIP_LEFT_RIGHT),
            3: lambda: upright.transpose(turns.ROTATE_180),
            4: lambda: upright.transpose(turns.FLIP_TOP_BOTTOM),
            5: lambda: upright.transpose(turns.TRANSPOSE),
            6: lambda: upright.transpose(turns.ROTATE_90),
            7: lambda: upright.transpose(turns.TRANSVERSE),
            8: lambda: upright.transpose(turns.ROTATE_270),
        }[orientation]()
        data = encoded(stored, format, exif=exif_bytes(orientation))
        if format == "HEIF":  # the container's own turning; the EXIF beside it must not turn again
            assert (b"irot" in data or b"imir" in data) == (orientation != 1)
        image = load_image(data)
        assert_plain(image, (64, 32))
        assert_pixel(image, RED, within=8, at=(5, 5))
        assert_pixel(image, (0, 0, 255), within=8, at=(58, 5))
        assert_pixel(image, WHITE, within=8, at=(5, 26))

    @pytest.mark.parametrize(
        "exif",
        [
            b"rubbish",
            b"MM\0*",  # Pillow warns, which is an error here, when we ask for the orientation
            pytest.param(  # and here on opening already
                b"MM\0*\0\0\0\x08\0\x05\x01",
                marks=pytest.mark.filterwarnings("ignore:Corrupt EXIF"),
            ),
        ],
    )
    def test_broken_exif_is_ignored(self, exif):
        exif = b"Exif\0\0" + exif
        image = load_image(encoded(Image.new("RGB", (8, 4)), "JPEG", exif=exif))
        assert_plain(image, (8, 4))

    @pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
    def test_animation_gives_its_first_frame(self, format):
        frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
        options = {"lossless": True} if format == "WEBP" else {}
        data = encoded(frames[0], format, save_all=True, append_images=frames[1:], **options)
        image = load_image(data)
        assert_plain(image, (16, 16))
        assert_pixel(image, RED)

    def test_transparency_is_flattened_on_white(self):
        image = Image.new("RGBA", (3, 1), (10, 20, 30, 0))
        image.putpixel((1, 0), (10, 20, 30, 255))
        image.putpixel((2, 0), (0, 0, 0, 128))
        loaded = load_image(encoded(image, "PNG"))
        assert_plain(loaded, (3, 1))
        assert_pixel(loaded, WHITE, at=(0, 0))
        assert_pixel(loaded, (10, 20, 30), at=(1, 0))
        assert_pixel(loaded, (127, 127, 127), at=(2, 0))

    @pytest.mark.parametrize(("format", "transparency"), [("PNG", 0), ("PNG", b"\0\xff"), ("GIF", 0)])
    def test_transparent_palette(self, format, transparency):
        image = Image.new("P", (2, 1))
        image.putpalette([0, 0, 0, 255, 0, 0])
        image.putpixel((1, 0), 1)
        loaded = load_image(encoded(image, format, transparency=transparency))
        assert_plain(loaded)
        assert_pixel(loaded, WHITE, at=(0, 0))
        assert_pixel(loaded, RED, at=(1, 0))

    @pytest.mark.parametrize("mode", ["LA", "PA", "RGBA"])
    def test_modes_with_alpha(self, mode):
        image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
        image.putpixel((1, 0), (90, 90, 90, 255))
        image = image.convert("P" if mode == "PA" else "LA").convert(mode)
        loaded = load_image(image)
        assert_pixel(loaded, WHITE, at=(0, 0))
        assert_pixel(loaded, (90, 90, 90), at=(1, 0))

    def test_transparent_colour_key(self):
        image = Image.new("RGB", (2, 1), RED)
        image.putpixel((1, 0), (0, 0, 255))
        loaded = load_image(encoded(image, "PNG", transparency=RED))
        assert_pixel(loaded, WHITE, at=(0, 0))
        assert_pixel(loaded, (0, 0, 255), at=(1, 0))

    @pytest.mark.parametrize(
        ("format", "mode"),
        [("PNG", "I;16")] + [(each, mode) for each in ("TIFF", None) for mode in DEEP],
    )
    def test_16_bit_grey_keeps_its_tones(self, format, mode):
        tones = struct.pack(DEEP[mode], *(257 * each for each in range(256)))
        image = Image.frombytes(mode, (256, 1), tones)
        loaded = load_image(encoded(image, format) if format else image)
        assert_plain(loaded)
        assert [loaded.getpixel((x, 0)) for x in range(256)] == [(x, x, x) for x in range(256)]

    def test_16_bit_grey_rounds_and_may_be_dark(self):
        image = Image.frombytes("I;16", (3, 1), struct.pack("<3H", 128, 129, 300))
        data = encoded(image, "PNG")
        assert load_image(data).tobytes() == bytes([0] * 3 + [1] * 6)

    def test_16_bit_colour(self):
        tall = np.array([40000, 20000, 0, 65535, 257, 514], ">u2")
        loaded = load_image(png(2, 1, depth=16, kind=2, data=b"\0" + tall.tobytes()))
        assert_pixel(loaded, (156, 78, 0), within=1, at=(0, 0))
        assert_pixel(loaded, (255, 1, 2), within=1, at=(1, 0))

    @pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 1e6])
    def test_floating_point_grey(self, white):
        tones = np.array([[-white, 0, 0.5 * white, white]], np.float32)
        loaded = load_image(encoded(Image.fromarray(tones), "TIFF"))
        assert [loaded.getpixel((x, 0))[0] for x in range(4)] == [0, 0, 128, 255]

    def test_one_bit(self):
        image = Image.new("1", (2, 1))
        image.putpixel((1, 0), 1)
        loaded = load_image(encoded(image, "PNG"))
        assert [loaded.getpixel((x, 0)) for x in range(2)] == [(0, 0, 0), WHITE]

    def test_cmyk_without_profile(self):
        data = encoded(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), "JPEG", quality=100)
        assert_pixel(load_image(data), (0, 255, 255), within=3)

    def test_lab(self):
        data = encoded(as_lab((200, 100, 50)), "TIFF")
        assert_pixel(load_image(data), (200, 100, 50), within=3)


class TestProfiles:
    # P3's linear light times the matrix to sRGB's primaries, by hand; outside the gamut it is cut.
    # The first three are sRGB's pure colours as Apple's colour picker shows them in P3.
    P3_TO_SRGB = (
        ((234, 51, 35), (255, 0, 0)),
        ((117, 251, 76), (2, 255, 0)),
        ((0, 0, 245), (0, 0, 255)),
        ((200, 100, 50), (215, 93, 31)),
        ((40, 160, 90), (0, 163, 82)),
        ((100, 60, 180), (107, 58, 187)),
        ((128, 128, 128), (128, 128, 128)),
        (WHITE, WHITE),
    )

    @pytest.mark.parametrize(("p3", "srgb"), P3_TO_SRGB)
    def test_display_p3(self, p3, srgb):
        data = encoded(Image.new("RGB", (2, 2), p3), "PNG", icc_profile=display_p3())
        image = load_image(data)
        assert_plain(image)
        assert_pixel(image, srgb, within=2)

    @pytest.mark.parametrize("format", ["JPEG", "WEBP", "TIFF", "HEIF", "AVIF"])
    def test_display_p3_in_every_container(self, format):
        if format == "AVIF" and not features.check("avif"):
            pytest.skip("this Pillow has no AVIF")
        image = Image.new("RGB", (64, 64), (200, 100, 50))
        data = encoded(image, format, icc_profile=display_p3(), quality=100)
        assert_pixel(load_image(data), (215, 93, 31), within=6, at=(30, 30))

    def test_profile_and_transparency(self):
        image = Image.new("RGBA", (2, 1), (200, 100, 50, 255))
        image.putpixel((1, 0), (200, 100, 50, 0))
        loaded = load_image(encoded(image, "PNG", icc_profile=display_p3()))
        assert_pixel(loaded, (215, 93, 31), within=2, at=(0, 0))
        assert_pixel(loaded, WHITE, at=(1, 0))

    def test_profile_and_palette(self):
        image = Image.new("RGB", (2, 1), (200, 100, 50)).convert("P", palette=Image.Palette.ADAPTIVE)
        loaded = load_image(encoded(image, "PNG", icc_profile=display_p3()))
        assert_pixel(loaded, (215, 93, 31), within=2)

    @pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
    def test_grey_profile(self, mode):
        # Linear light: half the light is 188 in sRGB.
        image = Image.new(mode, (2, 2), {"L": 128, "LA": (128, 255), "I;16": 128 * 257}[mode])
        loaded = load_image(encoded(image, "PNG", icc_profile=linear_grey()))
        assert_pixel(loaded, (188, 188, 188), within=1)

    def test_grey_picture_with_a_colour_profile(self):
        linear = icc_profile(
            b"RGB ",
            {
                "rXYZ": xyz(0.4361, 0.2225, 0.0139),
                "gXYZ": xyz(0.3851, 0.7169, 0.0971),
                "bXYZ": xyz(0.1431, 0.0606, 0.7141),
                **dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve(1.0)),
            },
        )
        image = load_image(encoded(Image.new("L", (8, 8), 128), "JPEG", icc_profile=linear))
        assert_pixel(image, (188, 188, 188), within=2)

    def test_cmyk_profile(self):
        ink = (60, 120, 180)
        profile = cmyk_to(as_lab(ink).getpixel((0, 0)))
        image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
        image.paste((0, 0, 0, 0), (8, 0, 16, 16))
        for format, options in (("TIFF", {}), ("JPEG", {"quality": 100})):
            loaded = load_image(encoded(image, format, icc_profile=profile, **options))
            assert_plain(loaded)
            assert_pixel(loaded, ink, within=4, at=(1, 8))
            assert_pixel(loaded, WHITE, within=2, at=(14, 8))

    def test_srgb_profile_changes_nothing(self):
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        image = noise()
        loaded = load_image(encoded(image, "PNG", icc_profile=srgb))
        assert_plain(loaded)
        assert loaded.tobytes() == image.tobytes()

    @pytest.mark.parametrize("kind", ["rubbish", "cut off", "of another colour space"])
    def test_broken_profile_is_ignored(self, kind):
        profile = {
            "rubbish": b"this is no profile",
            "cut off": display_p3()[:200],
            "of another colour space": linear_grey(),
        }[kind]
        image = noise()
        assert load_image(encoded(image, "PNG", icc_profile=profile)).tobytes() == image.tobytes()


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
    def test_sentences(self, source, words):
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
    def test_cut_off(self, format, part):
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
    @pytest.mark.parametrize(("size", "words"), [((20000, 10000), "200.0"), ((10000, 9000), "90.0")])
    def test_too_many_megapixels(self, size, words, action):
        # Pillow only warns of the smaller one, and a page does not make errors of warnings.
        with warnings.catch_warnings():
            warnings.simplefilter(action)
            with pytest.raises(ImageError) as caught:
                load_image(png(*size, depth=1), "content image")
        assert f"content image has {words} megapixels, but at most 89" in str(caught.value)

    def test_out_of_memory(self, monkeypatch):
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
    def test_fitted(self, before, size, after):
        assert fitted_size(*before, size) == after
        assert resize(Image.new("RGB", before), size).size == after

    def test_shrinking_is_antialiased(self):
        stripes = np.zeros((64, 512, 3), np.uint8)
        stripes[:, ::2] = 255
        small = np.asarray(resize(Image.fromarray(stripes), 64))
        assert abs(small[:, 4:-4].astype(int) - 127.5).max() <= 2  # not every 8th column

    def test_a_flat_picture_stays_flat(self):
        enlarged = resize(Image.new("RGB", (1, 1), (10, 200, 30)), 64)
        assert enlarged.getcolors() == [(64 * 64, (10, 200, 30))]


class TestTensors:
    def test_layout(self):
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

    def test_half_precision(self):
        assert_pixel(to_image(torch.full((1, 3, 2, 2), 0.5, dtype=torch.bfloat16)), (128,) * 3)


class TestSaving:
    @pytest.mark.parametrize(
        ("name", "format", "within"),
        [("a.png", "PNG", 0), ("a.JPG", "JPEG", 4), ("a.jpeg", "JPEG", 4), ("a.webp", "WEBP", 6)],
    )
    def test_by_suffix(self, tmp_path, name, format, within):
        path = tmp_path / name
        path.write_bytes(b"what was there before")
        image = Image.new("RGB", (40, 30), (200, 100, 50))
        image.info["icc_profile"] = display_p3()  # pixels are sRGB: this would be a lie
        save_image(image, path)
        assert [each.name for each in tmp_path.iterdir()] == [name]
        with Image.open(path) as saved:
            assert saved.format == format
            assert "icc_profile" not in saved.info
        assert_pixel(load_image(path), (200, 100, 50), within, at=(20, 15))

    @pytest.mark.parametrize(("name", "format"), [("a.jpg", "JPEG"), ("a.webp", "WEBP")])
    def test_quality(self, tmp_path, name, format):
        save_image(noise(), tmp_path / name)
        options = {"subsampling": "4:4:4"} if format == "JPEG" else {}
        expected = encoded(noise(), format, quality=95, **options)
        assert (tmp_path / name).read_bytes() == expected

    def test_replaces_the_file_instead_of_writing_into_it(self, tmp_path):
        path, same_file = tmp_path / "a.png", tmp_path / "link"
        path.write_bytes(b"before")
        os.link(path, same_file)
        save_image(noise(), path)
        assert same_file.read_bytes() == b"before"  # who is reading it reads on undisturbed

    def test_png_says_it_is_srgb_and_keeps_texts(self, tmp_path):
        save_image(noise(), tmp_path / "a.png", Software="styletransfer", recipe="seed 3, größer")
        with Image.open(tmp_path / "a.png") as saved:
            saved.load()
            assert saved.info["srgb"] == 0
            assert saved.text == {"Software": "styletransfer", "recipe": "seed 3, größer"}

    @pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
    def test_lossy_files_keep_texts(self, tmp_path, name):
        save_image(noise(), tmp_path / name, Software="styletransfer", recipe="größer")
        with Image.open(tmp_path / name) as saved:
            raw = saved.info["exif"]
        assert "Software: styletransfer\nrecipe: größer".encode() in raw

    @pytest.mark.parametrize("name", ["a.gif", "a", "a.png.txt"])
    def test_unknown_suffix(self, tmp_path, name):
        with pytest.raises(ImageError, match=r"must end in \.png, \.jpg, \.jpeg, \.webp") as caught:
            save_image(noise(), tmp_path / name)
        assert repr(name) in str(caught.value)
        assert str(tmp_path) not in str(caught.value)

    @pytest.mark.parametrize("folder", ["missing", "file"])
    def test_folder_that_cannot_take_it(self, tmp_path, folder):
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(ImageError, match=r"^a\.png cannot be saved \(.*folder") as caught:
            save_image(noise(), tmp_path / folder / "a.png")
        assert str(tmp_path) not in str(caught.value)

    def test_a_failure_leaves_the_old_file_and_no_other(self, tmp_path, monkeypatch):
        path = tmp_path / "a.png"
        save_image(noise(), path)
        before = path.read_bytes()

        def fail(self, file, **_):
            with open(file, "wb") as part:
                part.write(b"half")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Image.Image, "save", fail)
        with pytest.raises(ImageError, match="No space left on device"):
            save_image(noise(), path)
        assert path.read_bytes() == before
        assert [each.name for each in tmp_path.iterdir()] == ["a.png"]

    @pytest.mark.parametrize(("name", "width"), [("a.jpg", 70000), ("a.webp", 20000)])
    def test_more_pixels_than_the_format_allows(self, tmp_path, name, width):
        with pytest.raises(ImageError, match=rf"does not allow {width} x 1 pixels; choose \.png"):
            save_image(Image.new("RGB", (width, 1)), tmp_path / name)
        assert list(tmp_path.iterdir()) == []
