"""Files of visitors are read by processes that the system limits, a few at a time."""

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from styletransfer.catalogue import FOLDER, catalogue
from styletransfer.cutout import load_cutout
from styletransfer.errors import ImageError
from styletransfer.images import load_image, save_image
from styletransfer.picture_files import Wanted
from styletransfer.recipe import recipe
from styletransfer.service import decoding
from styletransfer.settings import Settings
from tests.support.coroutines import run
from tests.support.made_images import encoded, noise, png
from tests.support.server import ROOT


def refused(source, name="photo") -> str:
    """The code of the sentence with which the picture is refused."""
    with pytest.raises(ImageError) as caught:
        decoding.picture(source, name, Wanted(None, decoding.LARGEST))
    assert str(ROOT) not in str(caught.value)
    return caught.value.code


@pytest.fixture
def blocked(tmp_path):
    """A named pipe into which nobody writes, so that whoever opens it waits for ever."""
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    return str(pipe)


def test_a_path_and_bytes_give_the_picture_that_the_command_line_reads(tmp_path):
    file = tmp_path / "photo.png"
    image = noise()
    save_image(image, file, **recipe(Settings(seed=3), {}, 5))
    for source in (str(file), file.read_bytes()):
        decoded = decoding.picture(source, "photo", Wanted())
        assert decoded.image.tobytes() == load_image(file).tobytes() == image.tobytes()
        assert '"seed": 3' in decoded.recipe
        assert (decoded.format, decoded.drawn, decoded.shown_alike) == ("PNG", False, True)
        assert decoding.size(source) == (48, 32)


def test_a_large_picture_comes_reduced_and_a_narrow_one_whole():
    large = encoded(Image.new("RGB", (900, 300), "teal"), "PNG")
    assert decoding.picture(large, "photo", Wanted(largest=300)).image.size == (300, 100)
    narrow = encoded(Image.new("RGB", (900, 30), "teal"), "PNG")
    assert decoding.picture(narrow, "photo", Wanted(largest=300, narrowest=20)).image.size == (900, 30)
    assert not decoding.picture(large, "photo", Wanted(largest=300)).shown_alike


def test_reduced_pictures_are_what_reduced_ones_look_like():
    image = Image.fromarray(np.linspace(0, 255, 900 * 600 * 3).reshape(600, 900, 3).astype(np.uint8))
    decoded = decoding.picture(encoded(image, "PNG"), "photo", Wanted(largest=200)).image
    expected = image.resize((200, 133), Image.Resampling.LANCZOS)
    assert np.abs(np.asarray(decoded, int) - np.asarray(expected, int)).max() <= 3


def test_what_is_wrong_comes_back_with_its_fields(tmp_path):
    file = tmp_path / "note.jpg"
    file.write_text("Dear diary")
    with pytest.raises(ImageError, match=r"The photo \(note.jpg\) is not a picture"):
        decoding.picture(str(file), "photo", Wanted())
    assert refused(str(tmp_path / "gone.jpg")) == "picture_not_there"
    assert refused("a\0b") == "picture_cannot_be_opened"
    assert refused(None) == "picture_missing"
    assert refused(b"") == "picture_empty"


def test_the_catalogue_is_read_here_and_nothing_else(tmp_path, monkeypatch):
    asked = []

    def run(sent):
        asked.append(sent)
        raise OSError

    monkeypatch.setattr(decoding, "_run", run)
    painting = catalogue().styles[0].file
    assert decoding.picture(str(painting), "painting", Wanted()).image.size == decoding.size(
        str(painting)
    )
    assert asked == []
    file = tmp_path / "evil.png"
    file.write_bytes(encoded(noise(), "PNG"))
    roundabout = f"{FOLDER}/styles/{'../' * 20}{file}"
    assert os.path.samefile(roundabout, file)
    assert refused(roundabout) == "too_many_at_once"
    assert len(asked) == 1


def test_a_file_that_never_comes_is_given_up(blocked, monkeypatch):
    monkeypatch.setattr(decoding, "_CLOCK", 2)
    assert refused(blocked) == "picture_takes_too_long"


def test_a_file_that_computes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(decoding, "_SECONDS", 1)
    monkeypatch.setattr(decoding, "_CLOCK", 600)  # so that it is not what ends it
    data = encoded(Image.new("L", (4000, 4000), 200), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    assert refused(data[:-2] + data[last:-2] * 500 + data[-2:]) == "picture_takes_too_long"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit memory")
def test_a_file_that_takes_too_much_memory_is_refused(monkeypatch):
    monkeypatch.setattr(decoding, "_BYTES", 50_000_000)
    assert refused(png(9950, 9950)) == "picture_exceeds_memory"
    assert decoding.picture(encoded(noise(), "PNG"), "photo", Wanted()).image.size == (48, 32)


def test_few_are_read_at_once_and_the_others_are_told(blocked, monkeypatch):
    monkeypatch.setattr(decoding, "_CLOCK", 5)
    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(refused, blocked) for _ in range(2)]
        while decoding._places._value:
            threading.Event().wait(0.01)
        monkeypatch.setattr(decoding, "_PATIENCE", 0.1)
        assert refused(encoded(noise(), "PNG")) == "too_many_at_once"
        assert {each.result(30) for each in held} == {"picture_takes_too_long"}
    monkeypatch.setattr(decoding, "_PATIENCE", 30)
    assert decoding.picture(encoded(noise(), "PNG"), "photo", Wanted()).image.size == (48, 32)


def test_many_slow_files_of_one_visitor_keep_no_other_waiting():
    go = threading.Event()

    async def both():
        decoding.asker.set("one")
        slow = [asyncio.ensure_future(decoding.aside(go.wait, 60)) for _ in range(40)]
        await asyncio.sleep(0)  # they are handed in
        decoding.asker.set("another")
        quick = await asyncio.wait_for(decoding.aside(str, 5), 60)
        go.set()
        return quick, await asyncio.gather(*slow)

    assert run(both()) == ("5", [True] * 40)


def test_what_was_painted_in_the_editor_keeps_its_alpha(tmp_path):
    strokes = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    strokes.paste((230, 25, 75, 255), (5, 5, 9, 9))
    file = tmp_path / "layer.png"
    strokes.save(file)
    assert decoding.layer(str(file)).tobytes() == strokes.tobytes()
    for wrong in (b"Dear diary", encoded(noise(), "JPEG")):
        with pytest.raises(ImageError, match="painted over the photo"):
            decoding.layer(wrong)


def test_sizes_are_asked_once_for_each_file(tmp_path, monkeypatch):
    file = tmp_path / "photo.jpg"
    noise().save(file)
    assert decoding.size(str(file)) == (48, 32)

    def fail(*_):
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(decoding, "_run", fail)
        assert decoding.size(str(file)) == (48, 32)
    noise(60, 20).save(file)
    os.utime(file, (1, 1))
    assert decoding.size(str(file)) == (60, 20)
    assert decoding.size(str(tmp_path / "gone.jpg")) is decoding.size(b"Dear diary") is None


def test_the_process_does_not_import_torch():
    code = "import sys, styletransfer.service.decoder; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert told.stdout.strip() == b"False"


def test_a_picture_with_alpha_is_told_to_lie_on_grey():
    logo = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    logo.paste("white", (10, 10, 30, 30))
    file = BytesIO()
    logo.save(file, "PNG")
    decoded = decoding.picture(file.getvalue(), "photo", Wanted())
    assert (decoded.on_grey, decoded.drawn, decoded.shown_alike) == (True, True, False)


def test_a_cutout_comes_with_its_opacity_as_the_command_line_reads_it(tmp_path):
    cut = noise().convert("RGBA")
    cut.paste((0, 0, 0, 0), (0, 0, 20, 32))
    file = tmp_path / "cut.png"
    cut.save(file)
    expected, expected_opacity = load_cutout(file)
    for source in (str(file), file.read_bytes()):
        photo, opacity = decoding.cutout(source, "photo", Wanted())
        assert photo.tobytes() == expected.tobytes()
        assert opacity.tobytes() == expected_opacity.tobytes()
        assert decoding.picture(source, "photo", Wanted()).transparent


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_what_is_opaque_everywhere_has_no_transparency(mode):
    data = encoded(noise().convert(mode), "PNG")
    assert not decoding.picture(data, "photo", Wanted()).transparent
    opacity = decoding.cutout(data, "photo", Wanted())[1]
    assert opacity is None or opacity.getextrema() == (255, 255)


def test_a_photo_that_is_transparent_all_over_is_refused_in_words():
    empty = encoded(Image.new("RGBA", (60, 40), (9, 9, 9, 0)), "PNG")
    with pytest.raises(ImageError, match="The photo is transparent all over"):
        decoding.cutout(empty, "photo", Wanted())
