"""Odd and hostile picture files, made in code: each name with its bytes, the same every time."""

import json
import struct
import warnings
import zlib

import numpy as np
import pillow_heif
from PIL import Image, features

from styletransfer.recipe import KEY
from tests.support.made_images import chunk, display_p3, encoded, noise, png, with_chunk

pillow_heif.register_heif_opener()

READ = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF", "BMP", "JPEG2000", "PPM")
_CUTS = (0.02, 0.2, 0.5, 0.8, 0.98)
_HUGE = 2**31 - 1
SUFFIXES = {"JPEG": "jpg", "JPEG2000": "jp2", "HEIF": "heic", "TIFF": "tif"}


def files() -> dict[str, bytes]:
    """All of them."""
    made: dict[str, bytes] = {}
    for some in (_formats, _damaged, _bombs, _headers, _texts, _metadata, _odd, _animated):
        made |= some()
    return made


def _whole(format):
    return encoded(noise(), format)


def _readable():
    return [each for each in READ if each != "AVIF" or features.check("avif")]


def _named(format, what):
    return f"{what}.{SUFFIXES.get(format, format.lower())}"


def _formats():
    """Every format that Pillow writes, also those that are not to be read, some under wrong names."""
    made = {}
    for format in sorted(Image.SAVE):
        for mode in ("RGB", "L", "1", "P"):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    data = encoded(noise().convert(mode), format)
            except Exception:  # what Pillow cannot write in this mode, or on this machine
                continue
            made[_named(format, f"{mode.lower()}-whole")] = data
            break
    made |= {f"{name}.jpg": data for name, data in list(made.items())[::3]}
    made["drawing.svg"] = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///"/></svg>'
    made["drawing.eps"] = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n{} loop\n"
    made["layers.psd"] = (
        b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3) + bytes(12)
    )
    made["nothing.png"] = b""
    made["diary.jpg"] = b"Dear diary, " * 50
    made["zeros.png"] = bytes(5000)
    return made


def _damaged():
    """Files that are cut off, and files of which some bytes are others."""
    made, random = {}, np.random.default_rng(7)
    for format in _readable():
        data = _whole(format)
        for share in _CUTS:
            made[_named(format, f"cut-at-{share}")] = data[: int(len(data) * share)]
        for number, reach in enumerate((40, 200, 600, len(data))):
            broken = bytearray(data)
            for place in random.integers(0, min(len(data), reach), 8):
                broken[place] ^= 1 << int(random.integers(8))
            made[_named(format, f"flipped-{number}")] = bytes(broken)
        made[_named(format, "with-a-tail")] = data + b"\xff" * 5000
    return made


def _bombs():
    """Small files that are large once they are decompressed."""
    deep = zlib.compress(bytes(60_000_000), 9)
    rows = zlib.compress(bytes(9950 * 29_851), 9)
    flat = Image.new("L", (9950, 9950), 200)
    small = _whole("PNG")
    return {
        "a-hundred-megapixels.png": png(9950, 9950, kind=2)[:33] + chunk(b"IDAT", rows),
        "a-hundred-grey-megapixels.png": encoded(flat, "PNG"),
        "a-hundred-megapixels-of-one-bit.tif": encoded(flat.convert("1"), "TIFF", compression="group4"),
        "a-hundred-megapixels-deflated.tif": encoded(flat, "TIFF", compression="tiff_deflate"),
        "a-hundred-megapixels.jpg": encoded(flat, "JPEG", quality=20),
        "more-pixels-than-declared.png": png(4, 4)[:33] + chunk(b"IDAT", deep) + chunk(b"IEND", b""),
        "profile.png": with_chunk(small, b"iCCP", b"p\0\0" + deep),
        "text.png": with_chunk(small, b"zTXt", b"Comment\0\0" + deep),
        "long-text.png": with_chunk(small, b"iTXt", b"Comment\0\1\0\0\0" + deep),
        "many-texts.png": small[:33] + chunk(b"tEXt", b"a\0" + b"b" * 1000) * 20_000 + small[33:],
        "many-small-chunks.png": small[:33] + chunk(b"teSt", b"") * 100_000 + small[33:],
        "many-passes.jpg": _many_passes(),
    }


def _many_passes():
    """A progressive JPEG whose last pass over the pixels is there again and again."""
    data = encoded(Image.new("L", (1500, 1500), 200), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 100 + data[-2:]


def _headers():
    """Files whose header declares more than anybody has."""
    made = {}
    for width, height in ((_HUGE, 1), (1, _HUGE), (_HUGE, _HUGE), (65_501, 2), (50_000, 50_000), (0, 9)):
        made[f"declares-{width}x{height}.png"] = png(width, height, depth=1)
        made[f"declares-{width}x{height}.bmp"] = _replaced("BMP", 18, struct.pack("<II", width, height))
    for size in (0, 65_535):
        both = struct.pack("<HH", size, size)
        made[f"screen-{size}.gif"] = _replaced("GIF", 6, both)
        frame = _whole("GIF").index(b",", 13)
        made[f"frame-{size}.gif"] = _replaced("GIF", frame + 5, both)
        start = _whole("JPEG").index(b"\xff\xc0")
        made[f"declares-{size}.jpg"] = _replaced("JPEG", start + 5, both)
    for format in ("HEIF", "AVIF"):
        if format in _readable():
            place = _whole(format).index(b"ispe") + 8
            for size in (0, 1, 60_000, _HUGE):
                data = _replaced(format, place, struct.pack(">II", size, size))
                made[_named(format, f"declares-{size}")] = data
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xfe\x3f\0" * 2
    simple = encoded(noise(), "WEBP", lossless=True)[12:]
    body = b"WEBP" + canvas + simple
    made["canvas.webp"] = b"RIFF" + struct.pack("<I", len(body)) + body
    place = _whole("JPEG2000").index(b"\xff\x51") + 8
    for size in (30_000, _HUGE):
        made[f"declares-{size}.jp2"] = _replaced("JPEG2000", place, struct.pack(">II", size, size))
    made |= {
        f"tag-{tag}-{kind}.tif": _tiff(tag, kind)
        for tag in (256, 257, 258, 273, 277, 278, 279, 322)
        for kind in (3, 4)
    }
    made["numbers.ppm"] = b"P3 3000 3000 255\n" + b"1 " * 1000
    made["declares.ppm"] = b"P6 99999999999 99999999999 255\n"
    made["points-at-itself.tif"] = b"II*\0\x08\0\0\0\0\0\x08\0\0\0"
    return made


def _replaced(format, place, value):
    data = _whole(format)
    return data[:place] + value + data[place + len(value) :]


def _tiff(tag, kind):
    """A TIFF of which one number is as large as it can be."""
    numbers = {256: 8, 257: 8, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 8, 279: 64} | {
        tag: 2**32 - 1
    }
    entries = [
        struct.pack("<HHII", each, kind if each == tag else 4, 1, value)
        for each, value in sorted(numbers.items())
    ]
    table = struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", 72) + bytes(64) + table


def _texts():
    """Pictures whose recipe is none."""
    values = {
        "nested": "[" * 19_000,
        "nested-settings": '{"settings":' * 1600 + "1" + "}" * 1600,
        "long": "x" * 500_000,
        "no-json": "{",
        "list": "[1, 2]",
        "null": '{"settings": null}',
        "numbers": json.dumps({"settings": {"size": 10**400, "steps": float("nan"), "seed": -1}}),
        "words": json.dumps({"settings": {"size": {}, "preset": [], "__class__": "Settings"}}),
        "huge-number": '{"settings": {"size": ' + "9" * 10_000 + "}}",
    }
    made = {}
    for name, text in values.items():
        body = KEY.encode() + b"\0\0\0\0\0" + text.encode()
        made[f"recipe-{name}.png"] = with_chunk(_whole("PNG"), b"iTXt", body)
        end = _whole("PNG")
        made[f"recipe-{name}-at-the-end.png"] = (
            end[:-12] + chunk(b"tEXt", KEY.encode() + b"\0" + text.encode()) + end[-12:]
        )
        exif = Image.Exif()
        exif[270] = f"{KEY}: {text[:20_000]}".encode()
        made[f"recipe-{name}.jpg"] = encoded(noise(), "JPEG", exif=exif.tobytes())
    return made


def _metadata():
    """Profiles and EXIF that are rubbish, cut off or too long."""
    made, random = {}, np.random.default_rng(3).bytes(3000)
    profiles = {
        "rubbish": random,
        "cut-off": display_p3()[:150],
        "long": display_p3() + bytes(200_000),
        "without-tags": display_p3()[:128] + bytes(4),
        "with-many-tags": display_p3()[:128] + b"\xff" * 4 + display_p3()[132:],
    }
    for name, profile in profiles.items():
        for format in ("JPEG", "PNG", "TIFF", "WEBP"):
            made[_named(format, f"profile-{name}")] = encoded(noise(), format, icc_profile=profile)
    made["profile-of-many-megabytes.tif"] = encoded(noise(), "TIFF", icc_profile=bytes(17_000_000))
    for orientation in (0, 9, 255, 65_535):
        made[f"orientation-{orientation}.jpg"] = _turned(3, 1, struct.pack("<HH", orientation, 0))
    made["orientation-long.jpg"] = _turned(4, 1, b"\6\0\0\0")
    made["orientation-twice.jpg"] = _turned(3, 2, b"\6\0\1\0")
    made["orientation-word.jpg"] = _turned(2, 4, b"six\0")
    made["exif-rubbish.jpg"] = encoded(noise(), "JPEG", exif=b"Exif\0\0" + random)
    made["exif-endless.jpg"] = encoded(noise(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + random)
    made["gamma-nothing.png"] = with_chunk(_whole("PNG"), b"gAMA", bytes(4))
    made["gamma-short.png"] = with_chunk(_whole("PNG"), b"gAMA", b"\1")
    made["primaries-nothing.png"] = with_chunk(made["gamma-nothing.png"], b"cHRM", bytes(32))
    made["hdr.png"] = with_chunk(_whole("PNG"), b"cICP", b"\x09\x10\0\1")
    return made


def _turned(kind, count, value):
    tag = b"\x12\1" + struct.pack("<HI", kind, count) + value
    return encoded(noise(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\1\0" + tag + bytes(4))


def _odd():
    """Pictures of every mode, depth and shape."""
    made = {}
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = Image.new(mode, (33, 21))
        made[f"mode-{mode.lower().replace(';', '')}.png"] = encoded(image, "PNG")
    for mode in ("1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"):
        for compression in (None, "tiff_deflate"):
            name = f"mode-{mode.lower().replace(';', '')}-{compression or 'plain'}.tif"
            made[name] = encoded(Image.new(mode, (33, 21)), "TIFF", compression=compression)
    wild = np.array([[np.nan, np.inf, -np.inf, 1e38, -1e38, 0]], np.float32)
    made["no-numbers.tif"] = encoded(Image.fromarray(wild), "TIFF")
    for size in ((1, 1), (1, 5000), (65_500, 1), (2, 65_500), (20_000, 40)):
        made[f"shape-{size[0]}x{size[1]}.png"] = encoded(Image.new("L", size), "PNG")
    made["inks.jpg"] = encoded(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), "JPEG")
    made["transparent.png"] = encoded(Image.new("RGBA", (16, 16)), "PNG")
    made["hdr.heic"] = encoded(
        Image.new("RGB", (64, 64)), "HEIF", color_primaries=9, transfer_characteristics=18
    )
    return made


def _animated():
    """Many frames, of which the first one counts."""
    frames = [Image.new("L", (16, 16), level % 256) for level in range(300)]
    made = {}
    for format in ("GIF", "PNG", "WEBP", "TIFF"):
        options = {"duration": 20} if format != "TIFF" else {}
        data = encoded(frames[0], format, save_all=True, append_images=frames[1:], **options)
        made[_named(format, "frames")] = data
    return made
