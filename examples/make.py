"""Paints the finished pictures in `examples/results/` anew, as `catalogue.toml` lists them.

python -m examples.make [WORD ...]    # only results whose name has one of the words
"""

import sys
import time
from collections import deque

from styletransfer import Settings, load_image, load_network, save_image, stylize
from styletransfer.catalogue import catalogue


def main(words: list[str]) -> None:
    network = load_network()
    for example in catalogue().examples:
        if words and not any(word in example.result.name for word in words):
            continue
        began = time.perf_counter()
        content, style = load_image(example.photo), load_image(example.style)
        step = deque(stylize(content, [style], Settings(**example.settings), network), maxlen=1).pop()
        example.result.parent.mkdir(exist_ok=True)
        save_image(step.image, example.result)
        print(f"{example.result.name}: {step}, {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
