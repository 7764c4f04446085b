"""What the page shows of an upload is what is painted from, in a form that every browser shows alike."""

import struct
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, features

from styletransfer.errors import ImageError
from styletransfer.images import load_image
from styletransfer.pictures import KEEP
from tests.support.made_images import cmyk_to, display_p3, encoded, exif_bytes, noise, with_chunk
from tests.support.uploads import uploads_in


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "copies"))
    return uploads_in(tmp_path)


@pytest.fixture
def shown(uploads, tmp_path):
    """A function that hands in a file of this name, and returns what the page shows of it."""

    def show(data, name="photo.png", box="content"):
        file = tmp_path / name
        file.write_bytes(data)
        return uploads.presentable(str(file), box)

    return show


@pytest.mark.parametrize(
    ("format", "name"),
    [("JPEG", "a.jpg"), ("JPEG", "a.JPEG"), ("PNG", "a.png"), ("WEBP", "a.webp"), ("BMP", "a.bmp")],
)
def test_a_plain_file_is_shown_itself(shown, format, name):
    assert shown(encoded(noise(), format), name).file is None


def with_gamma(image):
    return with_chunk(encoded(image, "PNG"), b"gAMA", struct.pack(">I", 100_000))


OPEN_TO_OPINION = {
    "turned.jpg": lambda image: encoded(image, "JPEG", exif=exif_bytes(6)),
    "turned.webp": lambda image: encoded(image, "WEBP", exif=exif_bytes(6)),
    "twice.jpg": lambda image: encoded(image, "JPEG", exif=b"Exif\0\0" + exif_bytes(6)),
    "wide.png": lambda image: encoded(image, "PNG", icc_profile=display_p3()),
    "gamma.png": with_gamma,
    "hdr.png": lambda image: with_chunk(encoded(image, "PNG"), b"cICP", b"\x09\x10\0\1"),
    "clear.png": lambda image: encoded(image.convert("RGBA"), "PNG"),
    "inks.jpg": lambda image: encoded(image.convert("CMYK"), "JPEG"),
    "printed.jpg": lambda image: encoded(
        image.convert("CMYK"), "JPEG", icc_profile=cmyk_to((200, 90, 90))
    ),
    "deep.png": lambda image: encoded(image.convert("L").convert("I;16"), "PNG"),
    "moves.gif": lambda image: encoded(image, "GIF", save_all=True, append_images=[noise(48, 32)]),
    "moves.webp": lambda image: encoded(image, "WEBP", save_all=True, append_images=[noise(48, 32)]),
    "phone.heic": lambda image: encoded(image, "HEIF", exif=exif_bytes(6)),
    "scan.tif": lambda image: encoded(image, "TIFF"),
    "photo": lambda image: encoded(image, "JPEG"),
    "really-a-tiff.jpg": lambda image: encoded(image, "TIFF"),
    "really-a-png.jpg": lambda image: encoded(image, "PNG"),
}


@pytest.mark.parametrize("name", list(OPEN_TO_OPINION))
def test_what_browsers_may_show_otherwise_is_shown_as_it_is_read(shown, tmp_path, name):
    pillow_heif.register_heif_opener()
    image = Image.linear_gradient("L").resize((48, 32)).convert("RGB")
    copy = shown(OPEN_TO_OPINION[name](image), name).file
    assert copy is not None
    painted = load_image(tmp_path / name)
    with Image.open(copy) as seen:
        assert (seen.format, seen.mode) in (("JPEG", "RGB"), ("PNG", "RGB"))
        assert not {"exif", "icc_profile", "gamma"} & set(seen.info)
        assert Path(copy).suffix == {"JPEG": ".jpg", "PNG": ".png"}[seen.format]
        assert np.abs(np.asarray(seen, int) - np.asarray(painted, int)).mean() < 2


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_an_avif_gets_a_copy(shown):
    assert shown(encoded(noise(), "AVIF"), "a.avif").file.endswith(".jpg")


def test_copies_lie_where_gradio_serves_them_and_cannot_be_guessed(shown, uploads):
    files = [Path(shown(encoded(noise(), "TIFF"), "my photo.tif").file) for _ in range(2)]
    assert {file.name for file in files} == {"my photo.jpg"}
    assert len({file.parent for file in files}) == 2
    assert {file.parent.parent for file in files} == {uploads.folder}
    assert all(len(file.parent.name) >= 22 for file in files)  # 128 bits in base64


def test_a_huge_photo_is_shown_no_larger_than_it_is_used(shown):
    copy = shown(encoded(Image.new("RGB", (6000, 300), "teal"), "JPEG"), "wide.jpg").file
    assert load_image(copy).size == (4096, 205)


def test_drawings_and_masks_lose_nothing(shown):
    drawing = noise().convert("P", palette=Image.Palette.ADAPTIVE)
    copy = shown(encoded(drawing, "GIF"), "drawing.gif").file
    assert copy.endswith(".png")
    assert load_image(copy).tobytes() == drawing.convert("RGB").tobytes()
    strokes = Image.new("RGBA", (20, 10), (255, 255, 255, 0))
    strokes.paste("white", (0, 0, 10, 10))
    for box in ("mask", KEEP):
        mask = load_image(shown(encoded(strokes, "PNG"), "mask.png", box).file)
        assert (mask.getpixel((2, 2)), mask.getpixel((15, 2))) == ((255,) * 3, (0,) * 3)


def test_a_white_logo_and_hdr_are_told(shown):
    logo = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    logo.paste("white", (10, 10, 30, 30))
    told = shown(encoded(logo, "PNG"))
    assert (told.on_grey, told.hdr) == (True, False)
    told = shown(with_chunk(encoded(noise(), "PNG"), b"cICP", b"\x09\x10\0\1"))
    assert (told.on_grey, told.hdr) == (False, True)


def test_what_is_refused_leaves_nothing_behind(shown, uploads):
    with pytest.raises(ImageError):
        shown(b"Dear diary", "photo.heic")
    assert not uploads.folder.exists()
