"""A run that keeps the photo's transparency: its files, its previews, and what outlives the server."""

from contextlib import closing
from dataclasses import replace

import pytest
import torch
from PIL import Image

from styletransfer.pictures import Pictures
from styletransfer.recipe import settings_in
from styletransfer.service.contact_sheet import by_strength
from styletransfer.service.crossing import news_of, steps_of
from styletransfer.service.previews import Previews
from styletransfer.service.run import Run
from styletransfer.settings import Settings
from tests.support.coroutines import run as await_
from tests.support.runner import PATIENCE, Runner
from tests.support.steps import picture, step
from tests.support.stores import eventually, kept, told

SETTINGS = Settings(size=128, steps=2, scales=1, alpha=True)


class Painter(Runner):
    """A runner whose steps are as large as the photo, and grey."""

    def __call__(self, pictures, settings):
        with closing(super().__call__(pictures, settings)) as steps:
            for each in steps:
                grey = torch.full((1, 3, 48, 64), 0.5)
                size = {"width": 64, "height": 48}
                yield replace(each, pixels=grey, photo=grey, opacity=pictures.opacity, **size)


def left_half(size=(64, 48)):
    """Opaque on the left, transparent on the right."""
    opacity = Image.new("L", size, 0)
    opacity.paste(255, (0, 0, size[0] // 2, size[1]))
    return opacity


def cut_out_pictures():
    return Pictures(picture(), [picture()], opacity=left_half())


@pytest.fixture
def painted(serve):
    """A store with a finished picture of a photo that is transparent on the right."""
    runner = Painter()
    store = serve(runner)
    job = store.runs.start(cut_out_pictures(), SETTINGS)
    runner.release(2)
    assert job.wait(PATIENCE)
    told(store, job)
    return store, job


def sides(file):
    with Image.open(file) as image:
        edge = image.width - 1
        return image.mode, image.getpixel((0, 0)), image.getpixel((edge, 0))


def test_png_and_webp_are_transparent_where_the_photo_is_and_jpeg_is_white(painted):
    store, job = painted
    for suffix in (".png", ".webp"):
        file = store.files.result(job, suffix)
        mode, left, right = sides(file)
        assert (mode, left[3], right[3]) == ("RGBA", 255, 0)
        assert settings_in(file).alpha
    mode, left, right = sides(store.files.result(job, ".jpg"))
    assert mode == "RGB"
    assert max(left) < 200 < 250 < min(right)


def test_small_and_shared_copies_are_white_there(painted):
    store, job = painted
    for file in (store.files.thumbnail(job), store.files.shared(job)):
        assert min(sides(file)[2]) > 250


def test_the_photo_is_compared_as_it_was_cut_out(painted):
    store, job = painted
    mode, left, right = sides(store.files.photo(job))
    assert (mode, left[3], right[3]) == ("RGBA", 255, 0)


def test_a_draft_that_was_kept_is_transparent_too(serve):
    runner = Painter()
    store = serve(runner, drafter=lambda *_: picture())
    job = store.runs.start(cut_out_pictures(), replace(SETTINGS, steps=20))
    eventually(lambda: job.draft)
    job.stop()
    runner.release(1)
    assert job.wait(PATIENCE)
    assert sides(store.files.result(job))[2][3] == 0


def test_a_preview_is_a_webp_that_is_transparent_there(painted):
    store, job = painted
    data, kind = await_(Previews(store.files).encoded(job))
    assert (kind, data[8:12]) == ("image/webp", b"WEBP")


def test_it_is_the_same_after_the_server_was_killed(serve, painted):
    store, job = painted
    file = store.files.result(job)
    after = serve(killed=store)
    again = after.runs.find_run(job.id)
    assert again.pictures.opacity.tobytes() == left_half().tobytes()
    (after.files.folder_of(again) / file.name).unlink()
    assert after.files.result(again).read_bytes() == file.read_bytes()
    assert after.runs.go_on(again, SETTINGS).pictures.opacity is not None


def test_a_run_that_was_cut_off_goes_on_with_it(serve):
    runner = Painter()
    store = serve(runner)
    job = store.runs.start(cut_out_pictures(), SETTINGS)
    runner.release(1)
    eventually(lambda: kept(store, job.id).steps == 1)
    again = serve(killed=store).runs.find_run(job.id)
    assert again.before.opacity.tobytes() == again.pictures.opacity.tobytes()


def test_nine_looks_keep_it_too(serve):
    store = serve()
    pictures = cut_out_pictures()
    sheet = store.runs.start_contact_sheet(pictures, SETTINGS, by_strength(pictures, SETTINGS))
    told(store, sheet)
    again = serve(killed=store).runs.find(sheet.id)
    assert again.pictures.opacity.getextrema() == (0, 255)


def test_a_run_holds_it_no_larger_than_it_is_painted():
    large = Pictures(picture(640, 480), [picture()], opacity=left_half((640, 480)))
    assert Run(large, SETTINGS).pictures.opacity.size == (128, 96)


def test_it_does_not_cross_with_every_step():
    def steps():
        yield step(1, SETTINGS)

    with closing(news_of(steps())) as news:
        assert "opacity" not in next(news).numbers
    pictures = cut_out_pictures()
    with closing(steps_of(news_of(steps()), pictures)) as crossed:
        assert next(crossed).opacity is pictures.opacity
