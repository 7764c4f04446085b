"""Error codes: the sentences in messages.toml, the places that raise them, and the translations."""

import ast
import copy
import pickle
import string
from pathlib import Path

import pytest

import styletransfer
from styletransfer.engine.descent import Evaluation
from styletransfer.errors import (
    MESSAGES,
    ImageError,
    NetworkError,
    SettingsError,
    StyleTransferError,
    in_english,
)
from styletransfer.network.shortage import MemoryShortage
from styletransfer.page.gate.refusals import Refused
from styletransfer.page.i18n.translate import ENGLISH, Words, languages
from styletransfer.service.queue import Busy
from styletransfer.settings import Settings

TRANSLATED = [words for tag, words in languages().items() if tag != "en"]
ENGLISH_FORMS = {code: form for table in MESSAGES.values() for code, form in table.items()}
TOLD = MESSAGES["visitor"] | MESSAGES["note"]  # what every language has to translate
# Fields that a language may leave out.
SPARED = {"memory_too_small": {"device"}, "mask_without_painting": {"painting"}}
SOURCES = [
    ast.parse(file.read_text(encoding="utf-8"), str(file))
    for file in sorted(Path(styletransfer.__file__).parent.rglob("*.py"))
]


def fields(form: str) -> set[tuple[str, str]]:
    """The name and the format specification of every field."""
    return {(name, kind) for _, name, kind, _ in string.Formatter().parse(form) if name is not None}


def names(form: str) -> set[str]:
    return {name for name, _ in fields(form)}


def error_classes() -> set[str]:
    found, waiting = set(), [StyleTransferError]
    while waiting:
        found.add(waiting[-1].__name__)
        waiting.extend(waiting.pop().__subclasses__())
    return found


def raised() -> list[tuple[str, ast.Call]]:
    """Every error code in the source, with the call that creates the error."""
    classes = error_classes()
    calls = [
        node
        for source in SOURCES
        for node in ast.walk(source)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes
    ]
    found = []
    for call in calls:
        (code,) = call.args
        codes = [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]
        for each in codes:
            assert isinstance(each, ast.Constant), f"no plain code: {ast.unparse(call)}"
            found.append((each.value, call))
    return found


def test_the_walk_through_the_source_finds_errors():
    assert {"StyleTransferError", "ImageError", "Busy", Refused.__name__} <= error_classes()
    assert "MemoryShortage" in error_classes()
    assert len(raised()) > 60


def test_codes_are_unique_short_identifiers():
    assert list(MESSAGES) == ["visitor", "note", "owner"]
    assert sum(map(len, MESSAGES.values())) == len(ENGLISH_FORMS)
    assert all(code.isidentifier() and code == code.lower() for code in ENGLISH_FORMS)


@pytest.mark.parametrize(("code", "call"), raised(), ids=lambda each: getattr(each, "lineno", each))
def test_what_is_raised_has_a_sentence_with_these_fields(code, call):
    given = {each.arg for each in call.keywords}
    wanted = names(ENGLISH_FORMS[code])
    if None in given:  # **fields
        assert given - {None} <= wanted
    else:
        assert given == wanted


def test_every_code_is_used():
    constants = {
        node.value
        for source in SOURCES
        for node in ast.walk(source)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(ENGLISH_FORMS) - constants == set()
    codes = {code for code, _ in raised()}
    assert codes == set(MESSAGES["visitor"]) | set(MESSAGES["owner"])
    assert not any(fields(form) for form in MESSAGES["note"].values())


@pytest.mark.parametrize("words", TRANSLATED, ids=lambda words: words.language)
def test_every_language_says_what_a_visitor_can_cause(words):
    told = words.told["messages"]
    assert set(told) == set(TOLD), "missing or unknown codes"
    for code, form in told.items():
        spared = {each for each in fields(TOLD[code]) if each[0] in SPARED.get(code, ())}
        assert fields(form) | spared == fields(TOLD[code]), code
        assert form.strip() == form != TOLD[code], code
        assert "!" not in form, code


def test_an_error_says_its_sentence_and_keeps_its_fields():
    error = ImageError("part_too_small", width=5, height=6, least=32)
    assert str(error) == (
        "That part is 5 x 6 pixels, too small to show how it is painted: its short side must be at "
        "least 32. Draw a larger one."
    )
    assert error.code == "part_too_small"
    assert error.fields == {"width": 5, "height": 6, "least": 32}
    assert isinstance(error, ValueError)
    assert str(error) == in_english(error.code, **error.fields)
    needs = MemoryShortage(
        "memory_too_small", width=9, height=8, needed=1.26, available=0.5, device="cpu"
    )
    assert "about 1.3 GB of memory, but only 0.5 GB are free on this cpu" in str(needs)


def test_a_wrong_code_or_a_missing_field_is_noticed_at_once():
    with pytest.raises(KeyError, match="no_such_code"):
        StyleTransferError("no_such_code")
    with pytest.raises(KeyError, match="least"):
        ImageError("part_too_small", width=5, height=6)


@pytest.mark.parametrize(
    "error",
    [
        Busy("line_full", pictures=20),
        SettingsError("out_of_range", setting="size", minimum=128, maximum=4096, value=5.5),
        NetworkError("use_default_network", problem="{It} is gone.", default="vgg19"),
        StyleTransferError("server_failed"),
    ],
    ids=lambda error: error.code,
)
@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))]
)
def test_an_error_survives_copying_and_pickling(error, again):
    same = again(error)
    assert type(same) is type(error)
    assert (same.code, same.fields, str(same)) == (error.code, error.fields, str(error))


def test_alone_it_holds_no_frames():
    def failing():
        try:
            raise OSError
        except OSError as cause:
            raise ImageError("picture_damaged", name="photo") from cause

    with pytest.raises(ImageError) as caught:
        failing()
    error = caught.value
    assert error.__cause__
    assert error.alone() is error
    assert error.__cause__ is error.__context__ is error.__traceback__ is None


def test_a_setting_is_called_as_the_page_calls_it():
    with pytest.raises(SettingsError) as caught:
        Settings(content_weight=0, style_weight=0)
    assert str(caught.value) == "content_weight or style_weight must be above 0, got 0 for both"
    assert ENGLISH.error(caught.value) == (
        "Keep the photo (content weight) or Follow the style (style weight) must be above 0, "
        "got 0 for both"
    )
    assert "Inhalt" in languages()["de"].error(caught.value)
    other = SettingsError("not_a_text", setting="save_every", value="5")
    assert ENGLISH.error(other) == str(other)  # an option of the command line, without a label


def test_a_picture_is_called_as_the_language_calls_it():
    error = ImageError("picture_empty", name="photo (a {b}.jpg)")
    assert str(error).startswith("The photo (a {b}.jpg) is empty (0 bytes); ")
    assert languages()["de"].error(error).startswith("Foto (a {b}.jpg): Die Datei ist leer")
    assert ENGLISH.error(error) == str(error)


def test_what_a_language_has_no_form_for_is_english():
    error = ImageError("picture_empty", name="photo")
    assert Words("xx", {"names": {"photo": "Pho"}}).error(error) == str(error)
    assert Words("xx").note("step_too_large") == in_english("step_too_large")
    owners = NetworkError("weights_missing")
    assert all(words.error(owners) == str(owners) for words in TRANSLATED)


def test_a_note_is_a_code_and_usually_nothing():
    assert Evaluation.note == ""
    assert ENGLISH.note("") == ""
    assert ENGLISH.note("step_led_nowhere") == "that step led nowhere, so back to the best picture"
    assert languages()["de"].note("step_led_nowhere").startswith("dieser Schritt")
