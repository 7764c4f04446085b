"""Masks are painted over the photo; the strokes outlive reloads and second thoughts."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from styletransfer.page.ui import laid
from styletransfer.pictures import NAMES, Pictures
from styletransfer.service.inputs import MASK_COLOURS, STROKES
from styletransfer.service.queue import Queue
from styletransfer.service.store import Store
from styletransfer.service.visitor import Visitor
from styletransfer.settings import Settings
from tests.support.answers import answer
from tests.support.browser import PHOTO, choose, visit
from tests.support.coroutines import run as await_
from tests.support.steps import step
from tests.support.stores import eventually


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


def has(page, red, green, blue, down=0.0) -> bool:
    """Whether something much of this colour is seen where `stroke` paints with this `down`."""
    image = seen(page)
    width, height = image.size
    found = image.getpixel((width // 2 - 8, round(height * (0.5 + down))))
    return all(abs(a - b) < 70 for a, b in zip(found, (red, green, blue), strict=True))


def stroke(page, down=0.0):
    """Paints in the middle, or below it by this share of the height."""
    box = page.locator("#masks canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * (0.5 + down)
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


def pictures_of():
    photo = Image.new("RGB", (96, 64), "orange")
    return Pictures(photo, [photo]), Settings(size=128, steps=2, scales=1)


def path(value):
    return value["path"] if value else value


def test_what_the_editor_hands_over_is_kept_unless_nothing_is_painted(store, tmp_path):
    for colour, kept in ((MASK_COLOURS[1], True), ((0, 0, 0, 0), False)):
        file = strokes(tmp_path, colour)
        layer = {"path": file, "meta": {"_type": "gradio.FileData"}}
        editor = {"background": None, "layers": [layer], "composite": None}
        told = await_(answer(store, "masks-keep", "click", masks=editor))
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
    pictures, settings = pictures_of()
    run = store.runs.start(pictures, settings, Visitor("home", "Ada"))
    files = {"content": str(PHOTO), "style": str(PHOTO), STROKES: file}
    store.runs.remember(run, files, {})
    assert run.wait(30)
    told = await_(answer(store, "use", "click", job=run.id, photo={"path": str(PHOTO)}))
    assert path(told["strokes"]) == file
    assert path(told["mask"]) is None
    run.shown = run.draft = pictures.content
    assert store.runs.go_on(run, settings).inputs.files[STROKES] == file


def test_done_without_a_change_keeps_the_file_and_copies_of_the_photo_are_deleted(store, tmp_path):
    before = strokes(tmp_path, MASK_COLOURS[1])
    folder = tmp_path / "upload-again"
    folder.mkdir()
    now, photo = strokes(folder, MASK_COLOURS[1]), folder / "background.png"
    Image.new("RGB", (24, 16)).save(photo)
    layer, background = (
        {"path": str(file), "meta": {"_type": "gradio.FileData"}} for file in (now, photo)
    )
    editor = {"background": background, "layers": [layer], "composite": None}
    told = await_(answer(store, "masks-keep", "click", masks=editor, strokes={"path": before}))
    assert path(told["strokes"]) == before
    assert (Path(before).exists(), Path(now).exists(), photo.exists()) == (True, False, False)


def test_settings_of_a_result_without_strokes_leave_none_in_the_editor(store):
    run = store.runs.start(*pictures_of(), Visitor("home", "Ada"))
    store.runs.remember(run, {"content": str(PHOTO), "style": str(PHOTO)}, {})
    told = await_(answer(store, "use", "click", job=run.id, photo={"path": str(PHOTO)}))
    assert (told["strokes"], told["masks"], told["under-masks"]) == (None, None, None)


@pytest.mark.parametrize("pressed", [0, 1])
def test_strokes_stay_with_the_photo_of_the_row_that_they_were_painted_over(store, tmp_path, pressed):
    files = [tmp_path / "one.png", tmp_path / "two.png"]
    for file in files:
        Image.new("RGB", (24, 16)).save(file)
    row = {
        "photos": [{"file": str(file), "small": "data:image/jpeg", "name": file.name} for file in files]
    }
    sent = {"photo": {"path": str(files[0])}, "strokes": {"path": strokes(tmp_path, MASK_COLOURS[0])}}
    told = await_(answer(store, "photos", "show", {"index": pressed}, photos=row, **sent))
    assert path(told["photo"]) == str(files[pressed])
    assert told["strokes"] == (None if pressed else {"__type__": "update"})


def test_delete_now_deletes_the_strokes_and_those_that_were_there_before(store, tmp_path):
    file, earlier = strokes(tmp_path, MASK_COLOURS[0]), tmp_path / "earlier.png"
    Image.new("RGBA", (24, 16), MASK_COLOURS[1]).save(earlier)
    sent = {"strokes": {"path": file}, "photo": {"path": str(PHOTO)}}
    told = await_(answer(store, "delete-yes", "click", link={"strokes": [str(earlier)]}, **sent))
    assert not Path(file).exists()
    assert not earlier.exists()
    assert (told["strokes"], told["masks"]) == (None, None)


KEEP = (18, 214, 106)  # the colour of what is to stay recognisable
ON_WHITE = tuple(round(0.6 * each + 0.4 * 240) for each in KEEP)

FIRST_ON_WHITE = tuple(round(0.6 * each + 0.4 * 240) for each in ImageColor.getrgb(MASK_COLOURS[0]))

STROKES_PLACE = len(NAMES)  # of the strokes among the choices
# The file of the strokes that Paint would be given.
STROKES_NOW = f"() => window.choices.now()[{STROKES_PLACE}]?.path ?? null"

# Whether the browser has kept the strokes that Paint would be given, with their file.
KEPT_STROKES = """async (place) => {
  const path = window.choices.now()[place]?.path;
  const opened = await new Promise((done) => {
    const opening = indexedDB.open("styletransfer");
    opening.onsuccess = () => done(opening.result);
  });
  const asked = opened.transaction("choices").objectStore("choices").getAll();
  const all = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  opened.close();
  const isKept = ({ values, files }) => values[place]?.path === path && files.has(path);
  return path !== undefined && all.some(isKept);
}"""


def test_strokes_come_back_by_undo_and_after_a_reload_and_are_painted_on(context, white):
    page = visit(context)
    choose(page, photo=white)
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
    eventually(lambda: page.evaluate(KEPT_STROKES, STROKES_PLACE))

    page.reload()
    page.locator("#chips", has_text="1 mask").wait_for()
    opened(page)
    eventually(lambda: has(page, *ON_WHITE))
    stroke(page, down=0.3)
    assert has(page, *ON_WHITE)
    page.click("#masks-close")
    page.locator("#chips", has_text="2 masks").wait_for()  # the new ones and those that came back


def test_strokes_that_cannot_be_sent_stay_in_the_editor_and_nothing_waits_for_them(context, white):
    page = visit(context)
    choose(page, photo=white)
    opened(page)
    stroke(page)
    joins = "**/gradio_api/queue/join*"
    page.route(joins, lambda route: route.fulfill(status=500, json={"detail": "the disk is full"}))
    page.click("#masks-close")
    page.get_by_text("the disk is full").first.wait_for()
    page.wait_for_selector("#paint:enabled")
    page.unroute(joins)
    opened(page)
    page.click("#masks-close")
    page.locator("#chips", has_text="1 mask").wait_for()


def test_strokes_outlive_a_reload_before_done_and_one_undo_takes_them_back(context, white):
    page = visit(context)
    choose(page, photo=white)
    opened(page)
    stroke(page)
    page.click("#masks-close")
    page.locator("#chips", has_text="1 mask").wait_for()
    opened(page)
    page.click("#mask-legend [data-box=keep-mask] button")
    for down in (0.2, 0.3):
        before = page.evaluate(STROKES_NOW)
        stroke(page, down)
        eventually(lambda before=before: page.evaluate(STROKES_NOW) != before)
    eventually(lambda: page.evaluate(KEPT_STROKES, STROKES_PLACE))

    page.reload()
    page.locator("#chips", has_text="2 masks").wait_for()
    opened(page)
    eventually(lambda: has(page, *ON_WHITE, down=0.3))
    stroke(page, -0.35)
    assert has(page, *FIRST_ON_WHITE, down=-0.35)
    page.click("#masks-close")
    page.click("#undo button")
    page.locator("#undo button").wait_for(state="hidden")
    opened(page)
    eventually(lambda: has(page, *ON_WHITE, down=0.3) and not has(page, *FIRST_ON_WHITE, down=-0.35))


def test_done_while_strokes_are_on_their_way_sends_what_was_painted_since(context, white):
    page = visit(context)
    choose(page, photo=white)
    opened(page)
    held, are_held = [], [True]
    joins = "**/gradio_api/queue/join*"

    def answered(route):
        is_of_strokes = are_held and "layer_0.png" in (route.request.post_data or "")
        held.append(route) if is_of_strokes else route.continue_()

    page.route(joins, answered)
    stroke(page)
    eventually(lambda: page.evaluate("1") and held)
    stroke(page, 0.3)
    page.click("#masks-close")
    page.wait_for_selector("#masks-close", state="hidden")
    page.wait_for_timeout(500)
    assert page.is_disabled("#paint")
    assert len(held) == 1
    are_held.clear()
    held[0].continue_()
    page.wait_for_selector("#paint:enabled")
    eventually(lambda: page.evaluate(KEPT_STROKES, STROKES_PLACE))
    page.reload()
    page.locator("#chips", has_text="1 mask").wait_for()
    opened(page)
    eventually(lambda: has(page, *FIRST_ON_WHITE) and has(page, *FIRST_ON_WHITE, down=0.3))


def test_strokes_of_another_photo_that_arrive_late_are_not_kept(context, white):
    page = visit(context)
    choose(page, photo=white)
    opened(page)
    held = []

    def answered(route):
        is_of_strokes = b"layer_0.png" in (route.request.post_data_buffer or b"")
        held.append(route) if is_of_strokes and not held else route.continue_()

    page.route("**/queue/join*", answered)
    stroke(page)
    eventually(lambda: page.evaluate("1") and held)
    before = page.get_attribute("#photo .image-frame img", "src")
    page.set_input_files("#photo input[type=file]", PHOTO)
    page.wait_for_selector(f"#photo .image-frame img:not([src='{before}'])")
    with page.expect_response("**/queue/join*"):
        held[0].continue_()
    page.wait_for_timeout(2000)
    assert page.evaluate(STROKES_NOW) is None


def test_strokes_for_which_there_is_no_room_are_said_so_in_the_board_and_sent_by_the_next_done(
    context, white
):
    page = visit(context)
    choose(page, photo=white)
    opened(page)
    stroke(page)
    page.route("**/upload", lambda route: route.fulfill(status=507, body="The disk is full."))
    page.click("#masks-close")
    page.locator("#mask-legend .note", has_text="The disk is full.").wait_for()
    assert page.is_enabled("#paint")
    page.unroute("**/upload")
    page.click("#masks-close")
    page.locator("#chips", has_text="1 mask").wait_for()
    page.wait_for_selector("#paint:enabled")


def test_no_copy_of_the_photo_is_sent_with_the_strokes(context, white):
    page = visit(context)
    choose(page, photo=white)
    opened(page)
    page.evaluate("window.remembered.uploaded = []")
    stroke(page)
    page.click("#masks-close")
    page.locator("#chips", has_text="1 mask").wait_for()
    names = {Path(path).name for path in page.evaluate("window.remembered.uploaded")}
    assert names == {"layer_0.png", "copy.png"}
