"""How often the processor waits for the device: once a step, when its numbers are due."""

import pytest
import torch

from benchmarks.waiting import counted
from styletransfer.engine.schedule import adapts_before
from styletransfer.engine.stylize import stylize
from styletransfer.network.vgg import VGG
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, photo, random_weights

STEPS, FIRST = 40, 5  # of the run, and the first step that is watched


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
@pytest.mark.parametrize("precision", [torch.float32, torch.float16], ids=str)
@pytest.mark.parametrize("optimiser", ["lbfgs", "adam", "gradient"])
@pytest.mark.parametrize("style_loss", ["neighbours", "gram"])
def test_the_processor_waits_once_a_step(style_loss, optimiser, precision, device):
    network = VGG(random_weights(8), device=device, precision=precision)
    knobs = {"style_loss": style_loss, "optimiser": optimiser, "padding": "zeros"}
    settings = Settings(size=128, steps=STEPS, scales=1, **knobs)
    steps = stylize(Pictures(photo(), [painting()]), settings, network)
    for _ in range(FIRST - 1):
        next(steps)
    watched = [number for number in range(FIRST, FIRST + 4) if not adapts_before(number, STEPS)]
    assert len(watched) >= 2
    for number in range(FIRST, FIRST + 4):
        with counted(network.device) as waits:
            assert next(steps).number == number
        # PyTorch's Adam counts its steps in a tensor of its own, which is never on a GPU.
        of_no_gpu = optimiser == "adam" and device == "cpu"
        if number in watched:
            assert len(waits.seen) == 1 + of_no_gpu, waits.seen
    steps.close()


def test_what_makes_it_wait_is_seen():
    numbers = torch.arange(3.0)
    with counted(torch.device("cpu")) as waits:
        numbers.sum().item()
        bool(numbers[0] > 0)
        numbers.tolist()
        numbers[numbers > 1]
    assert len(waits.seen) == 4
