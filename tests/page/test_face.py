"""A title and an accent colour of one's own: on every page, and readable in light and dark mode."""

import itertools
import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from styletransfer.page import command, head
from styletransfer.page.accent import accents, contrast
from styletransfer.page.assets import text
from styletransfer.page.face import OURS, Face, face_of
from styletransfer.page.gate.gate import Gate
from styletransfer.page.gate.rules import Rules
from styletransfer.page.i18n.translate import languages
from styletransfer.page.shared_page import routes
from styletransfer.page.theme import launch_options
from styletransfer.service.shares import Shares
from tests.support.finished import finished, store_of_drafts

TITLE = "Ann's <b>studio</b> & more"
ESCAPED = "Ann&#39;s &lt;b&gt;studio&lt;/b&gt; &amp; more"
FACE = Face(TITLE, "#ffcc00")
# Every mixture of none, half and all of red, green and blue.
COLOURS = ["#" + "".join(each) for each in itertools.product(("00", "80", "ff"), repeat=3)]


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", css))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("mode", "sheet"), [(0, "colours.css"), (1, "colours_dark.css")])
def test_every_accent_can_be_read_on_the_wall_and_written_on(colour, mode, sheet):
    walls, own = colours(text(sheet)), colours(accents(colour)[mode])
    for wall in ("--wall", "--paper"):
        assert contrast(own["--accent"], walls[wall]) >= 4.5
    assert contrast(own["--accent"], own["--on-accent"]) >= 4.5


def test_an_accent_that_can_be_read_stays_as_it_is():
    light, dark = accents("#1f5383")
    assert colours(light) == {"--accent": "#1f5383", "--on-accent": "#ffffff"}
    assert colours(dark)["--accent"] != "#1f5383"
    assert colours(accents("#ffcc00")[1]) == {"--accent": "#ffcc00", "--on-accent": "#000000"}


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("colour", ["red", "#fff", "#gggggg", "ffcc00", "#ffcc00;"])
def test_what_is_no_colour_is_refused_with_a_sentence(colour, capsys):
    with pytest.raises(SystemExit) as caught:
        command.main(["--colour", colour])
    assert caught.value.code == 2
    said = f"argument --colour: must be a colour as #RRGGBB, such as #8a1c4a, got '{colour}'"
    assert said in capsys.readouterr().err


def test_the_options_are_taken():
    options = command._parser(None).parse_args(["--title", " A page ", "--colour", "#FFCC00"])
    assert face_of(options) == Face("A page", "#ffcc00")
    assert face_of(command._parser(None).parse_args([])) == OURS


def test_without_them_nothing_changes():
    for texts in languages().values():
        assert OURS.worded(texts) is texts
    assert OURS.page_style() == OURS.plain_style() == ""


@pytest.mark.parametrize("language", languages())
def test_the_title_is_the_same_in_every_language(language):
    texts = FACE.worded(languages()[language])
    assert (texts.TITLE, texts.language) == (TITLE, language)
    assert texts.PAINT == languages()[language].PAINT
    names = TestClient(Starlette(routes=head.routes(texts))).get("/manifest.json").json()
    assert names["name"] == names["short_name"] == TITLE
    assert f'property="og:title" content="{ESCAPED}"' in head.tags("http://here.test", "", texts)


def test_the_page_has_the_colour_in_both_modes():
    light, dark = accents("#ffcc00")
    css = launch_options("en", FACE)["css"]
    assert f":root:root {{ {light} }}" in css
    assert f".dark.dark {{ {dark} }}" in css


def test_shared_pages_have_both(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    store = store_of_drafts()
    shares = Shares(store)
    app = Starlette(routes=routes(shares, FACE.worded(languages()["en"]), FACE))
    shared = shares.share(finished(store))
    client = TestClient(app)
    for address in (f"/picture/{shared.name}", "/picture/none"):
        html = client.get(address).text
        assert f'<a href="../">{ESCAPED}</a>' in html
        assert FACE.plain_style() in html


def test_the_page_where_one_logs_in_has_both():
    gate = Gate(Starlette(), Rules(accounts={"ann": "x"}, hosts=("testserver",)), face=FACE)
    html = TestClient(gate).get("/login", headers={"accept": "text/html"}).text
    assert ESCAPED in html
    assert FACE.plain_style() in html
