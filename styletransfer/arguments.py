"""The arguments of the command line: what may be given, and what was asked for, checked."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import SettingsError, shown
from .network.precision import PRECISIONS
from .network.weights import DEFAULT_SOURCE, SOURCES
from .presets import preset, presets
from .program import Parser, program
from .recipe import version
from .settings import Knob, Settings, knobs

LOG_COLUMNS = ("step", "size", "content", "style", "smoothness", "total")

_KNOBS = {knob.name: knob for knob in knobs()}
_SAVE_EVERY = Knob(
    "Save every N steps",
    "Also save the picture every N steps, beside the output: out.0020.png for out.png.",
    minimum=1,
    maximum=_KNOBS["steps"].maximum,
    name="save_every",
    kind=int,
)
# Help where that of the page does not hold for the command line.
_HELP = {
    "show_every": "How often a line is printed where progress does not go to a terminal: every N steps, "
    "or about every 2 seconds."
}
_NO_MASK = "none"


@dataclass(frozen=True)
class Request:
    """What the arguments ask for; the settings are valid, the files have not been opened.

    Attributes:
        masks: a file for each painting in order, or None for a painting without a mask.
        start: the picture to start from, or None where the setting `start` is something else.
        keep: the mask of what to keep, or None for none.
        save_every: steps between the pictures saved on the way, or None for no such pictures.
        log: the file for the losses, or None.
        network: which weights to load; like `device` and `precision` as `load_network` takes it.
    """

    content: str
    styles: list[str]
    masks: list[str | None]
    start: str | None
    keep: str | None
    settings: Settings
    output: Path
    save_every: int | None
    log: Path | None
    network: str
    device: str
    precision: str | None

    @property
    def inputs(self) -> list[str]:
        """Every file that is to be read; `network` may be one."""
        masks = [mask for mask in self.masks if mask]
        single = [file for file in (self.start, self.keep, self.network) if file]
        return [self.content, *self.styles, *masks, *single]


def parser() -> Parser:
    """The parser of painting, which no command names. Settings stay texts, which `read` checks."""
    prog = program()
    parser = Parser(
        prog=prog,
        description="Paint a photo in the manner of a painting. "
        "Ctrl-C ends it early and saves the picture so far.",
        epilog=f"'{prog} batch' paints many photos, '{prog} page' serves the page instead, and '{prog} "
        "publish' puts it on a Hugging Face Space; with --help they list their options. (A photo whose "
        "name is one of these words is given as ./page.)",
        allow_abbrev=False,
    )
    _add_pictures(parser)
    group = parser.add_argument_group("settings")
    for knob in knobs():
        add_knob(group, knob, f" Default: {knob.text(knob.default)}.")
    _add_masks_and_files(parser)
    add_network(parser)
    parser.add_argument("--version", action="version", version=f"styletransfer {version()}")
    return parser


def _add_pictures(parser: Parser) -> None:
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
        + " ".join(f"{preset.name.lower()}: {preset.help}" for preset in presets().values()),
    )


def _add_masks_and_files(parser: Parser) -> None:
    parser.add_argument(
        "--mask",
        metavar="FILE",
        action="append",
        default=[],
        help="where a style applies: a picture that is white there and black elsewhere, laid over the "
        "whole photo. The first belongs to the first STYLE, and so on; styles without one, or with "
        f"'{_NO_MASK}', share what no mask covers. If all have one, the rest remains the photo.",
    )
    parser.add_argument(
        "--keep",
        metavar="FILE",
        help="where the photo should stay recognisable: a picture that is white there and black "
        "elsewhere, laid over the whole photo. It is painted there, too, but nearer to the photo.",
    )
    add_knob(parser, _SAVE_EVERY, "")
    parser.add_argument(
        "--log", metavar="CSV", type=Path, help=f"write each step's losses: {', '.join(LOG_COLUMNS)}"
    )


def check_alpha(alpha: bool, output: Path) -> None:
    """Checks that the output can have transparency, if it is to.

    Raises:
        SettingsError: it cannot.
    """
    if alpha and output.suffix.lower() in (".jpg", ".jpeg"):
        raise SettingsError("alpha_in_a_jpeg", file=output.name)


def add_network(parser: Parser) -> None:
    """Adds the options of what computes, which are not settings of a picture.

    Args:
        parser: of the command.
    """
    parser.add_argument(
        "--network", metavar="NETWORK", help=f"{SOURCES}. Default: the preset's, else {DEFAULT_SOURCE}."
    )
    parser.add_argument(
        "--device", default="auto", help="cuda, mps or cpu; by default the first of them that is here"
    )
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="of the feature maps; by default the fastest that suits the device, else float32",
    )


def add_knob(group: argparse._ActionsContainer, knob: Knob, default: str) -> None:
    """Adds the knob as an option whose value stays a text, and is missing if it is not given.

    One that is on or off becomes two options without a value, such as --keep-faces and --no-keep-faces.

    Args:
        group: of options.
        knob: the setting.
        default: what its help says of its default.
    """
    if knob.kind is bool:
        _add_switch(group, knob)
        return
    metavar, allowed = "N", f" A number {knob.range}."
    if knob.choices:
        metavar, allowed = f"{{{','.join(knob.choices)}}}", ""
    elif knob.layers:
        metavar, allowed = "LAYERS", ""
    elif knob.shares:
        metavar, allowed = "SHARES", f" {knob.range[0].upper()}{knob.range[1:]}."
    if knob.name == "start":
        metavar = metavar.replace("image", "FILE")
    group.add_argument(
        f"--{knob.name.replace('_', '-')}",
        metavar=metavar,
        default=argparse.SUPPRESS,
        help=_HELP.get(knob.name, knob.help).replace("%", "%%") + allowed + default,
    )


def _add_switch(group: argparse._ActionsContainer, knob: Knob) -> None:
    option = knob.name.replace("_", "-")
    for prefix, value in (("", True), ("no-", False)):
        default = " This is the default." if value == knob.default else ""
        group.add_argument(
            f"--{prefix}{option}",
            dest=knob.name,
            action="store_const",
            const=knob.text(value),
            default=argparse.SUPPRESS,
            help=(f"{knob.help}{default}" if value else f"the opposite of it.{default}"),
        )


def read(options: argparse.Namespace) -> Request:
    """The parsed options as a request.

    Raises:
        SettingsError: an option's value is not allowed, or there is no such preset.
    """
    chosen = preset(options.preset)
    start = _start_file(options)
    if start is not None:
        options.start = "image"
    settings = Settings(**chosen.settings | given(options))
    check_alpha(settings.alpha, options.output)
    save_every: Any = getattr(options, "save_every", None)
    return Request(
        content=options.content,
        styles=options.styles,
        masks=[None if file == _NO_MASK else file for file in options.mask],
        start=start,
        keep=options.keep,
        settings=settings,
        output=options.output,
        save_every=None if save_every is None else _SAVE_EVERY.parse(save_every),
        log=options.log,
        network=(chosen.network or DEFAULT_SOURCE) if options.network is None else options.network,
        device=options.device,
        precision=options.precision,
    )


def given(options: argparse.Namespace) -> dict[str, Any]:
    """Name -> value of the settings for which there is an option.

    Args:
        options: as parsed.

    Raises:
        SettingsError: a value is not allowed.
    """
    return {name: knob.parse(getattr(options, name)) for name, knob in _KNOBS.items() if name in options}


def _start_file(options: argparse.Namespace) -> str | None:
    """The file that --start names, or None if it names one of the setting's choices.

    Raises:
        SettingsError: it is neither a choice nor a file that exists.
    """
    start: str | None = getattr(options, "start", None)
    # "image" alone is the page's choice: here the picture's file stands in its place.
    if start is None or (start in (_KNOBS["start"].choices or ()) and start != "image"):
        return None
    if not os.path.exists(start):
        raise SettingsError("start_unknown", value=shown(start))
    return start
