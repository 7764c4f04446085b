"""The command line: pictures in, one picture out, by one short loop over `stylize`; and the page.

Where the picture is goes to stdout; progress, and what is wrong with the arguments, to stderr.
"""

import contextlib
import csv
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from PIL import Image
from tqdm import tqdm

from .arguments import LOG_COLUMNS, Request, parser, program, read
from .engine.forecast import Pace, calibrate, forecast
from .engine.schedule import schedule
from .engine.step import Step
from .engine.stylize import stylize
from .errors import ImageError, StyleTransferError
from .images import load_image, save_image
from .interrupt import NO_PICTURE_YET
from .network.process import tune_process
from .network.vgg import VGG, choose_device, load_network
from .pictures import KEEP, NAMES, Pictures, named
from .recipe import recipe

_INTERRUPTED = 130  # the exit code that shells give a program ended by Ctrl-C


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Paints as the arguments say, or serves the page if the first of them is `page`, and exits.

    With 0 when the picture is finished, 130 when Ctrl-C (or SIGTERM) ended it early, and 2 with one
    line on stderr when a person has to change something.

    Args:
        arguments: by default the process's own.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["page"]:
        _serve(arguments[1:])
    parsing = parser()
    try:
        _raise_on_signals()
        sys.exit(_paint(read(parsing.parse_intermixed_args(arguments))))
    except StyleTransferError as error:
        parsing.error(str(error))
    except KeyboardInterrupt:
        parsing.exit(_INTERRUPTED, NO_PICTURE_YET)


def _raise_on_signals() -> None:
    """Makes SIGINT and SIGTERM raise KeyboardInterrupt."""
    # SIGINT, too: a shell starts programs in the background with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _serve(arguments: Sequence[str]) -> NoReturn:
    from .page import command  # only here, because it imports Gradio

    try:
        _raise_on_signals()
        command.main(arguments, prog=f"{program()} page")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _paint(request: Request) -> int:
    """Paints the picture and returns the exit code; first checks all that can be known beforehand."""
    pictures = _load(request)
    schedule(pictures, request.settings)  # raises if the pictures cannot be painted so
    _check_output(request)
    device = choose_device(request.device)
    tune_process(device)
    network = load_network(request.network, device, request.precision)
    step, stopped = None, False
    try:
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(_losses_log(request.log))
            _print_forecast(pictures, request, network)
            progress = stack.enter_context(_Progress(request.settings.steps))
            for step in stylize(pictures, request.settings, network):
                log(step)
                progress(step)
                _save_on_the_way(step, request)
    except KeyboardInterrupt:
        if step is None:
            raise
        stopped = True
    finally:
        if step is not None:
            _save(step, request)
    assert step is not None, "a run has at least one step"
    with contextlib.suppress(OSError):  # a closed pipe: the picture has been saved
        _print_result(step, request.output, stopped)
    return _INTERRUPTED if stopped else 0


def _load(request: Request) -> Pictures:
    return Pictures(
        content=load_image(request.content, "photo"),
        styles=[load_image(file, "painting") for file in request.styles],
        masks=[
            load_image(file, f"mask of painting {number}", "black") if file else None
            for number, file in enumerate(request.masks, 1)
        ],
        start=load_image(request.start, "start image") if request.start else None,
        keep=load_image(request.keep, NAMES[KEEP], "black") if request.keep else None,
    )


def _check_output(request: Request) -> None:
    """Tries to save a picture at the output now, instead of failing after hours of painting.

    Raises:
        ImageError: the output is a folder, lies in a folder that does not exist or may not be written
            to, has an unknown suffix, or is a file to be read. The last holds for the log as well.
    """
    output, log = request.output, request.log
    if output.is_dir():
        raise ImageError("output_is_a_folder", output=output, example=output / "out.png")
    if log and log.resolve() == output.resolve():
        raise ImageError("log_is_the_output", output=output)
    inputs = {Path(file).resolve() for file in request.inputs}
    for file in (output, log):
        if file and file.resolve() in inputs:
            raise ImageError("output_is_an_input", output=file)
    try:
        with tempfile.TemporaryDirectory(prefix=".styletransfer-", dir=output.parent) as folder:
            save_image(Image.new("RGB", (1, 1)), Path(folder, output.name))
    except OSError as error:
        raise ImageError("cannot_be_saved", file=output, why=error.strerror) from error


def _print_forecast(pictures: Pictures, request: Request, network: VGG) -> None:
    """Prints to stderr how long it will take and how much memory, measured by a few small steps."""
    pace = Pace()
    calibrate(pace, network)
    sizes = [style.size for style in pictures.styles]
    masks = sum(mask is not None for mask in pictures.masks)
    coming = forecast(pace, request.settings, pictures.content.size, sizes, masks)
    print(coming, file=sys.stderr, flush=True)


def _save_on_the_way(step: Step, request: Request) -> None:
    if request.save_every and step.number % request.save_every == 0:
        output = request.output
        save_image(step.image, output.with_suffix(f".{step.number:04}{output.suffix}"))


def _save(step: Step, request: Request) -> None:
    """Saves the picture with its recipe, which another Ctrl-C does not interrupt."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    files = named(request.content, request.styles, request.masks, request.start, request.keep)
    save_image(step.image, request.output, **recipe(request.settings, files, step.number))


def _print_result(step: Step, output: Path, stopped: bool) -> None:
    print(
        f"{'Stopped' if stopped else 'Finished'} at step {step.number} of {step.steps}, "
        f"after {step.elapsed:.0f} s: {output} ({step.width} x {step.height} pixels)",
        flush=True,
    )


@contextlib.contextmanager
def _losses_log(path: Path | None) -> Iterator[Callable[[Step], None]]:
    """A function that appends a step's losses to the file, which has them as soon as it returns."""
    if path is None:
        yield lambda _: None
        return
    try:
        file = path.open("a", buffering=1, newline="", encoding="utf-8")
    except OSError as error:
        raise StyleTransferError("log_cannot_be_written", log=path, why=error.strerror) from error
    rows = csv.DictWriter(file, LOG_COLUMNS, extrasaction="ignore", lineterminator="\n")

    def write(step: Step) -> None:
        if step.number == 1:  # only now is it certain that an earlier run's log may go
            file.truncate(0)
            rows.writeheader()
        rows.writerow(vars(step) | {"step": step.number, "size": max(step.width, step.height)})

    with file:
        yield write


class _Progress(tqdm):  # type: ignore[type-arg]  # tqdm is generic in its stubs only
    """A bar on a terminal; elsewhere a line for each step that is due."""

    def __init__(self, steps: int) -> None:
        super().__init__(
            total=steps,
            bar_format="{n_fmt}/{total_fmt} |{bar}| {desc}",
            dynamic_ncols=True,
            disable=None,  # disabled unless on a terminal
        )

    def __call__(self, step: Step) -> None:
        """Shows this step."""
        if not self.disable:
            size = max(step.width, step.height)
            # Not tqdm's own estimate, which does not know that later steps are larger.
            left = f"{step.remaining:.0f} s left"
            self.set_description_str(f"size {size}, total {step.total:.4g}, {left}", refresh=False)
            self.update()
        elif step.due:
            print(step, file=sys.stderr, flush=True)
