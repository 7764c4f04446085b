"""How much the balance of content and style at the same weights depends on the size of the picture.

    python -m benchmarks.balance [--sizes 256 512 1024] [--steps 150]

Paints the same pair with the same settings at several sizes, then evaluates one common objective on
every result, resized to the smallest size. If the weights mean the same at every size, these losses are
equal. The second pair of columns holds the losses of every picture at its own size.
"""

import argparse
from collections import deque

import torch

from styletransfer import Pictures, Settings, load_image, load_network, stylize
from styletransfer.catalogue import catalogue
from styletransfer.engine.objective import Objective
from styletransfer.images import resize, to_tensor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--steps", type=int, default=150)
    options = parser.parse_args()
    network, impartial = load_network(), load_network(precision="float32")
    common = min(options.sizes)
    print(f"torch {torch.__version__}, {network.device}, {options.steps} steps")
    print(f"{'pair':28} {'size':>5}   at {common} px: content  style   own: content  style")
    for example in catalogue().examples[:2]:
        content, style = load_image(example.photo), load_image(example.style)
        with torch.no_grad():
            judge = Objective(
                impartial,
                to_tensor(resize(content, common), network.device),
                [to_tensor(resize(style, common), network.device)],
                Settings(),
            )
        for size in options.sizes:
            settings = Settings(size=size, steps=options.steps)
            step = deque(stylize(Pictures(content, [style]), settings, network), maxlen=1).pop()
            with torch.no_grad():
                judged = judge(to_tensor(resize(step.image, common), network.device))
            print(
                f"{example.result.stem:28} {size:5}   {judged.content.item():17.4f} "
                f"{judged.style.item():6.4f}   {step.content:12.4f} {step.style:6.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
