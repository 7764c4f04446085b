"""How fast a GPU paints in each precision, how exactly, and how often the processor waits for it.

    python -m benchmarks.gpu [--device cuda] [--sizes 256 512 1024 2048] [--seconds 20]
        [--precisions float32 bfloat16 float16] [--keep FOLDER] [--json]

For each size and precision a picture is painted at that size alone, with the default losses, for so many
seconds after three steps to warm up. The table has

steps a second;
memory: the most that the device's tensors have taken, with the network; on a CPU the peak of the process
    so far;
waits a step: how often the processor waits for the device (`benchmarks.waiting`), over a few steps;
total: the loss of the best picture after those seconds; `--keep` saves that picture;
from float32: how far the first total loss is from that of float32 on a CPU, and the cosine of the two
    gradients, at `--agree` pixels.
"""

import argparse
import json
import time
from pathlib import Path

import torch

from styletransfer import Settings, load_image, load_network
from styletransfer.catalogue import Example, catalogue
from styletransfer.engine import memory
from styletransfer.engine.descent import Descent
from styletransfer.engine.objective import Objective
from styletransfer.images import resize, to_image, to_tensor
from styletransfer.network.arithmetic import arithmetic
from styletransfer.network.precision import PRECISIONS
from styletransfer.network.process import tune_process
from styletransfer.network.vgg import VGG, choose_device

from .machine import machine, peak_of_process
from .waiting import counted

_WARMING, _WATCHED = 3, 4  # steps before the measured ones, and steps whose waits are counted


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", help="by default the fastest")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024, 2048])
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=list(PRECISIONS))
    parser.add_argument("--seconds", type=float, default=20, help="of painting each picture")
    parser.add_argument("--agree", type=int, default=256, help="pixels at which losses are compared")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the pictures go")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    device = choose_device(options.device)
    tune_process(device)
    pair = catalogue().examples[0]
    exact = _judged(load_network(device="cpu", precision="float32"), pair, options.agree)
    report = {"machine": machine(), "chosen": str(arithmetic(device)), "rows": []}
    if not options.json:
        print(*(f"{key}: {value}" for key, value in report["machine"].items()), sep="\n")
        print(f"chosen: {report['chosen']}\n\n{_HEAD}", flush=True)
    for precision in options.precisions:
        network = load_network(device=device, precision=precision)
        agreement = _agreement(_judged(network, pair, options.agree), exact)
        for size in options.sizes:
            painted = _painted(network, pair, size, options.seconds, options.keep)
            row = {"size": size, "precision": precision} | painted | agreement
            report["rows"].append(row)
            if not options.json:
                print(_LINE.format(**row), flush=True)
    if options.json:
        print(json.dumps(report, indent=2))


_HEAD = " size  precision  steps/s   memory     waits/step  total    from float32"
_LINE = (
    "{size:5}  {precision:9}  {steps_a_second:7.2f}  {bytes_gb:6.2f} GB  {waits:10.2f}  {total:7.4f}"
    "  {difference:+.1e}, cosine {cosine:.5f}"
)


def _painted(network: VGG, pair: Example, size: int, seconds: float, keep: Path | None) -> dict:
    """What painting at this size takes, and how far it comes in so many seconds."""
    on_gpu = network.device.type == "cuda"
    if on_gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(network.device)
    photo, style = _pair(pair, size, network.device)
    sizes = [(each.shape[3], each.shape[2]) for each in (photo, style)]
    blocks = memory.fitting_blocks(
        sizes[0], sizes[1:], 0, network.device, network.precision, "neighbours"
    )
    descent = Descent(Objective(network, photo, [style], Settings(), blocks_in_strips=blocks), photo)
    for _ in range(_WARMING):
        descent.step()
    with counted(network.device) as waits:
        for _ in range(_WATCHED):
            descent.step()
    began, number = time.perf_counter(), 0
    while not number or time.perf_counter() - began < seconds:
        descent.step()
        number += 1
    took = time.perf_counter() - began
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        name = str(network.precision).removeprefix("torch.")
        to_image(descent.best.pixels).save(keep / f"{size}-{name}-{seconds:.0f}s.png")
    peak = torch.cuda.max_memory_allocated(network.device) if on_gpu else peak_of_process()
    return {
        "steps_a_second": number / took,
        "bytes_gb": peak / 1e9,
        "waits": len(waits.seen) / _WATCHED,
        "total": descent.best.total,
    }


def _judged(network: VGG, pair: Example, size: int) -> tuple[float, torch.Tensor]:
    """The total loss of the photo grown a little darker, and its gradient, on the CPU."""
    photo, style = _pair(pair, size, network.device)
    image = (photo * 0.9).requires_grad_()
    losses = Objective(network, photo, [style], Settings())(image)
    (gradient,) = torch.autograd.grad(losses.total * losses.scale, image)
    return losses.total.item(), (gradient / losses.scale).cpu().flatten()


def _pair(pair: Example, size: int, device: torch.device) -> list[torch.Tensor]:
    """The photo and the painting, (1, 3, h, w), with this long side."""
    return [to_tensor(resize(load_image(each), size), device) for each in (pair.photo, pair.style)]


def _agreement(found: tuple[float, torch.Tensor], exact: tuple[float, torch.Tensor]) -> dict:
    cosine = torch.cosine_similarity(found[1].double(), exact[1].double(), dim=0).item()
    return {"difference": found[0] / exact[0] - 1, "cosine": cosine}


if __name__ == "__main__":
    main()
