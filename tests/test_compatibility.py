"""Compatibility: recipes in pictures, links and API parameters of earlier versions still work."""

import json
from pathlib import Path
from urllib.parse import parse_qsl

import httpx

from styletransfer.errors import SettingsError
from styletransfer.look_link import look_in
from styletransfer.page.about import about
from styletransfer.page.answers import VERSION, problem
from styletransfer.page.run_state import state_of
from styletransfer.pictures import Pictures
from styletransfer.recipe import settings_in
from styletransfer.service.queue import Limits
from styletransfer.service.run import Run
from styletransfer.settings import Settings
from tests.support.steps import picture, step

DATA = Path(__file__).parent / "data"
# The recipe in data/painted.png, which version 0.1.0 painted on 2026-11-26. It names no style loss.
PAINTED_WITH = Settings(
    style_loss="gram",
    content_weight=3,
    style_weight=7.5,
    size=128,
    steps=3,
    scales=1,
    blend="3 1",
    brush_scale=1.5,
    colours="matched",
    colour_strength=0.5,
    start="noise",
    seed=42,
    optimiser="adam",
    style_layers="conv1_1 pool2 relu3_1:0.5",
    keep_faces=False,
)


def test_a_picture_painted_before_still_gives_its_settings():
    assert settings_in(DATA / "painted.png") == PAINTED_WITH


def test_a_link_made_before_is_still_followed_wholly():
    """What it does not name, such as the style loss, is as it is today."""
    link = (
        "style=van-gogh-village-street-auvers&preset=Best&style_weight=8.5&colours=photo"
        "&blend=3%201&style_layers=conv1_1%20pool2%3A3&seed=7"
    )
    look = look_in(parse_qsl(link))
    assert look.left_out == ()
    assert look.style.file.stem == "van-gogh-village-street-auvers"
    assert look.settings == Settings(
        size=1024,
        steps=100,
        scales=5,
        style_weight=8.5,
        colours="photo",
        blend="3 1",
        style_layers="conv1_1 pool2:3",
        seed=7,
    )


def test_the_apis_parameters_and_results_are_those_of_the_data_file(server):
    """Order, types and defaults are those in data/api.json, to which intended additions are added."""
    endpoints = httpx.get(f"{server}/gradio_api/info").json()["named_endpoints"]
    assert list(endpoints) == ["/stylize"]
    endpoint, expected = endpoints["/stylize"], json.loads((DATA / "api.json").read_text("utf-8"))
    assert all(each["parameter_has_default"] for each in endpoint["parameters"])
    assert expected["parameters"] == [
        [each["parameter_name"], each["python_type"]["type"], each["parameter_default"]]
        for each in endpoint["parameters"]
    ]
    assert expected["returns"] == [
        [each["label"], each["python_type"]["type"]] for each in endpoint["returns"]
    ]


def test_what_programs_are_told_has_every_field_that_it_had():
    """Fields are added to data/api.json; taking one away takes another version before the point."""
    run, error = (
        Run(Pictures(picture(), [picture()]), Settings()),
        SettingsError("out_of_range", setting="size", minimum=128, maximum=4096, value=5),
    )
    run.take(step(3, Settings()))
    run.finish(error)
    told = {"state": state_of(run), "error": problem(error), "about": about(Limits())}
    expected = json.loads((DATA / "api.json").read_text("utf-8"))
    assert expected["version"] == VERSION
    for name, values in told.items():
        kinds = [[field, type(value).__name__] for field, value in values.items()]
        assert [each for each in expected[name] if each not in kinds] == [], name
