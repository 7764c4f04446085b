"""The recipe in a picture's file: what is written, and what is read back."""

import hashlib
import json
import struct
import zlib

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from styletransfer.images import save_image
from styletransfer.network.weights import known_as
from styletransfer.recipe import KEY, recipe, settings_in, tells_of, version
from styletransfer.settings import Settings
from tests.support.made_images import chunk, png

SETTINGS = Settings(
    size=384, steps=20, seed=7, style_weight=8, colours="photo", blend="3 1", keep_faces=False
)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_the_settings_come_back_out_of_the_file(tmp_path, suffix):
    file = tmp_path / f"out{suffix}"
    save_image(Image.new("RGB", (8, 8)), file, **recipe(SETTINGS, {}, 20))
    assert settings_in(file) == SETTINGS


def test_a_network_is_told_by_its_name_or_its_contents_and_counts(tmp_path):
    weights = tmp_path / "mine.pth"
    weights.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    sources = {"vgg19": "", "vgg16.tv_in1k": "vgg16.tv_in1k", str(weights): f"sha256:{digest}"}
    for source, name in sources.items():
        assert known_as(source) == name
        made = json.loads(recipe(SETTINGS, {}, SETTINGS.steps, network=name)[KEY])
        assert [tells_of(made, SETTINGS, {}, other) for other in sources.values()] == [
            other == name for other in sources.values()
        ]


def test_files_are_known_by_their_hashes_and_not_by_their_names(tmp_path):
    private = tmp_path / "me at the beach.jpg"
    private.write_bytes(b"pixels")
    text = recipe(SETTINGS, {"content": str(private), "style": b"camera", "mask": "gone.png"}, 12)[KEY]
    kept = json.loads(text)
    assert kept["sha256"] == {"content": hashlib.sha256(b"pixels").hexdigest()}
    assert (kept["version"], kept["steps made"]) == (version(), 12)
    assert "beach" not in text
    assert str(tmp_path) not in text


def test_settings_of_another_version_are_taken_as_far_as_they_are_known(tmp_path):
    text = json.dumps({"settings": {"size": 256, "grain": 3}})
    save_image(Image.new("RGB", (8, 8)), tmp_path / "out.png", **{KEY: text})
    assert settings_in(tmp_path / "out.png") == Settings(size=256, style_loss="gram", keep_faces=False)


@pytest.mark.parametrize("style_loss", ["neighbours", "gram"])
def test_a_recipe_without_a_style_loss_was_painted_by_gram_matrices(tmp_path, style_loss):
    settings = Settings(style_loss=style_loss)
    of_today = json.loads(recipe(settings, {}, 20)[KEY])
    del (of_before := json.loads(recipe(settings, {}, 20)[KEY]))["settings"]["style_loss"]
    for each, read in ((of_today, settings), (of_before, Settings(style_loss="gram"))):
        save_image(Image.new("RGB", (8, 8)), tmp_path / "out.png", **{KEY: json.dumps(each)})
        assert settings_in(tmp_path / "out.png") == read


@pytest.mark.parametrize("text", ["", "Dear diary", f"{KEY}: ", f"{KEY}: {{", f"{KEY}", "\0\xff"])
def test_what_another_program_has_written_is_none(tmp_path, text):
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = text.encode()
    Image.new("RGB", (8, 8)).save(tmp_path / "out.jpg", exif=exif)
    assert settings_in(tmp_path / "out.jpg") is None


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "{}", '{"settings": 3}', '{"settings": {"size": 9999}}', "x" * 30_000]
)
def test_what_is_no_recipe_is_none(tmp_path, text):
    info = PngImagePlugin.PngInfo()
    if text is not None:
        info.add_text(KEY, text)
    Image.new("RGB", (8, 8)).save(tmp_path / "out.png", pnginfo=info)
    assert settings_in(tmp_path / "out.png") is None


def test_a_picture_too_large_to_be_opened_has_none(tmp_path):
    file = tmp_path / "huge.png"
    Image.new("RGB", (8, 8)).save(file)
    data = bytearray(file.read_bytes())
    data[16:24] = struct.pack(">II", 60_000, 60_000)  # width and height in the header
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    file.write_bytes(data)
    assert settings_in(file) is None


def test_other_files_have_none(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "out.jpg")
    (tmp_path / "text.png").write_text("Dear diary")
    for file in (tmp_path / "out.jpg", tmp_path / "text.png", tmp_path / "missing.png", None):
        assert settings_in(file) is None


def test_a_recipe_behind_the_pixels_is_read_without_decoding_them(tmp_path):
    file = tmp_path / "moved.png"
    late = chunk(b"tEXt", KEY.encode() + b"\0" + recipe(SETTINGS, {}, 5)[KEY].encode())
    file.write_bytes(png(9000, 9000)[:33] + chunk(b"IDAT", b"no pixels") + late + chunk(b"IEND", b""))
    assert settings_in(file) == SETTINGS


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_a_compressed_recipe_is_read_and_a_bomb_is_not(tmp_path, kind):
    text = recipe(SETTINGS, {}, 5)[KEY].encode()
    for whole, expected in ((text, SETTINGS), (text + b" " * 50_000_000, None)):
        head = b"\0\0" if kind == b"zTXt" else b"\0\1\0\0\0"
        late = chunk(kind, KEY.encode() + head + zlib.compress(whole))
        file = tmp_path / "moved.png"
        file.write_bytes(png(9, 9)[:33] + chunk(b"IDAT", b"") + late + chunk(b"IEND", b""))
        assert settings_in(file) == expected


@pytest.mark.parametrize("text", ["[" * 19_000, '{"settings":' * 1600 + "1" + "}" * 1600])
def test_a_recipe_that_is_nested_too_deep_is_none(tmp_path, text):
    save_image(Image.new("RGB", (8, 8)), tmp_path / "out.png", **{KEY: text})
    assert settings_in(tmp_path / "out.png") is None
