"""The command line loses no picture, and overwrites none that it reads."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from styletransfer.arguments import parser, read
from styletransfer.errors import ImageError
from styletransfer.saving import check_outputs
from tests.support.samples import PAINTING, PHOTO, ROOT

PROGRAM = [sys.executable, "-m", "styletransfer"]
WORLD = {"cwd": ROOT, "env": os.environ | {"OMP_NUM_THREADS": "1"}, "encoding": "utf-8"}
PIPED = WORLD | {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
SMALL = ["--size", "128", "--scales", "1"]
unix = pytest.mark.skipif(os.name != "posix", reason="needs pipes, signals and limits of Unix")


def recipe_in(path):
    with Image.open(path) as image:
        image.load()  # raises if the file is incomplete
        return json.loads(image.text["styletransfer"])


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def as_request(*arguments):
    return read(parser().parse_intermixed_args([str(each) for each in arguments]))


@pytest.fixture
def tiny(tmp_path):
    """A small photo and a small painting, copied to where the test may delete them."""
    photo, painting = tmp_path / "photo.png", tmp_path / "painting.png"
    for source, copy in ((PHOTO, photo), (PAINTING, painting)):
        with Image.open(source) as image:
            image.resize((150, 100)).save(copy)
    return photo, painting


def test_without_its_folder_the_picture_goes_to_the_current_one(paint, capsys):
    Path("stick").mkdir()
    Path("out.png").write_text("another picture")
    stick = os.path.join("stick", "out.png")
    assert paint("--steps", "5", "-o", stick, after=3, then=lambda: shutil.rmtree("stick")) == 1
    out, err = capsys.readouterr()
    place = Path.cwd() / "out-2.png"
    assert out.startswith("Finished at step 5 of 5, after ")
    assert f": {place} (" in out
    assert err.splitlines()[-1].startswith("styletransfer: out.png cannot be saved (No such file or dir")
    assert err.endswith(f". The picture is in {place} instead\n")
    assert recipe_in(place)["steps made"] == 5
    assert Path("out.png").read_text() == "another picture"


@unix
def test_without_the_current_folder_it_goes_home(paint, tmp_path, monkeypatch, capsys):
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)

    def then():
        shutil.rmtree(here)
        signal.raise_signal(signal.SIGTERM)

    assert paint("--steps", "5", after=3, then=then) == 1
    assert recipe_in(home / "out.png")["steps made"] == 3
    assert f": {home / 'out.png'} (" in capsys.readouterr().out


@unix
def test_it_is_said_when_no_folder_takes_it(paint, capsys):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def then():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))

    try:
        assert paint("--steps", "3", after=2, then=then) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    out, err = capsys.readouterr()
    assert out == ""
    assert "out.png cannot be saved (File too large)" in err
    assert err.endswith(" it is lost\n")


def test_a_picture_on_the_way_that_cannot_be_saved_ends_nothing(paint, capsys):
    def then():
        Path("out.0002.png").mkdir()

    assert paint("--steps", "4", "--save-every", "2", after=1, then=then) == 0
    warning = "styletransfer: out.0002.png cannot be saved (Is a directory)"
    assert [line[: len(warning)] for line in capsys.readouterr().err.splitlines()].count(warning) == 1
    assert Path("out.0004.png").is_file()
    assert recipe_in("out.png")["steps made"] == 4


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_log_that_cannot_be_written_ends_nothing(paint, capsys):
    assert paint("--steps", "3", "--log", "/dev/full") == 0
    err = capsys.readouterr().err
    assert err.count("/dev/full cannot be written any more (No space left on device)") == 1
    assert recipe_in("out.png")["steps made"] == 3


@unix
def test_the_log_may_be_a_pipe(paint):
    ours, theirs = os.pipe()
    assert paint("--steps", "3", "--log", f"/dev/fd/{theirs}") == 0
    os.close(theirs)
    with open(ours, encoding="utf-8") as pipe:
        assert [row.partition(",")[0] for row in pipe] == ["step", "1", "2", "3"]


@unix
def test_a_log_that_nobody_reads_is_a_mistake(mistake, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "pipe cannot be written (No such dev" in mistake(
        PHOTO, PAINTING, *SMALL, "-o", "out.png", "--log", "pipe"
    )


def test_pictures_are_not_read_again_after_painting(paint, tiny):
    photo, painting = tiny
    hashes = {name: sha256(file) for name, file in (("start_image", photo), ("style_2", painting))}

    def then():
        photo.unlink()
        painting.write_bytes(b"something else")

    assert paint(painting, "--start", photo, "--steps", "2", after=1, then=then) == 0
    assert hashes.items() <= recipe_in("out.png")["sha256"].items()


@pytest.mark.parametrize("name", ["out.0002.png", "link.png", "hard.png", "folder/photo.png"])
def test_nothing_that_is_read_is_written_over_by_whatever_name(command, tiny, capsys, name):
    photo, painting = tiny
    os.symlink(photo, "link.png")
    os.link(photo, "hard.png")
    os.symlink(".", "folder")
    shutil.copyfile(photo, "out.0002.png")
    options = ["--start", "out.0002.png", "--save-every", "2", "--steps", "4"]
    output = "out.png" if name.startswith("out") else name
    assert command(photo, painting, *SMALL, *options, "-o", output) == 2
    assert f"styletransfer: {Path(name)} is one of the pictures to read" in capsys.readouterr().err
    assert sha256(photo) == sha256("out.0002.png")


def test_the_log_is_neither_the_network_nor_a_picture_on_the_way(command, tiny, capsys):
    Path("mine.pth").write_bytes(b"weights")
    for options, sentence in (
        (["--network", "mine.pth", "--log", "mine.pth"], "mine.pth is one of the pictures to read"),
        (["--save-every", "2", "--log", "./out.0004.png"], "out.0004.png is to hold a picture"),
    ):
        assert command(*tiny, *SMALL, "--steps", "4", "-o", "out.png", *options) == 2
        assert sentence in capsys.readouterr().err
    assert Path("mine.pth").read_bytes() == b"weights"


@unix
@pytest.mark.parametrize("name", ["pipe.png", "out.png"])
def test_a_pipe_or_a_folder_cannot_hold_a_picture(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.png")
    Path("out.0003.png").mkdir()
    asked = as_request("a.png", "b.png", "-o", name, "--save-every", "3")
    with pytest.raises(ImageError, match=r"(pipe|out\.0003)\.png is a folder, a pipe or a device"):
        check_outputs(asked)


@pytest.mark.parametrize(("length", "options"), [(252, []), (247, ["--save-every", "2"])])
def test_a_name_that_is_too_long_is_known_beforehand(mistake, length, options):
    said = mistake(PHOTO, PAINTING, *SMALL, "-o", "a" * length + ".png", *options)
    assert ".png cannot be saved (File name too long); choose another name" in said


@unix
def test_a_link_that_leads_to_itself_gives_way(tmp_path, monkeypatch, paint):
    os.symlink("out.png", "out.png")
    assert paint("--steps", "1") == 0
    assert Path("out.png").is_file()


@unix
def test_a_private_folder_is_a_sentence(tmp_path):
    (tmp_path / "private").mkdir(mode=0o700)
    asked = as_request("a.png", "b.png", "-o", tmp_path / "private" / "out.png", "--save-every", "2")
    if (was := os.geteuid()) == 0:
        os.seteuid(65534)
    else:
        (tmp_path / "private").chmod(0)
    try:
        with pytest.raises(ImageError, match=r"out\.png cannot be saved \(Permission denied\)"):
            check_outputs(asked)
    finally:
        os.seteuid(was)
        (tmp_path / "private").chmod(0o700)


@unix
def test_a_pipe_is_waited_for_and_read_once(tmp_path, tiny):
    photo, painting = tiny
    pipe, out = tmp_path / "pipe", tmp_path / "out.png"
    os.mkfifo(pipe)
    arguments = [pipe, painting, *SMALL, "--start", pipe, "-o", out, "--steps", "1"]
    with subprocess.Popen([*PROGRAM, *arguments], **PIPED) as process:
        waiting = process.stderr.readline()
        assert waiting == "Waiting for the photo (pipe), which is a pipe; Ctrl-C ends it\n"
        pipe.write_bytes(photo.read_bytes())
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    hashes = recipe_in(out)["sha256"]
    assert hashes["content"] == hashes["start_image"] == sha256(photo)


@unix
def test_a_picture_may_come_through_stdin(tmp_path, tiny):
    photo, painting = tiny
    out = tmp_path / "out.png"
    arguments = ["/dev/stdin", painting, *SMALL, "-o", out, "--steps", "1"]
    world = PIPED | {"encoding": None}
    process = subprocess.run([*PROGRAM, *arguments], input=photo.read_bytes(), **world)
    assert process.returncode == 0, process.stderr
    assert recipe_in(out)["sha256"]["content"] == sha256(photo)


@unix
def test_a_device_is_no_picture(mistake):
    assert "The photo (zero) is a terminal or another device" in mistake(
        "/dev/zero", PAINTING, "-o", "out.png"
    )


@unix
@pytest.mark.parametrize("nohup", [False, True], ids=["closed", "nohup"])
def test_closing_the_terminal_saves_the_picture_so_far(tmp_path, tiny, nohup):
    import fcntl
    import pty
    import termios

    def controlled():  # in the new process: this terminal is the one whose end it is told of
        fcntl.ioctl(2, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if nohup else signal.SIG_DFL)

    out, log = tmp_path / "out.png", tmp_path / "log.csv"
    steps = "8" if nohup else "2000"
    arguments = [*PROGRAM, *tiny, *SMALL, "-o", out, "--steps", steps, "--log", log]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))  # room for the bar
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(
        arguments, **WORLD, **streams, start_new_session=True, preexec_fn=controlled
    ) as process:
        os.close(theirs)
        with contextlib.suppress(OSError):
            while not re.search(rb"[1-9]\d*/" + steps.encode(), os.read(ours, 4096)):
                pass
        os.close(ours)
        assert process.wait(timeout=120) == (0 if nohup else 130)
    made = recipe_in(out)["steps made"]
    assert made == 8 if nohup else 0 < made < 2000


@unix
def test_nobody_has_to_read_what_is_said(tmp_path, tiny):
    out = tmp_path / "out.png"
    arguments = [*PROGRAM, *tiny, *SMALL, "-o", out, "--steps", "4", "--show-every", "1"]
    with subprocess.Popen(arguments, **PIPED) as process:
        process.stdout.close()
        process.stderr.readline()
        process.stderr.close()
        assert process.wait(timeout=120) == 0
    assert recipe_in(out)["steps made"] == 4


@unix
def test_streams_may_be_closed_from_the_beginning(tmp_path, tiny):
    out = tmp_path / "out.png"
    arguments = [str(each) for each in (*tiny, *SMALL, "-o", out, "--steps", "1")]
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *PROGRAM, *arguments]
    assert subprocess.run(closed, **WORLD, check=False).returncode == 0
    assert recipe_in(out)["steps made"] == 1


def test_a_signal_during_a_destructor_whose_exceptions_python_drops_is_followed(
    paint, monkeypatch, capsys
):
    class Destroyed:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)  # else pytest takes it for a failure
    assert paint("--steps", "9", after=3, then=Destroyed) == 130
    assert capsys.readouterr().out.startswith("Stopped at step 4 of 9, after ")
