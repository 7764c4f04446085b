"""Measures with torch's profiler how the time of a step with Gram matrices on a CPU is divided."""

import contextlib
import statistics
import time
from types import ModuleType
from unittest.mock import patch

import torch
from torch.profiler import ProfilerActivity, profile, record_function

from styletransfer import Settings, load_image, load_network
from styletransfer.catalogue import Example
from styletransfer.engine.descent import Descent
from styletransfer.engine.objective import Objective
from styletransfer.images import resize, to_tensor
from styletransfer.network import convolution, kernels
from styletransfer.network.convolution import convolution_relu, split
from styletransfer.network.precision import is_half
from styletransfer.network.process import tune_process
from styletransfer.network.vgg import VGG

_STEPS = 3

# The profiler's names of the operations of each part; their times include the operations they call.
_PARTS = {
    "convolutions": (  # the third computes the ReLU as well
        "aten::_nnpack_spatial_convolution",
        "aten::conv2d",
        "mkldnn::_convolution_pointwise",
        "convolve_by_matrix_product",
    ),
    "Gram matrices": ("_Tapped", "_TappedBackward"),
    "ReLU": ("aten::relu_", "aten::threshold_backward"),
    "pooling": ("max_pool_with_switches", "max_unpool"),
    "optimiser's transform": ("aten::fft_rfft2", "aten::fft_irfft2"),
}


def profiled(pair: Example, size: int) -> dict:
    """The share of each part in a step's time, and the seconds of the convolutions alone."""
    network = load_network(device="cpu")
    tune_process(network.device)
    content, style = (
        to_tensor(resize(load_image(each), size), network.device) for each in (pair.photo, pair.style)
    )
    descent = Descent(Objective(network, content, [style], Settings(style_loss="gram")), content)
    for _ in range(8):  # warms up, until no new memory is allocated
        descent.step()
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        descent.step()
        seconds.append(time.perf_counter() - began)
    with contextlib.ExitStack() as stack:
        for module, name in (
            (convolution, "max_pool_with_switches"),
            (convolution, "max_unpool"),
            (kernels, "convolve_by_matrix_product"),
        ):
            stack.enter_context(_named(module, name))
        found = stack.enter_context(profile(activities=[ProfilerActivity.CPU]))
        for _ in range(_STEPS):
            descent.step()
    averages = found.key_averages()
    whole = sum(each.self_cpu_time_total for each in averages)
    shares = {
        part: sum(each.cpu_time_total for each in averages if each.key in names) / whole
        for part, names in _PARTS.items()
    }
    shares["the rest"] = 1 - sum(shares.values())
    return {
        "size": size,
        "step": statistics.median(seconds),
        "bare_convolutions": _convolutions(network, content),
        "shares": shares,
    }


def _named(module: ModuleType, name: str) -> contextlib.AbstractContextManager:
    """A context in which the profiler records calls of this function of the module under its name."""
    return patch.object(module, name, record_function(name)(getattr(module, name)))


def _convolutions(network: VGG, image: torch.Tensor) -> float:
    """The seconds of all convolutions up to conv5_1 with their gradients, without anything else."""
    seconds = 0.0
    hidden = torch.nn.functional.pad(image, (1, 1, 1, 1))
    if is_half(network.precision):
        hidden = split(hidden, network.precision)
    for name in network.layers[: network.layers.index("conv5_1") + 1]:
        if name.startswith("pool"):
            hidden = torch.nn.functional.max_pool2d(hidden, 2)
        elif name.startswith("conv"):
            best = []
            for _ in range(4):
                given = hidden.clone().requires_grad_()
                began = time.perf_counter()
                found = convolution_relu(given, network.convolutions[name])
                found.backward(found.detach())
                best.append(time.perf_counter() - began)
            seconds += min(best)
            hidden = found.detach()
    return seconds
