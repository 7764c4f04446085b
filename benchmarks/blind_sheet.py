"""The sheet of a blind choice: a picture for each question, a page that asks them, and the key.

The contenders' pictures stand side by side without names, in an order that is drawn for each pair.
"""

import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from string import ascii_uppercase

from PIL import Image, ImageDraw, ImageFont, ImageOps

from styletransfer import load_image
from styletransfer.catalogue import Example

NONE = "none"  # the choice of who cannot decide
GIVEN = 200  # height in pixels at which photo and painting are shown
GAP = 12
CAPTION = 28
_PAGE = Path(__file__).with_name("blind.html")


def make_sheet(
    folder: Path, pictures: Sequence[tuple[Example, Mapping[str, Image.Image]]], seed: int
) -> None:
    """Writes `folder`/sheet, which is for the judges, and `folder`/key.json, which is not.

    Args:
        folder: it is made if there is none.
        pictures: (pair, contender -> the finished picture), in the order of the questions.
        seed: the order of the contenders follows from it.
    """
    sheet = folder / "sheet"
    sheet.mkdir(parents=True, exist_ok=True)
    key, fields = {}, []
    for number, (pair, finished) in enumerate(pictures, 1):
        name = pair.result.stem
        names = shuffled(name, [*finished], seed)
        shown = _of_one_size([finished[each] for each in names])
        question(load_image(pair.photo), load_image(pair.style), shown).save(sheet / f"{name}.png")
        key[name] = {
            letter: {"contender": contender, "pixels": fingerprint(image)}
            for letter, contender, image in zip(ascii_uppercase, names, shown, strict=False)
        }
        fields.append(_fieldset(name, number, [*key[name]]))
    page = _PAGE.read_text(encoding="utf-8").replace("<!-- questions -->", "\n".join(fields))
    (sheet / "index.html").write_text(page, encoding="utf-8")
    (folder / "key.json").write_text(json.dumps({"seed": seed, "pairs": key}, indent=2) + "\n")


def shuffled(pair: str, contenders: Sequence[str], seed: int) -> list[str]:
    """The contenders in the order in which a pair shows them, drawn anew for each pair and seed."""
    names = sorted(contenders)
    Random(f"{seed} {pair}").shuffle(names)
    return names


def question(photo: Image.Image, painting: Image.Image, pictures: Sequence[Image.Image]) -> Image.Image:
    """Photo and painting on top, and below the pictures, of one size, under the letters A, B, C ..."""
    width, height = pictures[0].size
    given = [ImageOps.contain(each, (4 * GIVEN, GIVEN)) for each in (photo, painting)]
    corners = places(len(pictures), (width, height))
    wide = max(corners[-1][0] + width, given[0].width + GAP + given[1].width)
    sheet = Image.new("RGB", (wide, corners[-1][1] + height), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(18)
    left = 0
    for name, image in zip(("Photo", "Painting"), given, strict=True):
        draw.text((left, 0), name, fill="black", font=font)
        sheet.paste(image, (left, CAPTION))
        left += image.width + GAP
    for letter, (left, top), image in zip(ascii_uppercase, corners, pictures, strict=False):
        draw.text((left, top - CAPTION), letter, fill="black", font=font)
        sheet.paste(image, (left, top))
    return sheet


def places(count: int, size: tuple[int, int]) -> list[tuple[int, int]]:
    """(left, top) of each of the contenders' pictures of this size in the picture of a question."""
    return [(number * (size[0] + GAP), 2 * CAPTION + GIVEN + GAP) for number in range(count)]


def fingerprint(image: Image.Image) -> str:
    """SHA-256 of the pixels, by which the key tells which picture is whose."""
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


def _of_one_size(pictures: Sequence[Image.Image]) -> list[Image.Image]:
    """The pictures in the smallest one's size; programs may round the short side differently."""
    size = min(image.size for image in pictures)
    return [
        image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
        for image in pictures
    ]


def _fieldset(pair: str, number: int, letters: Sequence[str]) -> str:
    """A question of the page: its picture, and a choice for each letter and for none."""
    pair = html.escape(pair)
    choices = "\n".join(
        f'<label class="choice"><input type="radio" name="{pair}" value="{letter}"> {said}</label>'
        for letter, said in [*((letter, letter) for letter in letters), (NONE, "None")]
    )
    return (
        f"<fieldset>\n<legend>{number}. {pair}</legend>\n"
        f'<img src="{pair}.png" alt="Photo and painting, and below them the pictures '
        f'{", ".join(letters)}">\n<div class="choices">\n{choices}\n</div>\n</fieldset>'
    )
