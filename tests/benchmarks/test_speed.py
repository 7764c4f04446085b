"""Small runs of the benchmarks of speed, memory and profile, and the race's arithmetic."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from benchmarks import speed
from benchmarks.profile import profiled
from styletransfer.catalogue import catalogue
from styletransfer.engine.objective import Objective
from tests.support.samples import ROOT, real_network


def run_of(module, *arguments):
    """The report of a benchmark that is run from the command line."""
    command = [sys.executable, "-m", f"benchmarks.{module}", "--json", *map(str, arguments)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def test_speed_compares_steps_and_memory():
    report = run_of("speed", "--parts", "steps", "--sizes", 96, "--rounds", 1, "--memory-steps", 4)
    (row,) = report["steps"]
    for name in ("ours", "pastiche"):
        assert row[name]["median"] > 0
        assert 1e8 < row[name]["peak_bytes"] < 1e10
    assert row["ratio_median"] == pytest.approx(row["ours"]["median"] / row["pastiche"]["median"])


def test_a_race_tells_when_each_was_near_the_best(monkeypatch):
    losses = {"racing": [None, 9.0, 4.3, 3.0], "pastiche": [20.0, 8.0, 5.0, 4.0]}
    seconds = {"racing": 1, "pastiche": 2}

    class Worker:
        def __init__(self, name, size, given=()):
            self.made = (speed._Made(seconds[name], 0, each) for each in losses[name])

        def step(self):
            return next(self.made)

        def close(self):
            pass

    monkeypatch.setattr(speed, "_Worker", Worker)
    found = speed._raced(512, 4, small=0)
    assert found["seconds"] == {"ours": 4, "pastiche": 8}
    assert [row["ours"]["steps"] for row in found["reached"]] == [3, 3, 3, 3, 4]
    assert [row["pastiche"]["seconds"] for row in found["reached"]] == [4, 6, 6, 8, 8]
    assert found["reached"][0]["ratio"] == pytest.approx(3 / 4)


@pytest.mark.filterwarnings("ignore:Image.Image.getdata")  # pastiche's
def test_both_race_on_the_same_loss():
    from pastiche.pastiche import PasticheArtist

    pair = catalogue().examples[0]
    content = speed._as_theirs(pair.photo, size=128)
    style = speed._as_theirs(pair.style, pixels=content[0, 0].numel())
    ours = Objective(real_network(), content, [style], speed.PASTICHES)(content).total.item()
    theirs = PasticheArtist(content=str(pair.photo), styles=[str(pair.style)], size=128, device="cpu")
    assert ours / speed.TIMES == pytest.approx(theirs.loss, rel=2e-3)


@pytest.mark.filterwarnings("ignore:Image.Image.getdata")
def test_only_losses_at_the_last_size_race():
    step = speed._racing(catalogue().examples[0], 128, small=3)
    assert [step() for _ in range(6)] == [None] * 6
    assert step() > step()


def test_a_step_is_profiled_to_the_last_part():
    found = profiled(catalogue().examples[0], 96)
    assert sum(found["shares"].values()) == pytest.approx(1)
    assert found["shares"]["convolutions"] > 0.3
    assert all(share > 0 for share in found["shares"].values())
    assert found["bare_convolutions"] > 0


def test_growth_tells_time_memory_and_what_was_foretold(tmp_path):
    pytest.importorskip("matplotlib")
    plot = tmp_path / "growth.png"
    report = run_of("growth", "--sizes", 128, 192, "--steps", 1, "--plot", plot)
    small, large = report["sizes"]
    assert large["pixels"] == pytest.approx(2.25 * small["pixels"], rel=0.02)
    assert small["blocks"] == 0
    assert large["foretold_bytes"] > small["foretold_bytes"]
    assert large["peak_bytes"] > 0
    with Image.open(plot) as image:
        assert image.width > 500
