"""Paints the finished pictures of `examples/results/` again, as `catalogue.toml` lists them.

python -m examples.make [WORD ...]    # only the results with one of the words in their names
"""

import sys
import time
from collections import deque

from PIL import Image, ImageOps

from styletransfer import Pictures, Settings, load_image, load_network, save_image, stylize
from styletransfer.catalogue import FOLDER, Example, catalogue

GAP = 8  # pixels between the pictures of the hero image


def main(words: list[str]) -> None:
    """Paints the examples with one of the words in their result's name, or all, and the hero image."""
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
    """The result, and to its left the photo above the painting, both half as high."""
    result = load_image(example.result)
    height = (result.height - GAP) // 2
    small = [
        ImageOps.fit(load_image(file), (height * 3 // 2, height), Image.Resampling.LANCZOS)
        for file in (example.photo, example.style)
    ]
    hero = Image.new("RGB", (small[0].width + GAP + result.width, result.height), "white")
    hero.paste(small[0], (0, 0))
    hero.paste(small[1], (0, result.height - height))
    hero.paste(result, (small[0].width + GAP, 0))
    return hero


if __name__ == "__main__":
    main(sys.argv[1:])
