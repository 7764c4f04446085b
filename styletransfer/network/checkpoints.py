"""The convolutions of a VGG out of a checkpoint: a safetensors file, near or far, or a `.pth` file.

They are under torchvision's names, and checked: all there, float32, of the right shapes, finite. Code
that a file may hold is not run, and of a safetensors file nothing else is read.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor
from torchvision.models import vgg

from ..errors import NetworkError

# Channels of the convolutions, and "M" for a pooling: configurations D and E of
# Simonyan and Zisserman 2015.
CONFIGURATIONS = {"vgg16": vgg.cfgs["D"], "vgg19": vgg.cfgs["E"]}
SUFFIXES = (".safetensors", ".pth")
_LONGEST_HEADER = 25_000_000  # bytes, as on the Hub; a VGG's takes 4,000


def architecture_of(names: Collection[str], place: str) -> str:
    """`vgg16` or `vgg19`: the one that has just these convolutions.

    Raises:
        NetworkError: neither has.
    """
    found = {name for name in names if re.fullmatch(r"features\.\d+\.(weight|bias)", name)}
    for architecture in CONFIGURATIONS:
        if found == _shapes(architecture).keys():
            return architecture
    raise NetworkError("not_a_vgg", place=place, like_that=len(found), names=len(names))


def read_file(path: Path, place: str | None = None) -> dict[str, Tensor]:
    """The convolutions' tensors in order, from a file on this machine.

    Args:
        path: with one of `SUFFIXES`.
        place: what to call it, if not by its name.

    Raises:
        NetworkError: it cannot be read, or they are not what they should be.
    """
    place = place or path.name
    try:
        with path.open("rb") as file:
            if path.suffix == ".pth":
                return _read_pickle(file, place)
            return read_safetensors(partial(_piece, file), path.stat().st_size, place)
    except OSError as error:
        why = error.strerror or str(error)
        raise NetworkError("checkpoint_unreadable", place=place, why=why) from error


def read_safetensors(read: Callable[[int, int], bytearray], size: int, place: str) -> dict[str, Tensor]:
    """The convolutions' tensors in order, from a file that may be far away.

    The format: the header's length in eight bytes, the header in JSON, the values.

    Args:
        read: the bytes from one place to before another.
        size: of the file, in bytes.
        place: what to call it.

    Raises:
        NetworkError: as `read_file`.
    """
    entries, origin = _header(read, size, place)
    shapes = _shapes(architecture_of(entries, place))
    places = {}
    for name, expected in shapes.items():
        dtype, shape, start, stop = entries[name]
        _check_kind(name, place, "float32" if dtype == "F32" else dtype, shape, expected)
        if stop - start != 4 * math.prod(shape) or not 0 <= start < stop <= size - origin:
            raise NetworkError(
                "tensor_misplaced",
                place=place,
                tensor=name,
                size=size,
                length=4 * math.prod(shape),
                start=origin + start,
                stop=origin + stop,
            )
        places[name] = start, stop
    # Neighbours in one piece: a request for each would take longer than their bytes do.
    pieces: list[tuple[int, int]] = []
    for start, stop in sorted(places.values()):
        if pieces and pieces[-1][1] == start:
            start, _ = pieces.pop()
        pieces.append((start, stop))
    tensors = {}
    for first, last in pieces:
        values = torch.frombuffer(read(origin + first, origin + last), dtype=torch.float32)
        for name, (start, stop) in places.items():
            if first <= start and stop <= last:
                within = slice((start - first) // 4, (stop - first) // 4)
                # Copied, so that no piece outlives those of its tensors that are not needed.
                tensors[name] = values[within].view(shapes[name]).clone()
    _check_values(tensors, place)
    return {name: tensors[name] for name in shapes}


def _header(
    read: Callable[[int, int], bytearray], size: int, place: str
) -> tuple[dict[str, tuple[str, tuple[int, ...], int, int]], int]:
    """Name -> dtype, shape, start and stop of its values; and where those are counted from."""
    try:
        origin = 8 + int.from_bytes(read(0, 8), "little") if size > 8 else 0
        if not 8 < origin <= min(size, 8 + _LONGEST_HEADER):
            raise ValueError("no such length")
        entries = {}
        for name, entry in json.loads(read(8, origin)).items():
            if name != "__metadata__":
                start, stop = map(int, entry["data_offsets"])
                entries[name] = str(entry["dtype"]), tuple(map(int, entry["shape"])), start, stop
    except (
        ValueError,
        ArithmeticError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        raise NetworkError("not_safetensors", place=place, size=size) from error
    return entries, origin


def _read_pickle(file: BinaryIO, place: str) -> dict[str, Tensor]:
    try:
        held = torch.load(file, map_location="cpu", weights_only=True)
        held = {name: value for name, value in held.items() if isinstance(value, Tensor)}
    except Exception as error:  # which of them torch.load raises it does not say
        raise NetworkError("not_a_state_dict", place=place) from error
    shapes = _shapes(architecture_of(held, place))
    for name, expected in shapes.items():
        dtype = str(held[name].dtype).removeprefix("torch.")
        _check_kind(name, place, dtype, tuple(held[name].shape), expected)
    # Dense and without gradients, whatever they were.
    tensors = {name: held[name].detach().to_dense() for name in shapes}
    _check_values(tensors, place)
    return tensors


def _piece(file: BinaryIO, start: int, stop: int) -> bytearray:
    file.seek(start)
    return bytearray(file.read(stop - start))


def _shapes(architecture: str) -> dict[str, tuple[int, ...]]:
    """features.N.weight and features.N.bias -> shape, in order."""
    shapes: dict[str, tuple[int, ...]] = {}
    inputs, number = 3, 0
    for channels in CONFIGURATIONS[architecture]:
        if channels == "M":
            number += 1
            continue
        shapes[f"features.{number}.weight"] = (channels, inputs, 3, 3)
        shapes[f"features.{number}.bias"] = (channels,)
        inputs, number = channels, number + 2  # a ReLU has the number in between
    return shapes


def _check_kind(
    name: str, place: str, dtype: str, shape: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    if (dtype, shape) != ("float32", expected):
        raise NetworkError(
            "tensor_of_wrong_kind",
            tensor=name,
            place=place,
            expected=expected,
            dtype=dtype,
            shape=shape,
        )


def _check_values(tensors: Mapping[str, Tensor], place: str) -> None:
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise NetworkError("tensor_not_finite", tensor=name, place=place)
