"""Any value of a setting, any link and any recipe: a result or a sentence, never another exception."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from styletransfer.errors import SettingsError
from styletransfer.look_link import look_in, query_of
from styletransfer.recipe import settings_from
from styletransfer.settings import Settings, knobs

KNOBS = {knob.name: knob for knob in knobs()}
NAMES = some.sampled_from(list(KNOBS))
LEAVES = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text()
    | some.sampled_from([10**400, -(10**400), "1e400", "nan", "relu1_1:nan", "1 2 3 4 5", "\ud800"])
)
VALUES = some.recursive(
    LEAVES, lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner), max_leaves=5
)
EXAMPLES = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@EXAMPLES
@given(some.dictionaries(NAMES, VALUES))
def test_any_values_are_settings_or_a_sentence(values):
    try:
        made = Settings(**values)
    except SettingsError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return
    for name, value in asdict(made).items():
        assert KNOBS[name].choices is None or value in KNOBS[name].choices
    assert Settings(**asdict(made)) == made


@pytest.mark.parametrize("name", list(KNOBS))
def test_every_knob_refuses_what_is_no_value(name):
    for wrong in ({}, [[1]], object(), 1j, b"1"):
        with pytest.raises(SettingsError):
            Settings(**{name: wrong})


@EXAMPLES
@given(
    some.lists(
        some.tuples(
            NAMES | some.sampled_from(["style", "preset", "followed"]) | some.text(), some.text()
        )
    )
)
def test_any_query_is_a_look_or_none(pairs):
    look = look_in(pairs)
    if look is not None:
        assert isinstance(look.settings, Settings)


@EXAMPLES
@given(
    some.builds(
        Settings,
        size=some.integers(128, 4096),
        seed=some.integers(0, 2**31 - 1),
        steps=some.integers(1, 3000),
    )
)
def test_a_link_says_the_settings_it_was_made_from(given):
    pairs = [pair.split("=") for pair in query_of(given).split("&") if pair]
    look = look_in([(name, value) for name, value in pairs])
    assert (look.settings if look else Settings()) == given


@EXAMPLES
@given(
    some.text()
    | VALUES.map(lambda value: json.dumps({"settings": value}))
    | some.dictionaries(NAMES, VALUES).map(lambda values: json.dumps({"settings": values}))
)
def test_any_text_is_a_recipe_or_none(text):
    found = settings_from(text)
    assert found is None or isinstance(found, Settings)


@pytest.mark.parametrize("text", ["[" * 19_999, '{"settings":' * 1600 + "1" + "}" * 1600, "9" * 19_000])
def test_a_recipe_that_is_too_deep_or_too_long_is_none(text):
    assert settings_from(text) is None
