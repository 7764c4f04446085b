"""Writes the figures and the numbers of the page `/how-it-works` into the package.

python -m examples.how_it_works            # all of them, in about ten minutes on two cores
python -m examples.how_it_works content    # only one; the others stay as they are
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from styletransfer import load_network
from styletransfer.network.process import tune_process
from styletransfer.network.vgg import VGG, choose_device

from .grams import grams
from .neighbours import neighbours
from .optimisers import optimisers
from .pulls import pulls
from .reconstructions import content, originals, texture
from .subjects import files_folder
from .tug_of_war import tug_of_war

FIGURES: dict[str, Callable[[VGG, Path], dict[str, Any]]] = {
    function.__name__: function
    for function in (originals, content, texture, optimisers, grams, neighbours, tug_of_war, pulls)
}


def main(words: list[str]) -> None:
    """Computes the figures that the words name, or all."""
    device = choose_device("cpu")  # so that the numbers are the same wherever this runs
    tune_process(device)
    network = load_network(device=device, precision="float32")
    folder = files_folder()
    folder.mkdir(exist_ok=True)
    file = folder / "numbers.json"
    for name in words or FIGURES:
        computed = FIGURES[name](network, folder)
        numbers = json.loads(file.read_text("utf-8")) if file.exists() else {}
        numbers[name] = computed
        file.write_text(json.dumps(numbers, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{name}: done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
