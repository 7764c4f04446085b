import subprocess
import sys

import pytest

from styletransfer.errors import SettingsError
from styletransfer.network.weights import DEFAULT_SOURCE, ON_THE_HUB
from styletransfer.presets import changed_by_any, preset, preset_of, presets
from styletransfer.settings import Settings
from tests.support.samples import ROOT


@pytest.mark.parametrize("each", presets().values(), ids=lambda each: each.name)
def test_a_preset_lists_only_what_it_changes_and_says_why(each):
    defaults = Settings()
    assert vars(Settings(**each.settings)) == vars(defaults) | each.settings
    assert not [name for name, value in each.settings.items() if getattr(defaults, name) == value]
    assert each.help.endswith(".")


def test_few_enough_stand_in_front_on_the_page():
    assert [each.name for each in presets().values() if each.front] == ["Quick", "Standard", "Best"]


def test_the_networks_of_presets_are_known():
    networks = {each.name: each.network for each in presets().values() if each.network}
    assert set(networks.values()) <= {DEFAULT_SOURCE, *ON_THE_HUB}
    assert set(networks) == {"tutorial", "tch-rs"}


def test_presets_are_found_in_any_case():
    assert preset("quick") is preset("QUICK") is presets()["Quick"]


def test_an_unknown_preset_is_answered_with_those_there_are():
    with pytest.raises(SettingsError, match=r"preset must be one of Quick, Standard, .*, got 'Fast'"):
        preset("Fast")


def test_choosing_another_preset_resets_what_the_last_one_changed():
    reset = changed_by_any()
    assert reset["content_weight"] == Settings().content_weight
    for each in presets().values():
        assert set(each.settings) <= set(reset)


def test_the_preset_of_settings_is_known_by_all_of_them():
    for each in presets().values():
        assert preset_of(Settings(**each.settings)) is each
    assert preset_of(Settings(seed=7)) is None


# Run in a process of its own, because Gradio leaves sockets and event loops open, which warns.
THE_PAGE = """
from styletransfer.page import page
from styletransfer.service.queue import Queue
from styletransfer.presets import changed_by_any, preset, presets
from styletransfer.service.shares import Shares
from styletransfer.service.store import Store
demo = page.build(store := Store(Queue(runner=None)), Shares(store))
parts = {each.elem_id: each for each in demo.blocks.values() if each.elem_id}
front, others = ([name for name, _ in parts[row].choices] for row in ("presets", "other-presets"))
assert front + others == list(presets())
assert len(front) <= 3, "there is no room for more"
both = ("presets", "other-presets")
for (row, other), name in [(both, "Best"), (both[::-1], "tch-rs")]:
    chosen = next(each for each in demo.fns.values() if (parts[row]._id, "input") in each.targets)
    found = {part.elem_id: value for part, value in chosen.fn(name).items()}
    assert {part.elem_id for part in chosen.outputs} == set(found)
    assert (found[row], found[other]) == (name, None)
    assert found["preset-help"] == preset(name).help
    for setting, default in changed_by_any().items():
        assert found[f"knob-{setting}"] == preset(name).settings.get(setting, default)
"""


def test_the_page_offers_every_preset_once_and_fills_it_in():
    process = subprocess.run(
        [sys.executable, "-c", THE_PAGE], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert process.returncode == 0, process.stderr


def test_a_preset_stays_chosen_when_the_photos_transparency_is_kept():
    for each in presets().values():
        assert preset_of(Settings(**each.settings, alpha=True)) is each
