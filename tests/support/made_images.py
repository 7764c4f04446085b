"""Test pictures of many kinds, made with Pillow or byte by byte, and checks of the pictures read."""

import io
import struct
import zlib

import numpy as np
from PIL import ExifTags, Image, ImageCms

RED, WHITE = (255, 0, 0), (255, 255, 255)


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
    """An ICC profile with these tags, as specified in ICC.1: header, tag table, tags."""
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
    """A parametric curve: of gamma alone, or of five parameters like sRGB's."""
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


def linear_rgb():
    return icc_profile(
        b"RGB ",
        {
            "rXYZ": xyz(0.4361, 0.2225, 0.0139),
            "gXYZ": xyz(0.3851, 0.7169, 0.0971),
            "bXYZ": xyz(0.1431, 0.0606, 0.7141),
            **dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve(1.0)),
        },
    )


def cmyk_to(lab):
    """A CMYK profile: paper is white, full cyan prints as `lab` (8 bits per value)."""
    corners = []
    for corner in range(16):  # C, M, Y, K as bits, K the lowest
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


def chunk(name, body):
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunk(data, name, body):
    """The PNG with one more chunk, right behind its header."""
    return data[:33] + chunk(name, body) + data[33:]


def png(width, height, depth=8, kind=0, data=b""):
    """A PNG whose header may declare more pixels than its data holds."""

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
