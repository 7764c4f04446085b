"""Pictures that a visitor hands in, in a real browser: photos, paintings, masks, bad files."""

import base64
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.images import resize
from tests.support.browser import PHOTO, choose, download, paint, step, visit
from tests.support.made_images import encoded, noise, png


def _jpeg(path: Path, size=(60, 40)) -> bytes:
    Image.effect_noise(size, 80).convert("RGB").save(path)
    return path.read_bytes()


BAD_FILES = [
    ("text.jpg", lambda path: b"Dear diary", "is not a picture that can be read"),
    ("truncated.jpg", lambda path: _jpeg(path)[:900], "damaged"),
    ("empty.jpg", lambda path: b"", "is empty (0 bytes)"),
    ("huge.png", lambda path: png(20_000, 10_000, depth=1), "has 200.0 megapixels"),
    ("diary.txt", lambda path: b"Dear diary", "is not a picture that can be read"),
    ("drawing.svg", lambda path: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing"),
]


@pytest.fixture
def neighbour(visitor):
    """Another visitor, whose picture is being painted during the test."""
    page = visit(visitor())
    paint(page, size=128, steps=3000, scales=1)
    yield page
    page.click("#stop")
    page.wait_for_selector(".placard.done")


def test_files_that_are_no_pictures_are_refused_and_disturb_nobody(neighbour, context, tmp_path):
    before = step(neighbour)
    page = visit(context)
    for name, contents, sentence in BAD_FILES:
        for box in ("photo", "style"):
            refused(page, box, tmp_path / name, contents(tmp_path / "whole.jpg"), sentence)
    neighbour.wait_for_function(
        "before => Number(document.querySelector('#status').innerText.match(/step (\\d+) of/)[1])"
        " > before",
        arg=before,
    )


def refused(page, box, file, contents, sentence):
    """Puts a bad file into the box, which is refused, then a good one, which is accepted."""
    file.write_bytes(contents)
    field = page.locator(f"#{box} input[type=file]")
    note = page.locator(f".column:has(> #{box}) .note")
    field.set_input_files(file)
    note.filter(has_text=sentence).wait_for()
    assert file.name in note.inner_text()
    assert "/" not in note.inner_text()
    page.wait_for_selector(f"#{box} .image-frame", state="detached")
    field.set_input_files(PHOTO)
    page.wait_for_selector(f"#{box} .image-frame img")
    note.and_(page.locator(":empty")).wait_for(state="attached")


def test_a_picture_that_is_too_narrow_is_refused_when_it_is_to_be_painted(context, tmp_path):
    file = tmp_path / "line.png"
    Image.new("RGB", (1, 5000), "red").save(file)
    page = visit(context)
    choose(page, photo=file, size=128)
    page.click("#paint")
    page.locator(".placard.failed", has_text="1 x 5000 pixels, too narrow").wait_for()
    assert page.is_visible("#paint")


def test_a_phone_photo_is_shown_upright(context, tmp_path):
    heic, turned = tmp_path / "phone.heic", tmp_path / "turned.jpg"
    pillow_heif.from_pillow(Image.new("RGB", (64, 96), "teal")).save(heic)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (96, 64), "teal").save(turned, exif=exif)
    page = visit(context)
    for file in (heic, turned):
        page.set_input_files("#photo input[type=file]", file)
        page.wait_for_function(
            "stem => { const image = document.querySelector('#photo .image-frame img');"
            " return image && image.src.includes(stem) && image.naturalHeight > image.naturalWidth; }",
            arg=file.stem,
        )


# Drops a file on the photo's box, as a browser does that knows no type for it.
DROP = """([name, data]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  transfer.items.add(new File([bytes], name));
  const box = document.querySelector("#photo button[aria-dropeffect]");
  for (const event of ["dragenter", "dragover", "drop"])
    box.dispatchEvent(
      new DragEvent(event, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


@pytest.mark.parametrize(
    ("name", "format"), [("IMG_1.HEIC", "HEIF"), ("photo", "JPEG"), ("a.avif", "AVIF")]
)
def test_a_dropped_file_of_which_the_browser_knows_no_type_is_taken(context, name, format):
    page = visit(context)
    page.evaluate(DROP, [name, base64.b64encode(encoded(noise(), format)).decode()])
    page.wait_for_function(
        "() => document.querySelector('#photo .image-frame img')?.naturalWidth === 48"
    )


def test_a_dropped_file_that_is_no_picture_gets_a_sentence_of_ours(context):
    page = visit(context)
    page.evaluate(DROP, ["diary", base64.b64encode(b"Dear diary").decode()])
    page.locator(".note", has_text="The photo (diary) is not a picture").wait_for()


@pytest.mark.parametrize(("name", "shown"), [("other.png", "other.png"), ("other.tif", "other.jpg")])
def test_another_photo_is_laid_under_the_masks_in_the_place_of_the_first(context, tmp_path, name, shown):
    page = visit(context)
    page.set_input_files("#photo input[type=file]", PHOTO)
    page.wait_for_selector("#photo .image-frame img")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.click("#more > button")
    page.click("#masks-open")
    page.wait_for_selector("#masks canvas")
    page.wait_for_timeout(1500)
    page.click('#photo button[aria-label="Remove Image"]')
    page.wait_for_selector("#photo input[type=file]", state="attached")
    page.wait_for_timeout(1500)
    other = tmp_path / name
    Image.new("RGB", (90, 120), "teal").save(other)
    asked.clear()
    page.set_input_files("#photo input[type=file]", other)
    page.wait_for_selector("#photo .image-frame img")
    page.wait_for_timeout(2500)
    # It is loaded once for its box, and once more for the editor.
    assert sum(url.endswith(f"/{shown}") for url in asked) >= 2


def test_a_second_painting_and_a_painted_mask(context, tmp_path):
    page = visit(context)
    choose(page, size=128, steps=12, scales=1, mask_softness=0)  # opens the drawer with the masks
    page.click("#masks-open")
    page.wait_for_selector("#masks canvas")
    page.wait_for_selector("#masks >> text=draw", state="hidden")  # the photo is in the editor
    page.wait_for_timeout(1000)  # waits for the editor's layout, of which the page shows no sign
    page.locator("#masks canvas").first.scroll_into_view_if_needed()
    box = page.locator("#masks canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 30, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=8)
    page.mouse.up()
    page.click("#masks-close")
    page.locator("#chips", has_text="1 mask").wait_for()  # the stroke has been sent
    page.click("#paint")
    page.wait_for_selector(".placard.done")
    result = download(page, tmp_path)
    with Image.open(PHOTO) as photo:
        expected = resize(photo.convert("RGB"), 128)
    changed = np.abs(np.asarray(result, float) - np.asarray(expected, float)).max(2) > 0
    assert 0.01 < changed.mean() < 0.6  # painted under the stroke; elsewhere exactly the photo
    assert changed[42, 64]
    page.reload()
    page.wait_for_selector(".placard.done")
    page.locator("#chips", has_text="1 mask").wait_for()  # with its picture came the stroke
    page.click("#more > button")
    page.set_input_files("#style_2 input[type=file]", catalogue().styles[1].file)
    page.wait_for_selector("#style_2 img")
    page.click("#paint")
    page.wait_for_selector(".placard.painting, .placard.waiting")
    page.wait_for_selector(".placard.done")
    both = download(page, tmp_path)
    changed = np.abs(np.asarray(both, float) - np.asarray(expected, float)).max(2) > 0
    assert changed.mean() > 0.9  # the second painting has no mask, so it fills the rest
