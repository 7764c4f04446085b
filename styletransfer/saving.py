"""Where a run's pictures go: checked before the first step, elsewhere if it has become impossible."""

import contextlib
import itertools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from .arguments import Request
from .errors import ImageError
from .images import save_image

# Where a picture goes whose own folder does not take it, in this order.
_REFUGES: tuple[Callable[[], Path | str], ...] = (Path.cwd, Path.home, tempfile.gettempdir)


def on_the_way(output: Path, step: int) -> Path:
    """The file of the picture after that step, beside the output: out.0020.png for out.png."""
    return output.with_suffix(f".{step:04}{output.suffix}")


def check_outputs(request: Request) -> None:
    """Checks every file that the run is to write, instead of failing after hours of painting.

    Raises:
        ImageError: one is a file to be read, by whatever name, or it is there and is not a file, or the
            log is a picture's file; or pictures cannot be saved in that folder under these names.
    """
    output, log = request.output, request.log
    if os.path.isdir(output):
        raise ImageError("output_is_a_folder", output=output, example=output / "out.png")
    pictures = [output]
    if request.save_every:
        steps = range(request.save_every, request.settings.steps + 1, request.save_every)
        pictures += [on_the_way(output, step) for step in steps]
    for file in pictures:
        if log and _same(log, file):
            raise ImageError("log_is_the_output", output=file)
        _check_inputs_safe(file, request)
        if os.path.exists(file) and not os.path.isfile(file):
            raise ImageError("output_is_no_file", output=file)
    if log:
        _check_inputs_safe(log, request)
    _try_to_save([pictures[0], pictures[-1]])  # the last has the longest name


def save_somewhere(
    image: Image.Image, output: Path, info: dict[str, str]
) -> tuple[Path, ImageError | None]:
    """Saves the picture, in another folder under a free name if need be.

    Args:
        image: as for `images.save_image`.
        output: where it should be.
        info: texts to keep in the file.

    Returns:
        Where it is, and why that is not `output`.

    Raises:
        ImageError: why it cannot be saved as `output`, if no other folder takes it either.
    """
    try:
        save_image(image, output, **info)
        return output, None
    except ImageError as error:
        for folder in _REFUGES:
            # The current folder may be deleted, and there may be no home and no temporary folder.
            with contextlib.suppress(ImageError, OSError, RuntimeError):
                place = _free(Path(folder()), output)
                save_image(image, place, **info)
                return place, error
        raise


def _check_inputs_safe(file: Path, request: Request) -> None:
    if any(_same(file, each) for each in request.inputs):
        raise ImageError("output_is_an_input", output=file)


def _same(one: Path, other: Path | str) -> bool:
    """Whether both paths lead to one file, also by links, or would if it existed."""
    with contextlib.suppress(OSError):  # one of them does not exist, or may not be looked at
        return os.path.samefile(one, other)
    return os.path.realpath(one) == os.path.realpath(other)


def _try_to_save(files: list[Path]) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix=".styletransfer-", dir=files[0].parent) as folder:
            for file in files:
                save_image(Image.new("RGB", (1, 1)), Path(folder, file.name))
    except OSError as error:
        raise ImageError("cannot_be_saved", file=files[0], why=error.strerror) from error


def _free(folder: Path, output: Path) -> Path:
    """A file in the folder that does not exist yet: out.png, or out-2.png, and so on."""
    names = itertools.chain(
        [output.name], (f"{output.stem}-{n}{output.suffix}" for n in itertools.count(2))
    )
    return next(folder / name for name in names if not os.path.lexists(folder / name))
