"""What colours a file means by its numbers: code points, gamma and primaries, and HDR."""

import struct
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image, features

from styletransfer.file_colours import colours_of
from styletransfer.images import load_image
from styletransfer.picture_files import Wanted, read
from tests.support.made_images import assert_pixel, display_p3, encoded, with_chunk

SRGB_XY = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3_XY = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def plain(colour, size=(4, 4)):
    return Image.new("RGB", size, colour)


def pq(light):
    """The number from 0 to 255 for candelas per square metre (SMPTE ST 2084)."""
    y = (light / 10_000) ** (1305 / 8192)
    return round(255 * ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** (2523 / 32))


def with_cicp(colour, primaries, transfer):
    return with_chunk(encoded(plain(colour), "PNG"), b"cICP", bytes([primaries, transfer, 0, 1]))


class TestGamma:
    def test_a_linear_png_is_brightened(self):
        data = with_chunk(encoded(plain((128,) * 3), "PNG"), b"gAMA", struct.pack(">I", 100_000))
        assert_pixel(load_image(data), (188,) * 3, within=1)

    @pytest.mark.parametrize("palette", [False, True])
    def test_a_gamma_of_1_8_is_heeded(self, palette):
        image = plain((128,) * 3)
        image = image.convert("P", palette=Image.Palette.ADAPTIVE) if palette else image
        data = with_chunk(encoded(image, "PNG"), b"gAMA", struct.pack(">I", 55_556))
        assert_pixel(load_image(data), (146,) * 3, within=2)  # (128/255)^1.8 as sRGB has it

    def test_srgbs_own_gamma_and_primaries_change_nothing(self):
        data = with_chunk(encoded(plain((200, 100, 50)), "PNG"), b"cHRM", struct.pack(">8I", *SRGB_XY))
        data = with_chunk(data, b"gAMA", struct.pack(">I", 45_455))
        assert load_image(data).tobytes() == plain((200, 100, 50)).tobytes()

    def test_other_primaries_are_heeded(self):
        data = with_chunk(encoded(plain((200, 100, 50)), "PNG"), b"cHRM", struct.pack(">8I", *P3_XY))
        data = with_chunk(data, b"gAMA", struct.pack(">I", 45_455))
        assert_pixel(load_image(data), (215, 93, 31), within=2)

    @pytest.mark.parametrize("chunks", [[b"sRGB"], [b"iCCP"]])
    def test_what_says_more_precedes_it(self, chunks):
        options = {"icc_profile": display_p3()} if b"iCCP" in chunks else {}
        data = encoded(plain((200, 100, 50)), "PNG", **options)
        data = with_chunk(data, b"gAMA", struct.pack(">I", 100_000))
        data = with_chunk(data, b"sRGB", b"\0") if b"sRGB" in chunks else data
        expected = (215, 93, 31) if options else (200, 100, 50)
        assert_pixel(load_image(data), expected, within=2)

    @pytest.mark.parametrize("gamma", [0, 1, 2**31])
    @pytest.mark.parametrize("points", [None, (0,) * 8, (1,) * 8, (31270, 32900) * 4])
    def test_nonsense_is_ignored(self, gamma, points):
        data = encoded(plain((200, 100, 50)), "PNG")
        if points:
            data = with_chunk(data, b"cHRM", struct.pack(">8I", *points))
        data = with_chunk(data, b"gAMA", struct.pack(">I", gamma))
        assert load_image(data).tobytes() == plain((200, 100, 50)).tobytes()

    def test_primaries_in_one_place_are_ignored(self):
        data = with_chunk(encoded(plain("red"), "PNG"), b"cHRM", struct.pack(">8I", *(31270, 32900) * 4))
        data = with_chunk(data, b"gAMA", struct.pack(">I", 100_000))
        assert load_image(data).tobytes() == plain("red").tobytes()


class TestCodePoints:
    @pytest.mark.parametrize(("primaries", "transfer"), [(1, 13), (2, 2), (1, 1), (77, 200)])
    def test_srgb_and_what_nobody_knows_change_nothing(self, primaries, transfer):
        data = with_cicp((200, 100, 50), primaries, transfer)
        assert load_image(data).tobytes() == plain((200, 100, 50)).tobytes()

    def test_display_p3_becomes_srgb(self):
        assert_pixel(load_image(with_cicp((200, 100, 50), 12, 13)), (215, 93, 31), within=2)

    def test_linear_light_becomes_srgb(self):
        assert_pixel(load_image(with_cicp((128,) * 3, 1, 8)), (188,) * 3, within=1)

    def test_code_points_precede_gamma(self):
        data = with_chunk(with_cicp((200, 100, 50), 12, 13), b"gAMA", struct.pack(">I", 100_000))
        assert_pixel(load_image(data), (215, 93, 31), within=2)

    def test_heic_says_them_too(self):
        options = {"color_primaries": 12, "transfer_characteristics": 13, "quality": 100}
        data = encoded(plain((200, 100, 50), (64, 64)), "HEIF", **options)
        assert_pixel(load_image(data), (215, 93, 31), within=5)

    @pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
    def test_avif_says_them_too(self):
        data = encoded(plain((200, 100, 50), (64, 64)), "AVIF", quality=100)
        assert_pixel(load_image(data), (200, 100, 50), within=3)
        assert data.count(b"nclx\0\1\0\r") == 1
        data = data.replace(b"nclx\0\1\0\r", b"nclx\0\x0c\0\r")
        assert_pixel(load_image(data), (215, 93, 31), within=5)

    @pytest.mark.parametrize("body", [b"", b"\x09", b"\x09\x10\0\1\0"])
    def test_a_chunk_of_another_length_is_ignored(self, body):
        data = with_chunk(encoded(plain("teal"), "PNG"), b"cICP", body)
        assert load_image(data).tobytes() == plain("teal").tobytes()


class TestHdr:
    def test_paper_stays_nearly_white_and_what_is_brighter_is_brighter(self):
        lights = [0, 20, 100, 203, 1000, 10_000]
        got = [load_image(with_cicp((pq(light),) * 3, 9, 16)).getpixel((0, 0)) for light in lights]
        assert all(max(each) - min(each) <= 1 for each in got)  # grey stays grey
        grey = [each[0] for each in got]
        assert grey == sorted(set(grey))
        assert grey[0] == 0
        assert grey[2] == pytest.approx(186, abs=2)  # half of paper's light, as ever
        assert 225 <= grey[3] <= 240
        assert grey[-1] >= 254

    def test_hlg_is_brought_to_the_same_white(self):
        assert 225 <= load_image(with_cicp((191,) * 3, 9, 18)).getpixel((0, 0))[0] <= 240

    def test_it_is_told(self):
        for transfer, hdr in ((16, True), (18, True), (13, False)):
            assert read(with_cicp("teal", 9, transfer), "image", Wanted()).plain.hdr is hdr

    def test_hdr_photos_of_phones_are_recognised(self):
        ten_bits = struct.pack("<3H", *(pq(203) * 257,) * 3) * 64 * 64
        file = BytesIO()
        heif = pillow_heif.from_bytes("RGB;16", (64, 64), ten_bits)
        heif.save(file, quality=-1, color_primaries=9, transfer_characteristics=16)
        reading = read(file.getvalue(), "image", Wanted())
        assert reading.plain.hdr
        assert 225 <= reading.plain.image.getpixel((30, 30))[0] <= 240

    def test_an_hdr_profile_is_known_by_its_code_points(self):
        icc = display_p3()
        (count,) = struct.unpack_from(">I", icc, 128)
        place = len(icc) + 12
        tag = struct.pack(">4sII", b"cicp", place, 12)
        icc = icc[:128] + struct.pack(">I", count + 1) + tag + icc[132:] + b"cicp\0\0\0\0\x09\x10\0\1"
        image = Image.open(BytesIO(encoded(plain("teal"), "PNG", icc_profile=icc)))
        assert colours_of(image)[1]
        assert not colours_of(Image.open(BytesIO(encoded(plain("teal"), "PNG", icc_profile=icc[:200]))))[
            1
        ]
