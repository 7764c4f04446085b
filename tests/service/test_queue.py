"""The queue of jobs: order, limits, how jobs end, and how long finished ones are kept."""

import gc
import threading
import weakref

import pytest

from styletransfer.errors import ImageError, StyleTransferError
from styletransfer.pictures import Pictures
from styletransfer.service.queue import Busy, Limits, Queue
from styletransfer.service.run import Run
from styletransfer.service.visitor import Visitor
from styletransfer.settings import Settings
from tests.support.runner import PATIENCE, no_draft, start, visitor
from tests.support.steps import picture


def test_a_job_runs_to_its_last_step(runner):
    job = start(Queue(runner, no_draft), steps=3)
    assert not job.finished
    runner.release(3)
    assert job.wait(PATIENCE)
    assert job.finished
    assert not job.stopped
    assert job.error is None
    assert job.step.number == job.shown.number == 3
    assert job.ended is not None


def test_first_come_first_served_and_one_at_a_time(runner):
    queue = Queue(runner, no_draft)
    line = [start(queue, seed=seed, steps=1) for seed in (1, 2, 3, 4)]
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
    queue = Queue(runner, no_draft)
    first, second, third = (start(queue, seed=seed, steps=1) for seed in (1, 2, 3))
    runner.release(1)
    assert first.wait(PATIENCE)
    assert (second.ahead, third.ahead) == (0, 1)


def test_stop_keeps_the_last_step(runner):
    job = start(Queue(runner, no_draft), steps=100, show_every=50)
    runner.release(2)
    while runner.event() != ("step", 1, 2):
        pass
    assert job.step.number == 2
    assert job.shown.number == 1  # the first step is shown at once, then the 50th
    job.stop()
    runner.release(1)  # lets the step in progress end
    assert job.wait(PATIENCE)
    assert job.stopped
    assert job.error is None
    assert job.step.number == job.shown.number == 3
    assert runner.event() == ("closed", 1)


def test_a_job_stopped_while_waiting_leaves_the_line_without_painting(runner):
    queue = Queue(runner, no_draft)
    first, second, third = (start(queue, seed=seed, steps=1) for seed in (1, 2, 3))
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
    job = start(Queue(runner, no_draft, limits=Limits(grace=120)), steps=100)
    runner.event()
    with job.watched():
        clock.now += 1000
        assert job.unwatched() == 0
        runner.release(1)
        assert runner.event() == ("step", 1, 1)  # it goes on as long as somebody watches
        with job.watched():  # a second window
            pass
        clock.now += 1000
        assert job.unwatched() == 0
    clock.now += 119
    runner.release(1)
    assert runner.event() == ("step", 1, 2)  # and for a while afterwards
    clock.now += 2
    assert job.unwatched() == 121
    runner.release(1)
    assert job.wait(PATIENCE)
    assert job.stopped
    assert job.shown.number == 3


def test_nobody_need_watch_a_job_that_waits(runner, clock):
    queue = Queue(runner, no_draft, limits=Limits(grace=120))
    first, second = (start(queue, seed=seed, steps=1) for seed in (1, 2))
    with first.watched():
        clock.now += 121
        assert second.wait(PATIENCE)
        assert second.stopped
        assert not first.finished


def test_a_job_that_is_left_goes_on_to_its_end_unwatched(runner, clock):
    queue = Queue(runner, no_draft, limits=Limits(grace=120))
    left, other = start(queue, steps=2), start(queue, seed=2, steps=2)
    queue.leave(left)
    clock.now += 100_000
    assert other.wait(PATIENCE)  # it had only to wait
    runner.release(2)
    assert left.wait(PATIENCE)
    assert not left.stopped
    assert left.step.number == 2


def test_an_address_may_leave_only_so_many_jobs(runner):
    queue = Queue(runner, no_draft, Limits(unattended=1))

    def begin(address):
        visitor = Visitor(address, "Ada")
        return queue.enter(Run(Pictures(picture(), [picture()]), Settings(steps=1), visitor))

    first, second, elsewhere = begin("school"), begin("school"), begin("home")
    queue.leave(first)
    queue.leave(first)  # pressed twice
    with pytest.raises(Busy, match="1 pictures from your network address are painted without"):
        queue.leave(second)
    assert not second.unattended
    queue.leave(elsewhere)
    runner.release(1)
    assert first.wait(PATIENCE)
    queue.leave(second)  # there is a place again
    runner.release(2)


def test_an_error_made_for_people_is_kept_as_it_is(runner):
    runner.fails = ImageError("picture_damaged", name="content image")
    job = start(Queue(runner, no_draft))
    runner.release(2)
    assert job.wait(PATIENCE)
    assert job.error is runner.fails
    assert job.shown.number == 1  # the last picture shown is kept
    assert not job.stopped


def test_an_unforeseen_error_is_logged_and_not_shown(runner, caplog):
    runner.fails = RuntimeError("secret detail")
    job = start(Queue(runner, no_draft))
    runner.release(2)
    assert job.wait(PATIENCE)
    assert type(job.error) is StyleTransferError
    assert str(job.error).startswith("Something went wrong")
    assert "secret" not in str(job.error)
    assert "secret detail" in caplog.text


def test_an_error_lets_the_next_job_in(runner):
    queue = Queue(runner, no_draft)
    runner.fails = RuntimeError("first")
    first, second = start(queue, seed=1, steps=2), start(queue, seed=2, steps=1)
    runner.release(3)
    assert first.wait(PATIENCE)
    assert second.wait(PATIENCE)
    assert first.error
    assert second.error is None
    assert second.step.number == 1


def test_a_full_line_is_said_to_be_full(runner):
    queue = Queue(runner, no_draft, limits=Limits(waiting=2))
    line = [start(queue, seed=seed, steps=1) for seed in range(3)]  # one is painted, two wait
    with pytest.raises(Busy, match=r"3 pictures .* Try again"):
        start(queue)
    runner.release(1)
    assert line[0].wait(PATIENCE)
    start(queue, steps=1)
    runner.release(3)


def test_the_runner_sees_the_callers_context(runner):
    queue = Queue(runner, no_draft)
    token = visitor.set("Ada")
    start(queue, steps=1)
    visitor.reset(token)
    assert runner.event() == ("began", 1, "Ada")


def test_a_finished_job_can_be_found_for_a_while(runner, clock):
    queue = Queue(runner, no_draft, limits=Limits(keep=3600))
    first = start(queue, steps=1)
    assert queue.find(first.id) is first
    clock.now += 100
    runner.release(1)
    assert first.wait(PATIENCE)
    clock.now += 3600
    second = start(queue, steps=1)
    assert queue.find(first.id) is first
    clock.now += 1
    assert queue.find(first.id) is None
    assert queue.find(second.id) is second  # it is kept because it is unfinished


@pytest.mark.parametrize("unknown", [None, "", "1"])
def test_an_unknown_job_is_not_found(runner, unknown):
    assert Queue(runner, no_draft).find(unknown) is None


def test_of_many_finished_jobs_the_oldest_are_forgotten_and_it_is_told(runner):
    runner.release(10)
    queue, forgotten = Queue(runner, no_draft, limits=Limits(finished=2)), []
    queue.on_forgotten = forgotten.append
    finished = []
    for _ in range(4):
        finished.append(start(queue, steps=1))
        assert finished[-1].wait(PATIENCE)
    assert [queue.find(job.id) for job in finished] == [None, None, *finished[2:]]
    assert forgotten == finished[:2]


def test_a_finished_job_is_forgotten_even_if_nobody_asks(runner):
    runner.release(10)
    queue, told = Queue(runner, no_draft, limits=Limits(keep=0.05)), threading.Event()
    queue.on_forgotten = lambda job: told.set()
    start(queue, steps=1)
    assert told.wait(PATIENCE)


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

    job = start(Queue(failing, drafter=lambda content, styles: None))
    assert job.wait(PATIENCE)
    gc.collect()
    assert job.error.code == "losses_not_finite"
    assert kept[0]() is None


def test_a_job_can_be_forgotten_when_nobody_can_come_back_to_it(runner):
    told = []
    queue = Queue(runner, no_draft)
    queue.on_forgotten = told.append
    job = start(queue, steps=1)
    queue.forget(job)
    assert queue.find(job.id) is job  # an unfinished job is not dropped
    runner.release(1)
    assert job.wait(PATIENCE)
    queue.forget(job)
    assert queue.find(job.id) is None
    assert told == [job]


def test_a_browser_and_an_address_may_have_only_so_many_unfinished_jobs(runner):
    queue = Queue(runner, no_draft, Limits(per_visitor=2, per_address=3))

    def begin(address, browser=""):
        visitor = Visitor(address, browser)
        return queue.enter(Run(Pictures(picture(), [picture()]), Settings(steps=1), visitor))

    first, _ = begin("school", "Ada"), begin("school", "Ada")
    with pytest.raises(Busy, match="2 pictures of yours"):
        begin("school", "Ada")
    begin("school", "Grace")
    for browser in ("Grace", "Alan", ""):
        with pytest.raises(Busy, match="3 pictures from your network address"):
            begin("school", browser)
    begin("home", "Ada")  # browsers of one name at two addresses are two
    for _ in range(4):
        begin("")  # no limit applies to unknown visitors
    runner.release(1)
    assert first.wait(PATIENCE)
    begin("school", "Ada")


def test_who_waits_is_told_for_how_long(runner):
    queue = Queue(runner, no_draft)
    queue.pace.suppose(10_000, 100 * queue.pace.expected(10_000))
    first, second, third = (start(queue, steps=40) for _ in range(3))
    assert (first.waits, second.waits) == (0, 30 * round(first.expected / 30))
    assert first.expected > 30
    assert third.waits == 30 * round(2 * first.expected / 30)
    second.stop()
    assert second.wait(PATIENCE)
    assert (second.waits, third.waits) == (0, 30 * round(first.expected / 30))


def test_who_waits_for_one_of_two_places_is_told_when_the_first_is_free(runner):
    runner.places = 2
    queue = Queue(runner, no_draft)
    queue.pace.suppose(10_000, 100 * queue.pace.expected(10_000))
    line = [start(queue, steps=40) for _ in range(5)]
    alone = line[0].expected
    assert alone > 30
    halves = [0, 0, 1, 1, 2]
    assert [job.waits for job in line] == [30 * round(half * alone / 30) for half in halves]


def test_jobs_teach_the_pace(runner):
    queue = Queue(runner, no_draft)
    job = start(queue, steps=3)
    runner.release(3)
    assert job.wait(PATIENCE)
    assert queue.pace.factor == 0  # these steps take no time


def test_a_runner_with_two_places_paints_two_at_once(runner):
    runner.places = 2
    queue = Queue(runner, no_draft)
    line = [start(queue, seed=seed, steps=1) for seed in (1, 2, 3, 4)]
    assert {runner.event()[1], runner.event()[1]} == {1, 2}
    assert runner.events.empty()
    assert [job.ahead for job in line] == [0, 0, 1, 2]
    assert queue.ahead_of_next == 3
    runner.release(4)
    assert all(job.wait(PATIENCE) for job in line)
    assert runner.most_at_once == 2


def test_a_line_is_full_when_as_many_wait_as_may_beside_those_being_painted(runner):
    runner.places = 2
    queue = Queue(runner, no_draft, limits=Limits(waiting=1))
    for seed in (1, 2, 3):
        start(queue, seed=seed, steps=1)
    with pytest.raises(Busy):
        start(queue, seed=4, steps=1)
    runner.release(3)
