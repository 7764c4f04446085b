"""Paints the finished pictures of `examples/results/` again, as `catalogue.toml` lists them.

python -m examples.make [WORD ...]    # only the results with one of the words in their names
python -m examples.make style_loss    # the two pictures on the page beside the choice of the style loss
python -m examples.make icons         # the page's icons, and its picture in messengers, from the hero
"""

import sys
import time
from collections import deque
from pathlib import Path

from PIL import Image, ImageOps

from styletransfer import Pictures, Settings, Step, load_image, load_network, save_image, stylize
from styletransfer.catalogue import FOLDER, Example, catalogue
from styletransfer.network.vgg import VGG
from styletransfer.page.assets import STATIC
from styletransfer.presets import presets
from styletransfer.settings import knobs

GAP = 8  # pixels between the pictures of the hero image
STYLE_LOSS = next(knob for knob in knobs() if knob.name == "style_loss")
# What the style losses are shown on: the photo, the painting, and the part at 384 px: fur and eyes.
SHOWN = FOLDER / "photos/cat.jpg", FOLDER / "styles/hokusai-great-wave.jpg"
ICON = (67, 24, 600, 557)  # the part of the first result that the icons show
PREVIEW, WALL = (1200, 630), "#f4f1eb"
PART = (10, 40, 360, 198)


def main(words: list[str]) -> None:
    """Paints the examples with one of the words in their result's name, or all, and the hero image."""
    if words == ["icons"]:
        _icons()
        return
    network = load_network()
    if words == [STYLE_LOSS.name]:
        _style_losses(network)
        return
    for example in catalogue().examples:
        if words and not any(word in example.result.name for word in words):
            continue
        began = time.perf_counter()
        settings = Settings(**presets()["Best"].settings | example.settings)
        step = _painted(example.photo, example.style, settings, network)
        example.result.parent.mkdir(exist_ok=True)
        save_image(step.image, example.result)
        print(f"{example.result.name}: {step}, {time.perf_counter() - began:.0f} s", flush=True)
    save_image(_hero(catalogue().examples[0]), FOLDER / "hero.jpg")


def _painted(photo: Path, style: Path, settings: Settings, network: VGG) -> Step:
    """The last step of this photo and painting."""
    pictures = Pictures(load_image(photo), [load_image(style)])
    return deque(stylize(pictures, settings, network), maxlen=1).pop()


def _style_losses(network: VGG) -> None:
    """Paints a part of a photo by each style loss, for the page."""
    for choice in STYLE_LOSS.choices or ():
        others = presets()["Gatys"].settings if choice == "gram" else {}
        step = _painted(*SHOWN, Settings(**others | {"size": 384, "style_loss": choice}), network)
        step.image.crop(PART).save(STATIC / f"icons/{choice}.webp", quality=85, method=6)


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


def _icons() -> None:
    """The pagoda of the first result as icons, and the hero in the shape in which messengers show it."""
    folder = STATIC / "icons"
    folder.mkdir(exist_ok=True)
    icon = load_image(catalogue().examples[0].result).crop(ICON)
    for size in (192, 512):
        small = icon.resize((size, size), Image.Resampling.LANCZOS)
        small.quantize(128, dither=Image.Dither.FLOYDSTEINBERG).save(
            folder / f"{size}.png", optimize=True
        )
    icon.resize((48, 48), Image.Resampling.LANCZOS).save(
        folder / "favicon.ico", sizes=[(48, 48), (32, 32)]
    )
    hero = ImageOps.pad(load_image(FOLDER / "hero.jpg"), PREVIEW, Image.Resampling.LANCZOS, WALL)
    hero.save(folder / "preview.jpg", quality=82, optimize=True, progressive=True)


if __name__ == "__main__":
    main(sys.argv[1:])
