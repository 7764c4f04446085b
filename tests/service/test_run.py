"""The job of one picture: what it shows, what it keeps, and settings adjusted while it is painted."""

import dataclasses

import pytest
import torch
from PIL import Image

from styletransfer.errors import StyleTransferError
from styletransfer.pictures import Pictures
from styletransfer.service.queue import Queue
from styletransfer.service.run import DRAFT_STEPS, Run
from styletransfer.settings import Settings
from tests.support.runner import PATIENCE, Runner, no_draft, start
from tests.support.steps import picture, step


def test_pictures_are_waited_for_and_come_to_the_end(runner):
    job = start(Queue(runner, no_draft), steps=5, show_every=2)
    pictures = job.steps_shown()
    seen = []
    for steps in (1, 1, 2):  # the first step, and those that are due
        runner.release(steps)
        seen.append(next(pictures))
    runner.release(1)
    assert job.wait(PATIENCE)
    seen += pictures
    assert [step.number for step in seen[:4]] == [1, 2, 4, 5]
    assert seen[-1] is job.shown


def test_a_job_that_shows_nothing_has_no_pictures(runner):
    queue = Queue(runner, no_draft)
    start(queue)
    waiting = start(queue)
    waiting.stop()
    assert list(waiting.steps_shown()) == []


def test_a_job_keeps_no_more_pixels_than_it_paints(runner):
    settings = Settings(size=128, steps=1)
    large, small = picture(400, 300), picture(100, 60)
    job = Run(Pictures(large, [small, large]), settings)
    assert job.pictures.content.size == (128, 96)
    assert [each.size for each in job.pictures.styles] == [(100, 60), (128, 96)]
    brush = dataclasses.replace(settings, brush_scale=1.5)
    assert Run(Pictures(large, [large]), brush).pictures.styles[0].size == (192, 144)


def test_the_draft_is_shown_while_waiting_and_until_the_painting_is_ahead(runner):
    quick = picture()
    queue = Queue(runner, drafter=lambda content, styles: quick)
    first, second = start(queue, seed=1, steps=20, show_every=1), start(queue, seed=2, steps=2)
    runner.release(DRAFT_STEPS - 1)
    while runner.event() != ("step", 1, DRAFT_STEPS - 1):
        pass
    assert first.view is quick
    assert second.view is quick  # the draft was made before the job's turn
    runner.release(1)
    while runner.event() != ("step", 1, DRAFT_STEPS):
        pass
    assert first.view is first.shown
    second.stop()
    assert second.wait(PATIENCE)
    assert second.view is second.draft  # the draft that was shown is kept


def test_whoever_stops_while_the_draft_is_shown_keeps_the_draft(runner):
    quick = picture()
    job = start(Queue(runner, drafter=lambda content, styles: quick), steps=40)
    runner.release(2)
    assert [runner.event()[0] for _ in range(3)] == ["began", "step", "step"]
    job.stop()
    runner.release(1)
    assert job.wait(PATIENCE)
    assert job.step.number < 10
    assert job.view is quick


def test_after_an_error_no_draft_is_passed_off_as_the_result(runner):
    runner.fails = StyleTransferError("losses_not_finite")
    job = start(Queue(runner, drafter=lambda content, styles: picture()), steps=40)
    runner.release(2)
    assert job.wait(PATIENCE)
    assert job.view is job.step


def test_before_its_first_step_a_job_shows_and_keeps_what_it_starts_from(runner):
    own = picture()
    pictures = Pictures(picture(), [picture()], start=own)
    job = Queue(runner, no_draft).enter(Run(pictures, Settings(steps=2, start="image")))
    assert job.view.getpixel((0, 0)) == own.getpixel((0, 0))
    job.stop()
    runner.release(2)
    assert job.wait(PATIENCE)
    assert job.view is not None


def test_a_job_ends_even_where_its_picture_cannot_be_fetched(runner):
    class Lost:
        def half(self):
            raise RuntimeError("the device is gone")

    job = start(Queue(runner, drafter=lambda content, styles: None), steps=1)
    step_of = job.take
    job.take = lambda step: step_of(dataclasses.replace(step, pixels=Lost()))
    runner.release(1)
    assert job.wait(PATIENCE)
    assert job.ended is not None


def test_the_draft_too_has_the_colours_asked_for(runner):
    runner.release(2)
    queue = Queue(runner, drafter=lambda content, styles: Image.new("RGB", content.size, "red"))
    for colours, grey in (("photo", True), ("painting", False)):
        job = start(queue, steps=1, colours=colours)  # the photo is grey
        assert job.wait(PATIENCE)
        low, high = zip(*job.draft.getextrema(), strict=True)
        assert (max(high) - min(low) <= 1) == grey


def test_masks_and_start_image_reach_the_runner_no_larger_than_they_are_used(runner):
    runner.release(5)
    mask = picture(200, 300).convert("1")
    settings = Settings(size=128, steps=1, start="image")
    drafts = []
    queue = Queue(runner, drafter=lambda *pictures: drafts.append(pictures))
    pictures = Pictures(picture(64, 48), [picture(), picture()], [None, mask], picture(900, 100))
    job = queue.enter(Run(pictures, settings))
    assert job.wait(PATIENCE)
    masks, start = runner.given
    assert masks[0] is None
    assert (masks[1].size, masks[1].mode) == ((85, 128), "L")
    assert start.size == (128, 96)
    assert job.error is None
    assert not drafts  # the network for drafts cannot follow these settings


def test_without_masks_and_start_image_the_runner_is_given_none(runner):
    runner.release(5)
    assert start(Queue(runner, no_draft), steps=1).wait(PATIENCE)
    assert runner.given == ((), None)


def test_a_finished_job_keeps_where_it_was_painted(runner):
    job = start(Queue(runner, no_draft), steps=1)
    whole = step(1, job.settings)
    half = dataclasses.replace(whole, cover=torch.tensor([1.0, 0]).expand(1, 1, 2, 2))
    job.take(half)
    job.finish()
    assert torch.equal(job.step.cover, half.cover)
    runner.release(5)


def test_the_draft_is_in_the_style_with_the_largest_share(runner):
    runner.release(5)
    drafts = []
    queue = Queue(runner, drafter=lambda content, styles: drafts.append(styles))
    styles = [picture(10, 10), picture(20, 20), picture(30, 30)]
    assert queue.enter(Run(Pictures(picture(), styles), Settings(steps=1, blend="1 3 2"))).wait(PATIENCE)
    assert queue.enter(Run(Pictures(picture(), styles), Settings(steps=1))).wait(PATIENCE)
    assert [[each.size for each in styles] for styles in drafts] == [[(20, 20)], [(10, 10)]]


class Steered:
    """A runner that records the settings it was started with and those it was sent."""

    def __init__(self):
        self.inner = Runner()
        self.seen = []

    def __call__(self, pictures, settings):
        self.seen.append(settings.content_weight)
        for each in self.inner(pictures, settings):
            sent = yield each
            self.seen.append(sent.content_weight)


def test_settings_adjusted_while_it_paints_are_sent_to_the_runner_and_kept():
    runner = Steered()
    job = start(Queue(runner, no_draft), steps=4)
    job.adjust(content_weight=4)
    assert runner.inner.event()[0] == "began"
    runner.inner.release(1)
    assert runner.inner.event()[0] == "step"
    job.adjust(content_weight=2)
    job.adjust(size=128, smoothness=3)  # the size cannot be adjusted
    for _ in range(2):  # the second step had already begun
        runner.inner.release(1)
        assert runner.inner.event()[0] == "step"
    assert job.settings.content_weight == job.next_settings.content_weight == 2
    assert job.settings.smoothness == 3
    assert job.settings.size == 512
    runner.inner.release(1)
    assert job.wait(PATIENCE)
    assert runner.seen[-1] == 2
    assert sorted(set(runner.seen)) in ([2, 4], [2, 4, 5], [2, 5])
    job.adjust(content_weight=9)
    assert job.settings.content_weight == job.next_settings.content_weight == 2
    assert [point.number for point in job.losses] == [1, 2, 3, 4]


def test_what_was_adjusted_after_the_last_step_is_not_claimed_of_the_picture(runner):
    job = start(Queue(runner, no_draft), steps=3)
    assert runner.event()[0] == "began"
    job.adjust(style_weight=1)
    job.stop()
    runner.release(1)
    assert job.wait(PATIENCE)
    assert job.step.number == 1
    assert job.settings.style_weight == job.next_settings.style_weight == 5


def test_a_setting_is_not_adjusted_to_what_is_not_allowed(runner):
    job = start(Queue(runner, no_draft))
    job.adjust(style_weight=0)
    for values in ({"content_weight": 0}, {"smoothness": -1}, {"content_weight": "much"}):
        with pytest.raises(StyleTransferError):
            job.adjust(**values)
    assert (
        job.next_settings.content_weight,
        job.next_settings.style_weight,
        job.next_settings.smoothness,
    ) == (5, 0, 1)
