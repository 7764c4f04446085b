"""The files in static/: templates escape their values, scripts parse, and every file is used."""

import dataclasses
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError
from PIL import Image

from styletransfer.catalogue import Catalogue, Example, Style, catalogue
from styletransfer.engine.forecast import Forecast
from styletransfer.errors import StyleTransferError
from styletransfer.page import (
    advice,
    assets,
    chart,
    chips,
    contact_sheet,
    crop,
    forecast_line,
    gallery,
    head,
    placard,
    preset_times,
    remembered,
    shared_page,
    sizes,
    wall,
)
from styletransfer.page.components import mask_hint
from styletransfer.page.i18n import english
from styletransfer.page.i18n.translate import Words
from styletransfer.service.crops import Crop
from styletransfer.settings import Settings

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
HOSTILE = """<script src="x">'&amp;"</script>"""
PAGE = Path(assets.__file__).parent
# Every text of the page, with hostile HTML at its end.
TEXTS = Words(
    "en", {name: f"{text}{HOSTILE}" for name, text in vars(english).items() if name[0].isupper()}
)


def art() -> Catalogue:
    first = catalogue()
    style = dataclasses.replace(first.styles[0], title=HOSTILE, artist=HOSTILE, year=HOSTILE)
    photo = dataclasses.replace(first.photos[0], title=HOSTILE)
    example: Example = next(each for each in first.examples if each.result.exists())
    example = dataclasses.replace(example, photo=photo.file, style=style.file)
    return dataclasses.replace(first, photos=(photo,), styles=(style,), examples=(example,))


def style() -> Style:
    return art().styles[0]


def sheet() -> SimpleNamespace:
    cell = {"changes": {}, "style": style(), "image": None, "done": False}
    painted = {**cell, "style": None, "image": Image.new("RGB", (3, 2)), "done": True}
    cells = [SimpleNamespace(**each) for each in (cell, painted)]
    return SimpleNamespace(cells=cells, chosen=cells[1])


def shared() -> SimpleNamespace:
    settings = Settings(seed=5)
    numbers = {"width": 4, "height": 3, "steps": 10, "paintings": 2}
    styles = (style(), None)
    return SimpleNamespace(name=HOSTILE, style=styles[0], styles=styles, settings=settings, **numbers)


def placard_html() -> str:
    job = SimpleNamespace(id=HOSTILE, unattended=True)
    return placard.Placard("painting", HOSTILE, HOSTILE, HOSTILE, HOSTILE, job=job).html()


def link() -> str:
    given = dict.fromkeys(("path", "hint", "offer", "key"), HOSTILE)
    return assets.render("link", stamp="1", texts=TEXTS, **given)


def offered() -> str:
    offers = [sizes.Offer(0, Forecast(1, 2, 3, 4), 5)]
    return sizes.tiles(offers, 1, TEXTS, HOSTILE)


RENDERED = {
    "heading": lambda: assets.render("heading", level=2, title=HOSTILE, sentence=HOSTILE),
    "sentence": lambda: placard.note(HOSTILE) + advice._line([HOSTILE]),
    "on_its_way": lambda: assets.render("on_its_way", texts=TEXTS),
    "placard": placard_html,
    "chart": lambda: chart.chart([], 10, TEXTS),
    "wall": lambda: wall.wall_html(art(), TEXTS, HOSTILE),
    "early": lambda: assets.render(
        "early",
        texts=TEXTS,
        caption=HOSTILE,
        shown={},
        **dict.fromkeys(("style", "script", "switch", "wall"), ""),
    ),
    "example_cards": lambda: gallery.example_cards(art(), TEXTS),
    "mask_hint": lambda: mask_hint({f"{HOSTILE}{n}": HOSTILE for n in range(5)}, TEXTS),
    "contact_sheet": lambda: contact_sheet._grid(sheet(), TEXTS),
    "chips": lambda: chips.Chips(TEXTS)._line({"paintings": HOSTILE}),
    "preset_times": lambda: preset_times.PresetTimes(None, TEXTS)._line({"Best": HOSTILE}),
    "crop": lambda: crop._board(Crop(str(style().file), (0, 0, 1, 1)), TEXTS),
    "link": lambda: link(),
    "sizes": offered,
    "larger": lambda: assets.render("larger", said=HOSTILE, sizes="", close=HOSTILE),
    "forecast_line": lambda: forecast_line.told(HOSTILE, TEXTS, "next"),
    "shared_picture": lambda: shared_page._picture(shared(), f"http://{HOSTILE}", TEXTS, ""),
    "login": lambda: assets.render(
        "login", texts=TEXTS, switch="", style="", action=HOSTILE, wrong=HOSTILE, home="./"
    ),
    "logout": lambda: assets.render("logout", texts=TEXTS, switch="", style="", home=HOSTILE),
    "languages": lambda: assets.render("languages", texts=TEXTS, every=[TEXTS], parameter=HOSTILE),
    "head": lambda: head.tags(f"http://{HOSTILE}", "style=hokusai-great-wave", TEXTS),
    "undo": lambda: assets.render("undo", texts=TEXTS),
    "leave": lambda: assets.render("leave", texts=TEXTS, hint=HOSTILE),
    "left": lambda: assets.render("left", texts=TEXTS, job=SimpleNamespace(id=HOSTILE)),
    "answer_not": lambda: assets.render("answer_not", texts=TEXTS, error=HOSTILE),
    "shared_gone": lambda: shared_page._gone(TEXTS, "").body.decode(),
}
LAYOUTS = {"shared_page"}  # templates that other ones extend
FUNCTIONS = {"checked", "no_masks", "recall", "scroll_up", "to_delete", "try_photo", "with_ids"}
FUNCTIONS |= {"choices_back", "choices_recalled", "choices_told"}


class Parsed(HTMLParser):
    """HTML as a browser parses it: the tags, and every text and attribute, unescaped."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.said = set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.said += [value for _, value in attributes if value]

    def handle_data(self, data):
        self.said.append(data)


@pytest.mark.parametrize("name", RENDERED)
def test_a_template_escapes_what_is_put_into_it(name):
    page = Parsed(RENDERED[name]())
    assert "script" not in page.tags
    assert any(HOSTILE in each for each in page.said)


def test_every_template_is_rendered_here():
    assert {file.stem for file in assets.STATIC.glob("*.jinja")} == RENDERED.keys() | LAYOUTS


def test_an_error_is_escaped_in_an_alert():
    html = placard.failed(StyleTransferError("picture_gone"), TEXTS)
    assert 'role="alert"' in html
    assert "<script" not in html


def test_a_template_without_one_of_its_values_is_an_error():
    with pytest.raises(UndefinedError):
        assets.render("sentence", sentence="Well.")


@pytest.mark.parametrize("file", sorted(assets.STATIC.iterdir()), ids=lambda file: file.name)
def test_every_file_is_used(file):
    sources = [*PAGE.rglob("*.py"), *assets.STATIC.glob("*.jinja")]
    assert any(
        re.search(rf"""["'/]{file.stem}["'.]""", each.read_text(encoding="utf-8")) for each in sources
    )


@needs_node
@pytest.mark.parametrize("file", sorted(assets.STATIC.glob("*.js")), ids=lambda file: file.name)
def test_a_script_parses(file):
    source = assets.function(file.stem) if file.stem in FUNCTIONS else assets.script(file.stem)
    done = subprocess.run(["node", "--check", "-"], input=source, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_constants_cannot_end_a_script():
    script = assets.script("remembered", PICTURES_KEY='"; alert(1); "')
    assert 'const PICTURES_KEY = "\\"; alert(1); \\"";' in script


# Storages as browsers have them: working, full, blocked, and none at all.
KEPT = """
const area = (of) => ({
  getItem: (key) => of[key] ?? null,
  setItem: (key, text) => { of[key] = text; },
});
globalThis.window = { localStorage: area(LOCAL), sessionStorage: area(OWN) };
"""
FULL = """
const full = { getItem: () => null, setItem: () => { throw new Error("QuotaExceededError"); } };
globalThis.window = { localStorage: full, sessionStorage: full };
"""
BLOCKED = """
const denied = { get() { throw new Error("SecurityError"); } };
globalThis.window = Object.defineProperties({}, { localStorage: denied, sessionStorage: denied });
"""
NONE = "globalThis.window = {};"


def computed(storage: str, script: str) -> str:
    """What these statements print in a browser with this storage, after the page's head."""
    source = f"{storage}\n{remembered.HEAD_JS}\n{script}"
    done = subprocess.run(["node", "-e", source], text=True, capture_output=True, check=True)
    return done.stdout.strip()


def kept(pictures: object, own: str = "") -> str:
    local = {"styletransfer-pictures": pictures}
    return KEPT.replace("LOCAL", json.dumps(local)).replace(
        "OWN", json.dumps({"styletransfer-job": own})
    )


@needs_node
def test_the_ids_of_a_browsers_pictures_stand_after_the_inputs():
    script = f"console.log(JSON.stringify(({remembered.with_ids('id', 'kind')})(1, 2, 3, 4)))"
    assert computed(kept('["a7", "b8"]'), script) == '[1,2,["a7","b8"]]'


@needs_node
@pytest.mark.parametrize("text", ["null", "", "[", "7", '{"length": 3}', '[null, 7, {}, "", "<b>"]'])
def test_rubbish_in_the_storage_counts_as_nothing(text):
    script = f"console.log(JSON.stringify([({remembered.RECALL_JS})(), window.remembered.pictures]))"
    assert computed(kept(text, own="<b>"), script) == '[{"own":null},[]]'


@needs_node
@pytest.mark.parametrize(
    "storage", [kept(None), FULL, BLOCKED, NONE], ids=["kept", "full", "blocked", "none"]
)
def test_the_page_remembers_its_pictures_whatever_the_browser_stores(storage):
    script = f"""
    console.log(JSON.stringify(({remembered.RECALL_JS})()));
    window.remembered.own = "b8";
    window.remembered.pictures = ["b8", "a7"];
    console.log(JSON.stringify(({remembered.RECALL_JS})()), window.remembered.pictures.join());
    window.remembered.pictures = [];
    console.log(window.remembered.pictures.length);
    """
    assert computed(storage, script).split("\n") == [
        '{"own":null}',
        '{"own":"b8","newest":"b8"} b8,a7',
        "0",
    ]


@needs_node
@pytest.mark.parametrize(
    "storage", [kept('["a7"]'), FULL, BLOCKED, NONE], ids=["kept", "full", "blocked", "none"]
)
def test_favourite_paintings_are_remembered_beside_the_pictures(storage):
    script = """
    window.remembered.favourites = ["hokusai-poppies", "<b>"];
    console.log(window.remembered.favourites.join(), window.remembered.pictures.length);
    """
    assert computed(storage, script) == f"hokusai-poppies {int('a7' in storage)}"
