"""What the person at the command line gets to read: our sentences, and no words of libraries."""

import os
import subprocess
import sys

import pytest
from PIL import Image

from styletransfer.engine import memory
from tests.support.samples import PAINTING, PHOTO, ROOT

PROGRAM = [sys.executable, "-m", "styletransfer"]
WORLD = {"cwd": ROOT, "env": os.environ | {"OMP_NUM_THREADS": "1"}, "encoding": "utf-8"}
PIPED = WORLD | {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of the address space")
# An orientation with two values, of which Pillow warns.
ODD_EXIF = b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\2\0\0\0\6\0\1\0\0\0\0\0"


def test_warnings_of_libraries_are_not_shown(tmp_path):
    odd, out = tmp_path / "odd.jpg", tmp_path / "größe\udcff.png"
    Image.effect_noise((150, 100), 60).convert("RGB").save(odd, exif=ODD_EXIF)
    arguments = [odd, PAINTING, "--size", "128", "--scales", "1", "--steps", "1", "-o", out]
    # An encoding without umlauts, and a name of a file that is none in UTF-8.
    world = PIPED | {"env": WORLD["env"] | {"PYTHONIOENCODING": "ascii"}}
    process = subprocess.run([*PROGRAM, *arguments], **world, check=False)
    assert process.returncode == 0, process.stderr
    forecast, step = process.stderr.splitlines()
    assert forecast.startswith("About ")
    assert "step 1 of 1" in step
    assert "gr\\xf6\\xdfe\\udcff.png (85 x 128 pixels)" in process.stdout
    assert out.is_file()


def test_a_picture_with_too_many_pixels_is_one_line(tmp_path):
    large = tmp_path / "large.png"
    Image.new("1", (12000, 9000)).save(large)
    process = subprocess.run([*PROGRAM, large, PAINTING, "-o", "out.png"], **PIPED, check=False)
    assert process.stderr.startswith("styletransfer: The photo (large.png) has 108.0 megapixels")
    assert len(process.stderr.splitlines()) == 1


def test_what_c_libraries_write_is_not_shown(mistake, tmp_path):
    damaged = tmp_path / "damaged.tif"
    Image.effect_noise((200, 200), 60).convert("RGB").save(damaged, compression="tiff_lzw")
    data = damaged.read_bytes()
    half, quarter = len(data) // 2, len(data) // 4
    damaged.write_bytes(data[:half] + bytes(quarter) + data[half + quarter :])
    assert "The photo (damaged.tif) is damaged" in mistake(damaged, PAINTING, "-o", "out.png")


@linux
@pytest.mark.parametrize("megabytes", [500, 2900], ids=str)
def test_too_little_memory_to_begin_is_a_sentence(tmp_path, megabytes):
    import resource

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 10**6, resource.RLIM_INFINITY))

    arguments = [PHOTO, PAINTING, "--size", "4096", "-o", tmp_path / "out.png"]
    process = subprocess.run([*PROGRAM, *arguments], **PIPED, preexec_fn=limited, check=False)
    assert process.returncode == 2, process.stderr
    assert process.stderr.startswith("styletransfer: ")
    assert "memory" in process.stderr
    assert len(process.stderr.splitlines()) == 1


def test_a_picture_too_large_for_the_memory_is_not_called_by_the_trials_size(paint, monkeypatch, capsys):
    monkeypatch.setattr(memory, "available", lambda device: 1e6)
    assert paint("--size", "384", "--scales", "1") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("styletransfer: A picture of 384 x 256 pixels needs about 0.")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("GRADIO_SERVER_PORT", "abc", "must be a whole number from 1 to 65535, got 'abc'"),
        ("GRADIO_SERVER_PORT", "99999", "must be from 1 to 65535, got 99999"),
        ("GRADIO_NUM_PORTS", "", "must be a whole number from 1 to 65535, got ''"),
    ],
)
@pytest.mark.parametrize(
    "program", [[*PROGRAM, "page"], [sys.executable, "app.py"]], ids=["page", "app"]
)
def test_a_variable_that_gradio_cannot_read_is_a_sentence(program, name, value, sentence):
    world = PIPED | {"env": WORLD["env"] | {name: value}}
    process = subprocess.run(program, **world, check=False)
    assert (process.returncode, process.stderr) == (2, f"{name} {sentence}\n")
