"""The line of jobs, with a runner whose every step the test lets go. Nothing here measures time."""

import contextvars
import dataclasses
import gc
import queue
import threading
import time
import weakref

import pytest
import torch
from PIL import Image

from styletransfer.errors import ImageError, StyleTransferError
from styletransfer.pictures import Pictures
from styletransfer.service import queue as module
from styletransfer.service.queue import DRAFT_STEPS, Busy, Jobs
from styletransfer.settings import Settings
from tests.support.steps import picture, step

PATIENCE = 20  # seconds until a test that hangs has failed

visitor = contextvars.ContextVar("visitor", default="nobody")


class Runner:
    """Paints nothing: each step waits for `release`, and what happens is told in `events`."""

    def __init__(self):
        self.events = queue.Queue()
        self._released = threading.Semaphore(0)
        self.fails = None  # an exception to raise instead of the second step
        self.at_once = 0
        self.most_at_once = 0

    def __call__(self, pictures, settings):
        self.given = (pictures.masks, pictures.start)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.events.put(("began", settings.seed, visitor.get()))
        try:
            for number in range(1, settings.steps + 1):
                assert self._released.acquire(timeout=PATIENCE)
                if self.fails and number == 2:
                    raise self.fails
                yield step(number, settings)
                # The job has taken the step and asks for the next one.
                self.events.put(("step", settings.seed, number))
        finally:
            self.at_once -= 1
            self.events.put(("closed", settings.seed))

    def release(self, steps=1):
        for _ in range(steps):
            self._released.release()

    def event(self):
        return self.events.get(timeout=PATIENCE)


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.release(1000)  # whatever a failed test has left waiting


@pytest.fixture
def clock(monkeypatch):
    """What the jobs take for the time, in seconds."""

    class Clock:
        now = 1000.0
        sleep = staticmethod(time.sleep)

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def start(jobs, seed=1, steps=3, **settings):
    """A job; its seed is its name in the runner's events."""
    return jobs.start(Pictures(picture(), [picture()]), Settings(seed=seed, steps=steps, **settings))


def test_a_job_runs_to_its_last_step(runner):
    job = start(Jobs(runner), steps=3)
    assert not job.finished
    runner.release(3)
    assert job.wait(PATIENCE)
    assert job.finished
    assert not job.stopped
    assert job.error is None
    assert job.step.number == job.shown.number == 3
    assert job.ended is not None


def test_pictures_are_waited_for_and_come_to_the_end(runner):
    job = start(Jobs(runner), steps=5, show_every=2)
    pictures = job.steps_shown()
    seen = []
    for steps in (1, 1, 2):  # the first one, and those that are due
        runner.release(steps)
        seen.append(next(pictures))
    runner.release(1)
    assert job.wait(PATIENCE)
    seen += pictures
    assert [step.number for step in seen[:4]] == [1, 2, 4, 5]
    assert seen[-1] is job.shown


def test_a_job_that_shows_nothing_has_no_pictures(runner):
    jobs = Jobs(runner)
    start(jobs)
    waiting = start(jobs)
    waiting.stop()
    assert list(waiting.steps_shown()) == []


def test_first_come_first_served_and_one_at_a_time(runner):
    jobs = Jobs(runner)
    line = [start(jobs, seed=seed, steps=1) for seed in (1, 2, 3, 4)]
    assert runner.event()[:2] == ("began", 1)
    assert [job.ahead for job in line] == [0, 1, 2, 3]
    assert runner.events.empty()
    runner.release(4)
    assert all(job.wait(PATIENCE) for job in line)
    told = [runner.event()[:2] for _ in range(4 * 3 - 1)]
    began = [seed for what, seed in told if what == "began"]
    assert began == [2, 3, 4]
    assert runner.most_at_once == 1
    assert [job.ahead for job in line] == [0, 0, 0, 0]


def test_the_line_moves_up_when_a_job_ends(runner):
    jobs = Jobs(runner)
    first, second, third = (start(jobs, seed=seed, steps=1) for seed in (1, 2, 3))
    runner.release(1)
    assert first.wait(PATIENCE)
    assert (second.ahead, third.ahead) == (0, 1)


def test_stop_keeps_the_last_step(runner):
    job = start(Jobs(runner), steps=100, show_every=50)
    runner.release(2)
    while runner.event() != ("step", 1, 2):
        pass
    assert job.step.number == 2
    assert job.shown.number == 1  # the first is shown at once, the next one is the 50th
    job.stop()
    runner.release(1)  # the step in progress
    assert job.wait(PATIENCE)
    assert job.stopped
    assert job.error is None
    assert job.step.number == job.shown.number == 3
    assert runner.event() == ("closed", 1)


def test_a_job_stopped_while_waiting_leaves_the_line_without_painting(runner):
    jobs = Jobs(runner)
    first, second, third = (start(jobs, seed=seed, steps=1) for seed in (1, 2, 3))
    second.stop()
    assert second.wait(PATIENCE)  # while the first is still painting
    assert not first.finished
    assert second.stopped
    assert second.step is second.shown is second.error is None
    assert third.ahead == 1
    runner.release(2)
    assert third.wait(PATIENCE)
    told = [runner.event() for _ in range(5)]
    assert not [each for each in told if each[1] == 2]


def test_a_job_that_nobody_watches_any_more_stops(runner, clock):
    job = start(Jobs(runner, grace=120), steps=100)
    runner.event()
    with job.watched():
        clock.now += 1000
        assert job.unwatched() == 0
        runner.release(1)
        assert runner.event() == ("step", 1, 1)  # goes on as long as somebody watches
        with job.watched():  # a second window
            pass
        clock.now += 1000
        assert job.unwatched() == 0
    clock.now += 119
    runner.release(1)
    assert runner.event() == ("step", 1, 2)  # and for a while after
    clock.now += 2
    assert job.unwatched() == 121
    runner.release(1)
    assert job.wait(PATIENCE)
    assert job.stopped
    assert job.shown.number == 3


def test_nobody_need_watch_a_job_that_waits(runner, clock):
    jobs = Jobs(runner, grace=120)
    first, second = (start(jobs, seed=seed, steps=1) for seed in (1, 2))
    with first.watched():
        clock.now += 121
        assert second.wait(PATIENCE)
        assert second.stopped
        assert not first.finished


def test_an_error_made_for_people_is_kept_as_it_is(runner):
    runner.fails = ImageError("picture_damaged", name="content image")
    job = start(Jobs(runner))
    runner.release(2)
    assert job.wait(PATIENCE)
    assert job.error is runner.fails
    assert job.shown.number == 1  # what there was is kept
    assert not job.stopped


def test_an_unforeseen_error_is_logged_and_not_shown(runner, caplog):
    runner.fails = RuntimeError("secret detail")
    job = start(Jobs(runner))
    runner.release(2)
    assert job.wait(PATIENCE)
    assert type(job.error) is StyleTransferError
    assert str(job.error).startswith("Something went wrong")
    assert "secret" not in str(job.error)
    assert "secret detail" in caplog.text


def test_an_error_lets_the_next_job_in(runner):
    jobs = Jobs(runner)
    runner.fails = RuntimeError("first")
    first, second = start(jobs, seed=1, steps=2), start(jobs, seed=2, steps=1)
    runner.release(3)
    assert first.wait(PATIENCE)
    assert second.wait(PATIENCE)
    assert first.error
    assert second.error is None
    assert second.step.number == 1


def test_a_full_line_is_said_to_be_full(runner):
    jobs = Jobs(runner, waiting=2)
    line = [start(jobs, seed=seed, steps=1) for seed in range(3)]  # one paints, two wait
    with pytest.raises(Busy, match=r"3 pictures .* Try again"):
        start(jobs)
    runner.release(1)
    assert line[0].wait(PATIENCE)
    start(jobs, steps=1)
    runner.release(3)


def test_the_runner_sees_the_callers_context(runner):
    jobs = Jobs(runner)
    token = visitor.set("Ada")
    start(jobs, steps=1)
    visitor.reset(token)
    assert runner.event() == ("began", 1, "Ada")


def test_a_finished_job_can_be_found_for_a_while(runner, clock):
    jobs = Jobs(runner, keep=3600)
    first = start(jobs, steps=1)
    assert jobs.find(first.id) is first
    clock.now += 100
    runner.release(1)
    assert first.wait(PATIENCE)
    clock.now += 3600
    second = start(jobs, steps=1)
    assert jobs.find(first.id) is first
    clock.now += 1
    assert jobs.find(first.id) is None
    assert jobs.find(second.id) is second  # unfinished


@pytest.mark.parametrize("unknown", [None, "", "1"])
def test_an_unknown_job_is_not_found(runner, unknown):
    assert Jobs(runner).find(unknown) is None


def test_a_job_keeps_no_more_pixels_than_it_paints(runner):
    settings = Settings(size=128, steps=1)
    large, small = picture(400, 300), picture(100, 60)
    job = Jobs(runner).start(Pictures(large, [small, large]), settings)
    assert job.pictures.content.size == (128, 96)
    assert [each.size for each in job.pictures.styles] == [(100, 60), (128, 96)]
    brush = dataclasses.replace(settings, brush_scale=1.5)
    assert Jobs(runner).start(Pictures(large, [large]), brush).pictures.styles[0].size == (192, 144)


def test_of_many_finished_jobs_the_oldest_are_forgotten_and_it_is_told(runner):
    runner.release(10)
    jobs, forgotten = Jobs(runner, most=2), []
    jobs.forgotten = forgotten.append
    finished = []
    for _ in range(4):
        finished.append(start(jobs, steps=1))
        assert finished[-1].wait(PATIENCE)
    assert [jobs.find(job.id) for job in finished] == [None, None, *finished[2:]]
    assert forgotten == [job.id for job in finished[:2]]


def test_a_finished_job_is_forgotten_even_if_nobody_asks(runner):
    runner.release(10)
    jobs, told = Jobs(runner, keep=0.05), threading.Event()
    jobs.forgotten = lambda id: told.set()
    start(jobs, steps=1)
    assert told.wait(PATIENCE)


def test_the_draft_is_shown_while_waiting_and_until_the_painting_is_ahead(runner):
    quick = picture()
    jobs = Jobs(runner, drafter=lambda content, styles: quick)
    first, second = start(jobs, seed=1, steps=20, show_every=1), start(jobs, seed=2, steps=2)
    runner.release(DRAFT_STEPS - 1)
    while runner.event() != ("step", 1, DRAFT_STEPS - 1):
        pass
    assert first.view is quick
    assert second.view is quick  # it was made before its turn has come
    runner.release(1)
    while runner.event() != ("step", 1, DRAFT_STEPS):
        pass
    assert first.view is first.shown
    second.stop()
    assert second.wait(PATIENCE)
    assert second.view is second.draft  # what was seen is kept


def test_whoever_stops_while_the_draft_is_shown_keeps_the_draft(runner):
    quick = picture()
    job = start(Jobs(runner, drafter=lambda content, styles: quick), steps=40)
    runner.release(2)
    assert [runner.event()[0] for _ in range(3)] == ["began", "step", "step"]
    job.stop()
    runner.release(1)
    assert job.wait(PATIENCE)
    assert job.step.number < 10
    assert job.view is quick


def test_after_an_error_no_draft_is_passed_off_as_the_result(runner):
    runner.fails = StyleTransferError("losses_not_finite")
    job = start(Jobs(runner, drafter=lambda content, styles: picture()), steps=40)
    runner.release(2)
    assert job.wait(PATIENCE)
    assert job.view is job.step


def test_before_its_first_step_a_job_shows_and_keeps_what_it_starts_from(runner):
    own = picture()
    job = Jobs(runner).start(
        Pictures(picture(), [picture()], start=own), Settings(steps=2, start="image")
    )
    assert job.view.getpixel((0, 0)) == own.getpixel((0, 0))
    job.stop()
    runner.release(2)
    assert job.wait(PATIENCE)
    assert job.view is not None


def test_a_failed_job_does_not_hold_what_its_frames_held(runner):
    class Held:
        pass

    kept = []

    def failing(*_):
        held = Held()
        kept.append(weakref.ref(held))
        try:
            raise RuntimeError("the device's own words")
        except RuntimeError as error:
            raise StyleTransferError("losses_not_finite") from error
        yield

    job = Jobs(failing, drafter=lambda content, styles: None).start(
        Pictures(picture(), [picture()]), Settings()
    )
    assert job.wait(PATIENCE)
    gc.collect()
    assert job.error.code == "losses_not_finite"
    assert kept[0]() is None


def test_a_job_ends_even_where_its_picture_cannot_be_fetched(runner):
    class Lost:
        def half(self):
            raise RuntimeError("the device is gone")

    job = start(Jobs(runner, drafter=lambda content, styles: None), steps=1)
    step_of = job.take
    job.take = lambda step: step_of(dataclasses.replace(step, pixels=Lost()))
    runner.release(1)
    assert job.wait(PATIENCE)
    assert job.ended is not None


def test_a_job_can_be_forgotten_when_nobody_can_come_back_to_it(runner):
    told = []
    jobs = Jobs(runner)
    jobs.forgotten = told.append
    job = start(jobs, steps=1)
    jobs.forget(job)
    assert jobs.find(job.id) is job  # not before its end
    runner.release(1)
    assert job.wait(PATIENCE)
    jobs.forget(job)
    assert jobs.find(job.id) is None
    assert told == [job.id]


def test_one_visitor_may_have_only_so_many_unfinished_jobs(runner):
    jobs = Jobs(runner, drafter=lambda content, styles: None, each=2)

    def begin(visitor):
        return jobs.start(Pictures(picture(), [picture()]), Settings(steps=1), visitor=visitor)

    first, _ = begin("Ada"), begin("Ada")
    with pytest.raises(Busy, match="2 pictures from your network address"):
        begin("Ada")
    begin("Grace")
    for _ in range(3):
        begin("")  # nobody known
    runner.release(1)
    assert first.wait(PATIENCE)
    begin("Ada")


def test_the_draft_too_has_the_colours_asked_for(runner):
    runner.release(2)
    jobs = Jobs(runner, drafter=lambda content, styles: Image.new("RGB", content.size, "red"))
    for colours, grey in (("photo", True), ("painting", False)):
        job = start(jobs, steps=1, colours=colours)  # the photo is grey
        assert job.wait(PATIENCE)
        low, high = zip(*job.draft.getextrema(), strict=True)
        assert (max(high) - min(low) <= 1) == grey


def test_masks_and_start_image_reach_the_runner_no_larger_than_they_are_used(runner):
    runner.release(5)
    mask = picture(200, 300).convert("1")
    settings = Settings(size=128, steps=1, start="image")
    drafts = []
    jobs = Jobs(runner, drafter=lambda *pictures: drafts.append(pictures))
    job = jobs.start(
        Pictures(picture(64, 48), [picture(), picture()], [None, mask], picture(900, 100)), settings
    )
    assert job.wait(PATIENCE)
    masks, start = runner.given
    assert masks[0] is None
    assert (masks[1].size, masks[1].mode) == ((85, 128), "L")
    assert start.size == (128, 96)
    assert job.error is None
    assert not drafts  # it could not show them


def test_without_masks_and_start_image_the_runner_is_given_none(runner):
    runner.release(5)
    assert start(Jobs(runner), steps=1).wait(PATIENCE)
    assert runner.given == ((), None)


def test_a_finished_job_keeps_where_it_was_painted(runner):
    job = start(Jobs(runner), steps=1)
    whole = step(1, job.settings)
    half = dataclasses.replace(whole, cover=torch.tensor([1.0, 0]).expand(1, 1, 2, 2))
    job.take(half)
    job.finish()
    assert torch.equal(job.step.cover, half.cover)
    runner.release(5)


def test_the_draft_is_in_the_style_with_the_largest_share(runner):
    runner.release(5)
    drafts = []
    jobs = Jobs(runner, drafter=lambda content, styles: drafts.append(styles))
    styles = [picture(10, 10), picture(20, 20), picture(30, 30)]
    assert jobs.start(Pictures(picture(), styles), Settings(steps=1, blend="1 3 2")).wait(PATIENCE)
    assert jobs.start(Pictures(picture(), styles), Settings(steps=1)).wait(PATIENCE)
    assert [[each.size for each in styles] for styles in drafts] == [[(20, 20)], [(10, 10)]]


class Steered:
    """A runner that tells which settings it was given, and sent."""

    def __init__(self):
        self.inner = Runner()
        self.seen = []

    def __call__(self, pictures, settings):
        self.seen.append(settings.content_weight)
        for each in self.inner(pictures, settings):
            sent = yield each
            self.seen.append(sent.content_weight)


def test_knobs_turned_while_it_paints_are_sent_to_the_runner_and_kept():
    runner = Steered()
    job = start(Jobs(runner), steps=4)
    job.turn(content_weight=4)
    assert runner.inner.event()[0] == "began"
    runner.inner.release(1)
    assert runner.inner.event()[0] == "step"
    job.turn(content_weight=2)
    job.turn(size=128, smoothness=3)  # the size is not one of them
    for _ in range(2):  # the second step had been begun
        runner.inner.release(1)
        assert runner.inner.event()[0] == "step"
    assert job.settings.content_weight == job.wanted.content_weight == 2
    assert job.settings.smoothness == 3
    assert job.settings.size == 512
    runner.inner.release(1)
    assert job.wait(PATIENCE)
    assert runner.seen[-1] == 2
    assert sorted(set(runner.seen)) in ([2, 4], [2, 4, 5], [2, 5])
    job.turn(content_weight=9)
    assert job.settings.content_weight == job.wanted.content_weight == 2
    assert [mark.number for mark in job.marks] == [1, 2, 3, 4]


def test_what_was_turned_after_the_last_step_is_not_claimed_of_the_picture(runner):
    job = start(Jobs(runner), steps=3)
    assert runner.event()[0] == "began"
    job.turn(style_weight=1)
    job.stop()
    runner.release(1)
    assert job.wait(PATIENCE)
    assert job.step.number == 1
    assert job.settings.style_weight == job.wanted.style_weight == 5


def test_a_knob_is_not_turned_to_what_is_not_allowed(runner):
    job = start(Jobs(runner))
    job.turn(style_weight=0)
    for values in ({"content_weight": 0}, {"smoothness": -1}, {"content_weight": "much"}):
        with pytest.raises(StyleTransferError):
            job.turn(**values)
    assert (job.wanted.content_weight, job.wanted.style_weight, job.wanted.smoothness) == (5, 0, 1)


def test_jobs_teach_the_pace(runner):
    jobs = Jobs(runner)
    job = start(jobs, steps=3)
    runner.release(3)
    assert job.wait(PATIENCE)
    assert jobs.pace.factor == 0  # these steps take no time
