"""Paints the finished pictures in `examples/results/` anew, as `catalogue.toml` lists them.

python -m examples.make [WORD ...]    # only results whose name has one of the words
"""

import sys
import time
from collections import deque

from PIL import Image, ImageOps

from styletransfer import Settings, load_image, load_network, save_image, stylize
from styletransfer.catalogue import FOLDER, Example, catalogue
from styletransfer.pictures import Pictures

GAP = 8


def main(words: list[str]) -> None:
    network = load_network()
    for example in catalogue().examples:
        if words and not any(word in example.result.name for word in words):
            continue
        began = time.perf_counter()
        content, style = load_image(example.photo), load_image(example.style)
        step = deque(
            stylize(Pictures(content, [style]), Settings(**example.settings), network), maxlen=1
        ).pop()
        example.result.parent.mkdir(exist_ok=True)
        save_image(step.image, example.result)
        print(f"{example.result.name}: {step}, {time.perf_counter() - began:.0f} s", flush=True)
    save_image(_hero(catalogue().examples[0]), FOLDER / "hero.jpg")


def _hero(example: Example) -> Image.Image:
    """The result at its own size, and left of it photo and painting, one above the other."""
    result = load_image(example.result)
    height = (result.height - GAP) // 2
    small = [
        ImageOps.fit(load_image(each), (height * 3 // 2, height), Image.Resampling.LANCZOS)
        for each in (example.photo, example.style)
    ]
    hero = Image.new("RGB", (small[0].width + GAP + result.width, result.height), "white")
    hero.paste(small[0], (0, 0))
    hero.paste(small[1], (0, result.height - height))
    hero.paste(result, (small[0].width + GAP, 0))
    return hero


if __name__ == "__main__":
    main(sys.argv[1:])
