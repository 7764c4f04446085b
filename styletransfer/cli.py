"""The command line: pictures in, one picture out, and one short loop over `stylize`.

The picture's place goes to stdout; progress, and what is wrong with the arguments, to stderr.
"""

import argparse
import contextlib
import csv
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from PIL import Image
from tqdm import tqdm

from .engine.forecast import Pace, calibrate, forecast
from .engine.stylize import Step, schedule, stylize
from .errors import ImageError, SettingsError, StyleTransferError, shown
from .images import load_image, save_image
from .interrupt import SENTENCE
from .network.process import tune_process
from .network.vgg import PRECISIONS, choose_device, load_network
from .network.weights import EMBEDDED, SOURCES
from .pictures import Pictures, named
from .presets import preset, presets
from .recipe import recipe, version
from .settings import Knob, Settings, knobs

_SAVE_EVERY = Knob(
    "Save every N steps",
    "Also save the picture every N steps, beside the output: out.0020.png for out.png.",
    minimum=1,
    maximum=next(knob.maximum for knob in knobs() if knob.name == "steps"),
    name="save_every",
    kind=int,
)
# What the page's words do not say of the command line.
_HELP = {
    "show_every": "How often a line is printed where progress does not go to a terminal: every N steps, "
    "or about every 2 seconds."
}
_NO_MASK = "none"
_LOG_COLUMNS = ("step", "size", "content", "style", "smoothness", "total")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Paints as the arguments say, by default the process's own, and exits.

    With 0 when the picture is finished, 130 when Ctrl-C (or SIGTERM) ended it early, and 2 with one
    line on stderr when a person has to change something.
    """
    parser = _parser()
    try:
        # SIGINT explicitly: a shell starts what runs in the background with it ignored.
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.default_int_handler)
        sys.exit(_run(parser.parse_intermixed_args(arguments)))
    except StyleTransferError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        parser.exit(130, SENTENCE)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exits with 2 and one line: argparse itself would print the usage before it."""
        self.exit(2, f"styletransfer: {' '.join(message.split())}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m styletransfer",
        description="Paint a photo in the manner of a painting. "
        "Ctrl-C ends it early and saves the picture so far.",
        allow_abbrev=False,
    )
    parser.add_argument("content", metavar="CONTENT", help="the photo to paint")
    parser.add_argument(
        "styles", metavar="STYLE", nargs="+", help="a painting to learn from; of several, a blend"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        required=True,
        type=Path,
        help="where the picture goes: a .png, .jpg or .webp file",
    )
    parser.add_argument(
        "--preset",
        metavar="NAME",
        default="standard",
        help="start from these settings, by default standard: "
        + " ".join(f"{each.name.lower()}: {each.help}" for each in presets().values()),
    )
    knob_options = parser.add_argument_group("settings")
    for knob in knobs():
        _add_option(knob_options, knob, f" Default: {knob.default}.")
    parser.add_argument(
        "--mask",
        metavar="FILE",
        action="append",
        default=[],
        help="where a style applies: a picture that is white there and black elsewhere, laid over the "
        "whole photo. The first belongs to the first STYLE, and so on; styles without one, or with "
        f"'{_NO_MASK}', share what no mask covers. If all have one, the rest remains the photo.",
    )
    _add_option(parser, _SAVE_EVERY, "")
    parser.add_argument(
        "--log", metavar="CSV", type=Path, help=f"write each step's losses: {', '.join(_LOG_COLUMNS)}"
    )
    parser.add_argument(
        "--network", metavar="NETWORK", help=f"{SOURCES}. Default: the preset's, else {EMBEDDED}."
    )
    parser.add_argument(
        "--device", default="auto", help="cuda, mps or cpu; by default the first of them that is here"
    )
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="of the feature maps; by default bfloat16 where that is several times faster, else float32",
    )
    parser.add_argument("--version", action="version", version=f"styletransfer {version()}")
    return parser


def _add_option(to: Any, knob: Knob, default: str) -> None:
    """The knob as an option that is a text or missing; `_parse` checks it with the knob's sentence."""
    metavar, allowed = "N", f" A number {knob.range}."
    if knob.choices:
        metavar, allowed = f"{{{','.join(knob.choices)}}}", ""
    elif knob.layers:
        metavar, allowed = "LAYERS", ""
    elif knob.shares:
        metavar, allowed = "SHARES", f" {knob.range[0].upper()}{knob.range[1:]}."
    if knob.name == "start":
        metavar = metavar.replace("image", "FILE")
    to.add_argument(
        f"--{knob.name.replace('_', '-')}",
        metavar=metavar,
        default=argparse.SUPPRESS,
        help=_HELP.get(knob.name, knob.help).replace("%", "%%") + allowed + default,
    )


def _parse(options: argparse.Namespace, knob: Knob) -> Any:
    text = getattr(options, knob.name, None)
    return knob.default if text is None else knob.parse(text)


def _run(options: argparse.Namespace) -> int:
    """Checks all that can be known beforehand, paints, and returns the exit code."""
    chosen = preset(options.preset)
    own = _own_start(options)
    if own is not None:
        options.start = "image"
    given = {knob.name: _parse(options, knob) for knob in knobs() if hasattr(options, knob.name)}
    settings = Settings(**chosen.settings | given)
    save_every = _parse(options, _SAVE_EVERY)
    content = load_image(options.content, "photo")
    styles = [load_image(style, "painting") for style in options.styles]
    masked = [None if file == _NO_MASK else file for file in options.mask]
    masks = [
        file and load_image(file, f"mask of painting {number}", "black")
        for number, file in enumerate(masked, 1)
    ]
    canvas = None if own is None else load_image(own, "start image")
    pictures = Pictures(content, styles, masks, canvas)
    schedule(pictures, settings)
    _check_output(options, list(filter(None, (options.content, *options.styles, *masked, own))))
    source = chosen.network or EMBEDDED if options.network is None else options.network
    device = choose_device(options.device)
    tune_process(device)
    network = load_network(source, device, options.precision)
    paintings, regions = [each.size for each in styles], sum(mask is not None for mask in masks)
    output: Path = options.output
    step, code = None, 0
    try:
        with _open_log(options.log) as log:
            pace = Pace()
            calibrate(pace, network)
            coming = forecast(pace, settings, content.size, paintings, regions)
            print(coming, file=sys.stderr, flush=True)
            with _Progress(settings.steps) as progress:
                for step in stylize(pictures, settings, network):
                    log(step)
                    progress(step)
                    if save_every and step.number % save_every == 0:
                        save_image(step.image, output.with_suffix(f".{step.number:04}{output.suffix}"))
    except KeyboardInterrupt:
        if step is None:
            raise
        code = 130
    finally:
        # Whatever ended it, the picture so far is kept; a second Ctrl-C must not spoil that.
        if step is not None:
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, signal.SIG_IGN)
            files = named(options.content, options.styles, masked, own)
            save_image(step.image, output, **recipe(settings, files, step.number))
    with contextlib.suppress(OSError):  # a closed pipe: the picture is saved all the same
        print(
            f"{'Stopped' if code else 'Finished'} at step {step.number} of {step.steps}, "
            f"after {step.elapsed:.0f} s: {output} ({step.width} x {step.height} pixels)",
            flush=True,
        )
    return code


def _own_start(options: argparse.Namespace) -> str | None:
    """The picture's file that --start names, if it does not name one of the choices.

    Raises:
        SettingsError: it is neither.
    """
    start = getattr(options, "start", None)
    choices = next(knob.choices for knob in knobs() if knob.name == "start")
    if start is None or (start in choices and start != "image"):
        return None
    if not os.path.exists(start):
        raise SettingsError("start_unknown", value=shown(start))
    return start


def _check_output(options: argparse.Namespace, read: Sequence[str]) -> None:
    """Finds out now, not after hours of painting, that the picture cannot be saved there.

    Raises:
        ImageError: no such folder or a closed one, an unknown suffix, a file that is to be read.
    """
    output: Path = options.output
    if output.is_dir():
        raise ImageError("output_is_a_folder", output=output, example=output / "out.png")
    if options.log and options.log.resolve() == output.resolve():
        raise ImageError("log_is_the_output", output=output)
    for path in filter(None, (output, options.log)):
        for source in read:
            if path.resolve() == Path(source).resolve():
                raise ImageError("output_is_an_input", output=path)
    try:
        with tempfile.TemporaryDirectory(prefix=".styletransfer-", dir=output.parent) as folder:
            save_image(Image.new("RGB", (1, 1)), Path(folder, output.name))
    except OSError as error:
        raise ImageError("cannot_be_saved", file=output, why=error.strerror) from error


@contextlib.contextmanager
def _open_log(path: Path | None) -> Iterator[Callable[[Step], None]]:
    """Writes a step's losses as one line, which is in the file as soon as it is complete."""
    if path is None:
        yield lambda step: None
        return
    try:
        file = path.open("a", buffering=1, newline="", encoding="utf-8")
    except OSError as error:
        raise StyleTransferError("log_cannot_be_written", log=path, why=error.strerror) from error
    rows = csv.DictWriter(file, _LOG_COLUMNS, extrasaction="ignore", lineterminator="\n")

    def write(step: Step) -> None:
        if step.number == 1:  # until then nothing takes the place of an earlier run's
            file.truncate(0)
            rows.writeheader()
        rows.writerow(vars(step) | {"step": step.number, "size": max(step.width, step.height)})

    with file:
        yield write


class _Progress(tqdm):
    """A bar on a terminal; elsewhere a line for each step that is due."""

    def __init__(self, steps: int) -> None:
        super().__init__(
            total=steps,
            bar_format="{n_fmt}/{total_fmt} |{bar}| {desc}",
            dynamic_ncols=True,
            disable=None,  # unless on a terminal
        )

    def __call__(self, step: Step) -> None:
        if not self.disable:
            size = max(step.width, step.height)
            # Not tqdm's own estimate: it does not know that later steps are larger.
            left = f"{step.remaining:.0f} s left"
            self.set_description_str(f"size {size}, total {step.total:.4g}, {left}", refresh=False)
            self.update()
        elif step.due:
            print(step, file=sys.stderr, flush=True)
