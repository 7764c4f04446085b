"""`styletransfer batch`: every photo by every painting, into a folder, as often resumed as need be.

Where the pictures are goes to stdout; progress, and what is wrong, to stderr.
"""

import argparse
import hashlib
import os
import platform
import sys
import tomllib
from collections.abc import Sequence
from contextlib import closing, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TextIO

from tqdm import tqdm

from . import interrupt
from .arguments import add_knob, add_network, check_alpha, given
from .batch.names import FIELDS, PATTERN, Pattern
from .batch.overview import PAGE
from .batch.plan import Plan, every_pair, listed_pairs
from .batch.progress import Progress
from .batch.run import Ended, Stepped, paint_all
from .errors import SettingsError, StyleTransferError, shown
from .images import load_image
from .network.weights import DEFAULT_SOURCE, known_as
from .presets import preset
from .program import Parser, program
from .recipe import settings_in
from .service import runner_options
from .service.runners import ServerRunner, Wanted, runner_for
from .settings import Knob, Settings, knobs

_STOPPED, _SOME_FAILED, _INTERRUPTED = 1, 3, 130  # exit codes
# What has become of a picture -> how the last line calls it.
_WORDS = {
    "painted": "painted",
    "copied": "copied (the same photo again)",
    "there": "there already",
    "failed": "failed",
}


def main(arguments: Sequence[str]) -> NoReturn:
    """Paints as the arguments say, and exits.

    With 0 when all pictures are there, 3 when some have failed, 1 when the disk is full, 130 when Ctrl-C
    ended it early, and 2 with one line on stderr when a person has to change something first.

    Args:
        arguments: those after `batch`.
    """
    parsing = parser()
    try:
        stop_if_asked = interrupt.raise_once()
        options = parsing.parse_intermixed_args(arguments)
        plan, network = _planned(options)
        runner, why = _runner(options, network)
        runner.prepare()
        runner.await_network()  # its errors are not those of each picture
        plan = replace(plan, network=known_as(network))
    except StyleTransferError as error:
        parsing.error(str(error))
    except KeyboardInterrupt:
        parsing.exit(_INTERRUPTED, interrupt.NO_PICTURE_YET)
    if why:
        print(why, file=sys.stderr, flush=True)
    sys.exit(_paint(plan, runner, stop_if_asked))


def parser() -> Parser:
    """The parser of `batch`. Settings stay texts, which are checked with all others."""
    parser = Parser(
        prog=f"{program()} batch",
        description="Paint every photo in the manner of every painting. The same command goes on where "
        "it was ended: what is finished is not painted again.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "photos", metavar="PHOTO", nargs="*", type=Path, help="photos, and folders with photos"
    )
    parser.add_argument(
        "--style",
        metavar="FILE",
        dest="paintings",
        action="append",
        default=[],
        type=Path,
        help="a painting; given several times, every photo is painted by each of them",
    )
    parser.add_argument(
        "--pairs",
        metavar="CSV",
        type=Path,
        help="in place of photos and --style: a table with a photo and its painting in each row, or "
        "several paintings to be blended; paths are relative to the table's folder",
    )
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, required=True, help="where the pictures go"
    )
    parser.add_argument(
        "--pattern",
        default=PATTERN,
        help=f"what they are called: a text with {', '.join(f'{{{field}}}' for field in FIELDS)}, which "
        "may make folders (by /) and ends in .png, .jpg or .webp. Default: %(default)s, a PNG.",
    )
    _add_settings(parser)
    add_network(parser)
    runner_options.add_options(parser)
    return parser


def _add_settings(parser: Parser) -> None:
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--preset", metavar="NAME", help="start from the settings of this preset")
    start.add_argument(
        "--settings",
        metavar="TOML",
        type=Path,
        help='start from those in this file, such as size = 768; preset = "quick" may be among them',
    )
    start.add_argument(
        "--recipe", metavar="PICTURE", type=Path, help="start from those that this picture was made with"
    )
    group = parser.add_argument_group("settings of all pictures")
    for knob in map(_without_image, knobs()):
        add_knob(group, knob, f" Default: {knob.text(knob.default)}.")


def _without_image(knob: Knob) -> Knob:
    """The knob, of `start` without the picture of one's own: photos have none in common."""
    if knob.name != "start" or knob.choices is None:
        return knob
    choices = tuple(each for each in knob.choices if each != "image")
    words = "What each canvas shows before the first step: the photo, noise, or a quick draft."
    return replace(knob, choices=choices, help=words)


def _planned(options: argparse.Namespace) -> tuple[Plan, str]:
    """What the options ask for, checked, and the network."""
    pattern = Pattern(options.pattern)
    settings, network = _settings(options)
    check_alpha(settings.alpha, Path(options.pattern))
    if settings.start == "image":
        raise SettingsError("batch_start_is_an_image")
    if options.pairs is not None:
        if options.photos or options.paintings:
            raise SettingsError("batch_pairs_beside_photos")
        items = listed_pairs(options.pairs, pattern, options.out)
    elif not options.photos or not options.paintings:
        raise SettingsError("batch_nothing_given", program=program())
    else:
        items = every_pair(options.photos, options.paintings, pattern, options.out)
        for painting in options.paintings:  # all pictures by it would fail, one after the other
            load_image(painting, "painting")
    return Plan(items, settings, options.out), network


def _settings(options: argparse.Namespace) -> tuple[Settings, str]:
    """The settings, and the network that goes with them."""
    values: dict[str, Any] = {}
    name = options.preset or "standard"
    if options.settings is not None:
        values = _in_file(options.settings)
        name = values.pop("preset", name)
    if options.recipe is not None:
        made_with = settings_in(options.recipe)
        if made_with is None:
            raise SettingsError("recipe_missing", file=options.recipe)
        values = vars(made_with)
    start = preset(name)
    network = options.network or start.network or DEFAULT_SOURCE
    return Settings(**{**start.settings, **values, **given(options)}), network


def _in_file(file: Path) -> dict[str, Any]:
    """The settings that a TOML file names."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SettingsError("settings_file_unreadable", file=file, why=why) from error
    names = ["preset", *(knob.name for knob in knobs())]
    if unknown := set(values) - set(names):
        raise SettingsError(
            "settings_file_unknown", file=file, value=shown(min(unknown)), names=", ".join(names)
        )
    return values


def _runner(options: argparse.Namespace, network: str) -> tuple[ServerRunner, str]:
    """What paints, as the options say, and a sentence on it; empty for a single device."""
    # In a cluster the same command takes the place of one that was killed, and of nothing else.
    batch = f"{platform.node()}\n{os.path.realpath(options.out)}".encode(errors="surrogateescape")
    wanted = Wanted(
        device=None if options.device == "auto" else options.device,
        devices=options.devices,
        ray=options.ray,
        replicas=options.replicas,
        gpus_per_replica=options.gpus_per_replica,
        name=f"styletransfer-batch-{hashlib.sha256(batch).hexdigest()[:12]}",
        source=network,
        precision=options.precision,
        keeps_targets=True,
    )
    return runner_for(wanted, environment={})  # GPUs are lent to visitors of a page only


def _paint(plan: Plan, runner: ServerRunner, stop_if_asked: interrupt.Asked) -> int:
    """Paints all of it and returns the exit code."""
    counts = dict.fromkeys(_WORDS, 0)
    code = 0
    out = sys.stdout
    try:
        with (
            redirect_stdout(sys.stderr),  # what a library prints is no picture
            closing(runner),
            _Bar(len(plan.items)) as bar,
            closing(paint_all(plan, runner)) as news,
        ):
            for each in news:
                _tell_whole(each, bar, counts, out, stop_if_asked)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except StyleTransferError as error:
        print(f"styletransfer: {error}", file=sys.stderr, flush=True)
        code = _STOPPED
    finally:
        interrupt.ignore()
    _sum_up(plan, counts)
    return code or (_SOME_FAILED if counts["failed"] else 0)


def _tell_whole(
    news: Stepped | Ended, bar: "_Bar", counts: dict[str, int], out: TextIO, asked: interrupt.Asked
) -> None:
    """Tells of it to the end, and then stops if that is asked."""
    with asked.held():
        _tell(news, bar, counts, out)


def _tell(news: Stepped | Ended, bar: "_Bar", counts: dict[str, int], out: TextIO) -> None:
    """Shows how far the batch is, and says where a new picture is, or why there is none."""
    bar(news)
    if isinstance(news, Stepped):
        return
    counts["there" if news.skipped else news.entry.state] += 1
    if news.entry.error:
        tqdm.write(f"styletransfer: {news.item}: {news.entry.error['sentence']}", file=sys.stderr)
    elif not news.skipped:
        tqdm.write(str(news.item.output), file=out)


def _sum_up(plan: Plan, counts: dict[str, int]) -> None:
    parts = [f"{counts[state]} {words}" for state, words in _WORDS.items() if counts[state]]
    if left := len(plan.items) - sum(counts.values()):
        parts.append(f"{left} left, with which the same command goes on")
    print(f"{', '.join(parts)}. Overview: {plan.folder / PAGE}", flush=True)


class _Bar(tqdm):  # type: ignore[type-arg]  # tqdm is generic in its stubs only
    """A bar over all pictures on a terminal; elsewhere a line for each of them."""

    def __init__(self, pictures: int) -> None:
        super().__init__(
            total=pictures,
            bar_format="{percentage:3.0f} % |{bar}| {desc}",
            dynamic_ncols=True,
            disable=None,  # disabled unless on a terminal
        )
        self._pictures = pictures
        self._progress = Progress(pictures)

    def __call__(self, news: Stepped | Ended) -> None:
        """Shows how far the batch is."""
        self._progress.take(news)
        seconds = self._progress.left
        left = "" if seconds is None else f", {_duration(seconds)} left"
        if not self.disable:
            self.set_description_str(f"{self._progress}{left}", refresh=False)
            self.update(self._progress.done - self.n)
        elif isinstance(news, Ended) and (not news.skipped or self._progress.ended == self._pictures):
            # Not for those that were there already: a thousand of them are a thousand lines.
            print(f"{self._progress.ended} of {self._pictures}{left}", file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    """About how long that is: 45 s, 12 min, 3 h 20 min."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
