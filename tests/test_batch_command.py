"""`styletransfer batch` as people call it: options, what it says, and its exit codes."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from PIL import Image

from styletransfer.engine.stylize import stylize
from styletransfer.recipe import settings_in
from styletransfer.service import worker
from tests.support.samples import PAINTING, PHOTO, small_network

SMALL = ("--size", "128", "--scales", "1", "--steps", "2", "--no-keep-faces")


@pytest.fixture
def batch(command, monkeypatch):
    """Runs `batch` in this process with a small network, and calls `then` after each first step."""

    def run(*arguments, then=lambda: None):
        def steps(*everything):
            for step in stylize(*everything):
                yield step
                if step.number == 1:
                    then()

        monkeypatch.setattr(worker, "stylize", steps)
        monkeypatch.setattr(worker, "load_network", lambda *_: small_network())
        monkeypatch.setattr(worker, "tune_process", lambda _: None)  # not this process
        return command("batch", *arguments)

    Path("in").mkdir()
    shutil.copy(PHOTO, "in/pagoda.jpg")
    return run


EVERY = ("in", "--style", PAINTING, "--out", "out")
OUTPUT = Path("out/pagoda-hokusai-great-wave.png")


def test_it_says_where_pictures_are_and_sums_up(batch, capfd):
    assert batch(*EVERY, *SMALL) == 0
    out, err = capfd.readouterr()
    assert out.splitlines() == [str(OUTPUT), "1 painted. Overview: out/overview.html"]
    assert err.splitlines()[-1] == "1 of 1, 0 s left"
    assert batch(*EVERY, *SMALL) == 0
    assert capfd.readouterr().out == "1 there already. Overview: out/overview.html\n"


def test_a_failure_is_a_line_and_the_exit_code_3(batch, capfd):
    Path("in/notes.jpg").write_text("no picture")
    assert batch(*EVERY, *SMALL) == 3
    out, err = capfd.readouterr()
    assert f"styletransfer: in/notes.jpg by {PAINTING}: The photo (notes.jpg) is not" in err
    assert out.endswith("1 painted, 1 failed. Overview: out/overview.html\n")
    assert OUTPUT.exists()


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(batch, capfd):
    shutil.copy(PHOTO, "in/b.jpg")
    with Image.open(PHOTO) as image:
        image.transpose(0).save("in/z.jpg")

    def interrupted():
        if Path("out/b-hokusai-great-wave.png").exists():
            os.kill(os.getpid(), signal.SIGINT)

    assert batch(*EVERY, *SMALL, then=interrupted) == 130
    out = capfd.readouterr().out
    assert "1 left, with which the same command goes on" in out
    assert not Path("out/z-hokusai-great-wave.png").exists()
    assert batch(*EVERY, *SMALL) == 0
    assert "1 painted, 2 there already" in capfd.readouterr().out


def test_settings_come_from_a_file_a_recipe_or_a_preset_and_options_count_more(batch):
    Path("look.toml").write_text('preset = "quick"\nsmoothness = 2\nsteps = 9\nkeep_faces = false\n')
    assert (
        batch(*EVERY, "--settings", "look.toml", "--size", "128", "--steps", "2", "--scales", "1") == 0
    )
    made = settings_in(OUTPUT)
    assert (made.smoothness, made.steps, made.size, made.keep_faces) == (2, 2, 128, False)
    again = ("in", "--style", PAINTING, "--out", "again")
    assert batch(*again, "--recipe", OUTPUT, "--seed", "5") == 0
    assert settings_in(Path("again", OUTPUT.name)) == type(made)(**vars(made) | {"seed": 5})


def test_a_table_of_pairs_takes_the_place_of_photos_and_paintings(batch):
    Path("pairs.csv").write_text(f"in/pagoda.jpg,{PAINTING}\n")
    assert batch("--pairs", "pairs.csv", "--out", "out", *SMALL, "--pattern", "{style}/{photo}.jpg") == 0
    assert Path("out/hokusai-great-wave/pagoda.jpg").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: --out"),
        (["--out", "out"], "Name photos, paintings and the folder"),
        (["nowhere", *EVERY[1:]], "nowhere does not exist"),
        (["in", "--style", "nowhere.jpg", "--out", "out"], "The painting (nowhere.jpg) does not exist"),
        ([*EVERY, "--pattern", "{x}"], "the pattern may have the fields photo, style, suffix"),
        ([*EVERY, "--size", "5"], "size must be from 128"),
        ([*EVERY, "--start", "mine.png"], "start must be one of content"),
        ([*EVERY, "--start", "image"], "start must be content, noise or draft in a batch"),
        ([*EVERY, "--pairs", "pairs.csv"], "leave out the photos"),
        ([*EVERY, "--preset", "x"], "preset must be one of"),
        ([*EVERY, "--preset", "quick", "--recipe", "x.png"], "not allowed with argument"),
        ([*EVERY, "--recipe", PHOTO], "holds no recipe"),
        ([*EVERY, "--settings", "look.toml"], "look.toml cannot be read as settings (No such file"),
        ([*EVERY, "--settings", "in/pagoda.jpg"], "in/pagoda.jpg cannot be read as settings"),
        ([*EVERY, "--device", "abacus"], "device must be one of"),
        ([*EVERY, "--devices", "cpu,abacus"], "device must be one of"),
        ([*EVERY, "--devices", "cpu,"], "--devices must be names with commas between them"),
        (
            [*EVERY, "--device", "cpu", "--devices", "cpu,cpu"],
            "Of --device, --devices and --ray only one",
        ),
        ([*EVERY, "--ray", "auto", "--replicas", "many"], "--replicas must be a number from 1"),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
def test_what_has_to_be_changed_is_one_line_and_nothing_is_written(batch, capfd, arguments, sentence):
    assert batch(*arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert sentence in err
    assert len(err.splitlines()) == 1
    assert not Path("out").exists()


def test_an_unknown_setting_in_a_file_is_named(batch, capfd):
    Path("look.toml").write_text("sise = 256\n")
    assert batch(*EVERY, "--settings", "look.toml") == 2
    assert (
        "look.toml has 'sise', which is no setting; there are preset, content_weight"
        in capfd.readouterr().err
    )
