"""Lets people choose between the contenders' pictures without knowing whose they are.

    python -m benchmarks.blind make FOLDER [WORD ...] [--pictures PICTURES] [--size 512]
                                           [--seconds 0] [--seed N]
    python -m benchmarks.blind tally FOLDER answers.json [more.json ...]

`make` has each finished pair of `examples/` (or those whose result's name contains one of the words)
painted by all contenders of `benchmarks.contenders` with the default weights, and writes FOLDER/sheet: a
picture for each pair, and index.html, which asks which one is preferred and offers the answers as a
file. Only that folder is for the judges. Beside it are FOLDER/key.json, which tells whose picture is
which, and FOLDER/painted with the pictures, of which those already there are not painted again. With
`--pictures` nothing is painted: that folder holds finished pictures named PAIR-CONTENDER.png, of any
contenders.

`tally` counts the answers of all judges: for each pair, for each judge and in all.
"""

import argparse
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from styletransfer import load_image, load_network, save_image
from styletransfer.catalogue import Example

from .blind_sheet import make_sheet
from .blind_tally import BlindError, read_all, read_key, tally
from .contenders import CONTENDERS, DEVICE, PASTICHE, one_pastiche_network, paint
from .quality import chosen_pairs

WEIGHTS = {name: [1.0 if name == PASTICHE else 5.0] for name in CONTENDERS}  # their own defaults


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="paint the pairs and write the sheet")
    make.add_argument("folder", type=Path)
    make.add_argument("words", metavar="WORD", nargs="*")
    make.add_argument("--pictures", type=Path, help="a folder of finished pictures to take")
    make.add_argument("--size", type=int, default=512, help="long side in pixels")
    make.add_argument(
        "--seconds", type=float, default=0, help="for each picture; 0: as many steps as the settings say"
    )
    make.add_argument("--seed", type=int, help="the order follows from it; by default drawn anew")
    count = commands.add_parser("tally", help="count the answers")
    count.add_argument("folder", type=Path)
    count.add_argument("answers", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    try:
        if options.command == "make":
            _make(chosen_pairs(options.words, make), options)
        else:
            _tally(options.folder, options.answers)
    except BlindError as error:
        sys.exit(str(error))


def finished_pictures(
    pairs: Sequence[Example], folder: Path
) -> list[tuple[Example, dict[str, Image.Image]]]:
    """(pair, contender -> picture) of each pair, from the files PAIR-CONTENDER.png in the folder.

    Raises:
        BlindError: a pair lacks the picture of a contender that another pair has, or there are
            fewer than two contenders.
    """
    stems = {pair.result.stem: pair for pair in pairs}
    found: dict[str, dict[str, Path]] = {stem: {} for stem in stems}
    for file in sorted(folder.glob("*.png")):
        # The longest name, as one pair's may begin with another's.
        stem = max((stem for stem in stems if file.stem.startswith(f"{stem}-")), key=len, default=None)
        if stem:
            found[stem][file.stem.removeprefix(f"{stem}-")] = file
    contenders = sorted({name for files in found.values() for name in files})
    if len(contenders) < 2:
        raise BlindError(
            f"{folder} should have pictures of at least two contenders, named PAIR-CONTENDER.png."
        )
    missing = [
        f"{stem}-{name}.png" for stem, files in found.items() for name in contenders if name not in files
    ]
    if missing:
        raise BlindError(f"{folder} lacks {', '.join(missing)}.")
    return [
        (pair, {name: load_image(found[stem][name]) for name in contenders})
        for stem, pair in stems.items()
    ]


def _make(pairs: Sequence[Example], options: argparse.Namespace) -> None:
    """Paints what is to be painted, and writes the sheet and the key."""
    if not options.pictures:
        _paint_missing(pairs, options.folder / "painted", options.size, options.seconds)
    pictures = finished_pictures(pairs, options.pictures or options.folder / "painted")
    seed = secrets.randbits(32) if options.seed is None else options.seed
    make_sheet(options.folder, pictures, seed)
    print(f"{len(pictures)} questions: {options.folder / 'sheet' / 'index.html'}")


def _paint_missing(pairs: Sequence[Example], folder: Path, size: int, seconds: float) -> None:
    """Paints those pairs of which the folder lacks a picture, and saves them there."""

    def file(pair: Example, name: str) -> Path:
        return folder / f"{pair.result.stem}-{name}.png"

    missing = [pair for pair in pairs if not all(file(pair, name).exists() for name in CONTENDERS)]
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    network = load_network(device=DEVICE)
    with one_pastiche_network():
        for pair in missing:
            for run in paint(pair, size, seconds, WEIGHTS, network):
                save_image(run.image, file(pair, run.contender))
                print(
                    f"{pair.result.stem}, {run.contender}: {run.steps} steps, {run.seconds:.0f} s",
                    flush=True,
                )


def _tally(folder: Path, files: Sequence[Path]) -> None:
    key = read_key(folder)
    print(tally(key, read_all(files, key)))


if __name__ == "__main__":
    main()
