"""What the boxes answer when a picture is put into them, asked without a browser."""

from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.images import save_image, size_of
from styletransfer.page import placard
from styletransfer.page.boxes import Boxes
from styletransfer.page.i18n.translate import ENGLISH
from styletransfer.page.ui import Ui, laid
from styletransfer.recipe import recipe
from styletransfer.settings import Settings
from tests.support.coroutines import run
from tests.support.made_images import encoded, noise, png, with_chunk
from tests.support.uploads import uploads_in


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def put(folder):
    """A function that puts a file into the photo's box, and returns what the page is told."""
    boxes = Boxes(uploads_in(folder), catalogue(), ENGLISH)
    knobs = SimpleNamespace(filled_in=lambda settings: {"knobs": settings})
    named = {"content": "box"}
    ui = SimpleNamespace(boxes=named, notes={"content": "note"}, under_masks="under", knobs=knobs)
    ui.editor, ui.laid_under = "editor", lambda photo: Ui.laid_under(ui, photo)
    boxes.ui = ui

    def photo(name, data, under=None):
        file = folder / name
        file.write_bytes(data)
        sent = {"box": {"path": str(file)}, "under": under}
        return run(boxes._photo_checked(sent))

    return photo


def test_a_plain_photo_stays_and_nothing_is_said(put):
    view = put("a.jpg", encoded(noise(), "JPEG"))
    assert view["box"] == gr.skip()
    assert view["note"] == placard.note()
    assert set(view) == {"box", "note"}


@pytest.mark.parametrize("format", ["HEIF", "TIFF"])
def test_the_editor_gets_what_the_box_shows(put, format):
    view = put("phone.heic", encoded(noise(), format), under="another photo")
    copy = view["box"]
    assert size_of(copy) == (48, 32)
    assert view["editor"] == {"background": copy, "layers": [], "composite": None}
    assert view["under"] == laid(copy, None)


def test_a_plain_photo_is_laid_under_the_masks_itself(put, folder):
    view = put("a.jpg", encoded(noise(), "JPEG"), under="another photo")
    photo = str(folder / "a.jpg")
    assert (view["under"], view["editor"]["background"]) == (laid(photo, None), photo)


@pytest.mark.parametrize("data", [b"Dear diary", png(20_000, 10_000, depth=1), png(9, 9)])
def test_a_refused_photo_is_neither_laid_under_nor_read_again(put, data):
    view = put("a.png", data, under="another photo")
    assert view["box"] is None
    assert "The photo (a.png)" in view["note"]
    assert set(view) == {"box", "note"}


def test_a_recipe_fills_in_the_settings_also_without_a_copy(put, folder):
    file = folder / "painted.png"
    save_image(noise(), file, **recipe(Settings(seed=9), {}, 5))
    view = put("painted.png", file.read_bytes())
    assert view["knobs"].seed == 9
    assert ENGLISH.RECIPE in view["note"]


def test_what_was_done_to_the_colours_is_said(put):
    logo = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    logo.paste("white", (10, 10, 30, 30))
    assert ENGLISH.ON_GREY in put("logo.png", encoded(logo, "PNG"))["note"]
    hdr = with_chunk(encoded(noise(), "PNG"), b"cICP", b"\x09\x10\0\1")
    view = put("hdr.png", hdr)
    assert ENGLISH.HDR in view["note"]
    assert Path(view["box"]).suffix == ".jpg"


def offered(boxes, file) -> bool:
    """Whether the control under the photo is seen."""
    return boxes._transparency_offered({"path": str(file)} if file else None).visible is True


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_the_transparency_of_a_photo_is_offered_to_be_kept_and_found_again(folder, mode):
    cut = Image.new(mode, (60, 40), "red")
    cut.putalpha(Image.linear_gradient("L").resize(cut.size))
    (folder / "cut.png").write_bytes(encoded(cut, "PNG"))
    uploads = uploads_in(folder)
    shown = uploads.presentable(str(folder / "cut.png"), "content").file
    boxes = Boxes(uploads, catalogue(), ENGLISH)
    assert offered(boxes, shown)
    assert uploads.cutout_of(shown) == str(folder / "cut.png")
    assert not offered(boxes, folder / "cut.png")
    assert not offered(boxes, None)
    uploads.delete([shown], [])
    assert not offered(boxes, shown)
    assert not (folder / "cut.png").exists()


def test_a_photo_that_is_opaque_everywhere_has_none_to_keep(folder):
    (folder / "screen.png").write_bytes(encoded(noise().convert("RGBA"), "PNG"))
    uploads = uploads_in(folder)
    shown = uploads.presentable(str(folder / "screen.png"), "content").file
    assert not offered(Boxes(uploads, catalogue(), ENGLISH), shown)
