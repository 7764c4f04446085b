import dataclasses
import re

import pytest

from styletransfer.errors import SettingsError
from styletransfer.knob import shares_of, weights_of
from styletransfer.settings import Settings, knobs

NUMBERS = [knob for knob in knobs() if knob.minimum is not None]
CHOICES = [knob for knob in knobs() if knob.choices is not None]
by_name = {"ids": lambda knob: knob.name}


def test_every_field_is_a_knob_with_words():
    assert [knob.name for knob in knobs()] == [each.name for each in dataclasses.fields(Settings)]
    assert all(knob.label and knob.help for knob in knobs())


@pytest.mark.parametrize("knob", knobs(), **by_name)
def test_the_default_is_allowed_and_of_the_declared_type(knob):
    assert getattr(Settings(), knob.name) == knob.default
    assert type(knob.check(knob.default)) is knob.kind is type(knob.default)


@pytest.mark.parametrize("knob", NUMBERS, **by_name)
def test_both_ends_of_the_range_are_allowed(knob):
    for value in (knob.minimum, knob.maximum):
        assert getattr(Settings(**{knob.name: value}), knob.name) == value


@pytest.mark.parametrize("knob", NUMBERS, **by_name)
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (-float("inf"), "-inf"),
        (10**400, "1000000"),
        (True, "True"),
        ("7", "'7'"),
        ("", "''"),
        (None, "None"),
        ([7], r"\[7\]"),
    ],
    ids=repr,
)
def test_what_is_no_number_is_refused(knob, value, shown):
    whole = "whole " if knob.kind is int else ""
    sentence = f"^{knob.name} must be a {whole}number {knob.range}, got {shown}"
    with pytest.raises(SettingsError, match=sentence):
        Settings(**{knob.name: value})


@pytest.mark.parametrize("knob", NUMBERS, **by_name)
def test_just_outside_of_the_range_is_refused(knob):
    least = 1 if knob.kind is int else 1e-9
    for value in (knob.minimum - least, knob.maximum + least):
        with pytest.raises(SettingsError) as caught:
            Settings(**{knob.name: value})
        before, got = str(caught.value).split(", got ")
        assert before == f"{knob.name} must be {knob.range}"
        assert float(got) == value


def test_the_sentence_names_range_and_value_in_full():
    with pytest.raises(SettingsError, match=r"^seed must be from 0 to 2147483647, got 2147483648$"):
        Settings(seed=2**31)


@pytest.mark.parametrize("knob", CHOICES, **by_name)
@pytest.mark.parametrize("value", ["", "CONTENT", 0, None, True, ["content"]], ids=repr)
def test_a_choice_is_one_of_the_listed(knob, value):
    for choice in knob.choices:
        assert getattr(Settings(**{knob.name: choice}), knob.name) == choice
    with pytest.raises(SettingsError) as caught:
        Settings(**{knob.name: value})
    assert str(caught.value) == f"{knob.name} must be one of {', '.join(knob.choices)}, got {value!r}"


@pytest.mark.parametrize("value", [None, 0, 1, 1.0, "true", "", []], ids=repr)
def test_a_switch_is_true_or_false_and_nothing_like_it(value):
    for switch in (True, False):
        assert Settings(keep_faces=switch).keep_faces is switch
    with pytest.raises(SettingsError) as caught:
        Settings(keep_faces=value)
    assert str(caught.value) == f"keep_faces must be true or false, got {value!r}"


@pytest.mark.parametrize("knob", knobs(), **by_name)
def test_the_text_of_a_value_is_read_back_as_the_value(knob):
    for value in {knob.default, *(knob.choices or ()), *({True, False} if knob.kind is bool else ())}:
        assert knob.parse(knob.text(value)) == value
    text = str(knob.default)
    assert knob.text(knob.default) == (text.lower() if knob.kind is bool else text.removesuffix(".0"))


def test_a_whole_float_becomes_an_int_and_an_int_a_float():
    settings = Settings(size=512.0, content_weight=3)
    assert type(settings.size) is int
    assert type(settings.content_weight) is float


def test_half_a_pixel_is_refused():
    with pytest.raises(SettingsError, match=r"^size must be a whole number from .*, got 512\.5$"):
        Settings(size=512.5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"content_layers": "x" * 10_000},
        {"start": "x" * 10_000},
        {"size": "x" * 10_000},
        {"style_layers": ["x"] * 10_000},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_very_long_value_is_quoted_in_short(wrong):
    with pytest.raises(SettingsError) as caught:
        Settings(**wrong)
    got = str(caught.value).split(", got ")[1]
    assert len(got) <= 80
    assert " … " in got


def test_a_value_of_80_characters_is_quoted_in_full():
    with pytest.raises(SettingsError, match=f"got '{'x' * 78}'$"):
        Settings(start="x" * 78)


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().size = 256


def test_a_text_is_parsed_and_checked():
    knob = {each.name: each for each in knobs()}
    assert knob["size"].parse("256") == 256
    assert type(knob["size"].parse("256")) is int
    assert knob["content_weight"].parse("2.5") == 2.5
    assert knob["start"].parse("noise") == "noise"
    for name, text, sentence in [
        ("size", "3", "size must be from .*, got 3$"),
        ("size", "256.5", r"size must be a whole number from .*, got 256\.5$"),
        ("size", "large", "size must be a whole number from .*, got 'large'$"),
        ("style_weight", "nan", "style_weight must be a number from .*, got nan$"),
        ("keep_faces", "yes", "keep_faces must be true or false, got 'yes'$"),
        ("start", "paper", "start must be one of content, noise, draft, image, got 'paper'$"),
    ]:
        with pytest.raises(SettingsError, match=sentence):
            knob[name].parse(text)


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("relu4_2", {"relu4_2": 1}),
        ("relu1_1:8, conv2_1:.5 pool4", {"relu1_1": 8, "conv2_1": 0.5, "pool4": 1}),
        ("relu1_1:0 relu2_1", {"relu1_1": 0, "relu2_1": 1}),
    ],
)
def test_layers_and_their_weights_are_read(text, weights):
    assert weights_of(text) == weights


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "''"),
        ("relu6_1", "'relu6_1'"),
        ("conv1_3", "'conv1_3'"),
        ("relu1_1 relu4", "'relu4'"),
        ("relu1_1:2 relu1_1", "'relu1_1'"),
        ("relu1_1:-1", "'relu1_1:-1'"),
        ("relu1_1:nan", "'relu1_1:nan'"),
        ("relu1_1:0", "'relu1_1:0'"),
    ],
)
def test_layers_that_cannot_be_are_refused_by_name(text, named):
    with pytest.raises(SettingsError, match=f"^style_layers must name layers.* got {re.escape(named)}$"):
        Settings(style_layers=text)


def test_one_of_the_two_weights_must_be_above_zero():
    assert Settings(content_weight=0).style_weight > 0
    assert Settings(style_weight=0).content_weight > 0
    with pytest.raises(SettingsError, match=r"content_weight or style_weight must be above 0, got 0"):
        Settings(content_weight=0, style_weight=0)


@pytest.mark.parametrize(
    ("text", "shares"),
    [("1", (1,)), ("3 1", (3, 1)), ("3,1", (3, 1)), (" 0, .5 100 ", (0, 0.5, 100)), ("0 2.", (0, 2))],
)
def test_shares_are_read(text, shares):
    assert shares_of(text) == shares


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "''"),
        (" , ", "' , '"),
        ("0", "'0'"),
        ("0 0.0", "'0 0.0'"),
        ("3:1", "'3:1'"),
        ("1 -2", "'-2'"),
        ("1 nan", "'nan'"),
        ("1 100.1", "'100.1'"),
        ("1 " + "9" * 400, "'9999"),
        ("half", "'half'"),
    ],
)
def test_shares_that_cannot_be_are_refused_by_name(text, named):
    sentence = "blend must be numbers from 0 to 100, one for each painting and at least one above 0"
    with pytest.raises(SettingsError, match=f"^{sentence}, such as '3 1', got {re.escape(named)}"):
        Settings(blend=text)


def test_styles_that_the_blend_does_not_name_count_one():
    assert Settings().shares(3) == (1, 1, 1)
    assert Settings(blend="3 0.5").shares(3) == (3, 0.5, 1)
    assert Settings(blend="3 0.5").shares(2) == (3, 0.5)


def test_a_blend_of_more_styles_than_there_are_is_refused():
    with pytest.raises(SettingsError, match=r"which are 1, got '3 1'$"):
        Settings(blend="3 1").shares(1)


def test_only_the_live_settings_of_others_are_taken():
    settings, other = Settings(size=256), Settings(size=128, content_weight=1, smoothness=3, seed=7)
    assert settings.with_live(other) == Settings(size=256, content_weight=1, smoothness=3)
    assert settings.with_live(settings) == settings


def test_the_knobs_are_made_once():
    assert knobs() is knobs()
