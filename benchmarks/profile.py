"""Where the time of one step goes: the operations of PyTorch, gathered into the method's parts."""

import statistics
import time

import torch
from torch.profiler import ProfilerActivity, profile

from styletransfer import Settings, load_image, load_network
from styletransfer.catalogue import Example
from styletransfer.convolution import convolution_relu
from styletransfer.descent import Descent
from styletransfer.images import resize, to_tensor
from styletransfer.objective import Objective
from styletransfer.vgg import VGG

_STEPS = 3

# By what stands in an operation's name; the first that fits.
_PARTS = {
    "convolutions": ("convolution", "mkldnn", "conv"),
    "Gram matrices": ("bmm",),
    "ReLU": ("threshold", "clamp_min", "relu"),
    "pooling": ("pool", "maximum", "aten::ge"),
    "optimiser's transform": ("fft",),
}


def profiled(pair: Example, size: int) -> dict:
    """Shares of a step by part, and the seconds of the bare convolutions, forward and backward."""
    network = load_network()
    content, style = (
        to_tensor(resize(load_image(each), size), network.device) for each in (pair.photo, pair.style)
    )
    descent = Descent(Objective(network, content, [style], Settings()), content)
    for _ in range(8):  # until the memory is at hand
        descent.step()
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        descent.step()
        seconds.append(time.perf_counter() - began)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        for _ in range(_STEPS):
            descent.step()
    shares = dict.fromkeys([*_PARTS, "the rest"], 0.0)
    for each in found.key_averages():
        names = (part for part, words in _PARTS.items() if any(word in each.key for word in words))
        shares[next(names, "the rest")] += each.self_cpu_time_total
    whole = sum(shares.values())
    return {
        "size": size,
        "step": statistics.median(seconds),
        "bare_convolutions": _convolutions(network, content),
        "shares": {part: each / whole for part, each in shares.items()},
    }


def _convolutions(network: VGG, image: torch.Tensor) -> float:
    """Seconds of all convolutions up to conv5_1 and of their gradients, on inputs that lie ready."""
    seconds = 0.0
    hidden = image
    for name in network.layers[: network.layers.index("conv5_1") + 1]:
        if name.startswith("pool"):
            hidden = torch.nn.functional.max_pool2d(hidden, 2)
        elif name.startswith("conv"):
            convolution = network._convolution(name)
            best = []
            for _ in range(4):
                given = hidden.clone().requires_grad_()
                began = time.perf_counter()
                found = convolution_relu(given, *convolution)
                found.backward(found.detach())
                best.append(time.perf_counter() - began)
            seconds += min(best)
            hidden = found.detach()
    return seconds
