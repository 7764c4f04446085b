"""The contact sheet of `benchmarks.quality`: each pair as a strip of captioned pictures."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont, ImageOps

from styletransfer import load_image
from styletransfer.catalogue import Example

from .contenders import Run

GAP = 8  # pixels between the pictures
CAPTION = 20


def strip(pair: Example, runs: Sequence[Run], row: dict) -> Image.Image:
    """The photo above the painting, and to their right a column of all contenders for each style weight.

    Captions: contender, style weight, shapes, fidelity.

    Args:
        pair: the photo and the painting.
        runs: of `contenders.paint`, in its order.
        row: of `judging.judge`, for these runs.
    """
    width, height = runs[0].image.size
    rows = max(2, len({run.contender for run in runs}))
    cells = [(0, 0, "photo", load_image(pair.photo)), (0, 1, "painting", load_image(pair.style))]
    for number, (run, figures) in enumerate(zip(runs, row["runs"], strict=True)):
        column, place = divmod(number, rows)
        caption = (
            f"{run.contender} {run.style_weight:g}: {figures['shapes']:.3f}, {figures['fidelity']:.3f}"
        )
        cells.append((1 + column, place, caption, run.image))
    down = CAPTION + height + GAP
    sheet = Image.new("RGB", ((width + GAP) * (1 + len(runs) // rows), rows * down), "white")
    draw = ImageDraw.Draw(sheet)
    for column, place, caption, image in cells:
        left, top = column * (width + GAP), place * down
        draw.text((left, top), caption, fill="black", font=ImageFont.load_default(14))
        fitted = ImageOps.contain(image, (width, height), Image.Resampling.LANCZOS)
        sheet.paste(fitted, (left, top + CAPTION))
    return sheet


def stacked(strips: Sequence[Image.Image]) -> Image.Image:
    """The strips one below the other."""
    size = (max(each.width for each in strips), sum(each.height for each in strips))
    sheet = Image.new("RGB", size, "white")
    top = 0
    for each in strips:
        sheet.paste(each, (0, top))
        top += each.height
    return sheet
