"""The figures of the page /how-it-works: that they show what is said of them, and are the script's."""

import os
import re
import subprocess
import sys
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from PIL import Image

from examples.how_it_works import grams, optimisers, pulls, reconstructions, tug_of_war
from examples.how_it_works.subjects import GRAMS, LAYERS, SIZE, painting, photo, run, settings_of
from styletransfer.engine.hypercolumns import GRID
from styletransfer.engine.losses import gram_matrix
from styletransfer.engine.objective import Objective
from styletransfer.images import resize, to_tensor
from styletransfer.look_link import look_in
from styletransfer.page.assets import STATIC
from styletransfer.page.how_it_works import numbers
from tests.support.samples import ROOT, real_network

FILES = STATIC / "how_it_works"


def tiles(figure) -> np.ndarray:
    """(rows, columns, height, width, 3) of a figure, in levels of 0 to 255."""
    with Image.open(FILES / figure["file"]) as image:
        pixels = np.asarray(image.convert("RGB"), float)
    shape = (figure["rows"], figure["height"], figure["columns"], figure["width"], 3)
    return pixels.reshape(shape).transpose(0, 2, 1, 3, 4)


def from_the_photo(pictures: np.ndarray) -> list[float]:
    """By how much pictures of one size differ from the photo on average."""
    original = np.asarray(photo(pictures.shape[2]), float)
    return [np.abs(picture - original).mean() for picture in pictures]


def test_the_deeper_the_layer_the_worse_the_photo_comes_back_in_the_figure():
    told = numbers()["content"]
    seen = from_the_photo(tiles(told["figure"])[-1])
    assert seen == sorted(seen)
    said = [line[-1] for line in told["differences"]]
    assert seen == pytest.approx(said, abs=3)  # JPEG has noise of its own


def test_the_deeper_the_layer_the_worse_the_photo_comes_back_by_the_network():
    found = []
    for layer in ("relu1_1", "relu3_1", "relu5_1"):
        settings = settings_of("Photo", content_layers=layer, style_layers=layer, smoothness=0, size=128)
        step = run(settings, real_network(), (12,)).shown[-1]
        found.append(reconstructions.difference(step.image, photo(128)))
    assert found == sorted(found)
    assert found[0] < 0.6 * found[-1]


def test_no_reconstruction_gets_worse_in_the_features_of_its_layer_from_step_to_step():
    pictures = tiles(numbers()["content"]["figure"])  # (steps, layers, height, width, 3)
    network = real_network()
    with torch.no_grad():
        wanted = network(to_tensor(photo(pictures.shape[3])), LAYERS)
        for column, layer in enumerate(LAYERS):
            shown = [Image.fromarray(each.astype(np.uint8)) for each in pictures[:, column]]
            seen = [network(to_tensor(each), [layer])[layer] for each in shown]
            off = [(each - wanted[layer]).square().mean().item() for each in seen]
            assert off == sorted(off, reverse=True), layer


def test_all_optimisers_begin_alike_and_lbfgs_comes_furthest():
    told = numbers()["optimisers"]
    totals = told["totals"]
    assert set(totals) == set(optimisers.OPTIMISERS)
    assert len({line[0] for line in totals.values()}) == 1
    assert {len(line) for line in totals.values()} == {told["steps"][-1]}
    assert min(totals["lbfgs"]) < 0.8 * min(min(totals["adam"]), min(totals["gradient"]))
    settings = settings_of("Gatys", scaling="paper", start="noise")
    (first,) = run(settings, real_network(), (1,)).totals
    assert first == pytest.approx(totals["lbfgs"][0], rel=1e-2)


def test_the_gram_matrices_are_the_paintings_and_the_pictures_comes_nearer():
    told = numbers()["grams"]
    maps = tiles(told["figure"])
    with torch.no_grad():
        seen = real_network()(to_tensor(resize(painting(), SIZE)), LAYERS)
    for row, layer in enumerate(LAYERS):
        gram = gram_matrix(seen[layer])[0]
        pair = grams.brightest_pair(gram)
        kept = grams.most_active(gram, pair)
        assert told["pairs"][layer] == list(pair)
        assert [kept[cell] for cell in told["cells"][layer]] == list(pair)
        shown = np.asarray(grams.heat_map(gram, gram, kept), float)
        assert np.abs(maps[row, 0] - shown).max() <= 2
        off = np.abs(maps[row] - maps[row, 0]).mean((1, 2, 3))
        assert off[-1] < off[1]  # the photo's, then the picture's on its way
        assert told["distances"][layer][0] == 1
    ends = [told["distances"][layer][-1] for layer in LAYERS]
    assert ends == sorted(ends)  # most of all in the first layers
    assert ends[2] < 0.2
    assert ends[-1] < 0.6


def test_every_place_has_a_neighbour_within_the_painting_at_every_size():
    told = numbers()["neighbours"]
    assert [each["size"] for each in told["sizes"]] == [64, 128, 256]
    for each in told["sizes"]:
        assert len(each["places"]) == each["rows"] * each["columns"]
        across, down, there_across, there_down = (round(GRID / share) for share in each["shares"])
        assert (each["columns"], each["rows"]) == (across // GRID, down // GRID)
        assert each["across"] == there_across // GRID
        assert min(each["places"]) >= 0
        places = each["across"] * (there_down // GRID)
        assert max(each["places"]) < places
        assert each["used"] == pytest.approx(len(set(each["places"])) / places, abs=1e-3)


def test_what_of_the_painting_was_used_is_in_colour_and_the_rest_is_pale():
    told = numbers()["neighbours"]
    last = told["sizes"][-1]
    (painted,), (used,) = tiles(told["painting"]), tiles(told["used"])
    used_at = np.isin(np.arange(last["across"] * (painted.shape[1] // GRID)), last["places"])
    # The middle of every place, where no interpolation reaches.
    centres = np.abs(used[-1] - painted[0])[GRID // 2 :: GRID, GRID // 2 :: GRID].mean(2)
    kept, faded = centres.flatten()[used_at], centres.flatten()[~used_at]
    assert np.median(kept) < 10 < np.median(faded)


def test_each_cell_of_the_tug_of_war_links_to_its_own_settings():
    told = numbers()["tug_of_war"]
    for (style, content), row in zip(tug_of_war.WEIGHTS, told["queries"], strict=True):
        for layer, query in zip(tug_of_war.LAYERS, row, strict=True):
            settings = look_in(parse_qsl(query)).settings
            assert (settings.style_weight, settings.content_weight) == (style, content)
            assert settings.content_layers == layer


def test_the_more_the_style_counts_the_further_the_picture_is_from_the_photo():
    rows = [from_the_photo(row) for row in tiles(numbers()["tug_of_war"]["figure"])]
    strong, *_, weak = rows
    assert all(one > other for one, other in zip(strong, weak, strict=True))
    assert all(row[0] < row[-1] for row in rows)  # a shallow layer holds on to it


def test_content_and_style_pull_against_each_other_more_and_more():
    told = numbers()["pulls"]
    assert told["cosines"][-1] < told["cosines"][0]
    assert told["cosines"][-1] < -0.3


def test_what_the_losses_want_is_minus_their_gradients():
    size = 96
    content, style = to_tensor(photo(size)), to_tensor(resize(painting(), size))
    objective = Objective(real_network(), content, [style], GRAMS)
    wants_nothing, _ = pulls.wishes(objective, content)
    assert wants_nothing.abs().max() == 0  # the photo is what the content loss wants
    start = content.lerp(content.flip(3), 0.3)
    wishes = pulls.wishes(objective, start)
    before = objective(start)
    for wish, term in zip(wishes, ("content", "style"), strict=True):
        moved = objective(start + 0.002 * wish / wish.abs().mean())
        assert getattr(moved, term) < getattr(before, term)


def test_the_lesson_to_compute_oneself_runs_and_shows_what_it_says(tmp_path):
    command = [sys.executable, "-m", "docs.how_it_works", "128", "5"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (change,) = re.findall("its largest change is (.*) of", done.stdout)
    assert float(change) < 1e-4
    losses = dict(re.findall(r"(\w+) +total loss \S+ -> (\S+)", done.stdout))
    assert set(losses) == set(optimisers.OPTIMISERS)
    assert min(losses, key=lambda name: float(losses[name])) == "lbfgs"
    sheets = {"content": 5, "texture": 5, "style_losses": 2, "by_adam": 3, "tug_of_war": 4}
    for name, pictures in sheets.items():
        with Image.open(tmp_path / f"how-it-works/{name}.png") as sheet:
            assert sheet.width == 128 * pictures
            shown = np.asarray(sheet, float).reshape(sheet.height, pictures, 128, 3)
            assert np.ptp(shown, axis=1).max() > 10  # not the same picture several times
