"""The page in other languages than English."""

import re
from pathlib import Path

import httpx
import pytest

from styletransfer.catalogue import catalogue
from styletransfer.errors import StyleTransferError
from styletransfer.page.i18n import english as texts
from styletransfer.page.i18n.translate import ENGLISH, Words, languages, preferred
from styletransfer.page.placard import failed
from styletransfer.pictures import NAMES
from styletransfer.presets import presets
from styletransfer.service.inputs import read
from styletransfer.settings import Settings, knobs
from tests.support.browser import PHOTO, choose, fill, reveal, visit

TRANSLATED = [words for tag, words in languages().items() if tag != "en"]
CONSTANTS = {name: text for name, text in vars(texts).items() if name.isupper() and name != "API"}
# Texts that are the same in every language, such as years.
EVERYWHERE = {"1890", "1923", "1833–34", "1894", "1573", "1565", "1867"}  # noqa: RUF001
EVERYWHERE |= {"1888", "1889", "1494", "1876", "1884", "1885", "1895", "1897"}
EVERYWHERE |= {"1475–85", "1503–19", "1830–33", "1871–74", "1887–88"}  # noqa: RUF001
EVERYWHERE |= {""}  # of paintings that are not dated


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.fixture(params=TRANSLATED, ids=lambda words: words.language)
def words(request) -> Words:
    return request.param


def test_a_language_is_a_file():
    tags = {file.stem for file in (Path(texts.__file__).parent / "locales").iterdir()}
    assert set(languages()) == tags >= {"en", "de", "es", "fr", "zh-CN"}
    assert [preferred(f"{tag},en;q=0.5") for tag in sorted(tags)] == sorted(tags)
    assert len({words.LANGUAGE_NAME for words in languages().values()}) == len(tags)
    assert languages()["de"].PAINT == "Malen"
    assert languages()["zh-CN"].PAINT == "开始画"


def test_every_text_is_translated_with_the_same_fields(words):
    told = {name: text for name, text in words.told.items() if isinstance(text, str)}
    assert set(told) == set(CONSTANTS), "missing or unknown names"
    for name, text in CONSTANTS.items():
        assert fields(told[name]) == fields(text), name
        assert told[name].strip() or name == "THOUSANDS", name  # which may be a narrow space
        assert "!" not in told[name], name


def test_every_knob_preset_and_picture_is_translated(words):
    assert set(words.told["knobs"]) == {knob.name for knob in knobs()}
    for knob in knobs():
        told = words.told["knobs"][knob.name]
        assert told["label"]
        assert told["help"]
        assert set(told.get("choices", {})) == set(knob.choices or ()), knob.name
        # The help names the choices as the buttons do.
        said = [name for name, _ in words.choices(knob) if f"{name}: " in told["help"]]
        assert not said or words.language != "de" or len(said) == len(knob.choices)
    assert set(words.told["presets"]) == set(presets())
    assert all(each["name"] and each["help"] for each in words.told["presets"].values())
    art = catalogue()
    titles = {each.title for each in (*art.photos, *art.styles)} | {each.credit for each in art.photos}
    missing = titles | {each.year for each in art.styles} | set(NAMES.values())
    missing -= set(words.told["names"]) | EVERYWHERE
    assert missing == set()


def test_what_is_not_translated_is_english():
    words = Words("xx", {"PAINT": "Pent"})
    assert words.PAINT == "Pent"
    assert words.STOP == texts.STOP
    assert words.knob(knobs()[0]) == knobs()[0]
    assert words.catalogue(catalogue()) == catalogue()
    error = StyleTransferError("server_failed")  # test_errors.py tests further errors
    assert words.error(error) == str(error)
    with pytest.raises(AttributeError):
        words.NO_SUCH_TEXT  # noqa: B018


def test_english_is_as_it_stands_in_the_code():
    assert all(getattr(ENGLISH, name) == text for name, text in CONSTANTS.items())
    assert ENGLISH.number("1,234.5") == "1,234.5"
    worded = ENGLISH.told["knobs"]  # those that the page words otherwise
    assert set(worded) < {knob.name for knob in knobs()}
    for knob in knobs():
        said = ENGLISH.knob(knob)
        assert (said == knob) == (knob.name not in worded)
        names = [name for name, _ in ENGLISH.choices(knob)]
        assert not set(names) & set(knob.choices or ())  # words in place of names for programs
        assert all(f"{name}: " in said.help for name in names)


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("zh-CN,zh;q=0.9", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("zh", "zh-CN"),
        ("fr-CA,fr;q=0.9,de;q=0.5,en;q=0.4", "fr"),
        ("es-419,es;q=0.9", "es"),
        ("it-IT,it;q=0.9,de;q=0.5,en;q=0.4", "de"),
        ("en;q=0.4,de;q=0.6", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("de;q=0, it", "en"),
        ("it", "en"),
        ("*", "en"),
        ("de;q=much;level", "en"),
        (",;=" * 50, "en"),
    ],
)
def test_the_browser_decides(accepted, tag):
    assert preferred(accepted) == tag


def raised(function, *given) -> StyleTransferError:
    with pytest.raises(StyleTransferError) as caught:
        function(*given)
    return caught.value


def test_fractions_are_written_as_the_language_does():
    error = StyleTransferError("too_many_pixels", name="photo", megapixels=1234.56, most=100)
    assert "1234,6" in languages()["de"].error(error)
    assert "1234.6" in languages()["zh-CN"].error(error)
    assert languages()["fr"].number("1,234.5") == "1\u202f234,5"


def test_what_is_wrong_is_said_in_the_language(words, tmp_path):
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(PHOTO.read_bytes()[:900])
    note = tmp_path / "note.jpg"
    note.write_bytes(b"Dear diary")
    _, missing = read({})
    _, wrong = read({"content": str(torn), "style": str(note)})
    errors = [*missing.values(), *wrong.values()]
    for values in ({"size": 5}, {"content_weight": 0, "style_weight": 0}, {"blend": "x"}):
        errors.append(raised(lambda values=values: Settings(**values)))
    for error in errors:
        assert words.error(error) not in (str(error), ENGLISH.error(error))
    assert words.told["names"]["photo"] in words.error(missing["content"])
    assert f"{words.told['names']['photo']} (torn.jpg)" in words.error(wrong["content"])
    size = next(words.knob(knob).label for knob in knobs() if knob.name == "size")
    assert f"{size} " in failed(raised(lambda: Settings(size=5)), words)


@pytest.fixture(params=["de-AT", "zh-CN"])
def abroad(request, visitor):
    """A page in a browser of another language, and the texts of this language."""
    return visitor(locale=request.param), languages()[preferred(request.param)]


def test_the_page_speaks_the_browsers_language(abroad):
    context, words = abroad
    page = visit(context)
    page.wait_for_function("tag => document.documentElement.lang === tag", arg=words.language)
    assert page.title() == words.TITLE
    assert page.inner_text("#title h1") == words.TITLE
    assert page.inner_text("#choose") == words.CHOOSE_PHOTO
    assert page.inner_text("#style-row .chosen") == words.STYLES
    assert page.get_attribute("#style-row .styles", "aria-label") == words.STYLES
    assert words.PHOTO_EMPTY.splitlines()[0] in page.inner_text("#photo")
    assert words.EXAMPLE_HINT in page.inner_text("#status")
    assert page.get_attribute("#picture img", "alt") == words.PICTURE_ALT
    assert words.catalogue(catalogue()).styles[0].title in page.inner_text(".card >> nth=0")
    names = [words.preset_name(each) for each in presets().values() if each.front]
    assert [each.inner_text() for each in page.locator("#presets label").all()] == names
    page.click(f"#presets label >> text='{names[0]}'")
    page.locator("#preset-help", has_text=words.told["presets"]["Quick"]["help"]).wait_for()
    # The tick for transparency is there with a photo that has some.
    seen = [knob for knob in knobs() if knob.name != "alpha"]
    front = [knob.name for knob in knobs() if page.is_visible(f"#knob-{knob.name}")]
    assert front == [knob.name for knob in seen if knob.front]
    reveal(page, *(knob.name for knob in seen))
    for knob in map(words.knob, seen):
        box = page.locator(f"#knob-{knob.name}")
        box.wait_for(state="visible")
        assert knob.label in box.inner_text()
        assert knob.kind is bool or knob.help in box.inner_text()  # a checkbox has its label only
    page.set_input_files("#photo input[type=file]", PHOTO)
    page.wait_for_selector("#photo .image-frame img")
    page.click("#masks-open")
    page.wait_for_selector("#masks canvas")
    assert words.MASKS_HINT in page.inner_text("#mask-board")
    page.click("#how > button")
    page.locator("#how", has_text=words.PRIVACY.format(time=words.HOURS.format(h=24))).wait_for()
    english = [text for text in CONSTANTS.values() if len(text) > 25 and "{" not in text]
    said = page.inner_text("body")
    assert [text for text in english if text in said] == []


def test_painting_is_told_of_in_the_browsers_language(abroad):
    context, words = abroad
    with pytest.raises(StyleTransferError) as refused:
        Settings(content_weight=0, style_weight=0)
    page = visit(context)
    choose(page, size=128, steps=3000, scales=1, content_weight=0, style_weight=0)
    page.click("#paint")
    for said in (words.FAILED, words.error(refused.value)):
        page.locator(".placard.failed", has_text=said).wait_for()
    fill(page, content_weight=Settings().content_weight, style_weight=Settings().style_weight)
    page.click(f"#knob-colours label >> text='{words.told['knobs']['colours']['choices']['photo']}'")
    page.click("#paint")
    page.locator(".placard.painting", has_text=words.PAINTING).wait_for()
    assert page.inner_text("#stop") == words.STOP
    page.reload()  # shows the same picture in the same language
    page.locator(".placard.painting", has_text=words.PAINTING).wait_for()
    far = words.STEP.format(number=r"\d\d+", steps=3000)  # when the quick draft has been replaced
    page.locator(".placard.painting", has_text=re.compile(far)).wait_for()
    page.click("#stop")
    page.locator(".placard.done", has_text=words.STOPPED).wait_for()
    page.wait_for_selector("#download")
    assert page.inner_text("#download") == words.DOWNLOAD.format(kind="PNG")
    page.wait_for_selector("#keep input:checked")
    loss = re.search(r"(\d+)\D(\d+)", page.inner_text(".losses"))
    assert loss[0] == f"{loss[1]}{words.POINT}{loss[2]}"


def test_who_names_no_language_is_answered_in_english(server):
    answer = httpx.get(server)
    assert texts.TITLE in answer.text
    german = httpx.get(server, headers={"Accept-Language": "de"})
    assert languages()["de"].TITLE in german.text
