"""Links to a look: what they contain, and how hostile ones are read."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from styletransfer.catalogue import catalogue, style_at
from styletransfer.look_link import differing, look_in, query_of
from styletransfer.presets import presets
from styletransfer.settings import Settings, knobs

WAVE = catalogue().styles[0]
# A value for each knob that differs from its default, some with special characters.
OTHERS = {
    knob.name: next(each for each in reversed(knob.choices) if each != knob.default)
    if knob.choices
    else {
        "blend": "3 1,0.5",
        "content_layers": "relu3_2:0.5, conv4_2",
        "style_layers": "conv1_1 pool2:3",
    }[knob.name]
    if knob.kind is str
    else not knob.default
    if knob.kind is bool
    else knob.maximum
    if knob.maximum != knob.default
    else knob.minimum
    for knob in knobs()
}


def back(query):
    return look_in(parse_qsl(query, keep_blank_values=True))


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("start", presets())
def test_every_knob_comes_back_from_every_preset(name, start):
    settings = replace(Settings(**presets()[start].settings), **{name: OTHERS[name]})
    query = query_of(settings, WAVE)
    look = back(query)
    assert (look.settings, look.style, look.left_out) == (settings, WAVE, ())
    assert len(parse_qsl(query)) <= 3  # the painting, the preset, the knob


def test_all_knobs_at_once_and_numbers_that_no_slider_gives():
    everything = Settings(**OTHERS)
    assert back(query_of(everything)).settings == everything
    odd = Settings(style_weight=0.1 + 0.2, smoothness=1e-9)
    assert back(query_of(odd)).settings == odd


def test_a_link_holds_only_what_differs():
    assert query_of(Settings()) == ""
    assert query_of(Settings(seed=3), WAVE) == "style=hokusai-great-wave&seed=3"
    best = Settings(**presets()["Best"].settings | {"seed": 3, "style_weight": 8})
    assert query_of(best, WAVE) == "style=hokusai-great-wave&preset=Best&style_weight=8&seed=3"


def test_the_preset_counts_first_wherever_it_stands():
    look = back("size=640&preset=best&steps=9")
    assert (look.settings.size, look.settings.steps, look.settings.scales) == (640, 9, 5)


@pytest.mark.parametrize(
    "pair",
    [
        "size=99999",
        "size=1e999",
        "size=nan",
        "size=",
        "size=512.5",
        "style=../../etc/passwd",
        "style=",
        "preset=Brilliant",
        "colours=<script>alert(1)</script>",
        "style_layers=relu9_9",
        "blend=-1",
        "class=1",
        "sytle=hokusai-great-wave",
        "name=__import__('os')",
    ],
)
def test_what_cannot_be_followed_is_left_out_and_named(pair):
    look = back(f"{pair}&seed=3")
    assert look.settings == Settings(seed=3)
    assert look.followed
    assert [each.split("=")[0] for each in look.left_out] == [pair.split("=")[0]]
    alone = back(pair)
    assert alone.settings == Settings()
    assert not alone.followed


def test_two_weights_of_nothing_are_left_out_together():
    look = back("content_weight=0&style_weight=0&seed=3")
    assert look.settings == Settings(seed=3)
    assert look.left_out == ("content_weight=0", "style_weight=0")


def test_a_flood_is_cut_short():
    look = back("&".join(f"x{n}={'y' * 5000}" for n in range(5000)))
    assert len(look.left_out) < 100
    assert max(map(len, look.left_out)) <= 40


@pytest.mark.parametrize("query", ["", "__theme=dark", "utm_source=mail&fbclid=1", "view=api"])
def test_what_others_hang_on_is_passed_over(query):
    assert back(query) is None


def test_recipe_in_words_and_the_painting_by_its_file():
    assert differing(Settings()) == []
    ((knob, value),) = differing(Settings(seed=3))
    assert (knob.name, value) == ("seed", "3")
    assert style_at(str(WAVE.file)) == WAVE
    assert style_at("/somewhere/mine.jpg") is None


def test_a_shared_painting_is_part_of_a_link_by_its_name():
    query = query_of(Settings(seed=3), painting="Ab_1-x")
    assert query == "painting=Ab_1-x&seed=3"
    look = look_in(parse_qsl(query))
    assert (look.painting, look.style, look.settings, look.left_out) == (
        "Ab_1-x",
        None,
        Settings(seed=3),
        (),
    )
    assert look_in([("seed", "3")]).painting == ""
