"""The head of README.md, which configures a Hugging Face Space, against what its documentation names."""

import re
from pathlib import Path

import yaml
from huggingface_hub import SpaceHardware
from packaging.requirements import Requirement

from styletransfer.network.weights import ON_THE_HUB

ROOT = Path(__file__).parent.parent
CARD = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---\n")[1])

# https://huggingface.co/docs/hub/spaces-config-reference, and `license`, which all repositories have.
FIELDS = {
    *("title", "emoji", "colorFrom", "colorTo", "sdk", "python_version", "sdk_version", "license"),
    *("suggested_hardware", "suggested_storage", "app_file", "app_build_command", "app_port"),
    *("base_path", "fullWidth", "header", "short_description", "models", "datasets", "tags"),
    *("thumbnail", "pinned", "hf_oauth", "hf_oauth_scopes", "hf_oauth_expiration_minutes"),
    *("hf_oauth_authorized_org", "disable_embedding", "startup_duration_timeout"),
    *("custom_headers", "preload_from_hub"),
}
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
LONGEST_DESCRIPTION = 60
# https://huggingface.co/docs/hub/spaces-zerogpu, as its error named them in 2026.
ON_ZERO_GPU = ("2.8.0", "2.9.1", "2.10.0", "2.11.0")


def test_every_field_is_documented():
    assert set(CARD) <= FIELDS


def test_values_are_of_the_documented_kinds():
    assert CARD["sdk"] == "gradio"
    assert {CARD["colorFrom"], CARD["colorTo"]} <= COLOURS
    assert len(CARD["short_description"]) <= LONGEST_DESCRIPTION
    assert CARD["suggested_hardware"] in {each.value for each in SpaceHardware}
    assert re.fullmatch(r"\d+[smh]", CARD["startup_duration_timeout"])
    assert all(isinstance(tag, str) for tag in CARD["tags"])
    assert len(set(CARD["tags"])) == len(CARD["tags"])
    assert (ROOT / CARD["app_file"]).exists()


def test_the_hardware_is_the_one_that_lends_gpus():
    assert CARD["suggested_hardware"] == SpaceHardware.ZERO_A10G.value


def test_the_python_is_one_that_zero_gpu_has():
    assert CARD["python_version"] in {"3.12", "3.12.12", "3.10", "3.10.13"}


def test_the_models_are_those_that_can_be_chosen_and_none_is_preloaded():
    assert CARD["models"] == [f"timm/{name}" for name in ON_THE_HUB]
    assert "preload_from_hub" not in CARD  # the default network comes with a package


def test_the_requirements_allow_what_the_space_brings():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = {each.name: each for each in (Requirement(line) for line in lines if line[:1] not in "#")}
    assert CARD["sdk_version"] in wanted["gradio"].specifier
    assert [each for each in ON_ZERO_GPU if each in wanted["torch"].specifier][-1] == "2.11.0"
    there = {"sys_platform": "linux", "platform_machine": "x86_64"}
    there["python_version"] = CARD["python_version"]
    assert all(each.marker is None or each.marker.evaluate(there) for each in wanted.values())


def test_the_page_about_spaces_names_the_torch_they_get():
    text = " ".join((ROOT / "docs/spaces.md").read_text(encoding="utf-8").split())
    assert "gets **2.11.0**" in text
    assert all(each in text for each in ON_ZERO_GPU)
