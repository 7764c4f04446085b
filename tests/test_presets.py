import pytest

from styletransfer.errors import SettingsError
from styletransfer.presets import changed_by_any, preset, preset_of, presets
from styletransfer.settings import Settings
from styletransfer.weights import EMBEDDED, ON_THE_HUB


@pytest.mark.parametrize("each", presets().values(), ids=lambda each: each.name)
def test_a_preset_lists_only_what_it_changes_and_says_why(each):
    defaults = Settings()
    assert vars(Settings(**each.settings)) == vars(defaults) | each.settings
    assert not [name for name, value in each.settings.items() if getattr(defaults, name) == value]
    assert each.help.endswith(".")


def test_few_enough_stand_in_front_on_the_page():
    assert [each.name for each in presets().values() if not each.front] == ["tutorial", "tch-rs"]


def test_the_networks_of_presets_are_known():
    networks = {each.name: each.network for each in presets().values() if each.network}
    assert set(networks.values()) <= {EMBEDDED, *ON_THE_HUB}
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
