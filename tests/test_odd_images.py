"""Unusual pictures become plain sRGB: rotated, transparent, deep, with profiles or colour spaces."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms, features

from styletransfer.images import load_image
from styletransfer.picture_files import Wanted, read
from tests.support.made_images import (
    RED,
    WHITE,
    as_lab,
    assert_pixel,
    assert_plain,
    cmyk_to,
    display_p3,
    encoded,
    exif_bytes,
    linear_grey,
    linear_rgb,
    noise,
    png,
)

DEEP = {"I;16": "<256H", "I;16B": ">256H", "I": "=256i"}  # `struct` formats of Pillow's deep greys


class TestOddPictures:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
    def test_the_orientation_in_the_file_is_heeded_once(self, format, orientation):
        if format == "AVIF" and not features.check("avif"):
            pytest.skip("this Pillow has no AVIF")
        upright = Image.new("RGB", (64, 32), "white")
        upright.paste(RED, (0, 0, 16, 16))
        upright.paste((0, 0, 255), (48, 0, 64, 16))
        # How a camera stores the picture: the inverse of what EXIF tells the viewer to do.
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
        if format == "HEIF":  # rotates by the container; EXIF must not rotate again
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
            b"MM\0*",  # Pillow warns when the orientation is read; here warnings are errors
            pytest.param(  # here Pillow warns on opening already
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
    def test_a_transparent_palette_is_flattened_on_white(self, format, transparency):
        image = Image.new("P", (2, 1))
        image.putpalette([0, 0, 0, 255, 0, 0])
        image.putpixel((1, 0), 1)
        loaded = load_image(encoded(image, format, transparency=transparency))
        assert_plain(loaded)
        assert_pixel(loaded, WHITE, at=(0, 0))
        assert_pixel(loaded, RED, at=(1, 0))

    @pytest.mark.parametrize("mode", ["LA", "PA", "RGBA"])
    def test_all_modes_with_alpha_are_flattened_on_white(self, mode):
        image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
        image.putpixel((1, 0), (90, 90, 90, 255))
        image = image.convert("P" if mode == "PA" else "LA").convert(mode)
        loaded = load_image(image)
        assert_pixel(loaded, WHITE, at=(0, 0))
        assert_pixel(loaded, (90, 90, 90), at=(1, 0))

    def test_a_transparent_colour_is_flattened_on_white(self):
        image = Image.new("RGB", (2, 1), RED)
        image.putpixel((1, 0), (0, 0, 255))
        loaded = load_image(encoded(image, "PNG", transparency=RED))
        assert_pixel(loaded, WHITE, at=(0, 0))
        assert_pixel(loaded, (0, 0, 255), at=(1, 0))

    @pytest.mark.parametrize("mode", ["LA", "RGBA"])
    def test_a_white_logo_on_transparency_stays_visible(self, mode):
        logo = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
        logo.paste("white", (10, 10, 30, 30))
        loaded = load_image(encoded(logo.convert(mode), "PNG"))
        assert_pixel(loaded, (105, 105, 105), at=(2, 2))
        assert_pixel(loaded, WHITE, at=(15, 15))
        assert_pixel(load_image(encoded(logo, "PNG"), background="black"), (0, 0, 0), at=(2, 2))

    def test_a_coloured_logo_stays_on_white(self):
        logo = Image.new("RGBA", (60, 40), (255, 255, 255, 0))
        logo.paste("navy", (10, 10, 30, 30))
        assert_pixel(load_image(encoded(logo, "PNG")), WHITE, at=(2, 2))

    def test_an_opaque_picture_with_an_alpha_channel_needs_no_ground(self):
        assert read(Image.new("RGBA", (6, 4), "white"), "image", Wanted()).plain.on_grey is False

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

    def test_16_bit_colour_keeps_its_tones(self):
        tall = np.array([40000, 20000, 0, 65535, 257, 514], ">u2")
        loaded = load_image(png(2, 1, depth=16, kind=2, data=b"\0" + tall.tobytes()))
        assert_pixel(loaded, (156, 78, 0), within=1, at=(0, 0))
        assert_pixel(loaded, (255, 1, 2), within=1, at=(1, 0))

    def test_16_bit_grey_of_which_0_is_white_is_no_negative(self):
        tones = struct.pack("<256H", *(65535 - 257 * each for each in range(256)))
        image = Image.frombytes("I;16", (256, 1), tones)
        loaded = load_image(encoded(image, "TIFF", tiffinfo={262: 0}))
        assert [loaded.getpixel((x, 0)) for x in range(256)] == [(x, x, x) for x in range(256)]

    def test_what_is_no_number_does_not_darken_the_rest(self):
        tones = np.array([[np.nan, np.inf, -np.inf, 0, 0.5, 1]], np.float32)
        loaded = load_image(encoded(Image.fromarray(tones), "TIFF"))
        assert [loaded.getpixel((x, 0))[0] for x in range(6)] == [0, 255, 0, 0, 128, 255]

    def test_a_picture_without_a_number_is_black(self):
        loaded = load_image(encoded(Image.fromarray(np.full((2, 2), np.nan, np.float32)), "TIFF"))
        assert loaded.getextrema() == ((0, 0),) * 3

    @pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 1e6])
    def test_floating_point_grey_is_scaled_by_its_white(self, white):
        tones = np.array([[-white, 0, 0.5 * white, white]], np.float32)
        loaded = load_image(encoded(Image.fromarray(tones), "TIFF"))
        assert [loaded.getpixel((x, 0))[0] for x in range(4)] == [0, 0, 128, 255]

    def test_one_bit_is_black_and_white(self):
        image = Image.new("1", (2, 1))
        image.putpixel((1, 0), 1)
        loaded = load_image(encoded(image, "PNG"))
        assert [loaded.getpixel((x, 0)) for x in range(2)] == [(0, 0, 0), WHITE]

    def test_cmyk_without_a_profile_is_converted_plainly(self):
        data = encoded(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), "JPEG", quality=100)
        assert_pixel(load_image(data), (0, 255, 255), within=3)

    def test_lab_is_converted(self):
        data = encoded(as_lab((200, 100, 50)), "TIFF")
        assert_pixel(load_image(data), (200, 100, 50), within=3)


class TestProfiles:
    # By hand: P3's linear light times the matrix to sRGB's primaries, clipped to sRGB's gamut.
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
    def test_display_p3_becomes_srgb(self, p3, srgb):
        data = encoded(Image.new("RGB", (2, 2), p3), "PNG", icc_profile=display_p3())
        image = load_image(data)
        assert_plain(image)
        assert_pixel(image, srgb, within=2)

    @pytest.mark.parametrize("format", ["JPEG", "WEBP", "TIFF", "HEIF", "AVIF"])
    def test_the_profile_is_heeded_in_every_container(self, format):
        if format == "AVIF" and not features.check("avif"):
            pytest.skip("this Pillow has no AVIF")
        image = Image.new("RGB", (64, 64), (200, 100, 50))
        data = encoded(image, format, icc_profile=display_p3(), quality=100)
        assert_pixel(load_image(data), (215, 93, 31), within=6, at=(30, 30))

    def test_the_profile_is_heeded_beside_transparency(self):
        image = Image.new("RGBA", (2, 1), (200, 100, 50, 255))
        image.putpixel((1, 0), (200, 100, 50, 0))
        loaded = load_image(encoded(image, "PNG", icc_profile=display_p3()))
        assert_pixel(loaded, (215, 93, 31), within=2, at=(0, 0))
        assert_pixel(loaded, WHITE, at=(1, 0))

    def test_the_profile_is_heeded_for_a_palette(self):
        image = Image.new("RGB", (2, 1), (200, 100, 50)).convert("P", palette=Image.Palette.ADAPTIVE)
        loaded = load_image(encoded(image, "PNG", icc_profile=display_p3()))
        assert_pixel(loaded, (215, 93, 31), within=2)

    @pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
    def test_a_grey_profile_is_heeded(self, mode):
        # Linear light: half the light is 188 in sRGB.
        image = Image.new(mode, (2, 2), {"L": 128, "LA": (128, 255), "I;16": 128 * 257}[mode])
        loaded = load_image(encoded(image, "PNG", icc_profile=linear_grey()))
        assert_pixel(loaded, (188, 188, 188), within=1)

    def test_a_colour_profile_of_a_grey_picture_is_heeded(self):
        image = load_image(encoded(Image.new("L", (8, 8), 128), "JPEG", icc_profile=linear_rgb()))
        assert_pixel(image, (188, 188, 188), within=2)

    def test_a_printers_profile_is_heeded(self):
        ink = (60, 120, 180)
        profile = cmyk_to(as_lab(ink).getpixel((0, 0)))
        image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
        image.paste((0, 0, 0, 0), (8, 0, 16, 16))
        for format, options in (("TIFF", {}), ("JPEG", {"quality": 100})):
            loaded = load_image(encoded(image, format, icc_profile=profile, **options))
            assert_plain(loaded)
            assert_pixel(loaded, ink, within=4, at=(1, 8))
            assert_pixel(loaded, WHITE, within=2, at=(14, 8))

    @pytest.mark.parametrize("name", ["sRGB", "sRGB-elle-V2-g10.icc", "Linear"])
    def test_a_profile_is_known_by_its_numbers_and_not_by_its_name(self, name):
        image = Image.new("RGB", (4, 4), (128, 128, 128))
        profile = linear_rgb().replace("test".encode("utf-16be"), name[:4].encode("utf-16be"))
        assert_pixel(load_image(encoded(image, "PNG", icc_profile=profile)), (188,) * 3, within=1)

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
