"""Painting on borrowed GPUs: the real `spaces` package, with stand-ins for its lender and the card."""

import contextlib
import os
import pickle
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from styletransfer.engine.stylize import stylize
from styletransfer.errors import SettingsError, StyleTransferError
from styletransfer.images import resize
from styletransfer.network.vgg import VGG
from styletransfer.pictures import Pictures
from styletransfer.service import errand
from styletransfer.service.borrowed import Borrowed
from styletransfer.service.contact_sheet import ContactSheet, by_strength
from styletransfer.service.inputs import Inputs
from styletransfer.service.queue import Queue
from styletransfer.service.run import Run
from styletransfer.settings import Settings
from tests.support.allocator import IN_STRIPS_ONLY, Allocator
from tests.support.runner import no_draft
from tests.support.samples import painting, photo, random_weights
from tests.support.zero_gpu import TOKEN, Lender, has_ended, lending, on_zero_gpu, token, visiting

PATIENCE = 60
LONG = 600  # seconds
SMALL = Settings(size=128, steps=6, scales=2, keep_faces=False)
ENDLESS = Settings(size=128, steps=1000, scales=1, keep_faces=False)

# Python 3.12 warns of every fork while there are threads.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture(scope="module")
def space():
    """The lender, and the package on a Space of its."""
    lender = Lender()
    with lending(lender) as address, on_zero_gpu(address) as spaces:
        yield lender, spaces


@pytest.fixture
def lender(space):
    """The lender, who remembers nobody, and takes no GPU back before a slow processor is done."""
    space[0].__init__()
    space[0].deadline = LONG
    return space[0]


@pytest.fixture
def runner(space, monkeypatch):
    monkeypatch.setattr(errand, "weights", lambda source: ("vgg19", random_weights()))
    errand._network.cache_clear()
    # A process that is killed while it writes is noticed only by this.
    return Borrowed(precision="float32", lend=space[1].GPU, patience=30)


@pytest.fixture(scope="module")
def pictures():
    return Pictures(resize(photo(), 128), [resize(painting(), 128)])


def here(pictures, settings=SMALL):
    """The steps as this process paints them."""
    return list(stylize(pictures, settings, VGG(random_weights())))


def enter(runner, pictures, settings=SMALL, visitor="Ada", queue=None):
    with visiting(visitor):
        return (queue or Queue(runner, no_draft)).enter(Run(pictures, settings))


def test_a_borrowed_gpu_paints_the_same(lender, runner, pictures):
    for ours, theirs in zip(here(pictures), runner(pictures, SMALL), strict=True):
        assert (ours.number, ours.scale, ours.width, ours.height) == (
            *(theirs.number, theirs.scale, theirs.width, theirs.height),
        )
        assert theirs.total == pytest.approx(ours.total, rel=1e-4)
        assert theirs.photo.equal(ours.photo)
        if ours.due:
            difference = np.subtract(theirs.image, ours.image, dtype=int)
            assert abs(difference).max() <= 1
    assert lender.asked == [11]
    assert has_ended(lender.processes[0])
    assert lender.processes != [os.getpid()]


def test_what_is_not_painted_is_the_photo(lender, runner, pictures):
    half = Image.new("L", (128, 128))
    half.paste(255, (0, 0, 64, 128))
    masked = Pictures(pictures.content, pictures.styles, [half.convert("RGB")])
    ours, theirs = here(masked)[-1], list(runner(masked, SMALL))[-1]
    assert theirs.cover.shape == ours.cover.shape
    assert abs(np.subtract(theirs.image, ours.image, dtype=int)).max() <= 2


def test_only_pictures_that_are_due_cross_and_never_a_tensor(space, lender, runner, pictures):
    crossed = []

    def lend(function, duration):
        lent = space[1].GPU(function, duration=duration)

        def called(sent):
            crossed.append(sent)
            for news in lent(sent):
                crossed.append(news)
                yield news

        return called

    list(Borrowed(precision="float32", lend=lend)(pictures, SMALL))
    news = crossed[1:]
    assert [each.picture is not None for each in news] == [
        each.numbers["due"] or number in (0, 3) for number, each in enumerate(news)
    ]
    assert {each.picture.mode for each in news if each.picture} == {"RGB"}
    for each in crossed:
        assert b"torch" not in pickle.dumps(each)


def test_a_stop_ends_the_borrowed_process_at_its_next_step(lender, runner, pictures):
    job = enter(runner, pictures, ENDLESS)
    while not job.begun:
        assert not job.wait(0.05)
    job.stop()
    assert job.wait(PATIENCE)
    assert has_ended(lender.processes[0])
    assert job.error is None
    assert job.step.number < 1000
    assert job.canvas.size == (128, 85)


def test_a_setting_that_is_changed_meanwhile_counts_from_the_next_step_on(lender, runner, pictures):
    steps = runner(pictures, SMALL)
    taken = [next(steps), next(steps)]
    heavier = replace(SMALL, style_weight=9)
    taken.append(steps.send(heavier))
    with contextlib.suppress(StopIteration):
        while True:
            taken.append(steps.send(heavier))
    assert [step.number for step in taken] == [1, 2, 3, 4, 5, 6]
    assert {(step.steps, step.scales) for step in taken} == {(6, 2)}
    assert len(lender.asked) == len(lender.processes) == 2
    for step, weight in zip(taken, [SMALL.style_weight] * 2 + [9] * 4, strict=True):
        smoothness = SMALL.smoothness * step.smoothness
        weighted = SMALL.content_weight * step.content + weight * step.style + smoothness
        assert step.total == pytest.approx(weighted, rel=1e-3)


def test_a_run_goes_on_from_what_came_back(lender, runner, pictures):
    first = enter(runner, pictures)
    assert first.wait(PATIENCE)
    more = Settings(size=128, steps=2, scales=1, start="image", keep_faces=False)
    second = enter(runner, Pictures(pictures.content, pictures.styles, start=first.canvas), more)
    assert second.wait(PATIENCE)
    assert second.error is None
    assert second.losses[0].total == pytest.approx(first.losses[-1].total, rel=0.5)


def test_nine_looks_are_one_call(lender, runner, pictures):
    with visiting("Ada"):
        cells = by_strength(pictures, SMALL)
        sheet = Queue(runner, no_draft).enter(ContactSheet(pictures, cells, inputs=Inputs(SMALL)))
    assert sheet.wait(PATIENCE)
    assert sheet.error is None
    assert sheet.painted == 9
    assert len({cell.image.tobytes() for cell in sheet.cells}) == 9
    assert len(lender.asked) == len(lender.processes) == 1


@pytest.mark.parametrize("how", ["the deadline", "a crash"])
def test_a_lost_gpu_leaves_the_picture_so_far_and_the_next_visitor_paints(how, lender, runner, pictures):
    queue = Queue(runner, no_draft)
    lender.deadline = 3 if how == "the deadline" else LONG
    lost = enter(runner, pictures, ENDLESS, queue=queue)
    if how == "a crash":
        while not lost.begun:
            assert not lost.wait(0.05)
        os.kill(lender.processes[0], signal.SIGKILL)
    assert lost.wait(PATIENCE)
    assert lost.error.code == "gpu_taken_back"
    assert lost.canvas.size == (128, 85)
    lender.deadline = LONG
    following = enter(runner, pictures, visitor="Grace", queue=queue)
    assert following.wait(PATIENCE)
    assert following.error is None
    assert following.step.number == 6


def test_two_visitors_paint_at_the_same_time_each_on_their_own_account(lender, runner, pictures):
    queue = Queue(runner, no_draft)
    ada, grace = (enter(runner, pictures, ENDLESS, visitor, queue) for visitor in ("Ada", "Grace"))
    while not (ada.begun and grace.begun):
        assert not ada.wait(0.05)
        assert not grace.wait(0)
    assert lender.most_at_once == 2
    assert sorted(lender.visitors) == ["Ada", "Grace"]
    ada.stop()
    assert ada.wait(PATIENCE)
    assert not grace.finished
    grace.stop()
    assert grace.wait(PATIENCE)
    assert ada.error is grace.error is None


def test_it_forgets_the_event_but_not_the_visitor(lender, runner, pictures):
    from gradio.context import LocalContext

    seen = []

    def lend(function, duration):
        def called(sent):
            seen.append((LocalContext.event_id.get(None), LocalContext.request.get(None)))
            yield StyleTransferError("server_failed")

        return called

    job = enter(Borrowed(lend=lend), pictures)
    assert job.wait(PATIENCE)
    ((event, request),) = seen
    assert event is None
    assert request.headers[TOKEN] == token("Ada")


def test_too_little_time_is_said_with_figures(lender, runner, pictures):
    lender.left["Ada"] = 7
    job = enter(runner, pictures)
    assert job.wait(PATIENCE)
    assert job.error.code == "gpu_time_too_short"
    assert job.error.fields == {"asked": 11, "left": 7, "hours": 3, "minutes": 6}
    assert lender.processes == []


@pytest.mark.parametrize(
    ("refusal", "code"), [(503, "no_gpu_free"), (401, "gpu_pass_expired"), (500, "gpu_failed")]
)
def test_a_refusal_is_a_sentence(refusal, code, lender, runner, pictures):
    lender.refusal = refusal
    job = enter(runner, pictures)
    assert job.wait(PATIENCE)
    assert job.error.code == code


def test_asking_for_more_than_there_is_at_once_is_a_sentence(lender, runner, pictures):
    lender.most_a_time = 5
    job = enter(runner, pictures)
    assert job.wait(PATIENCE)
    assert (job.error.code, job.error.fields) == ("gpu_time_not_granted", {"asked": 11})


def test_who_is_unknown_and_has_no_time_is_told_to_sign_in(lender, runner, pictures):
    lender.left[None] = 0
    with pytest.raises(StyleTransferError) as caught:
        next(runner(pictures, SMALL))
    assert caught.value.code == "gpu_time_used_up"


def test_what_takes_too_long_is_refused_before_anything_is_asked_for(lender, runner, pictures):
    runner.pace.suppose(1, 1e-6 * runner.pace.expected(1))  # a faster device: nothing is refused
    assert runner.quota(0) == 10
    long = Settings(size=2048, steps=3000, scales=1, keep_faces=False)
    runner.pace = type(runner.pace)()
    with pytest.raises(StyleTransferError) as caught:
        next(runner(pictures, long))
    assert caught.value.code == "gpu_time_too_long"
    assert caught.value.fields["most"] == 70
    with pytest.raises(StyleTransferError, match="at most 70"):
        runner.quota(caught.value.fields["seconds"])
    assert lender.asked == []
    assert Borrowed(longest=10**6).quota(caught.value.fields["seconds"]) > 1000


def test_an_error_for_people_crosses_with_its_code(lender, runner, pictures):
    sixteen = Settings(size=128, steps=2, scales=1, style_layers="relu3_4", keep_faces=False)
    errand_of_16 = ("vgg16", random_weights(architecture="vgg16"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(errand, "weights", lambda source: errand_of_16)
        with pytest.raises(SettingsError) as caught:
            next(runner(pictures, sixteen))
    assert caught.value.code == "no_such_layer"


def test_an_error_that_nobody_has_foreseen_is_a_sentence(lender, runner, pictures, monkeypatch):
    monkeypatch.setattr(errand, "stylize", lambda *_: iter([1 / 0]))
    job = enter(runner, pictures)
    assert job.wait(PATIENCE)
    assert job.error.code == "gpu_failed"


def test_where_its_memory_runs_out_it_goes_on_in_strips(lender, runner, pictures, monkeypatch):
    def short_of_memory(*given):
        with Allocator() as allocator:
            for step in stylize(*given):
                yield step
                if step.number == 2:
                    allocator.room = IN_STRIPS_ONLY

    monkeypatch.setattr(errand, "stylize", short_of_memory)
    large = Settings(size=512, steps=4, scales=1, brush_scale=0.5, style_loss="gram", keep_faces=False)
    notes = [step.note for step in runner(Pictures(photo(), pictures.styles), large)]
    assert notes == ["", "", "memory_ran_short", ""]


def test_the_lender_is_told_that_the_server_is_ready_and_handlers_stay_as_they_are(space, runner):
    space[0].begun = False
    space[1].enable_gradio_auto_wrap()
    runner.load()
    assert space[0].begun

    def handler():
        pass

    assert space[1].gradio_auto_wrap(handler) is handler


def test_the_threads_of_a_run_end_with_it(lender, runner, pictures):
    before = set(threading.enumerate())
    steps = runner(pictures, ENDLESS)
    next(steps)
    steps.close()
    ours = [each for each in threading.enumerate() if each not in before and not each.daemon]
    for thread in ours:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in ours)
