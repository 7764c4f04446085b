"""The command line: pictures in, one picture out, by one short loop over `stylize`; batches, the page.

Where the picture is goes to stdout; progress, and what is wrong with the arguments, to stderr.
"""

import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from tqdm import tqdm

from . import batch_command, environment, interrupt
from .arguments import Request, parser, read
from .engine.forecast import Pace, calibrate, forecast
from .engine.schedule import schedule
from .engine.step import Step
from .engine.stylize import stylize
from .errors import ImageError, SettingsError, StyleTransferError
from .images import save_image
from .losses_log import losses_log
from .network.lost import DeviceLost, failure_explained
from .network.process import tune_process
from .network.shortage import MemoryShortage
from .network.vgg import VGG, choose_device, load_network
from .network.weights import known_as
from .pictures import Pictures
from .program import program
from .recipe import recipe
from .requested import read_pictures
from .saving import check_outputs, on_the_way, save_somewhere
from .terminal import warn

_NOT_WHERE_ASKED = 1  # the exit code when the picture could not be saved at the output
_INTERRUPTED = 130  # the exit code that shells give a program ended by Ctrl-C


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Paints as the arguments say, or many if the first is `batch`, or serves the page if it is `page`.

    Then exits: with 0 when the picture is finished, 1 when it had to be saved elsewhere than asked, 130
    when Ctrl-C (or another signal to end) ended it early, and 2 with one line on stderr when a person
    has to change something.

    Args:
        arguments: by default the process's own.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["page"]:
        _serve(arguments[1:])
    if arguments[:1] == ["batch"]:
        batch_command.main(arguments[1:])
    parsing = parser()
    try:
        stop_if_asked = interrupt.raise_once()
        if not arguments:
            raise SettingsError("nothing_given", program=program())
        sys.exit(_paint(read(parsing.parse_intermixed_args(arguments)), stop_if_asked))
    except StyleTransferError as error:
        parsing.error(str(error))
    except MemoryError:
        parsing.error(interrupt.TOO_LITTLE_MEMORY)
    except KeyboardInterrupt:
        parsing.exit(_INTERRUPTED, interrupt.NO_PICTURE_YET)


def _serve(arguments: Sequence[str]) -> NoReturn:
    environment.check()
    from .page import command  # only here, because it imports Gradio

    try:
        interrupt.raise_once()
        command.main(arguments, prog=f"{program()} page")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _paint(request: Request, stop_if_asked: Callable[[], None]) -> int:
    """Paints the picture and returns the exit code; first checks all that can be known beforehand."""
    check_outputs(request)
    pictures, hashes = read_pictures(request)
    schedule(pictures, request.settings)  # raises if the pictures cannot be painted so
    device = choose_device(request.device)
    tune_process(device)
    network = load_network(request.network, device, request.precision)
    step, kept, finished, saved = None, None, False, True
    try:
        with (
            losses_log(request.log) as log,
            _Progress(request.settings.steps) as progress,
            failure_explained(),
        ):
            _print_forecast(pictures, request, network)
            for step in stylize(pictures, request.settings, network):
                log(step)
                progress(step)
                _save_on_the_way(step, request)
                kept = step.on_host() if step.due else kept
                stop_if_asked()
        finished = True
    except DeviceLost:
        step = kept
        raise
    except KeyboardInterrupt:
        if step is None:
            raise
    finally:
        interrupt.ignore()
        if step is not None:
            saved = _save(step, request, hashes, finished)
    if not saved:
        return _NOT_WHERE_ASKED
    return 0 if finished else _INTERRUPTED


def _print_forecast(pictures: Pictures, request: Request, network: VGG) -> None:
    """Prints to stderr how long it will take and how much memory, measured by a few small steps."""
    pace = Pace()
    try:
        calibrate(pace, network)
    except MemoryShortage:  # which would name the size of the trial: the run itself says what is wrong
        return
    sizes = [style.size for style in pictures.styles]
    masks = sum(mask is not None for mask in pictures.masks)
    coming = forecast(pace, request.settings, pictures.content.size, sizes, masks)
    print(coming, file=sys.stderr, flush=True)


def _save_on_the_way(step: Step, request: Request) -> None:
    if request.save_every and step.number % request.save_every == 0:
        try:
            save_image(step.image, on_the_way(request.output, step.number))
        except ImageError as error:
            warn(StyleTransferError("missing_on_the_way", problem=error))


def _save(step: Step, request: Request, hashes: dict[str, str], finished: bool) -> bool:
    """Saves the picture with its recipe, says where, and returns whether that is where it should be."""
    network = known_as(request.network)
    info = recipe(request.settings, {}, step.number, hashes, network)
    try:
        place, problem = save_somewhere(step.image, request.output, info)
    except ImageError as error:
        warn(StyleTransferError("saved_nowhere", problem=error))
        return False
    if problem:
        warn(StyleTransferError("saved_elsewhere", problem=problem, place=place))
    print(
        f"{'Finished' if finished else 'Stopped'} at step {step.number} of {step.steps}, "
        f"after {step.elapsed:.0f} s: {place} ({step.width} x {step.height} pixels)",
        flush=True,
    )
    return problem is None


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
