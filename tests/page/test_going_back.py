"""Results are compared, their settings come back, and what was replaced or lost does, too."""

from types import SimpleNamespace

import pytest
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.errors import StyleTransferError
from styletransfer.page import placard
from styletransfer.page.i18n import english as texts
from styletransfer.page.i18n.translate import ENGLISH
from styletransfer.page.page import build
from styletransfer.page.restore import Restore
from styletransfer.pictures import Pictures
from styletransfer.service.queue import Busy, Limits, Queue
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
from styletransfer.service.visitor import Visitor
from styletransfer.settings import Settings
from tests.support.answers import answer
from tests.support.browser import PHOTO, choices_kept, choose, fill, finish, job_of, paint, shows, visit
from tests.support.coroutines import run as await_
from tests.support.runner import Runner
from tests.support.server import SERVER, restartable
from tests.support.steps import step

PICTURE = Image.new("RGB", (96, 64), "orange")
STYLES = [style.file for style in catalogue().styles]
SETTINGS = Settings(size=128, steps=2, scales=1)


def painted(pictures, settings):
    """A runner that is done at once."""
    yield step(settings.steps, settings)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    store = Store(Queue(painted, drafter=lambda *_: None, limits=Limits(unattended=1)))
    yield store
    store.close()


def result(store, settings=SETTINGS, **files):
    """A finished picture that was made from these files, by their names."""
    run = store.runs.start(Pictures(PICTURE, [PICTURE]), settings, Visitor("home", "Ada"))
    given = {"content": str(PHOTO), "style": str(STYLES[0])} | files
    store.runs.remember(run, given, {})
    assert run.wait(30)
    return run


def path(value):
    return value["path"] if value else value


def test_the_settings_of_a_result_come_back_with_its_paintings(store):
    run = result(store, Settings(size=256, steps=7, brush_scale=2), style_2=str(STYLES[3]))
    told = await_(answer(store, "use", "click", job=run.id))
    assert (told["knob-size"], told["knob-steps"], told["knob-brush_scale"]) == (256, 7, 2)
    assert path(told["style"]) == str(STYLES[0])
    assert path(told["style_2"]) == str(STYLES[3])
    assert told["style-row"] == 0
    assert path(told["photo"]) == str(PHOTO)  # as there was none
    assert told["presets"] is None


def test_another_photo_stays_and_masks_belong_to_theirs(store):
    run = result(store, mask=str(STYLES[5]))
    other = {"path": str(catalogue().photos[0].file)}
    told = await_(answer(store, "use", "click", job=run.id, photo=other))
    for name in ("photo", "mask"):
        assert told[name] == {"__type__": "update"}, name
    same = await_(answer(store, "use", "click", job=run.id, photo={"path": str(PHOTO)}))
    assert path(same["mask"]) == str(STYLES[5])


def test_an_earlier_picture_is_only_looked_at(store):
    run = result(store)
    assert await_(answer(store, "strip", "select", {"picture": run.id})) == {"job": run.id}


def beside(store, *runs):
    sent = {"pictures": [run if isinstance(run, str) else run.id for run in runs]}
    return await_(answer(store, "beside-board", "chosen", sent))["beside-board"]


def test_side_by_side_only_what_differs_is_named_in_the_words_of_the_knobs(store):
    one = result(store, SETTINGS)
    other = result(store, Settings(size=128, steps=9, scales=1, style_loss="gram"), style=str(STYLES[1]))
    told = beside(store, one, other, "gone")
    assert [each["id"] for each in told] == [one.id, other.id]
    rows = [{row["name"]: row["said"] for row in each["rows"]} for each in told]
    names = [ENGLISH.style(style).title for style in catalogue().styles]
    assert rows[0] == {
        "Painting": names[0],
        "How it looks (style loss)": "Painted",
        "Steps": "2",
    }
    assert rows[1] == {
        "Painting": names[1],
        "How it looks (style loss)": "Patterned",
        "Steps": "9",
    }
    alike = beside(store, one, result(store, SETTINGS))
    assert [(each["rows"], each["alike"]) for each in alike] == 2 * [([], texts.BESIDE_ALIKE)]
    assert beside(store, one)[0]["alike"] == texts.BESIDE_ONE


def test_who_leaves_is_given_a_way_back_or_told_why_not(store):
    runner = Runner()
    store.queue._runner = runner
    first, second = (
        store.runs.start(Pictures(PICTURE, [PICTURE]), SETTINGS, Visitor("home", "Ada")) for _ in "12"
    )

    def left(id):
        return await_(answer(store, "leave", "select", {"index": 0}, job=id))["left"]

    assert f'data-job="{first.id}"' in left(first.id)
    assert "data-unattended" in placard.waiting(first, ENGLISH)
    assert ENGLISH.error(Busy("unattended_already", pictures=1)) in left(second.id)
    assert not second.unattended
    assert "data-unattended" not in placard.waiting(second, ENGLISH)
    assert ENGLISH.error(StyleTransferError("picture_gone")) in left("gone")
    runner.release(2 * SETTINGS.steps)


async def components(store):
    return build(store, Shares(store)).get_config_file()["components"]


def test_a_server_may_allow_nobody_to_leave(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    for most, offered in ((1, True), (0, False)):
        store = Store(Queue(painted, drafter=lambda *_: None, limits=Limits(unattended=most)))
        shown = await_(components(store))
        value = next(each["props"]["value"] for each in shown if each["props"].get("elem_id") == "leave")
        assert (texts.LEAVE in value) is offered
        assert ("5 min" in value) is offered  # when it ends otherwise
        store.close()


def test_a_link_back_to_what_is_no_longer_kept_says_so(store):
    restore = Restore(store, None, None, None, ENGLISH)
    restore.ui = SimpleNamespace(job_id="job", status="status")
    request = SimpleNamespace(query_params={})
    told = restore._found_again({"own": "gone", "asked": "gone"}, request)
    assert ENGLISH.error(StyleTransferError("picture_gone")) in told["status"]
    assert restore._found_again({"own": "gone"}, request) == {"job": None}  # a tab that was left open


def chosen(page, style: int) -> None:
    """Waits until this painting of the catalogue is in its box."""
    page.wait_for_selector(f"#style .image-frame img[src*='{STYLES[style].name}']")


def test_a_result_is_looked_at_compared_and_its_settings_used_and_taken_back(context):
    page = visit(context)
    finish(page, style=1, steps=2)
    page.wait_for_selector("#use", state="hidden")  # nothing differs from what is chosen
    first = job_of(page)
    assert page.is_hidden("#beside")  # with one picture there is nothing to compare
    finish(page, style=2, steps=3)
    page.click(f"#strip [data-picture='{first}']")
    page.wait_for_selector(f".placard.done[data-job='{first}']")
    chosen(page, 2)  # a look changes nothing
    shows(page, steps=3)

    page.click("#use")
    chosen(page, 1)
    shows(page, steps=2)
    page.wait_for_selector("#use", state="hidden")
    page.click("#undo button")
    chosen(page, 2)
    shows(page, steps=3)

    page.click("#beside")
    page.wait_for_selector("#beside-board li >> nth=1")
    said = page.inner_text("#beside-board").splitlines()
    assert [line for line in said if line in ("2", "3")] == ["2", "3"]
    assert "Size" not in said  # it is the same
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    assert axe.Axe().run(page).response["violations"] == []
    for close in (lambda: page.click("#beside-board .close"), lambda: page.keyboard.press("Escape")):
        close()
        page.wait_for_selector("#beside-board", state="hidden")
        page.wait_for_selector("#beside:focus")
        page.click("#beside")
        page.wait_for_selector("#beside-board li >> nth=1")
    page.click("#beside-board [data-use] >> nth=0")
    page.wait_for_selector("#beside-board", state="hidden")
    chosen(page, 1)


def test_undo_brings_back_what_a_preset_a_painting_and_a_photo_replaced(context):
    page = visit(context)
    choose(page, style=1)
    assert page.is_hidden("#undo button")  # nothing was replaced so far
    fill(page, steps=9)
    assert page.is_hidden("#undo button")  # nor by a control that was moved by hand
    page.click("#presets label >> nth=0")
    shows(page, size=320)
    page.click("#style-row [data-index='3']")
    chosen(page, 3)
    page.click("#photo [aria-label='Remove Image']")
    page.wait_for_selector("#photo .image-frame img", state="detached")
    page.click("#undo button")
    page.wait_for_selector("#photo .image-frame img")
    page.click("#undo button")
    chosen(page, 1)
    assert page.get_attribute("#style-row [aria-pressed=true][data-index]", "data-index") == "1"
    shows(page, size=320)
    page.click("#undo button")
    shows(page, steps=9)
    page.wait_for_selector("#undo button", state="hidden")


def test_what_was_chosen_outlives_a_reload_and_a_server_without_data(visitor, tmp_path):
    with restartable("-c", SERVER, log=tmp_path / "log") as start:
        server = start()
        page = visit(visitor(base_url=server.url))
        choose(page, photo=photo_of(tmp_path), style=4, steps=37)
        choices_kept(page, steps=37)
        page.reload()
        shown = "#photo .image-frame img"
        page.wait_for_selector(shown)
        chosen(page, 4)
        shows(page, steps=37)
        server.process.kill()
        server.process.wait()
        start()
        page.reload()
        page.wait_for_selector(shown)
        page.wait_for_function(f"document.querySelector('{shown}').naturalWidth === 96")
        shows(page, steps=37)


def photo_of(folder):
    file = folder / "me.png"
    PICTURE.save(file)
    return file


# A browser's notifications, of which the page may show none before it is asked.
NOTIFICATIONS = """
window.told = [];
window.Notification = class {
  static requestPermission = async () => { window.told.push("asked"); return "granted"; };
  constructor(text) { window.told.push(text); }
};
"""


# Hears what a browser plays while audio is running: `window.level` is what is heard now.
HEARD = """
window.level = window.loudest = 0;
window.AudioContext = class extends window.AudioContext {
  constructor() {
    super();
    const ear = new AnalyserNode(this, { fftSize: 32768 });
    this.ear = ear;
    const samples = new Float32Array(ear.fftSize);
    setInterval(() => {
      ear.getFloatTimeDomainData(samples);
      if (this.state !== "running") return;
      window.level = samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
      window.loudest = Math.max(window.loudest, window.level);
    }, 50);
  }
  createGain() {
    const volume = super.createGain();
    volume.connect(this.ear);
    return volume;
  }
};
"""
# The sound at the end, rendered: its peak, its length, and how much there is of some frequencies.
CHIME = """async (frequencies) => {
  const rate = 22050;
  const audio = new OfflineAudioContext(1, 2 * rate, rate);
  window.chime(audio);
  const samples = (await audio.startRendering()).getChannelData(0);
  const strength = (frequency) => {
    let [real, imaginary] = [0, 0];
    samples.forEach((sample, place) => {
      const angle = (2 * Math.PI * frequency * place) / rate;
      real += sample * Math.cos(angle);
      imaginary += sample * Math.sin(angle);
    });
    return Math.hypot(real, imaginary);
  };
  return {
    loudest: samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0),
    seconds: (samples.findLastIndex((each) => Math.abs(each) > 0.001) + 1) / rate,
    strengths: frequencies.map(strength),
  };
}"""


def test_a_picture_is_painted_on_and_tells_of_its_end_and_the_link_leads_back(visitor):
    context = visitor()
    context.add_init_script(NOTIFICATIONS)
    context.add_init_script(HEARD)
    page = visit(context)
    paint(page, size=160, steps=3000, scales=1)
    page.locator("#leave", has_text=texts.LEAVE).wait_for()
    page.click("#leave button")
    link = page.wait_for_selector("#left input[readonly]").input_value()
    page.wait_for_selector(".placard[data-unattended]")
    page.locator("#leave", has_text=texts.GOES_ON_HINT).wait_for()
    assert page.evaluate("window.told") == []
    page.check("#left [name=notify]")
    page.wait_for_function("window.told.length === 1")
    assert page.evaluate("window.loudest") == 0
    page.check("#left [name=sound]")
    page.wait_for_function("window.loudest > 0.1")  # it is tried at once
    page.wait_for_function("window.level < 0.001")
    page.evaluate("window.loudest = 0")
    rendered = page.evaluate(CHIME, [587.33, 880, 440, 700])
    assert 0.1 < rendered["loudest"] < 0.5
    assert 0.5 < rendered["seconds"] < 1.3
    assert min(rendered["strengths"][:2]) > 10 * max(rendered["strengths"][2:])

    other = visitor().new_page()
    other.goto(link)
    other.wait_for_selector(f".placard.painting[data-job='{job_of(page)}']")
    assert "#" not in other.url
    other.wait_for_selector("#photo .image-frame img")
    other.click("#stop")
    page.wait_for_selector(".placard.done")
    page.wait_for_function("window.told.length === 2")
    assert page.evaluate("window.told[1]").startswith(texts.STOPPED)
    page.wait_for_function("window.loudest > 0.1")
    page.wait_for_selector("#left [readonly]", state="detached")
