"""The convolutions of a VGG from a checkpoint: a local or remote safetensors file, or a `.pth` file.

The tensors have torchvision's names. They are checked: none is missing, all are float32, of the right
shapes and finite. Code that a file may hold is not run. Of a safetensors file nothing else is read.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
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

# A tensor's dtype, shape, start and stop in a safetensors file.
_Entry = tuple[str, tuple[int, ...], int, int]


def architecture_of(names: Collection[str], place: str) -> str:
    """`vgg16` or `vgg19`: the architecture that has exactly these convolutions.

    Args:
        names: of all tensors in a checkpoint.
        place: what an error calls the checkpoint.

    Raises:
        NetworkError: neither of them has.
    """
    features = {name for name in names if re.fullmatch(r"features\.\d+\.(weight|bias)", name)}
    for architecture in CONFIGURATIONS:
        if features == _shapes(architecture).keys():
            return architecture
    raise NetworkError("not_a_vgg", place=place, like_that=len(features), names=len(names))


def read_file(path: Path, place: str | None = None) -> dict[str, Tensor]:
    """The convolutions' tensors in order, from a file on this machine.

    Args:
        path: a file with one of `SUFFIXES`.
        place: what an error calls the file; by default its name.

    Raises:
        NetworkError: the file cannot be read, or the tensors are not what they should be.
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
    """The convolutions' tensors in order, from a safetensors file that may be remote.

    The format: the header's length in eight bytes, the header in JSON, the values.

    Args:
        read: called with start and stop, returns these bytes of the file, without the one at `stop`.
        size: the number of bytes in the file.
        place: what an error calls the file.

    Raises:
        NetworkError: as for `read_file`.
    """
    entries, origin = _header(read, size, place)
    shapes = _shapes(architecture_of(entries, place))
    for name, shape in shapes.items():
        _check_entry(name, entries[name], shape, (origin, size), place)
    ranges = {name: entries[name][2:] for name in shapes}
    tensors = {}
    for first, last in _joined(ranges.values()):
        values = torch.frombuffer(read(origin + first, origin + last), dtype=torch.float32)
        for name, (start, stop) in ranges.items():
            if first <= start and stop <= last:
                within = slice((start - first) // 4, (stop - first) // 4)
                # Copied, so that a tensor does not keep the whole range's bytes in memory.
                tensors[name] = values[within].view(shapes[name]).clone()
    _check_values(tensors, place)
    return {name: tensors[name] for name in shapes}


def _check_entry(
    name: str, entry: _Entry, shape: tuple[int, ...], file: tuple[int, int], place: str
) -> None:
    """Checks a tensor's entry in the header; `file` is where the values begin and where they end."""
    dtype, actual, start, stop = entry
    _check_kind(name, place, "float32" if dtype == "F32" else dtype, actual, shape)
    (origin, size), length = file, 4 * math.prod(shape)
    if stop - start != length or not 0 <= start < stop <= size - origin:
        raise NetworkError(
            "tensor_misplaced",
            place=place,
            tensor=name,
            size=size,
            length=length,
            start=origin + start,
            stop=origin + stop,
        )


def _joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges in order, adjacent ones joined: a request for each would take longer than its bytes."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if joined and joined[-1][1] == start:
            joined[-1] = joined[-1][0], stop
        else:
            joined.append((start, stop))
    return joined


def _header(
    read: Callable[[int, int], bytearray], size: int, place: str
) -> tuple[dict[str, _Entry], int]:
    """Each tensor's dtype, shape, start and stop by its name, and the offset that those count from."""
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
    except Exception as error:  # torch.load does not document which exceptions it raises
        raise NetworkError("not_a_state_dict", place=place) from error
    shapes = _shapes(architecture_of(held, place))
    for name, expected in shapes.items():
        dtype = str(held[name].dtype).removeprefix("torch.")
        _check_kind(name, place, dtype, tuple(held[name].shape), expected)
    # Dense and without gradients, even if they were saved as parameters or sparse.
    tensors = {name: held[name].detach().to_dense() for name in shapes}
    _check_values(tensors, place)
    return tensors


def _piece(file: BinaryIO, start: int, stop: int) -> bytearray:
    file.seek(start)
    return bytearray(file.read(stop - start))


def _shapes(architecture: str) -> dict[str, tuple[int, ...]]:
    """The shapes of all features.N.weight and features.N.bias, in order."""
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
