"""Masks are painted over the photo, by a thumb too; the strokes outlive reloads and second thoughts."""

import io

import pytest
from PIL import Image

from styletransfer.page.ui import laid
from styletransfer.pictures import Pictures
from styletransfer.service.inputs import MASK_COLOURS, STROKES
from styletransfer.service.queue import Queue
from styletransfer.service.store import Store
from styletransfer.service.visitor import Visitor
from styletransfer.settings import Settings
from tests.support.answers import answer
from tests.support.browser import PHONE, PHOTO, again, choose, fill, visit
from tests.support.coroutines import run as await_
from tests.support.steps import step
from tests.support.stores import eventually

SMALL = {"width": 360, "height": 640}
ON_ITS_SIDE = {"width": 740, "height": 360}
# Which of these elements are not wholly in the window, or too low for a thumb.
OUT_OF_REACH = """(selector) => [...document.querySelectorAll(selector)]
  .filter((each) => each.checkVisibility())
  .filter((each) => {
    const { left, top, right, bottom, height } = each.getBoundingClientRect();
    return left < 0 || top < 0 || right > innerWidth + 1 || bottom > innerHeight + 1 || height < 40;
  })
  .map((each) => each.outerHTML)"""
TOOLS = "#masks .toolbar-wrap button, #masks .icon-button-wrapper button, #masks-close"
# How many pixels of the photo in the editor lie outside of what is seen of the editor.
CUT_OFF = """() => {
  const [canvas] = document.querySelectorAll("#masks canvas");
  const [all, seen] = [canvas, canvas.parentElement].map((each) => each.getBoundingClientRect());
  return Math.max(all.bottom - seen.bottom, all.right - seen.right);
}"""


def opened(page):
    """Opens the editor for masks, and waits until the photo is in it."""
    if not page.is_visible("#masks-open"):
        page.click("#more > button")
    page.click("#masks-open")
    page.wait_for_selector("#masks canvas")
    page.wait_for_selector("#masks >> text=draw", state="hidden")
    eventually(lambda: len(colours(page)) > 20)  # the photo is drawn


def seen(page) -> Image.Image:
    """What is seen of the photo and the strokes over it."""
    return Image.open(io.BytesIO(page.locator("#masks canvas").first.screenshot())).convert("RGB")


def colours(page) -> set:
    return {colour for _, colour in seen(page).resize((40, 40)).getcolors(1600)}


def has(page, red, green, blue) -> bool:
    """Whether something much of this colour is seen in the middle, where `stroke` paints."""
    image = seen(page)
    width, height = image.size
    found = image.getpixel((width // 2 - 8, height // 2))
    return all(abs(a - b) < 70 for a, b in zip(found, (red, green, blue), strict=True))


def stroke(page):
    box = page.locator("#masks canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 30, y)
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=8)
    page.mouse.up()


@pytest.fixture
def white(tmp_path):
    """A photo that is nearly white, so that each stroke is seen on it."""
    file = tmp_path / "white.png"
    Image.linear_gradient("L").resize((160, 120)).point(lambda level: 225 + level // 9).save(file)
    return file


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    store = Store(Queue(painted, drafter=lambda *_: None))
    yield store
    store.close()


def painted(pictures, settings):
    """A runner that is done at once."""
    yield step(settings.steps, settings)


def strokes(folder, colour) -> str:
    """The file of strokes in this colour, as the editor hands it over."""
    file = folder / "layer_0.png"
    Image.new("RGBA", (24, 16), colour).save(file)
    return str(file)


def path(value):
    return value["path"] if value else value


def test_what_the_editor_hands_over_is_kept_unless_nothing_is_painted(store, tmp_path):
    for colour, kept in ((MASK_COLOURS[1], True), ((0, 0, 0, 0), False)):
        file = strokes(tmp_path, colour)
        layer = {"path": file, "meta": {"_type": "gradio.FileData"}}
        editor = {"background": None, "layers": [layer], "composite": None}
        told = await_(answer(store, "masks-close", "click", masks=editor))
        assert path(told["strokes"]) == (file if kept else None)
        assert told["under-masks"] == laid(None, file if kept else None)
    file = strokes(tmp_path, MASK_COLOURS[1])
    told = await_(answer(store, "strokes", "change", strokes={"path": file}))
    assert told == {"painted-masks": "mask_2"}


def test_the_editor_is_filled_with_the_strokes_when_it_is_opened_unless_they_are_there(store, tmp_path):
    file, photo = strokes(tmp_path, MASK_COLOURS[0]), str(PHOTO)
    sent = {"strokes": {"path": file}, "photo": {"path": photo}}
    told = await_(answer(store, "masks-open", "click", **sent))
    assert [path(layer) for layer in told["masks"]["layers"]] == [file]
    assert path(told["masks"]["background"]) == photo
    again = await_(answer(store, "masks-open", "click", **sent, **{"under-masks": told["under-masks"]}))
    assert again["masks"] == {"__type__": "update"}


def test_the_strokes_of_a_result_come_back_with_its_settings_and_a_larger_one_has_them(store, tmp_path):
    file = strokes(tmp_path, MASK_COLOURS[0])
    settings = Settings(size=128, steps=2, scales=1)
    photo = Image.new("RGB", (96, 64), "orange")
    run = store.runs.start(Pictures(photo, [photo]), settings, Visitor("home", "Ada"))
    files = {"content": str(PHOTO), "style": str(PHOTO), STROKES: file}
    store.runs.remember(run, files, {})
    assert run.wait(30)
    told = await_(answer(store, "use", "click", job=run.id, photo={"path": str(PHOTO)}))
    assert path(told["strokes"]) == file
    assert path(told["mask"]) is None
    run.shown = run.draft = photo
    assert store.runs.go_on(run, settings).inputs.files[STROKES] == file


KEEP = (18, 214, 106)  # the colour of what is to stay recognisable
ON_WHITE = tuple(round(0.6 * each + 0.4 * 240) for each in KEEP)


def test_on_a_phone_photo_strokes_and_tools_are_seen_together_and_strokes_are_kept(visitor, white):
    page = visit(visitor(**PHONE | {"viewport": SMALL}))
    choose(page, photo=white)
    opened(page)
    for window in (ON_ITS_SIDE, SMALL):
        page.set_viewport_size(window)
        page.wait_for_function(f"innerWidth === {window['width']}")
        eventually(lambda: page.evaluate(CUT_OFF) <= 1)
        assert page.evaluate(OUT_OF_REACH, TOOLS) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.tap("#mask-legend [data-box=keep-mask] button")
    stroke(page)
    assert has(page, *ON_WHITE)
    page.tap("#masks-close")
    page.locator("#chips", has_text="1 mask").wait_for()

    eventually(lambda: page.evaluate(KEPT_STROKES))
    page.reload()
    page.locator("#chips", has_text="1 mask").wait_for()
    opened(page)
    eventually(lambda: has(page, *ON_WHITE))


# Whether the browser has kept the strokes, with their file.
KEPT_STROKES = """async () => {
  const opened = await new Promise((done) => {
    const opening = indexedDB.open("styletransfer");
    opening.onsuccess = () => done(opening.result);
  });
  const asked = opened.transaction("choices").objectStore("choices").getAll();
  const all = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  opened.close();
  return all.some(({ files }) => [...files.keys()].some((path) => path.includes("layer")));
}"""


def test_strokes_that_were_taken_off_come_back_by_undo_and_with_their_picture(context, white):
    page = visit(context)
    choose(page, photo=white)
    fill(page, size=128, steps=2, scales=1)
    opened(page)
    page.click("#mask-legend [data-box=keep-mask] button")
    stroke(page)
    page.click("#masks-close")
    page.locator("#chips", has_text="1 mask").wait_for()
    page.locator("#chips li", has_text="1 mask").locator("button").click()
    page.wait_for_selector("#chips >> text=1 mask", state="detached")
    opened(page)
    assert not has(page, *ON_WHITE)
    page.click("#masks-close")
    page.click("#undo button")
    page.locator("#chips", has_text="1 mask").wait_for()
    opened(page)
    eventually(lambda: has(page, *ON_WHITE))
    page.click("#masks-close")
    again(page)
    page.reload()
    page.wait_for_selector(".placard.done")
    page.locator("#chips", has_text="1 mask").wait_for()
    opened(page)
    eventually(lambda: has(page, *ON_WHITE))
