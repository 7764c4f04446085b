"""A figure: pictures of one size in rows and columns, as one file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

Rows = Sequence[Sequence[Image.Image]]


def save(rows: Rows, file: Path, **options: Any) -> dict[str, Any]:
    """Writes the figure, and returns what the page has to know of it.

    Args:
        rows: pictures of one size, as many in each row.
        file: a .webp file, or a .jpg file where grain in the colours matters, which WebP takes away.
        options: of Pillow's `save`, such as `lossless`.
    """
    width, height = rows[0][0].size
    whole = Image.new("RGB", (width * len(rows[0]), height * len(rows)))
    for down, row in enumerate(rows):
        for across, picture in enumerate(row):
            whole.paste(picture, (across * width, down * height))
    usual = {"quality": 82, "method": 6, "subsampling": "4:4:4"}
    whole.save(file, **usual | options)
    return {
        "file": file.name,
        "columns": len(rows[0]),
        "rows": len(rows),
        "width": width,
        "height": height,
    }
