"""Steps that visitors take on the page, for the browser tests."""

import re
from pathlib import Path

from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.page.knobs import DRAWERS
from styletransfer.settings import knobs
from tests.support.stores import eventually

PHOTO = catalogue().photos[1].file  # wide
WAIT = 120_000  # milliseconds; long, because two busy cores are slow
WIDE = {"viewport": {"width": 1360, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}

# Records the URLs of all pictures that the page shows, in order.
WATCH = """() => {
  window.shown = [];
  const look = () => {
    const src = document.querySelector("#picture img")?.src;
    if (src && src !== window.shown.at(-1)) window.shown.push(src);
  };
  look();
  new MutationObserver(look).observe(
    document.querySelector("#picture"), {subtree: true, childList: true, attributes: true});
}"""


def visit(context):
    """A new tab of this visitor, after the page has looked for an earlier job."""
    page = context.new_page()
    with page.expect_response("**/queue/join*"):
        page.goto("/")
    page.wait_for_selector("#go")
    return page


def reveal(page, *names):
    """Opens the drawers in which the controls of these settings are."""
    front = {knob.name for knob in knobs() if knob.front}
    drawers = {name: drawer for drawer, inside in DRAWERS.items() for name in inside}
    for name in names:
        if name not in front and not page.is_visible(f"#knob-{name}"):
            page.click(f"#{drawers.get(name, 'advanced')} > button")
            page.wait_for_selector(f"#knob-{name}")


def fill(page, **values):
    """Types numbers into the controls of settings, as a visitor would."""
    reveal(page, *values)
    for name, value in values.items():
        field = page.locator(f"#knob-{name} input[type=number]")
        field.fill(str(value))
        field.press("Tab")


def shows(page, **values):
    """Waits until the controls show these numbers."""
    reveal(page, *values)
    for name, value in values.items():
        page.wait_for_function(
            f"Number(document.querySelector('#knob-{name} input[type=number]')?.value) === {value}"
        )


def choose(page, photo=PHOTO, style=0, **values):
    """Chooses a photo and a painting from the row, and fills in settings."""
    page.set_input_files("#photo input[type=file]", photo)
    page.wait_for_selector("#photo .image-frame img")
    page.click(f"#style-row [data-index='{style}']")
    page.wait_for_selector("#style-row [data-index][aria-pressed=true]")
    page.wait_for_selector("#style .image-frame img")
    fill(page, **values)


def paint(page, **values):
    """Starts a run and waits for its first step."""
    choose(page, **values)
    page.click("#paint")
    page.wait_for_selector(".placard.painting")


def finish(page, **values):
    """Paints a small picture to its end, and waits for everything that is shown with it."""
    choose(page, **{"size": 128, "steps": 12, "scales": 1} | values)
    again(page)


def again(page, button="#paint"):
    """Paints the next picture to its end."""
    page.click(button)
    page.wait_for_selector("#download", state="hidden")
    page.wait_for_selector(".placard.done")
    page.wait_for_selector("#download")


def job_of(page) -> str:
    """The id of the job that the page shows."""
    return page.get_attribute(".placard", "data-job")


def step(page) -> int:
    """The number of the step that the placard shows."""
    return int(re.search(r"step (\d+) of", page.inner_text("#status")).group(1))


def saved(page, selector: str, folder: Path) -> Path:
    """The file that a click on this element downloads."""
    with page.expect_download() as started:
        page.click(selector)
    file = folder / started.value.suggested_filename
    started.value.save_as(file)
    return file


def download(page, folder: Path) -> Image.Image:
    """The finished picture, from the PNG that the page lets download."""
    file = saved(page, "#download", folder)
    assert file.suffix == ".png"
    with Image.open(file) as image:
        assert image.format == "PNG"
        return image.convert("RGB")


# Whether the tab has kept its choices with this many steps.
_KEPT = """async (steps) => {
  if (!(await indexedDB.databases()).length) return false;
  const opened = await new Promise((done) => {
    const opening = indexedDB.open("styletransfer");
    opening.onsuccess = () => done(opening.result);
  });
  if (!opened.objectStoreNames.length) return opened.close();
  const asked = opened.transaction("choices").objectStore("choices").getAll();
  const all = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  opened.close();
  return all.some(({ values, files }) => values.includes(steps) && files.size === 2);
}"""


def choices_kept(page, steps: int) -> None:
    """Waits until the browser has kept photo, painting and settings with this many steps.

    Playwright's `wait_for_function` does not wait for what a promise gives.
    """
    eventually(lambda: page.evaluate(_KEPT, steps))
