import contextlib
import csv
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from PIL import Image

from styletransfer import cli, images, saving
from styletransfer.arguments import parser, read
from styletransfer.engine.stylize import stylize
from styletransfer.images import to_tensor
from styletransfer.recipe import settings_in
from styletransfer.settings import Settings, knobs
from tests.support.failing_gpu import SAID
from tests.support.samples import PAINTING, PHOTO, ROOT, small_network

PROGRAM = [sys.executable, "-m", "styletransfer"]
# One thread, because on shared cores two mostly wait for each other.
WORLD = {"cwd": ROOT, "env": os.environ | {"OMP_NUM_THREADS": "1"}, "encoding": "utf-8"}
PIPED = WORLD | {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
SMALL = [PHOTO, PAINTING, "--size", "128", "--scales", "1"]
ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
unix = pytest.mark.skipif(os.name != "posix", reason="needs signals and terminals of Unix")


def size_of(path):
    with Image.open(path) as image:
        image.load()  # raises if the file is incomplete
        return image.size


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run: its folder and process."""
    folder = tmp_path_factory.mktemp("finished")
    arguments = [
        *("-o", folder / "out.png", "--log", folder / "losses.csv"),
        *("--steps", "5", "--show-every", "2", "--save-every", "2"),
    ]
    return folder, subprocess.run([*PROGRAM, *SMALL, *arguments], **PIPED)


def test_success_says_where_the_picture_is(finished):
    folder, process = finished
    assert process.returncode == 0
    assert str(folder / "out.png") in process.stdout
    assert len(process.stdout.splitlines()) == 1
    with Image.open(folder / "out.png") as image:
        assert image.size == (128, 85)
        assert len(image.getcolors(100_000)) > 1000


def test_piped_progress_is_plain_lines_every_n_steps(finished):
    _, process = finished
    first, *lines = process.stderr.splitlines()
    assert re.fullmatch(r"About \d.* and 0\.[12] GB on this computer · 128 x 85 pixels", first)
    steps = [re.search(r"step (\d+) of 5", line)[1] for line in lines]
    assert steps == ["2", "4", "5"]
    assert "\r" not in process.stderr + process.stdout
    assert "\x1b" not in process.stderr + process.stdout


def test_the_log_has_a_row_for_each_step(finished):
    folder, _ = finished
    with (folder / "losses.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["step", "size", "content", "style", "smoothness", "total"]
    assert [row["step"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert {row["size"] for row in rows} == {"128"}
    settings = Settings()
    for row in rows:
        weighted = (
            settings.content_weight * float(row["content"])
            + settings.style_weight * float(row["style"])
            + settings.smoothness * float(row["smoothness"])
        )
        assert float(row["total"]) == pytest.approx(weighted, rel=1e-4)


def test_intermediate_pictures_lie_beside_the_last(finished):
    folder, _ = finished
    assert sorted(path.name for path in folder.iterdir()) == [
        "losses.csv",
        "out.0002.png",
        "out.0004.png",
        "out.png",
    ]
    assert size_of(folder / "out.0002.png") == (128, 85)
    assert (folder / "out.0002.png").read_bytes() != (folder / "out.0004.png").read_bytes()


@unix
def test_ctrl_c_saves_the_picture_so_far(tmp_path):
    out, log = tmp_path / "out.png", tmp_path / "losses.csv"
    arguments = [*SMALL, "-o", out, "--log", log, "--steps", "2000", "--show-every", "1"]
    with subprocess.Popen([*PROGRAM, *arguments], **PIPED) as process:
        assert "on this computer" in process.stderr.readline()
        assert "step 1 of 2000" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        said, progress = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in progress
    assert re.match(rf"Stopped at step \d+ of 2000.*{re.escape(str(out))} \(128 x 85 pixels\)$", said)
    assert size_of(out) == (128, 85)
    reached = int(re.search(r"step (\d+)", said)[1])
    assert len(log.read_text().splitlines()) - 1 in (reached, reached - 1)  # nothing is lost


def test_the_process_is_tuned_for_the_device(paint):
    assert paint("--steps", "1", "--device", "cpu") == 0
    assert [device.type for device in paint.tuned] == ["cpu"]


@pytest.mark.parametrize("end", ENDING)
@pytest.mark.parametrize("second", ENDING)
def test_a_second_ctrl_c_does_not_spoil_the_saving(paint, monkeypatch, capsys, end, second):
    def save_image(*arguments, **info):
        signal.raise_signal(second)
        images.save_image(*arguments, **info)

    def then():
        monkeypatch.setattr(saving, "save_image", save_image)
        signal.raise_signal(end)

    assert paint("--steps", "50", "--log", "losses.csv", after=3, then=then) == 130
    assert capsys.readouterr().out.startswith("Stopped at step 3 of 50, after ")
    assert size_of("out.png") == (128, 85)
    assert len(Path("losses.csv").read_text().splitlines()) == 1 + 3


def test_before_the_first_step_there_is_nothing_to_save(paint, capsys):
    assert paint(then=lambda: signal.raise_signal(signal.SIGINT)) == 130
    assert "no picture yet" in capsys.readouterr().err
    assert not Path("out.png").exists()


def test_a_gpu_that_fails_leaves_the_last_picture_that_was_fetched_and_a_sentence(paint, capsys):
    def fail():
        raise RuntimeError(SAID)

    assert paint("--steps", "50", "--show-every", "2", after=3, then=fail) == 2
    out, err = capsys.readouterr()
    assert "Stopped at step 2 of 50" in out
    assert "The graphics card failed before the picture was finished." in err.splitlines()[-1]
    assert size_of("out.png") == (128, 85)


def test_the_picture_survives_a_programmers_mistake(paint):
    def then():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        paint("--steps", "50", after=3, then=then)
    assert size_of("out.png") == (128, 85)


def test_log_and_intermediate_pictures_tell_the_size_of_each_scale(paint):
    assert paint("--steps", "5", "--log", "losses.csv", "--save-every", "2") == 0
    rows = list(csv.DictReader(Path("losses.csv").read_text().splitlines()))
    assert [row["size"] for row in rows] == ["128", "128", "256", "256", "256"]
    assert size_of("out.0002.png") == (128, 85)
    assert size_of("out.0004.png") == size_of("out.png") == (256, 171)


def test_a_step_is_in_the_log_as_soon_as_it_is_painted(paint):
    def then():
        assert len(Path("losses.csv").read_text().splitlines()) == 1 + 3

    assert paint("--steps", "4", "--log", "losses.csv", after=3, then=then) == 0


@unix
def test_a_terminal_shows_a_bar(paint, monkeypatch):
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    with open(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert paint("--steps", "3", "--scales", "1") == 0
    shown = b""
    with contextlib.suppress(OSError):  # Linux raises OSError at the end of a pseudo-terminal
        while some := os.read(ours, 4096):
            shown += some
    os.close(ours)
    shown = shown.decode()
    last = shown.rstrip().split("\r")[-1]
    assert re.match(r"3/3 \|█+\| size 256, total \S+, 0 s left", last)
    assert "step 3 of 3" not in shown


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--size", "3", "size must be from 128 to 4096, got 3"),
        ("--size", "200.5", "size must be a whole number from 128 to 4096, got 200.5"),
        ("--steps", "many", "steps must be a whole number from 1 to 3000, got 'many'"),
        ("--content-weight", "-1", "content_weight must be from 0 to 10, got -1"),
        ("--style-weight", "nan", "style_weight must be a number from 0 to 10, got nan"),
        ("--start", "sketch", "start must be content, noise, draft or a picture's file, got 'sketch'"),
        ("--save-every", "0", "save_every must be from 1 to 3000, got 0"),
        ("--device", "tpu", "got 'tpu'"),
        ("-o", "out.bmp", "'out.bmp' must end in .png, .jpg"),
        ("-o", "out", "'out' must end in .png, .jpg"),
        ("-o", "nowhere/out.png", f"{os.path.join('nowhere', 'out.png')} cannot be saved (No such file"),
        ("-o", ".", ". is a folder; name a file in it"),
        ("--log", "nowhere/losses.csv", "cannot be written (No such file"),
        ("--bogus", "1", "unrecognized arguments: --bogus 1"),
        ("--content", "1", "unrecognized arguments: --content 1"),  # not accepted as an abbreviation
        ("--seed", None, "--seed: expected one argument"),
    ],
)
def test_a_wrong_option_is_one_clear_line(mistake, option, value, sentence):
    arguments = [option] if value is None else [option, value]
    assert sentence in mistake(*SMALL, "--steps", "1", "-o", "out.png", *arguments)


def test_wrong_pictures_are_one_clear_line(mistake, tmp_path):
    text = tmp_path / "notes.jpg"
    text.write_text("not a picture")
    narrow = tmp_path / "narrow.png"
    Image.new("RGB", (640, 36)).save(narrow)
    for pictures, sentence in [
        (("missing.jpg", PAINTING), "The photo (missing.jpg) does not exist"),
        ((PHOTO, PAINTING, "missing.jpg"), "The painting (missing.jpg) does not exist"),
        ((text, PAINTING), "The photo (notes.jpg) is not a picture"),
        ((PHOTO, tmp_path), "is a folder"),
        ((narrow, PAINTING), "The photo is 640 x 36 pixels, too narrow for size 512"),
        ((PHOTO, narrow), "The painting is 640 x 36 pixels, too narrow"),
    ]:
        assert sentence in mistake(*pictures, "-o", "out.png")


@pytest.mark.parametrize("option", ["-o", "--log"])
@pytest.mark.parametrize("name", ["photo.jpg", "painting.jpg"])
def test_pictures_to_read_are_not_written_over(mistake, tmp_path, option, name):
    photo, painting = (tmp_path / each for each in ("photo.jpg", "painting.jpg"))
    shutil.copyfile(PHOTO, photo)
    shutil.copyfile(PAINTING, painting)
    said = mistake(photo, painting, "-o", "out.png", option, name, "--size", "128", "--steps", "1")
    assert said == f"styletransfer: {name} is one of the pictures to read; choose another output\n"
    assert photo.read_bytes() + painting.read_bytes() == PHOTO.read_bytes() + PAINTING.read_bytes()


def test_missing_arguments_are_one_clear_line(mistake):
    assert "required: -o/--output" in mistake(PHOTO, PAINTING)
    assert "required: STYLE" in mistake(PHOTO, "-o", "out.png")
    assert " photo.jpg painting.jpg -o out.png. '" in mistake()


def test_a_mistake_costs_no_earlier_result(mistake, tmp_path):
    log = tmp_path / "losses.csv"
    log.write_text("precious")
    Image.new("RGB", (640, 36)).save(tmp_path / "narrow.png")
    mistake(PHOTO, "narrow.png", "-o", "out.png", "--log", log)
    mistake(*SMALL, "-o", "nowhere/out.png", "--log", log)
    mistake(*SMALL, "-o", "out.png", "--log", log, "--device", "tpu")
    assert log.read_text() == "precious"


def test_a_mistake_leaves_no_traceback_in_a_process_of_its_own():
    process = subprocess.run([*PROGRAM, *SMALL, "-o", "out.png", "--size", "3"], **PIPED)
    assert process.returncode == 2
    assert process.stdout == ""
    assert process.stderr == "styletransfer: size must be from 128 to 4096, got 3\n"


def test_help_lists_every_knob_with_range_and_default(command, capsys):
    assert command("--help") == 0
    shown = " ".join(capsys.readouterr().out.split())
    for knob in knobs():
        allowed = "{" + ",".join(knob.choices) + "}" if knob.choices else knob.range
        allowed = "LAYERS" if knob.layers else allowed
        allowed = allowed.replace("image", "FILE") if knob.name == "start" else allowed
        allowed = "SHARES" if knob.shares else allowed
        if knob.kind is bool:
            assert f"--{knob.name.replace('_', '-')} {knob.help}" in shown
            continue
        entry = shown[shown.rindex(f"--{knob.name.replace('_', '-')} ") :]
        entry = entry[: entry.index("Default:") + 90]
        assert allowed in entry
        assert f"Default: {knob.text(knob.default)}." in entry
    for option in ("--device", "--save-every", "--log", "--version", "--output"):
        assert option in shown


def test_version_is_the_projects(command, capsys):
    assert command("--version") == 0
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert capsys.readouterr().out == f"styletransfer {version}\n"


def test_options_may_stand_between_the_pictures():
    options = parser().parse_intermixed_args(["a", "-o", "out.png", "b", "--size", "256", "c"])
    assert (options.content, options.styles, options.size) == ("a", ["b", "c"], "256")


def test_a_preset_is_a_start_that_options_override(command, tmp_path):
    arguments = [str(PHOTO), str(PAINTING), "-o", str(tmp_path / "out.png"), "--preset", "quick"]
    assert command(*arguments, "--size", "128", "--steps", "2", "--log", str(tmp_path / "log.csv")) == 0
    rows = (tmp_path / "log.csv").read_text().splitlines()[1:]
    assert [row.split(",")[:2] for row in rows] == [["1", "64"], ["2", "128"]]


def test_an_unknown_preset_is_named(command, capsys):
    assert command(str(PHOTO), str(PAINTING), "-o", "out.png", "--preset", "fast") == 2
    assert "preset must be one of Quick, " in capsys.readouterr().err


def test_the_picture_holds_its_recipe(paint):
    assert paint("--steps", "2", "--seed", "5", "--scales", "1") == 0
    settings = settings_in("out.png")
    assert (settings.steps, settings.seed, settings.scales) == (2, 5, 1)


def mask(path, box):
    image = Image.new("L", (128, 85))
    image.paste(255, box)
    image.save(path)
    return path


def test_masks_belong_to_the_styles_in_order(paint):
    file = mask("right.png", (64, 0, 128, 85))

    def run(*arguments):
        assert paint(PAINTING, "--steps", "8", "--scales", "1", *arguments) == 0
        return images.load_image("out.png")

    plain = run()
    masked = run("--mask", "none", "--mask", file)
    assert masked.size == plain.size == (256, 171)
    both = run("--mask", file, "--mask", file, "--mask-softness", "0")
    photo = images.resize(images.load_image(PHOTO), 256)
    left, right = (0, 0, 120, 171), (136, 0, 256, 171)  # an enlarged mask has soft edges
    assert both.crop(left) == photo.crop(left)
    assert both.crop(right) != photo.crop(right)
    assert masked.crop(left) != photo.crop(left)


def test_a_start_image_is_named_where_a_choice_would_be(paint):
    Image.new("RGB", (300, 200), "red").save("mine.png")
    assert paint("--start", "mine.png", "--steps", "2", "--save-every", "1", "--scales", "1") == 0
    assert Image.open("out.0001.png").convert("RGB").getpixel((100, 100)) == (255, 0, 0)


def test_a_blend_is_a_text_of_numbers(paint):
    def run(blend):
        poppies = ROOT / "examples/styles/hokusai-poppies.jpg"
        assert paint(poppies, "--steps", "3", "--scales", "1", "--blend", blend) == 0
        return images.load_image("out.png")

    assert run("1 0") != run("0 1")
    assert run("3 1") == run("3")


def test_wrong_masks_blends_and_starts_are_one_clear_line(mistake, tmp_path):
    black, white = mask("black.png", (0, 0, 0, 0)), mask("white.png", (0, 0, 128, 85))
    for arguments, sentence in [
        (("--mask", black), "The mask of painting 1 is black all over"),
        (("--mask", white, "--mask", white), "There are 2 masks, but only 1 painting."),
        (("--mask", "missing.png"), "The mask of painting 1 (missing.png) does not exist"),
        (("--keep", "missing.png"), "The mask of what to keep (missing.png) does not exist"),
        (("--mask-softness", "50"), "mask_softness must be from 0 to 10, got 50"),
        (("--blend", "1 2"), "blend must have no more numbers than there are paintings"),
        (("--blend", "some"), "blend must be numbers from 0 to 100"),
        (("--blend", "0"), "at least one above 0, such as '3 1', got '0'"),
        (("--start", "image"), "got 'image', which does not exist"),
        (("--start", tmp_path), "is a folder"),
    ]:
        assert sentence in mistake(*SMALL, "--steps", "1", "-o", "out.png", *arguments)


def test_what_is_to_be_kept_is_named_by_a_mask_and_stands_in_the_recipe(paint):
    file = mask("right.png", (64, 0, 128, 85))

    def run(*arguments):
        assert paint("--steps", "15", "--scales", "1", *arguments) == 0
        return to_tensor(images.load_image("out.png"))

    photo = to_tensor(images.resize(images.load_image(PHOTO), 256))
    # Their spread, because a tint of all that is kept does not count.
    plain, kept = ((run(*more) - photo)[..., 140:].std() for more in ((), ("--keep", file)))
    assert kept < 0.9 * plain
    with Image.open("out.png") as image:
        hashes = json.loads(image.info["styletransfer"])["sha256"]
    assert hashes["keep"] == hashlib.sha256(Path(file).read_bytes()).hexdigest()


def test_faces_are_kept_if_asked_for_and_the_recipe_says_so():
    def settings(*arguments):
        return read(parser().parse_args(["a", "b", "-o", "out.png", *arguments])).settings

    assert settings() == Settings()
    assert settings("--keep-faces").keep_faces
    assert not settings("--keep-faces", "--no-keep-faces").keep_faces


@pytest.mark.parametrize("option", ["--mask", "--start", "--keep"])
def test_masks_and_start_are_not_written_over(command, capsys, option):
    before = mask("picture.png", (0, 0, 64, 85))
    precious = Path(before).read_bytes()
    assert command(*SMALL, "--steps", "1", option, before, "-o", "picture.png") == 2
    assert "picture.png is one of the pictures to read" in capsys.readouterr().err
    assert Path(before).read_bytes() == precious


@pytest.mark.parametrize("name", ["", "x" * 10_000], ids=len)
def test_a_preset_without_a_name_or_with_a_very_long_one_is_a_mistake_too(mistake, name):
    said = mistake(*SMALL, "-o", "out.png", "--steps", "1", "--preset", name)
    assert said.startswith("styletransfer: preset must be one of Quick, Standard, ")
    assert len(said) < 250


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "vgg19"),
        (["--preset", "quick"], "vgg19"),
        (["--preset", "TCH-RS"], "vgg16.tv_in1k"),
        (["--preset", "tutorial"], "vgg19.tv_in1k"),
        (["--preset", "tch-rs", "--network", "vgg19"], "vgg19"),
    ],
    ids=str,
)
def test_the_network_is_the_one_given_else_the_presets_else_the_default(
    command, monkeypatch, arguments, expected
):
    asked = []

    def load_network(source, device, precision):
        asked.append(source)
        return small_network()

    monkeypatch.setattr(cli, "load_network", load_network)
    assert command(*SMALL, "-o", "out.png", "--steps", "1", *arguments) == 0
    assert asked == [expected]


@unix
@pytest.mark.parametrize("end", ENDING)
@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (
            [*PROGRAM, *SMALL, "-o", "out.png"],
            "Stopped before the first step: there is no picture yet.\n",
        ),
        ([*PROGRAM, "page"], ""),
        ([sys.executable, "app.py"], ""),
    ],
    ids=["a picture", "the page", "app.py"],
)
def test_ctrl_c_while_torch_is_imported_is_quiet(tmp_path, end, program, sentence):
    """A module in place of torch that is slow to import and swallows exceptions."""
    slow = """
import sys, time
print("importing", file=sys.stderr, flush=True)
try:
    time.sleep(30)
except BaseException:
    raise ImportError("torch")
"""
    (tmp_path / "torch.py").write_text(slow)
    world = PIPED | {"env": WORLD["env"] | {"PYTHONPATH": str(tmp_path)}}
    with subprocess.Popen(program, **world) as process:
        assert process.stderr.readline() == "importing\n"
        process.send_signal(end)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err == sentence


def test_importing_the_package_touches_nothing():
    code = (
        "import signal, sys; sys.argv = ['-m']; before = signal.getsignal(signal.SIGINT);"
        "import styletransfer; assert signal.getsignal(signal.SIGINT) == before;"
        "assert not {'torch', 'PIL', 'gradio'} & set(sys.modules); print(*dir(styletransfer))"
    )
    process = subprocess.run([sys.executable, "-c", code], **PIPED)
    assert {"stylize", "load_network"} <= set(process.stdout.split()), process.stderr


def test_the_package_offers_its_names_and_no_others():
    import styletransfer

    assert styletransfer.stylize is stylize
    assert styletransfer.Settings is Settings
    everything = {}
    exec("from styletransfer import *", everything)
    assert set(styletransfer.__all__) <= set(everything)
    assert styletransfer.__all__ == sorted(styletransfer._MODULES)
    with pytest.raises(AttributeError, match="'styletransfer' has no attribute 'paint'"):
        _ = styletransfer.paint


def test_the_first_argument_page_serves_the_page(command, monkeypatch):
    from styletransfer.page import command as page
    from styletransfer.page.gate.rules import Rules
    from styletransfer.service import worker

    served, tuned, handled = [], [], []

    def launch_until_ctrl_c(store, rules, share, face):
        served.append((rules, share))
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "tune_process", tuned.append)
    monkeypatch.setattr(worker.Worker, "load", lambda worker: None)
    monkeypatch.setattr(page, "launch", launch_until_ctrl_c)
    monkeypatch.setattr(page.signal, "signal", lambda number, handler: handled.append(number))
    monkeypatch.setattr(page.threading, "Timer", mock.Mock())  # no end by force in this process
    monkeypatch.setattr(page.atexit, "_run_exitfuncs", lambda: None)
    monkeypatch.setattr(page.os, "_exit", sys.exit)
    assert command("page", "--device", "cpu") == 0
    assert served == [(Rules(), False)]
    assert {page.signal.SIGINT, page.signal.SIGTERM} <= set(handled)
    assert [device.type for device in tuned] == ["cpu"]


def test_a_photo_called_page_is_given_with_its_folder(mistake):
    assert "The photo (page) does not exist" in mistake("./page", PAINTING, "-o", "out.png")


def test_alpha_keeps_the_transparency_of_the_photo(paint, tmp_path):
    with Image.open(PHOTO) as image:
        cut_out = image.convert("RGBA").resize((128, 96))
    cut_out.putalpha(Image.new("L", cut_out.size, 0))
    cut_out.paste((9, 99, 9, 255), (0, 0, 64, 96))
    cut_out.save("cut.png")
    assert paint("--steps", "2", "--alpha") == 0
    with Image.open("out.png") as image:
        assert image.mode == "RGB"  # the photo, a JPEG, has none
    options = ("--size", "128", "--scales", "1", "--steps", "2", "--alpha")
    with pytest.raises(SystemExit) as caught:
        cli.main(["cut.png", str(PAINTING), "-o", "cut-out.png", *options])
    assert caught.value.code == 0
    with Image.open("cut-out.png") as image:
        assert image.mode == "RGBA"
        assert image.getchannel("A").getextrema() == (0, 255)


def test_alpha_is_no_jpeg(mistake):
    assert "would be a JPEG, which has no transparency" in mistake(*SMALL, "-o", "out.jpg", "--alpha")
