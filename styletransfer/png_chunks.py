"""The chunks of a PNG, read without decoding a pixel: texts, also behind the pixels, and cICP."""

import struct
import zlib
from collections.abc import Iterator
from typing import IO

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 10_000  # chunks looked at; a picture saved in blocks of 8 KB has as many at 80 MB
_LONGEST = 2**20  # bytes of a chunk that is read, and of a text that is decompressed


def chunks(
    file: IO[bytes], names: frozenset[bytes], pixels: bool = True
) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of these names with their data; none of another file than a PNG.

    Args:
        file: is read from its start, and left anywhere.
        names: of the wanted chunks; longer ones than a mebibyte are passed over.
        pixels: whether to go on behind the first chunk of pixels.
    """
    file.seek(0)
    if file.read(8) != _SIGNATURE:
        return
    for _ in range(_MOST):
        head = file.read(8)
        if len(head) < 8:
            return
        length, name = struct.unpack(">I4s", head)
        if name == b"IEND" or (name == b"IDAT" and not pixels):
            return
        if name in names and length <= _LONGEST:
            yield name, file.read(length)
            file.seek(4, 1)
        else:
            file.seek(length + 4, 1)


def text_of(file: IO[bytes], key: str) -> str | None:
    """The text under this key in a tEXt, zTXt or iTXt chunk anywhere in the file."""
    for name, data in chunks(file, frozenset((b"tEXt", b"zTXt", b"iTXt"))):
        keyword, _, rest = data.partition(b"\0")
        if keyword == key.encode():
            return _text(name, rest)
    return None


def _text(name: bytes, data: bytes) -> str:
    """The text of a chunk, of which the keyword has been taken off."""
    if name == b"tEXt":
        return data.decode("latin-1")
    if name == b"zTXt":
        return _inflated(data[1:]).decode("latin-1")
    compressed, text = data[:1] == b"\1", data[2:].split(b"\0", 2)[-1]  # behind language and keyword
    return (_inflated(text) if compressed else text).decode("utf-8", "replace")


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _LONGEST)
    except zlib.error:
        return b""
