"""What colours a picture file means by its numbers, as an ICC profile by which they become sRGB.

In this order: coding-independent code points (cICP in a PNG, nclx in HEIC and AVIF, ITU-T H.273), an ICC
profile, and a PNG's gAMA with its cHRM. Without any of them the numbers are sRGB.

Pictures with more light than a screen shows (HDR, by the curves PQ or HLG) get a profile in which white
paper stays nearly white, and what is brighter is compressed into what is left above it.
"""

import math
import struct
from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np
from PIL import Image

from .png_chunks import chunks

_HEAD = 2**16  # bytes in which an AVIF is searched for its colours; they lie in its first box
_SDR_WHITE = 203  # candelas per square metre, for paper (ITU-R BT.2408)
_HLG_PEAK = 1000  # candelas per square metre (ITU-R BT.2100)
_KNEE = 0.6  # of paper's light; by eye: above it highlights are compressed
_ENTRIES = 1024  # of a curve

Points = tuple[float, ...]  # x and y of white, red, green and blue
_D65 = (0.3127, 0.3290)
_SRGB: Points = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: dict[int, Points] = {  # by H.273's numbers
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}
_PQ, _HLG = 16, 18
_LINEAR = 8
_GAMMAS = {4: 2.2, 5: 2.8}
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])


def colours_of(image: Image.Image) -> tuple[bytes | None, bool]:
    """The ICC profile of the numbers, None for sRGB; and whether the picture is HDR.

    Args:
        image: as Pillow has opened it, not yet decoded.
    """
    icc = image.info.get("icc_profile") or None
    primaries, transfer = _code_points(image, icc)
    hdr = transfer in (_PQ, _HLG)
    if image.mode not in ("RGB", "RGBA", "P", "PA", "RGBX"):
        return icc, False
    if hdr or (not icc and (primaries in _PRIMARIES or transfer in (_LINEAR, *_GAMMAS))):
        return matrix_profile(_PRIMARIES.get(primaries, _SRGB), _curve(transfer)), hdr
    if icc or "srgb" in image.info:
        return icc, False
    return _by_gamma(image.info), False


def _code_points(image: Image.Image, icc: bytes | None) -> tuple[int, int]:
    """H.273's numbers of the primaries and of the curve; 2 stands for "not specified"."""
    nclx = image.info.get("nclx_profile")  # as pillow_heif gives it
    if isinstance(nclx, Mapping):
        return int(nclx["color_primaries"]), int(nclx["transfer_characteristics"])
    found = _in_file(image.format, getattr(image, "fp", None)) or _in_profile(icc)
    return found or (2, 2)


def _in_file(format: str | None, file: IO[bytes] | None) -> tuple[int, int] | None:
    if file is None or format not in ("PNG", "AVIF"):
        return None
    before = file.tell()
    try:
        if format == "PNG":
            data = next((data for _, data in chunks(file, frozenset([b"cICP"]), pixels=False)), b"")
            return (data[0], data[1]) if len(data) == 4 else None
        file.seek(0)
        _, found, data = file.read(_HEAD).partition(b"colrnclx")
        return struct.unpack(">HH", data[:4]) if found and len(data) >= 4 else None
    finally:
        file.seek(before)


def _in_profile(icc: bytes | None) -> tuple[int, int] | None:
    """The code points in an ICC profile, which only an HDR profile needs."""
    if not icc or len(icc) < 132:
        return None
    (count,) = struct.unpack_from(">I", icc, 128)
    for place in range(132, min(len(icc) - 12, 132 + 12 * min(count, 100)), 12):
        name, start, size = struct.unpack_from(">4sII", icc, place)
        if name == b"cicp" and size == 12 and start + size <= len(icc):
            return icc[start + 8], icc[start + 9]
    return None


def _by_gamma(info: Mapping[Any, Any]) -> bytes | None:
    """The profile of a PNG with a gAMA chunk, unless that means sRGB."""
    gamma, points = info.get("gamma"), info.get("chromaticity") or _SRGB
    if not gamma or not 0.1 <= gamma <= 10 or len(points) != 8 or min(points) <= 0:
        return None
    ordinary = abs(gamma - 1 / 2.2) < 0.01
    if ordinary and max(abs(a - b) for a, b in zip(points, _SRGB, strict=True)) < 0.01:
        return None
    return matrix_profile(points, _srgb_light if ordinary else lambda tone: tone ** (1 / gamma))


def _curve(transfer: int) -> Callable[[float], float]:
    """The light for a number from 0 to 1, by H.273's number of the curve; 1 is white."""
    if transfer == _PQ:
        return lambda tone: _compressed(_pq_light(tone) / _SDR_WHITE)
    if transfer == _HLG:
        return lambda tone: _compressed(_HLG_PEAK * _hlg_light(tone) ** 1.2 / _SDR_WHITE)
    if transfer == _LINEAR:
        return lambda tone: tone
    if transfer in _GAMMAS:
        return lambda tone: tone ** _GAMMAS[transfer]
    return _srgb_light  # as browsers do for television's curve, too


def _compressed(light: float) -> float:
    """Light in units of white paper's -> 0 to 1: as it is up to the knee, then ever more compressed."""
    if light <= _KNEE:
        return light
    above = (light - _KNEE) / (1 - _KNEE)
    return _KNEE + (1 - _KNEE) * above / (1 + above)


def _srgb_light(tone: float) -> float:
    return tone / 12.92 if tone <= 0.04045 else ((tone + 0.055) / 1.055) ** 2.4


def _pq_light(tone: float) -> float:
    """Candelas per square metre (SMPTE ST 2084)."""
    root = tone ** (32 / 2523)
    light = max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return 10_000 * math.pow(light, 8192 / 1305)


def _hlg_light(tone: float) -> float:
    """The scene's light from 0 to 1 (ITU-R BT.2100)."""
    return tone**2 / 3 if tone <= 0.5 else (math.exp((tone - 0.55991073) / 0.17883277) + 0.28466892) / 12


def matrix_profile(points: Points, light: Callable[[float], float]) -> bytes | None:
    """An ICC profile of these primaries, and of this curve from number to light; None if impossible."""
    (white, *primaries) = (
        (x / y, 1, (1 - x - y) / y) for x, y in zip(points[::2], points[1::2], strict=True)
    )
    columns = np.array(primaries).T
    try:
        columns = columns * np.linalg.solve(columns, white)
    except np.linalg.LinAlgError:
        return None
    cones = _BRADFORD @ _D50 / (_BRADFORD @ white)
    red, green, blue = (np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ columns).T
    if max(abs(each).max() for each in (red, green, blue)) > 4:  # no light that there is
        return None
    levels = (round(65535 * min(light(each / (_ENTRIES - 1)), 1)) for each in range(_ENTRIES))
    curve = b"curv\0\0\0\0" + struct.pack(f">I{_ENTRIES}H", _ENTRIES, *levels)
    tags = {"rXYZ": _xyz(red), "gXYZ": _xyz(green), "bXYZ": _xyz(blue), "wtpt": _xyz(_D50)}
    return _profile(tags | dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve))


def _profile(tags: Mapping[str, bytes]) -> bytes:
    """The bytes of a profile with these tags, as specified in ICC.1: header, tag table, tags."""
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += struct.pack(">4sII", name.encode(), start + len(body), len(tag))
        body += tag + b"\0" * (-len(tag) % 4)
    header = struct.pack(">I4xBxxx4s4s4s12x", start + len(body), 4, b"mntr", b"RGB ", b"XYZ ")
    header += b"acsp" + bytes(28) + struct.pack(">3i", *(round(each * 65536) for each in _D50))
    return header.ljust(128, b"\0") + table + body


def _xyz(values: Any) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(each) * 65536) for each in values))
