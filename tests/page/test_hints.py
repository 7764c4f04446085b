"""The hints: when each of them is given, and when none is."""

import pytest
import torch

from styletransfer.page.advice import OF_SIZE, hints
from styletransfer.page.i18n import english as texts
from styletransfer.presets import presets
from styletransfer.settings import Settings

PHOTO, STYLE = (1200, 800), (1000, 900)


def said(template, settings=None, photo=PHOTO, style=STYLE, **free):
    start = template.split("{")[0] or template.rsplit("}")[-1]
    return any(start in each for each in hints(settings or Settings(), photo, style, **free).values())


def test_an_ordinary_run_gets_no_hint():
    assert hints(Settings(), PHOTO, STYLE) == {}
    assert hints(Settings(), None, None) == {}


@pytest.mark.parametrize("preset", [each for each in presets().values() if each.front])
def test_no_preset_is_advised_against(preset):
    assert hints(Settings(**preset.settings), PHOTO, STYLE) == {}


def test_a_painting_too_small_for_its_brush():
    assert said(texts.HINT_STYLE_SMALL, style=(200, 150))
    assert not said(texts.HINT_STYLE_SMALL, Settings(brush_scale=0.5), style=(200, 150))
    assert said(texts.HINT_STYLE_SMALL, Settings(brush_scale=2), style=(400, 300))
    assert "200 × 150" in hints(Settings(), PHOTO, (200, 150))["painting"]


def test_a_photo_too_small_for_the_size():
    assert said(texts.HINT_PHOTO_SMALL, photo=(200, 150))
    assert not said(texts.HINT_PHOTO_SMALL, Settings(size=320), photo=(200, 150))


@pytest.mark.parametrize(
    ("content", "style", "hint"),
    [
        (1, 10, None),  # by neighbours the photo stays recognisable
        (10, 1, texts.HINT_FAINT),
        (10, 0.1, texts.HINT_FAINT),
        (5, 10, None),
        (10, 2, None),
        (0, 10, None),  # a weight of 0 is chosen on purpose
        (10, 0, None),
    ],
)
def test_weights_at_their_ends(content, style, hint):
    settings = Settings(content_weight=content, style_weight=style)
    assert hints(settings, PHOTO, STYLE) == ({"weights": hint} if hint else {})


@pytest.mark.parametrize("content", [1, 0.5])
def test_gram_matrices_can_take_the_photo_away(content):
    settings = Settings(content_weight=content, style_weight=10, style_loss="gram")
    assert hints(settings, PHOTO, STYLE) == {"weights": texts.HINT_STRONG}


def test_a_large_picture_with_few_steps():
    for style_loss, few, enough in (("neighbours", 40, 60), ("gram", 60, 150)):
        large = {"size": 1024, "style_loss": style_loss}
        assert said(texts.HINT_FEW_STEPS, Settings(**large, steps=few))
        assert not said(texts.HINT_FEW_STEPS, Settings(**large, steps=enough))
    assert not said(texts.HINT_FEW_STEPS, Settings(size=320, steps=20))


def test_beside_the_sizes_only_what_they_have_to_do_with_is_said():
    settings = Settings(size=1024, steps=40, style_weight=0.2)
    every = hints(settings, photo=(200, 150), style=(200, 150), free=1e8)
    assert list(every) == ["memory", "painting", "photo", "weights", "steps"]
    assert [about for about, said in every.items() if "1024" in said] == list(OF_SIZE)


def test_a_size_that_does_not_fit():
    assert said(texts.HINT_MEMORY, Settings(size=2048), free=1e9)
    assert not said(texts.HINT_MEMORY, Settings(size=512), free=1e9)
    large = {"settings": Settings(size=2048), "free": 2.8e9}
    assert said(texts.HINT_MEMORY, **large)
    assert not said(texts.HINT_MEMORY, **large, precision=torch.bfloat16)
